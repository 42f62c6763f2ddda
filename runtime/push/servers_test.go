package push

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"pillion/backends/bundle"
	"pillion/runtime/p4rt"
	"pillion/runtime/p4rt/p4rttest"
	"pillion/runtime/server"
)

// everyState has something of everything, and depends on n.
func everyState(n int) []bundle.Entity {
	out := []bundle.Entity{session(7, 510), group(n+1, 1, 2), group(n+2, 3)}
	for i := range 10 {
		out = append(out, edge(n+i+1, i), route(n+i, toEdge, n+i+1), acl(n+i+1, i+1, []uint32{permit, deny}[i%2]))
	}
	full := bundle.Entity{ID: aclTable, Action: permit, Priority: int32(n + 100), Counts: -1, Match: []bundle.Match{
		{Field: 1, Kind: bundle.Ternary, Value: "\x0a\x00\x00\x01", Mask: "\xff\xff\xff\xff"},
		{Field: 2, Kind: bundle.LPM, Value: "\x0a\x00\x00\x00", PrefixLen: 8},
		{Field: 3, Kind: bundle.Range, Value: "\x50", Mask: "\x01\xbb"},
		{Field: 4, Kind: bundle.Optional, Value: "\x06"},
	}}
	any := bundle.Entity{ID: aclTable, Action: permit, Priority: 1000, Counts: -1}
	return append(out, full, any, route(200, flood, n+1), route(201, miss, 0))
}

// onServers runs a test against real servers: bmv2, and our software switch.
func onServers(t *testing.T, test func(t *testing.T, address string)) {
	t.Run("bmv2", func(t *testing.T) { test(t, p4rttest.BMv2(t, 1)) })
	t.Run("switch", func(t *testing.T) { test(t, softwareSwitch(t)) })
}

func softwareSwitch(t *testing.T) string {
	s, err := server.New(server.Options{DeviceID: 1})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "switch.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-ended
	})
	return "unix://" + path
}

func at(address string, entities ...bundle.Entity) *bundle.Bundle {
	b := bundleOf(entities...)
	b.Targets[0].Address = address
	return b
}

func pushOK(t *testing.T, b *bundle.Bundle, o Options) *TargetReport {
	t.Helper()
	r, err := Push(context.Background(), b, pipelines, o)
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() {
		t.Fatalf("%+v", r.Targets[0])
	}
	return &r.Targets[0]
}

func TestServersPushTwiceThenChange(t *testing.T) { onServers(t, pushTwiceThenChange) }

func pushTwiceThenChange(t *testing.T, address string) {
	b, o := at(address, everyState(0)...), Options{}
	r := pushOK(t, b, o)
	if r.Inserted != len(b.Targets[0].Entities) || !r.PipelineLoaded || len(r.Notes) != 0 {
		t.Errorf("%+v", r)
	}
	if r := pushOK(t, b, o); r.Inserted+r.Modified+r.Deleted != 0 || r.PipelineLoaded || r.Foreign.Count != 0 {
		t.Errorf("the second push: %+v", r)
	}

	foreign := []bundle.Entity{group(900, 3), session(99, 1), edge(400, 9)}
	client, err := p4rt.Dial(address, 1, p4rt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.BecomePrimary(context.Background()); err != nil {
		t.Fatal(err)
	}
	var updates []*p4v1.Update
	for _, e := range foreign {
		updates = append(updates, &p4v1.Update{Type: p4v1.Update_INSERT, Entity: e.Proto()})
	}
	if err := client.Write(context.Background(), updates); err != nil {
		t.Fatal(err)
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}

	b = at(address, everyState(5)...)
	r = pushOK(t, b, o)
	if r.Foreign.Count != 3 || r.Deleted == 0 || r.Modified == 0 || r.Inserted == 0 {
		t.Errorf("%+v", r)
	}
	o.Adopt = true
	if r = pushOK(t, b, o); r.Foreign.Count != 0 || r.Deleted != 3 {
		t.Errorf("adopting: %+v", r)
	}
	o.Adopt = false
	if r = pushOK(t, at(address), o); r.Deleted != len(b.Targets[0].Entities) {
		t.Errorf("%+v", r)
	}
}

func TestServersAnotherPipeline(t *testing.T) { onServers(t, anotherPipeline) }

// Loading another pipeline clears everything, multicast groups too, and all of it can be made again.
func anotherPipeline(t *testing.T, address string) {
	b, o := at(address, everyState(0)...), Options{}
	pushOK(t, b, o)
	other := p4rt.Pipelines{"switch": {P4Info: info, Config: append(slices.Clone(config), '\n')}}
	b.Targets[0].ConfigHash = bundle.ConfigHash(other["switch"].Config)
	r, err := Push(context.Background(), b, other, o)
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() || !r.Targets[0].PipelineLoaded {
		t.Fatalf("%+v", r.Targets[0])
	}
}

func TestServersInterrupted(t *testing.T) { onServers(t, interrupted) }

func interrupted(t *testing.T, address string) {
	b, o := at(address, everyState(0)...), Options{}
	pushOK(t, b, o)
	for k := 1; k <= 24; k++ {
		writes := 0
		cut := Options{Batching: p4rt.Batching{Updates: 4, InFlight: 1}, Connect: p4rt.Options{GRPC: []grpc.DialOption{grpc.WithUnaryInterceptor(
			func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, options ...grpc.CallOption) error {
				if strings.HasSuffix(method, "/Write") {
					if writes++; writes == k {
						return status.Error(codes.Unavailable, "the cable was pulled")
					}
				}
				return invoker(ctx, method, req, reply, cc, options...)
			})}}}
		b = at(address, everyState(k)...)
		if _, err := Push(context.Background(), b, pipelines, cut); err != nil {
			t.Fatal(err)
		}
		if r := pushOK(t, b, o); r.Foreign.Count != 0 {
			t.Fatalf("write %d: %+v", k, r)
		}
		if r := pushOK(t, b, o); r.Inserted+r.Modified+r.Deleted != 0 {
			t.Fatalf("write %d: one more push: %+v", k, r)
		}
	}
}

func TestServersRefuseOne(t *testing.T) { onServers(t, refuseOne) }

func refuseOne(t *testing.T, address string) {
	bad := edge(500, 1)
	bad.Params[0].Value = "\xff\xff" // a port has 9 bits
	r, err := Push(context.Background(), at(address, append(everyState(0), bad)...), pipelines, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e := r.Targets[0].Errors; len(e) != 1 || !strings.Contains(e[0].Entity, "edge=500") {
		t.Fatalf("%+v", r.Targets[0])
	}
}
