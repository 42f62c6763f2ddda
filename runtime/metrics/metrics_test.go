package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/p4"
	"pillion/p4/engine"
	"pillion/runtime/metrics"
	"pillion/runtime/p4rt"
	"pillion/runtime/port"
	"pillion/runtime/server"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	must(t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	must(t, err)
	return r.StatusCode, string(body)
}

// A switch with a port, a controller, good and bad updates, a frame: all of it is seen, under every name that is defined.
func TestSwitchIsSeen(t *testing.T) {
	sw, err := server.NewSwitch(server.SwitchOptions{Options: server.Options{DeviceID: 1}})
	must(t, err)
	inside, outside := port.Pipe("web")
	must(t, sw.AddPort(3, inside))
	program, err := p4.Pillion()
	must(t, err)
	r := metrics.New()
	r.Ports(sw.Ports)
	r.Server(sw.P4Runtime)
	r.Drops(p4.DropReasons, metrics.DropCells(sw.P4Runtime, program.Config, p4.DropCounter))
	must(t, r.Add(metrics.Metric{Name: "pillion_test_things", Kind: metrics.Gauge, Labels: []string{"kind"}, Help: "things"},
		func(emit func(float64, ...string)) error { emit(4, "good"); return nil }))

	grpcListener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	must(t, err)
	listener, err := metrics.Listen("127.0.0.1:0", false)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 2)
	go func() { served <- sw.Serve(ctx, grpcListener, r.GRPC()) }()
	var ill error
	go func() { served <- r.Serve(ctx, listener, func() error { return ill }) }()

	// Before there is a pipeline.
	must(t, outside.Write(make([]byte, 60)))
	client, err := p4rt.Dial("unix://"+grpcListener.Addr().String(), 1, p4rt.Options{})
	must(t, err)
	_, err = client.BecomePrimary(ctx)
	must(t, err)
	waitFor(t, func() bool { return sw.P4Runtime.Stats().NoPipeline == 1 })
	must(t, client.SetPipeline(ctx, p4rt.Pipeline{P4Info: program.Info, Config: program.Config}, 1))
	good := &p4v1.Update{Type: p4v1.Update_INSERT, Entity: &p4v1.Entity{Entity: &p4v1.Entity_PacketReplicationEngineEntry{
		PacketReplicationEngineEntry: &p4v1.PacketReplicationEngineEntry{Type: &p4v1.PacketReplicationEngineEntry_MulticastGroupEntry{
			MulticastGroupEntry: &p4v1.MulticastGroupEntry{MulticastGroupId: 1}}}}}}
	must(t, client.Write(ctx, []*p4v1.Update{good}))
	if client.Write(ctx, []*p4v1.Update{good}) == nil {
		t.Error("the same group twice is taken")
	}
	must(t, client.Read(ctx, p4rt.Everything(), func(*p4v1.Entity) error { return nil }))
	// To a port that the program does not know.
	must(t, outside.Write(make([]byte, 60)))
	waitFor(t, func() bool {
		cells, err := metrics.DropCells(sw.P4Runtime, program.Config, p4.DropCounter)()
		return err == nil && slices.ContainsFunc(cells, func(c engine.CounterData) bool { return c.Packets == 1 })
	})

	url := "http://" + listener.Addr().String()
	code, text := get(t, url+"/metrics")
	if code != http.StatusOK {
		t.Fatalf("%d: %s", code, text)
	}
	for _, want := range []string{
		`pillion_port_receive_frames_total{interface="web/a",port="3"} 2`,
		`pillion_port_receive_bytes_total{interface="web/a",port="3"} 120`,
		`pillion_port_up{interface="web/a",port="3"} 1`,
		`pillion_table_entries{table="ingress.policy"} 0`,
		`pillion_table_size_entries{table="ingress.policy"} 262144`,
		`pillion_multicast_groups 1`,
		`pillion_p4runtime_updates_total{result="accepted"} 1`,
		`pillion_p4runtime_updates_total{result="refused"} 1`,
		`pillion_p4runtime_clients 1`,
		`pillion_p4runtime_lost_total{reason="no pipeline"} 1`,
		`pillion_grpc_requests_open{method="StreamChannel",service="P4Runtime"} 1`,
		`pillion_grpc_requests_total{code="OK",method="Write",service="P4Runtime"} 1`,
		`pillion_grpc_requests_total{code="Unknown",method="Write",service="P4Runtime"} 1`,
		`pillion_grpc_request_duration_seconds_count{method="Write",service="P4Runtime"} 2`,
		`pillion_test_things{kind="good"} 4`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no line %s", want)
		}
	}
	for _, m := range metrics.Metrics() {
		if !strings.Contains(text, "# TYPE "+m.Name+" "+string(m.Kind)+"\n") {
			t.Errorf("%s (%s) is not there", m.Name, m.Kind)
		}
	}
	for _, prefix := range []string{"go_goroutines ", "process_resident_memory_bytes "} {
		if !strings.Contains(text, "\n"+prefix) {
			t.Errorf("no %s", prefix)
		}
	}
	if t.Failed() {
		t.Log(text)
	}

	if code, text := get(t, url+"/healthz"); code != http.StatusOK || text != "ok\n" {
		t.Errorf("health: %d %s", code, text)
	}
	ill = errors.New("it is not well")
	if code, text := get(t, url+"/healthz"); code != http.StatusServiceUnavailable || text != "it is not well\n" {
		t.Errorf("health: %d %s", code, text)
	}
	if code, _ := get(t, url+"/"); code != http.StatusNotFound {
		t.Errorf("another page: %d", code)
	}
	must(t, client.Close())
	cancel()
	must(t, errors.Join(<-served, <-served, sw.Close()))
}

// waitFor waits for what must happen.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for range 3000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it does not happen")
}

// Another program has no drops by reason, whatever it calls its counters.
func TestOtherProgram(t *testing.T) {
	srv, err := server.New(server.Options{DeviceID: 1})
	must(t, err)
	defer srv.Close()
	cells, err := metrics.DropCells(srv, []byte("{}"), p4.DropCounter)()
	if cells != nil || err != nil {
		t.Errorf("%v, %v", cells, err)
	}
}

func TestListen(t *testing.T) {
	for addr, want := range map[string]string{
		"0.0.0.0:0": "can be reached from other hosts",
		":0":        "can be reached from other hosts",
		"nonsense":  "want HOST:PORT",
	} {
		if _, err := metrics.Listen(addr, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", addr, err, want)
		}
	}
	for addr, remote := range map[string]bool{"127.0.0.1:0": false, "[::1]:0": false, "0.0.0.0:0": true} {
		l, err := metrics.Listen(addr, remote)
		if err != nil {
			t.Errorf("%s: %v", addr, err)
			continue
		}
		must(t, l.Close())
	}
}

func TestAddRefuses(t *testing.T) {
	for want, m := range map[string]metrics.Metric{
		"begins with pillion_": {Name: "things", Kind: metrics.Gauge, Help: "h"},
		"end with _total":      {Name: "pillion_things", Kind: metrics.Counter, Help: "h"},
		"nothing else":         {Name: "pillion_things_total", Kind: metrics.Gauge, Help: "h"},
		"what is it":           {Name: "pillion_things", Kind: metrics.Gauge},
	} {
		if err := metrics.New().Add(m, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", m, err, want)
		}
	}
}

// A part that cannot be read, or has labels of no sense, hides nothing else.
func TestBrokenPart(t *testing.T) {
	r := metrics.New()
	must(t, r.Add(metrics.Metric{Name: "pillion_broken", Kind: metrics.Gauge, Help: "h"},
		func(func(float64, ...string)) error { return os.ErrInvalid }))
	must(t, r.Add(metrics.Metric{Name: "pillion_odd", Kind: metrics.Gauge, Labels: []string{"name"}, Help: "h"},
		func(emit func(float64, ...string)) error { emit(1, "\xff\n\""); return nil }))
	l, err := metrics.Listen("127.0.0.1:0", false)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- r.Serve(ctx, l, func() error { return nil }) }()
	_, text := get(t, "http://"+l.Addr().String()+"/metrics")
	if !strings.Contains(text, "go_goroutines") || !strings.Contains(text, `pillion_odd{name="?\n\""} 1`) {
		t.Errorf("%s", text)
	}
	cancel()
	must(t, <-served)
}

// Hostile clients: a header without end, a request without end, and more connections than there may be.
func TestBounds(t *testing.T) {
	r := metrics.New()
	l, err := metrics.Listen("127.0.0.1:0", false)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- r.Serve(ctx, l, func() error { return nil }) }()
	c, err := net.Dial("tcp", l.Addr().String())
	must(t, err)
	_, _ = c.Write([]byte("GET /metrics HTTP/1.1\r\nHost: h\r\nX: "))
	_, _ = c.Write(bytes.Repeat([]byte("x"), 1<<20))
	answer, _ := io.ReadAll(io.LimitReader(c, 64))
	if !strings.HasPrefix(string(answer), "HTTP/1.1 431") {
		t.Errorf("a header of 1 MiB is answered %q", answer)
	}
	must(t, c.Close())
	// Silent connections take all the room; the agent ends all the same.
	for range 40 {
		c, err := net.Dial("tcp", l.Addr().String())
		must(t, err)
		defer c.Close()
	}
	cancel()
	must(t, <-served)
}
