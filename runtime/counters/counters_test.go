package counters

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/backends/bundle"
	"pillion/runtime/p4rt"
	"pillion/runtime/p4rt/p4rttest"
	"pillion/runtime/push"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

var (
	info, config = p4rttest.Little()
	pipelines    = p4rt.Pipelines{"switch": {P4Info: info, Config: config}}
)

func route(n byte, counts int32) bundle.Entity {
	return bundle.Entity{ID: p4rttest.TableID(info, "route"), Action: p4rttest.ActionID(info, "miss"), Counts: counts,
		Match: []bundle.Match{{Field: 1, Kind: bundle.LPM, Value: string([]byte{10, n, 0, 0}), PrefixLen: 16}}}
}

func acl(priority int32, counts int32) bundle.Entity {
	return bundle.Entity{ID: p4rttest.TableID(info, "acl"), Action: p4rttest.ActionID(info, "permit"), Priority: priority, Counts: counts,
		Match: []bundle.Match{{Field: 4, Kind: bundle.Optional, Value: "\x11"}}}
}

func littleBundle(address string) *bundle.Bundle {
	entities := []bundle.Entity{route(1, 0), route(2, 1), route(3, -1), acl(1, 0), acl(2, 2)}
	bundle.Sort(entities)
	return &bundle.Bundle{Statements: []string{"allow partner", "allow world", "deny no-ssh", "endpoint web1"}, Targets: []bundle.Target{{
		Name: "leaf1", Kind: "switch", Address: address, DeviceID: 1,
		P4InfoHash: bundle.P4InfoHash(info), ConfigHash: bundle.ConfigHash(config), Entities: entities}}}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (refresh with -update):\n%s", name, diff)
	}
}

func TestSumsPerStatement(t *testing.T) {
	ctx := context.Background()
	s := &p4rttest.Server{DeviceID: 1}
	connect := p4rt.Options{Dialer: s.Serve(t)}
	b := littleBundle("127.0.0.1:9559")
	r, err := Read(ctx, b, pipelines, Options{Connect: connect})
	if err != nil || r.OK() || !strings.Contains(r.Failed[0].Error, "push first") {
		t.Fatalf("before any push: %v, %+v", err, r)
	}
	if p, err := push.Push(ctx, b, pipelines, push.Options{Connect: connect}); err != nil || !p.OK() {
		t.Fatal(err, p)
	}
	s.Count(func(e *p4v1.TableEntry) *p4v1.CounterData {
		n := int64(e.GetPriority()) * 100
		if l := e.GetMatch()[0].GetLpm(); l != nil {
			n = int64(l.GetValue()[1])
		}
		return &p4v1.CounterData{PacketCount: n, ByteCount: 64 * n}
	})
	extra := route(9, 3) // in the bundle, but not there
	b.Targets[0].Entities = append(b.Targets[0].Entities, extra)
	r, err = Read(ctx, b, pipelines, Options{Connect: connect, Drops: "drops", Reasons: []string{"malformed", "policy", "no route"}})
	if err != nil || !r.OK() {
		t.Fatal(err, r)
	}
	var text, json bytes.Buffer
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteJSON(&json); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", text.Bytes())
	golden(t, "report.json", json.Bytes())
}

// bmv2 lets a controller set direct counters, so no packet is needed.
func TestBMv2(t *testing.T) {
	ctx := context.Background()
	b := littleBundle(p4rttest.BMv2(t, 1))
	if p, err := push.Push(ctx, b, pipelines, push.Options{}); err != nil || !p.OK() {
		t.Fatal(err, p)
	}
	c, err := p4rt.Dial(b.Targets[0].Address, 1, p4rt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.BecomePrimary(ctx); err != nil {
		t.Fatal(err)
	}
	var updates []*p4v1.Update
	for i := range b.Targets[0].Entities {
		updates = append(updates, &p4v1.Update{Type: p4v1.Update_MODIFY, Entity: &p4v1.Entity{Entity: &p4v1.Entity_DirectCounterEntry{
			DirectCounterEntry: &p4v1.DirectCounterEntry{TableEntry: b.Targets[0].Entities[i].Proto().GetTableEntry(), Data: &p4v1.CounterData{PacketCount: 3, ByteCount: 200}}}}})
	}
	if err := c.Write(ctx, updates); err != nil {
		t.Fatal(err)
	}
	r, err := Read(ctx, b, pipelines, Options{Drops: "drops", Reasons: []string{"a", "b", "c", "d"}})
	if err != nil {
		t.Fatal(err)
	}
	want := &Report{
		Statements: []Statement{
			{"allow partner", 2, Count{6, 400}},
			{"allow world", 1, Count{3, 200}},
			{"deny no-ssh", 1, Count{3, 200}},
		},
		Drops:  []Drop{{0, "a", Count{}}, {1, "b", Count{}}, {2, "c", Count{}}, {3, "d", Count{}}},
		Failed: []Failure{}, Notes: []string{},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
}

func TestArguments(t *testing.T) {
	b := littleBundle("127.0.0.1:1")
	if _, err := Read(context.Background(), b, pipelines, Options{Only: []string{"leaf2"}}); err == nil || !strings.Contains(err.Error(), "it has leaf1") {
		t.Error(err)
	}
	if _, err := Read(context.Background(), b, nil, Options{}); err == nil || !strings.Contains(err.Error(), "no pipeline") {
		t.Error(err)
	}
}
