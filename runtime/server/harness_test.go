package server

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
)

var update = flag.Bool("update", false, "rewrite golden files")

const testDevice = 7

// patience is how long a test waits for what must happen, before it fails.
const patience = 30 * time.Second

func featuresConfig(t testing.TB) *p4.ForwardingPipelineConfig {
	t.Helper()
	cfg, err := LoadConfig("testdata/features.p4info.txtpb", "testdata/features.json")
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// bench is a server on an in-process listener, with what it transmitted.
type bench struct {
	t    testing.TB
	srv  *Server
	conn *grpc.ClientConn
	p4.P4RuntimeClient
	sent chan transmitted
}

type transmitted struct {
	Port  uint32
	Frame []byte
}

func newBench(t testing.TB, tweak ...func(*Options)) *bench {
	t.Helper()
	b := &bench{t: t, sent: make(chan transmitted, 1000)}
	o := Options{DeviceID: testDevice, Transmit: func(port uint32, frame []byte) {
		b.sent <- transmitted{port, append([]byte(nil), frame...)}
	}}
	for _, f := range tweak {
		f(&o)
	}
	var err error
	if b.srv, err = New(o); err != nil {
		t.Fatal(err)
	}
	lis := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- b.srv.Serve(lis) }()
	b.conn, err = grpc.NewClient("passthrough:switch", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	b.P4RuntimeClient = p4.NewP4RuntimeClient(b.conn)
	t.Cleanup(func() {
		_ = b.conn.Close()
		b.srv.Close()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return b
}

// newReady is a server with the features program and a primary with election id 1.
func newReady(t testing.TB, tweak ...func(*Options)) (*bench, *controller) {
	t.Helper()
	b := newBench(t, tweak...)
	c := b.controller("", 1)
	c.wantArbitration(codes.OK, 1)
	c.setPipeline(p4.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT, featuresConfig(t), codes.OK)
	return b, c
}

// controller is one client with its stream.
type controller struct {
	*bench
	role   string
	id     *p4.Uint128
	stream p4.P4Runtime_StreamChannelClient
	in     chan *p4.StreamMessageResponse
	ended  chan error
	cancel context.CancelFunc
	schema *testNames
}

// connect opens a stream without arbitration.
func (b *bench) connect() *controller {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b.t.Cleanup(cancel)
	stream, err := b.StreamChannel(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	c := &controller{bench: b, stream: stream, cancel: cancel, in: make(chan *p4.StreamMessageResponse, 1000), ended: make(chan error, 1)}
	go func() {
		for {
			m, err := stream.Recv()
			if err != nil {
				c.ended <- err
				return
			}
			c.in <- m
		}
	}()
	return c
}

// controller opens a stream and arbitrates.
func (b *bench) controller(role string, election uint64) *controller {
	b.t.Helper()
	c := b.connect()
	c.role = role
	c.arbitrate(&p4.Uint128{Low: election})
	return c
}

func (c *controller) arbitrate(id *p4.Uint128) {
	c.t.Helper()
	c.id = id
	m := &p4.MasterArbitrationUpdate{DeviceId: testDevice, ElectionId: id}
	if c.role != "" {
		m.Role = &p4.Role{Name: c.role}
	}
	c.send(&p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_Arbitration{Arbitration: m}})
}

func (c *controller) send(m *p4.StreamMessageRequest) {
	c.t.Helper()
	if err := c.stream.Send(m); err != nil && !errors.Is(err, io.EOF) {
		c.t.Fatal(err)
	}
}

// next returns the next message of the stream.
func (c *controller) next() *p4.StreamMessageResponse {
	c.t.Helper()
	select {
	case m := <-c.in:
		return m
	case err := <-c.ended:
		c.t.Fatalf("the stream ended: %v", err)
	case <-time.After(patience):
		c.t.Fatal("no message came on the stream")
	}
	return nil
}

// wantArbitration expects a notification with this status and election id (0: none).
func (c *controller) wantArbitration(code codes.Code, election uint64) {
	c.t.Helper()
	a := c.next().GetArbitration()
	if a == nil {
		c.t.Fatal("the message is not an arbitration update")
	}
	var want *p4.Uint128
	if election != 0 {
		want = &p4.Uint128{Low: election}
	}
	if codes.Code(a.Status.GetCode()) != code || !proto.Equal(a.ElectionId, want) || a.DeviceId != testDevice || a.GetRole().GetName() != c.role {
		c.t.Fatalf("arbitration update %v; want %v with election id %v", a, code, want)
	}
}

// wantEnd expects the stream to end with this code.
func (c *controller) wantEnd(code codes.Code) {
	c.t.Helper()
	for {
		select {
		case <-c.in:
		case err := <-c.ended:
			if status.Code(err) != code {
				c.t.Fatalf("the stream ended with %v, want %v", err, code)
			}
			return
		case <-time.After(patience):
			c.t.Fatalf("the stream did not end; want %v", code)
		}
	}
}

func (c *controller) setPipeline(a p4.SetForwardingPipelineConfigRequest_Action, cfg *p4.ForwardingPipelineConfig, want codes.Code) error {
	c.t.Helper()
	_, err := c.SetForwardingPipelineConfig(context.Background(), &p4.SetForwardingPipelineConfigRequest{
		DeviceId: testDevice, Role: c.role, ElectionId: c.id, Action: a, Config: cfg})
	if status.Code(err) != want {
		c.t.Fatalf("%v: %v, want %v", a, err, want)
	}
	return err
}

// write sends one batch.
func (c *controller) write(a p4.WriteRequest_Atomicity, updates ...*p4.Update) error {
	c.t.Helper()
	_, err := c.Write(context.Background(), &p4.WriteRequest{DeviceId: testDevice, Role: c.role, ElectionId: c.id, Atomicity: a, Updates: updates})
	return err
}

// mustWrite sends updates in the short text form of parseUpdate.
func (c *controller) mustWrite(lines ...string) {
	c.t.Helper()
	for _, l := range lines {
		if err := c.write(0, c.parse(l)); err != nil {
			c.t.Fatalf("%s\n%v", l, updateErrors(err))
		}
	}
}

// updateErrors takes a batch error apart.
func updateErrors(err error) []*p4.Error {
	var out []*p4.Error
	for _, d := range status.Convert(err).Proto().GetDetails() {
		e := &p4.Error{}
		if d.UnmarshalTo(e) == nil {
			out = append(out, e)
		}
	}
	if out == nil && err != nil {
		st := status.Convert(err)
		out = append(out, &p4.Error{CanonicalCode: int32(st.Code()), Message: st.Message()})
	}
	return out
}

// readAll reads entities until the stream ends.
func (b *bench) readAll(wanted ...*p4.Entity) ([]*p4.Entity, error) {
	b.t.Helper()
	stream, err := b.Read(context.Background(), &p4.ReadRequest{DeviceId: testDevice, Entities: wanted})
	if err != nil {
		return nil, err
	}
	var out []*p4.Entity
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, m.Entities...)
	}
}

// wantRead reads with the query and compares with the entities, all in text form.
func (c *controller) wantRead(query string, want ...string) {
	c.t.Helper()
	got, err := c.readAll(c.entity(query))
	if err != nil {
		c.t.Fatalf("read %s: %v", query, err)
	}
	var wanted []*p4.Entity
	for _, w := range want {
		wanted = append(wanted, c.entity(w))
	}
	if d := cmp.Diff(wanted, got, protocmp.Transform()); d != "" {
		c.t.Errorf("read %s (-want +got):\n%s", query, d)
	}
}

// testNames turns $table, $action and the like into ids.
type testNames struct{ *strings.Replacer }

func namesOf(t testing.TB, info *configv1.P4Info) *testNames {
	t.Helper()
	var pairs []string
	add := func(p *configv1.Preamble) { pairs = append(pairs, "$"+p.Alias+"$", fmt.Sprint(p.Id)) }
	for _, x := range info.Tables {
		add(x.Preamble)
	}
	for _, x := range info.Actions {
		add(x.Preamble)
	}
	for _, x := range info.ActionProfiles {
		add(x.Preamble)
	}
	for _, x := range info.Counters {
		add(x.Preamble)
	}
	for _, x := range info.Meters {
		add(x.Preamble)
	}
	for _, x := range info.Registers {
		add(x.Preamble)
	}
	for _, x := range info.ValueSets {
		add(x.Preamble)
	}
	for _, x := range info.Digests {
		add(x.Preamble)
	}
	return &testNames{strings.NewReplacer(pairs...)}
}

// parse reads "INSERT <entity in text form>", in which $name$ is an object's id.
func (c *controller) parse(line string) *p4.Update {
	c.t.Helper()
	typ, text, _ := strings.Cut(strings.TrimSpace(line), " ")
	return &p4.Update{Type: p4.Update_Type(p4.Update_Type_value[typ]), Entity: c.entity(text)}
}

func (c *controller) entity(text string) *p4.Entity {
	c.t.Helper()
	if c.schema == nil {
		c.schema = namesOf(c.t, featuresConfig(c.t).P4Info)
	}
	e := &p4.Entity{}
	if err := prototext.Unmarshal([]byte(c.schema.Replace(text)), e); err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
	return e
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}
