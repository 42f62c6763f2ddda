package p4rt_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"pillion/runtime/p4rt"
	"pillion/runtime/p4rt/p4rttest"
)

func little() p4rt.Pipeline {
	info, config := p4rttest.Little()
	return p4rt.Pipeline{P4Info: info, Config: config}
}

func dial(t *testing.T, s *p4rttest.Server, o p4rt.Options) *p4rt.Client {
	t.Helper()
	if o.Dialer == nil {
		o.Dialer = s.Serve(t)
	}
	c, err := p4rt.Dial("127.0.0.1:9559", s.DeviceID, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func insertEdge(edge, port byte) *p4v1.Update {
	info, _ := p4rttest.Little()
	return &p4v1.Update{Type: p4v1.Update_INSERT, Entity: &p4v1.Entity{Entity: &p4v1.Entity_TableEntry{TableEntry: &p4v1.TableEntry{
		TableId: p4rttest.TableID(info, "edge"),
		Match:   []*p4v1.FieldMatch{{FieldId: 1, FieldMatchType: &p4v1.FieldMatch_Exact_{Exact: &p4v1.FieldMatch_Exact{Value: []byte{edge}}}}},
		Action: &p4v1.TableAction{Type: &p4v1.TableAction_Action{Action: &p4v1.Action{ActionId: p4rttest.ActionID(info, "forward"),
			Params: []*p4v1.Action_Param{{ParamId: 1, Value: []byte{port}}}}}},
	}}}}
}

func TestWriteAndRead(t *testing.T) {
	ctx := context.Background()
	s := &p4rttest.Server{DeviceID: 7, ReadChunk: 3}
	c := dial(t, s, p4rt.Options{})
	if _, ok, err := c.Cookie(ctx); ok || err != nil {
		t.Fatalf("a cookie before there is a pipeline: %v, %v", ok, err)
	}
	if err := c.SetPipeline(ctx, little(), 42); status.Code(err) != codes.PermissionDenied {
		t.Fatalf("a pipeline from nobody's primary: %v", err)
	}
	if id, err := c.BecomePrimary(ctx); err != nil || id != (p4rt.ElectionID{Low: 1}) {
		t.Fatal(id, err)
	}
	if err := c.SetPipeline(ctx, little(), 42); err != nil {
		t.Fatal(err)
	}
	if cookie, ok, err := c.Cookie(ctx); cookie != 42 || !ok || err != nil {
		t.Fatal(cookie, ok, err)
	}
	if version, err := c.Capabilities(ctx); version != "1.5.0" || err != nil {
		t.Fatal(version, err)
	}
	failed, err := c.WriteAll(ctx, 10, func(i int) *p4v1.Update { return insertEdge(byte(i/2), 3) }, p4rt.Batching{Updates: 3, InFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	var indexes []int
	for _, f := range failed {
		indexes = append(indexes, f.Index)
		if f.Code != codes.AlreadyExists {
			t.Errorf("%v", f)
		}
	}
	if fmt.Sprint(indexes) != "[1 3 5 7 9]" {
		t.Errorf("refused %v", indexes)
	}
	n := 0
	if err := c.Read(ctx, p4rt.Everything(), func(e *p4v1.Entity) error {
		if !e.GetTableEntry().GetIsConst() {
			n++
		}
		return nil
	}); err != nil || n != 5 {
		t.Fatalf("read %d, %v", n, err)
	}
	stop := errors.New("enough")
	if err := c.Read(ctx, p4rt.Everything(), func(*p4v1.Entity) error { return stop }); err != stop {
		t.Fatalf("reading went on: %v", err)
	}
}

// The last one to come is the primary; the one before is told, and its writes say so.
func TestTakingOver(t *testing.T) {
	ctx := context.Background()
	s := &p4rttest.Server{DeviceID: 1, NoCapabilities: true}
	dialer := s.Serve(t)
	var clients []*p4rt.Client
	for i := range 3 {
		c := dial(t, s, p4rt.Options{Dialer: dialer})
		id, err := c.BecomePrimary(ctx)
		if err != nil || id.Low != uint64(i+1) {
			t.Fatalf("client %d: %v, %v", i, id, err)
		}
		clients = append(clients, c)
	}
	if err := clients[2].SetPipeline(ctx, little(), 1); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := clients[0].Write(ctx, []*p4v1.Update{insertEdge(1, 1)})
		if err == nil {
			t.Fatal("a backup could write")
		}
		if strings.Contains(err.Error(), "another controller became primary meanwhile, with election id") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	for _, c := range clients {
		_ = c.Close()
	}
	// The highest id was 3, and nobody is there.
	late := dial(t, s, p4rt.Options{Dialer: dialer})
	if id, err := late.BecomePrimary(ctx); err != nil || id.Low != 4 {
		t.Fatal(id, err)
	}
	if version, err := late.Capabilities(ctx); version != "" || err != nil {
		t.Fatal(version, err)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	ctx := context.Background()
	for address, want := range map[string]string{
		"switch1":        "write host:port",
		"switch1:ssh":    `port "ssh" is not a number`,
		":9559":          "write host:port",
		"unix:":          "a path is missing",
		"127.0.0.1:0":    "is not a number from 1",
		"10.0.0.1:99999": "is not a number from 1",
	} {
		if _, err := p4rt.Dial(address, 1, p4rt.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
	c, err := p4rt.Dial("unix://"+filepath.Join(t.TempDir(), "nobody"), 1, p4rt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.BecomePrimary(ctx); err == nil || !strings.Contains(err.Error(), "is the device running") || strings.Contains(err.Error(), "desc =") {
		t.Errorf("nobody there: %v", err)
	}
	s := &p4rttest.Server{DeviceID: 1}
	wrong, err := p4rt.Dial("127.0.0.1:1", 2, p4rt.Options{Dialer: s.Serve(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer wrong.Close()
	if _, err := wrong.BecomePrimary(ctx); err == nil || !strings.Contains(err.Error(), "does the device have this device id?") {
		t.Errorf("wrong device: %v", err)
	}
}

// A server without details still gives the error of a batch of one to its update.
func TestErrorsWithoutDetails(t *testing.T) {
	s := &p4rttest.Server{DeviceID: 1}
	c := dial(t, s, p4rt.Options{GRPC: []grpc.DialOption{grpc.WithUnaryInterceptor(
		func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, o ...grpc.CallOption) error {
			if strings.HasSuffix(method, "Write") {
				return status.Error(codes.InvalidArgument, "no")
			}
			return invoker(ctx, method, req, reply, cc, o...)
		})}})
	var single p4rt.WriteError
	if err := c.Write(context.Background(), []*p4v1.Update{insertEdge(1, 1)}); !errors.As(err, &single) || single[0].Code != codes.InvalidArgument {
		t.Errorf("one update: %v", err)
	}
	if err := c.Write(context.Background(), []*p4v1.Update{insertEdge(1, 1), insertEdge(2, 1)}); errors.As(err, &single) {
		t.Errorf("two updates: %v", err)
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p4rt.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	g := grpc.NewServer()
	p4v1.RegisterP4RuntimeServer(g, &p4rttest.Server{DeviceID: 1})
	go func() { _ = g.Serve(l) }()
	t.Cleanup(g.Stop)
	c, err := p4rt.Dial("unix://"+path, 1, p4rt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.BecomePrimary(context.Background()); err != nil {
		t.Fatal(err)
	}
}
