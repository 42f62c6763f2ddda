package push

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"pgregory.net/rapid"

	"pillion/backends/bundle"
	"pillion/runtime/p4rt"
	"pillion/runtime/p4rt/p4rttest"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

var info, config = p4rttest.Little()

var pipelines = p4rt.Pipelines{"switch": {P4Info: info, Config: config}}

var (
	aclTable   = p4rttest.TableID(info, "acl")
	routeTable = p4rttest.TableID(info, "route")
	edgeTable  = p4rttest.TableID(info, "edge")
	permit     = p4rttest.ActionID(info, "permit")
	deny       = p4rttest.ActionID(info, "deny")
	toEdge     = p4rttest.ActionID(info, "to_edge")
	flood      = p4rttest.ActionID(info, "flood")
	forward    = p4rttest.ActionID(info, "forward")
	miss       = p4rttest.ActionID(info, "miss")
)

func u16(n int) string { return bundle.Canonical(string([]byte{byte(n >> 8), byte(n)})) }

func edge(id, port int) bundle.Entity {
	return bundle.Entity{ID: edgeTable, Action: forward, Match: []bundle.Match{{Field: 1, Value: u16(id)}}, Params: []bundle.Param{{ID: 1, Value: u16(port)}}, Counts: -1}
}

// route is 10.N.0.0/16.
func route(n int, action uint32, param int) bundle.Entity {
	e := bundle.Entity{ID: routeTable, Action: action, Match: []bundle.Match{{Field: 1, Kind: bundle.LPM, Value: string([]byte{10, byte(n), 0, 0}), PrefixLen: 16}}, Counts: -1}
	if action != miss {
		e.Params = []bundle.Param{{ID: 1, Value: u16(param)}}
	}
	return e
}

func acl(priority, port int, action uint32) bundle.Entity {
	e := bundle.Entity{ID: aclTable, Action: action, Priority: int32(priority), Match: []bundle.Match{{Field: 3, Kind: bundle.Range, Value: u16(port), Mask: u16(port + 10)}}, Counts: -1}
	if action == deny {
		e.Params = []bundle.Param{{ID: 1, Value: u16(port % 4)}}
	}
	return e
}

func group(id int, ports ...uint32) bundle.Entity {
	e := bundle.Entity{Kind: bundle.MulticastGroup, ID: uint32(id), Counts: -1}
	for _, p := range ports {
		e.Replicas = append(e.Replicas, bundle.Replica{Port: p, Instance: 1})
	}
	return e
}

func session(id int, port uint32) bundle.Entity {
	return bundle.Entity{Kind: bundle.CloneSession, ID: uint32(id), Replicas: []bundle.Replica{{Port: port}}, Counts: -1}
}

func bundleOf(entities ...bundle.Entity) *bundle.Bundle {
	for i := range entities {
		entities[i].From = []uint32{uint32(i % 2)}
	}
	bundle.Sort(entities)
	return &bundle.Bundle{Statements: []string{"allow partner", "endpoint web1"}, Targets: []bundle.Target{{
		Name: "leaf1", Kind: "switch", Address: "127.0.0.1:9559", DeviceID: 1,
		P4InfoHash: bundle.P4InfoHash(info), ConfigHash: bundle.ConfigHash(config), Entities: entities}}}
}

// device is a fake target and the way to it.
type device struct {
	*p4rttest.Server
	options Options
	// interrupt, when set, is asked at every Write of a client, by its number from 1: it may do the write
	// or not, and give an error in any case.
	interrupt func(n int, write func() error) error
	writes    int
}

func newDevice(t interface{ Cleanup(func()) }, s *p4rttest.Server) *device {
	s.DeviceID, s.References = 1, p4rttest.LittleReferences()
	d := &device{Server: s}
	d.options = Options{Batching: p4rt.Batching{Updates: 2, InFlight: 1}, Connect: p4rt.Options{Dialer: s.Serve(t), GRPC: []grpc.DialOption{grpc.WithUnaryInterceptor(
		func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, o ...grpc.CallOption) error {
			write := func() error { return invoker(ctx, method, req, reply, cc, o...) }
			if d.interrupt == nil || !strings.HasSuffix(method, "/Write") {
				return write()
			}
			d.writes++
			return d.interrupt(d.writes, write)
		})}}}
	return d
}

type tester interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func (d *device) push(t tester, b *bundle.Bundle, o Options) *TargetReport {
	t.Helper()
	d.writes = 0
	r, err := Push(context.Background(), b, pipelines, o)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return &r.Targets[0]
}

// holds checks what is on the device.
func (d *device) holds(t tester, want ...bundle.Entity) {
	t.Helper()
	var got []bundle.Entity
	for _, p := range d.Entities() {
		e, err := bundle.FromProto(p)
		if err != nil {
			t.Fatalf("%v", err)
		}
		got = append(got, e)
	}
	want = slices.Clone(want)
	for i := range want {
		want[i].From, want[i].Counts = nil, -1
	}
	bundle.Sort(got)
	bundle.Sort(want)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("the device does not hold what it should (-want +got):\n%s", diff)
	}
}

func (d *device) pushedWell(t tester, b *bundle.Bundle, o Options) *TargetReport {
	t.Helper()
	r := d.push(t, b, o)
	if !r.OK() {
		t.Fatalf("%+v", r)
	}
	return r
}

func TestFirstPushAndSecond(t *testing.T) {
	d := newDevice(t, &p4rttest.Server{})
	want := []bundle.Entity{edge(1, 3), edge(2, 4), route(1, toEdge, 1), route(2, flood, 5), acl(10, 80, permit), acl(20, 22, deny), group(5, 1, 2), session(7, 510)}
	b := bundleOf(want...)
	dry := d.options
	dry.DryRun = true
	if r := d.push(t, b, dry); r.Inserted != 8 || !r.PipelineLoaded || !r.OK() {
		t.Fatalf("%+v", r)
	}
	if requests, _, loads := d.Written(); requests+loads != 0 {
		t.Fatal("a dry run wrote")
	}
	if r := d.pushedWell(t, b, d.options); r.Inserted != 8 || !r.PipelineLoaded {
		t.Fatalf("%+v", r)
	}
	d.holds(t, want...)
	before, _, _ := d.Written()
	r := d.pushedWell(t, b, d.options)
	if after, _, loads := d.Written(); after != before || loads != 1 || r.Unchanged != 8 || r.PipelineLoaded {
		t.Fatalf("the second push wrote: %+v", r)
	}
}

func TestStaleGoesForeignStays(t *testing.T) {
	for _, s := range []*p4rttest.Server{{}, {NoGroupMetadata: true}} {
		d := newDevice(t, s)
		d.pushedWell(t, bundleOf(edge(1, 3), route(1, toEdge, 1), route(2, flood, 5), group(5, 1), group(6, 1), session(7, 510), session(8, 510)), d.options)
		foreign := []bundle.Entity{edge(9, 9), group(900, 3), session(99, 1), acl(5, 5, permit)}
		for i := range foreign {
			d.Put(p4v1.Update_INSERT, foreign[i].Proto())
		}
		r := d.pushedWell(t, bundleOf(edge(1, 4), session(7, 511)), d.options)
		if r.Foreign.Count != 4 || r.Deleted != 5 || r.Modified != 2 || r.Inserted != 0 {
			t.Errorf("%+v", r)
		}
		d.holds(t, append([]bundle.Entity{edge(1, 4), session(7, 511)}, foreign...)...)
		adopt := d.options
		adopt.Adopt = true
		if r := d.pushedWell(t, bundleOf(edge(1, 4), session(7, 511)), adopt); r.Foreign.Count != 0 || r.Deleted != 4 {
			t.Errorf("%+v", r)
		}
		d.holds(t, edge(1, 4), session(7, 511))
	}
}

// An id that was ours once, and that another controller took since, is foreign.
func TestReusedIdIsForeign(t *testing.T) {
	d := newDevice(t, &p4rttest.Server{NoGroupMetadata: true})
	d.pushedWell(t, bundleOf(group(5, 1), session(7, 510)), d.options)
	d.pushedWell(t, bundleOf(), d.options)
	for _, e := range []bundle.Entity{group(5, 1), session(7, 510)} {
		d.Put(p4v1.Update_INSERT, e.Proto())
	}
	if r := d.pushedWell(t, bundleOf(), d.options); r.Foreign.Count != 2 || r.Deleted != 0 {
		t.Errorf("%+v", r)
	}
}

// What another controller wrote just as we want it stays foreign when we want it no more, unless it
// was adopted.
func TestAdoptTakesOver(t *testing.T) {
	for _, adopted := range []bool{false, true} {
		d := newDevice(t, &p4rttest.Server{NoGroupMetadata: true})
		d.pushedWell(t, bundleOf(), d.options)
		same := []bundle.Entity{edge(1, 3), group(4, 1), session(5, 2)}
		for i := range same {
			d.Put(p4v1.Update_INSERT, same[i].Proto())
		}
		o := d.options
		o.Adopt = adopted
		if r := d.pushedWell(t, bundleOf(same...), o); r.Inserted+r.Deleted != 0 || (r.Modified == 1) != adopted {
			t.Errorf("%+v", r)
		}
		before, _, _ := d.Written()
		d.pushedWell(t, bundleOf(same...), o)
		if after, _, _ := d.Written(); after != before {
			t.Error("the second push wrote")
		}
		r := d.pushedWell(t, bundleOf(), d.options)
		if want := map[bool]int{true: 3, false: 0}[adopted]; r.Deleted != want || r.Foreign.Count != 3-want {
			t.Errorf("adopted %v: %+v", adopted, r)
		}
	}
}

func TestServerWithoutMetadata(t *testing.T) {
	d := newDevice(t, &p4rttest.Server{NoMetadata: true, NoGroupMetadata: true})
	b := bundleOf(edge(1, 3), group(4, 1))
	r := d.pushedWell(t, b, d.options)
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "does not give metadata back") {
		t.Errorf("%+v", r)
	}
	before, _, _ := d.Written()
	d.pushedWell(t, b, d.options)
	if after, _, _ := d.Written(); after != before {
		t.Error("the second push wrote")
	}
	if r := d.pushedWell(t, bundleOf(), d.options); r.Deleted != 0 || r.Foreign.Count != 2 {
		t.Errorf("%+v", r)
	}
}

func TestRefusedUpdates(t *testing.T) {
	d := newDevice(t, &p4rttest.Server{})
	var entities []bundle.Entity
	for i := range 18 { // the table has 16
		entities = append(entities, edge(i+1, 1))
	}
	entities = append(entities, route(1, toEdge, 18))
	r := d.push(t, bundleOf(entities...), d.options)
	if r.OK() || len(r.Errors) != 2 || r.NotAttempted != 1 || r.Errors[0].Code != "ResourceExhausted" || len(r.Errors[0].Statements) != 1 {
		t.Errorf("%+v", r)
	}
	d.pushedWell(t, bundleOf(edge(1, 1)), d.options)
	d.holds(t, edge(1, 1))
}

// A table that is too full for old and new side by side, when the old is pointed at.
func TestNoRoom(t *testing.T) {
	d := newDevice(t, &p4rttest.Server{})
	state := func(from int) []bundle.Entity {
		out := []bundle.Entity{group(3, 1)}
		for i := range 16 {
			out = append(out, edge(from+i, 1), route(i, toEdge, from+i))
		}
		return out
	}
	d.pushedWell(t, bundleOf(state(1)...), d.options)
	r := d.pushedWell(t, bundleOf(state(12)...), d.options)
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "no room for old and new side by side in edge") {
		t.Errorf("%+v", r)
	}
	d.holds(t, state(12)...)
}

func TestArguments(t *testing.T) {
	b := bundleOf()
	b.Targets = append(b.Targets, b.Targets[0])
	b.Targets[1].Name, b.Targets[1].Kind = "leaf2", "shim"
	check := func(o Options, want string) {
		t.Helper()
		if _, err := Push(context.Background(), b, pipelines, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	check(Options{Only: []string{"leaf3"}}, `no target "leaf3"; it has leaf1, leaf2`)
	check(Options{}, `no pipeline for targets of kind "shim"; there are pipelines for switch`)
	b.Targets[0].ConfigHash = "00"
	check(Options{Only: []string{"leaf1"}}, "compiled for another P4 program")
}

// Several targets at once, of which one is not there.
func TestSeveralTargets(t *testing.T) {
	d := newDevice(t, &p4rttest.Server{})
	b := bundleOf(edge(1, 3))
	b.Targets = append(b.Targets, b.Targets[0])
	b.Targets[1].Name, b.Targets[1].Address = "leaf2", "unix://"+filepath.Join(t.TempDir(), "nobody")
	dialer := d.options.Connect.Dialer
	o := d.options
	o.Connect.Dialer = nil
	r, err := Push(context.Background(), b, pipelines, Options{Only: []string{"leaf2"}})
	if err != nil || r.OK() || !strings.Contains(r.Targets[0].Error, "is the device running") {
		t.Fatalf("%v, %+v", err, r)
	}
	var events []string
	o.Connect.Dialer = dialer
	o.Progress = func(e Event) { events = append(events, e.Target+" "+e.Step) }
	o.Only = []string{"leaf1"}
	if r, err = Push(context.Background(), b, pipelines, o); err != nil || !r.OK() {
		t.Fatalf("%v, %+v", err, r)
	}
	if want := []string{"leaf1 connecting", "leaf1 loading", "leaf1 reading", "leaf1 writing", "leaf1 checking", "leaf1 done"}; !slices.Equal(events, want) {
		t.Errorf("events %q", events)
	}
}

func TestReportGolden(t *testing.T) {
	d := newDevice(t, &p4rttest.Server{})
	d.pushedWell(t, bundleOf(edge(1, 3), route(1, toEdge, 1)), d.options)
	extra := acl(5, 5, permit)
	d.Put(p4v1.Update_INSERT, extra.Proto())
	bad := edge(2, 3)
	bad.Params[0].Value = "\xff\xff"
	r, err := Push(context.Background(), bundleOf(bad, route(1, toEdge, 2), session(7, 510)), pipelines, d.options)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"report.txt":  func(b *bytes.Buffer) error { return r.WriteText(b) },
		"report.json": func(b *bytes.Buffer) error { return r.WriteJSON(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s (refresh with -update):\n%s", name, diff)
		}
	}
}

func TestLedgerText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ours := map[replicationID]bool{}
		for _, id := range rapid.SliceOf(rapid.Uint32Range(0, 40)).Draw(t, "groups") {
			ours[replicationID{bundle.MulticastGroup, id}] = true
		}
		for _, id := range rapid.SliceOf(rapid.Uint32()).Draw(t, "sessions") {
			ours[replicationID{bundle.CloneSession, id}] = true
		}
		text := formatLedger(ours)
		if diff := cmp.Diff(ours, parseLedger(text), cmp.AllowUnexported(replicationID{})); diff != "" {
			t.Fatalf("%s: %s", text, diff)
		}
	})
	if got := formatLedger(parseLedger("pillion multicast 1,2,3,7 clone 5")); got != "pillion multicast 1-3,7 clone 5" {
		t.Error(got)
	}
	for _, text := range []string{"", "other", "pillion multicast", "pillion multicast x", "pillion multicast 9-1", "pillion multicast 1-4294967295"} {
		if n := len(parseLedger(text)); n != 0 {
			t.Errorf("%q: %d", text, n)
		}
	}
}
