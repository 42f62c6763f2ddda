package sidecar

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pillion/backends/bundle"
	"pillion/runtime/port"
	"pillion/tests/compiled"
)

const inventory = `switches:
  - {name: leaf, target: legacy, driver: ovs, sidecar: side}
  - {name: far, target: legacy, driver: ovs, sidecar: other}
links:
  - [leaf:1, far:1]
sidecars:
  - {name: side, at: leaf:9, address: "unix:///run/side.sock", device-id: 7, wires: [[7, 21]], sample: {one-in: 100, sflow: "127.0.0.1:6343"}}
  - {name: other, at: far:9, address: "unix:///run/other.sock", device-id: 8}
endpoints:
  - {name: a, mac: "02:00:00:00:00:01", ip: 10.0.0.1, at: leaf:2}
  - {name: b, mac: "02:00:00:00:00:02", ip: 10.0.0.2, at: leaf:3, shim: {address: "unix:///run/b.sock"}}
  - {name: c, mac: "02:00:00:00:00:03", ip: 10.0.0.3, at: far:2}
middleboxes:
  - {name: fw, at: leaf:7, out: leaf:8, nonlearning: true}
`

const policy = `tenant red { group all = a, b, c }
middlebox firewall { instances fw }
chain all: red.all -> red.all via firewall
`

func compile(t testing.TB, net string) *bundle.Bundle {
	t.Helper()
	return compiled.New(t, policy, net).Bundle
}

func TestDuty(t *testing.T) {
	b := compile(t, inventory)
	d, err := newDuty(b, "side")
	if err != nil {
		t.Fatal(err)
	}
	if d.sw != "leaf" || d.trunk != 9 || d.deviceID != 7 || d.address != "unix:///run/side.sock" {
		t.Errorf("%+v", d)
	}
	keys := func(m map[uint32]bool) []uint32 {
		delete(m, 0) // nothing
		return slices.Sorted(maps.Keys(m))
	}
	// The link, the middlebox and the sidecar's own are never cut off; a's port is the sidecar's to guard, but it may be.
	if got := keys(d.kept); !slices.Equal(got, []uint32{1, 7, 8, 9, 21}) {
		t.Errorf("never cut off are %v", got)
	}
	for name, want := range map[string]string{"leaf": `no sidecar "leaf": there are other, side`, "": "no sidecar"} {
		if _, err := newDuty(b, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
	b.Redirects = nil
	if d, err := newDuty(b, "side"); err != nil || d.rules.Switch != "" {
		t.Errorf("without redirect rules: %v, %v", d, err)
	}
}

func TestWantedPorts(t *testing.T) {
	d, err := newDuty(compile(t, inventory), "side")
	if err != nil {
		t.Fatal(err)
	}
	trunk := port.Spec{Interface: "trunk"}
	spec := func(n uint32) port.Spec { return port.Spec{Number: n, Interface: "wire"} }
	for _, c := range []struct {
		name  string
		wires []port.Spec
		want  string // in the error; empty: none
	}{
		{"as it should be", []port.Spec{spec(7)}, ""},
		{"without its interface", nil, "port 7 of leaf is wired to the sidecar by an interface of its own (port 21 of the switch): say which, as in 7@IFACE"},
		{"tagged", []port.Spec{spec(7), spec(8)}, "an interface wire for port 8 of leaf, which is VLAN 8 on the trunk"},
		{"not wired", []port.Spec{spec(7), spec(3)}, "for port 3 of leaf, which is not wired to the sidecar: wired are 2 (VLAN 2 on the trunk), 7, 8 (VLAN 8 on the trunk)"},
	} {
		p := ports{options: &Options{Trunk: trunk, Wires: c.wires}}
		got, err := p.wanted(d)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.want == "" {
			want := map[uint32]portKind{9: {Spec: trunk}, 7: {Spec: spec(7)}, 2: {vlan: 2}, 8: {vlan: 8}}
			if !maps.Equal(got, want) {
				t.Errorf("%s: %v", c.name, got)
			}
		}
	}
}

func TestReload(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "bundle")
	write := func(net string) {
		t.Helper()
		if err := bundle.Write(folder, compile(t, net)); err != nil {
			t.Fatal(err)
		}
	}
	r := &reloader{folder: folder, name: "side"}
	if _, err := r.first(); err == nil || !strings.Contains(err.Error(), "no bundle") {
		t.Errorf("without a bundle: %v", err)
	}
	write(inventory)
	now, err := r.first()
	if err != nil {
		t.Fatal(err)
	}
	took := 0
	next := func() error {
		return r.next(now, func(d *duty, written time.Time) error {
			if took++; !r.stale() || written.IsZero() {
				t.Errorf("while it is taken: stale %t, written %v", r.stale(), written)
			}
			now = d
			return nil
		})
	}
	if err := next(); err != nil || took != 0 || r.stale() {
		t.Errorf("unchanged: %v, taken %d times, stale %t", err, took, r.stale())
	}
	write(strings.Replace(inventory, "02:00:00:00:00:03", "02:00:00:00:00:04", 1))
	if !r.stale() {
		t.Error("a new bundle is not seen")
	}
	if err := next(); err != nil || took != 1 || r.stale() {
		t.Errorf("changed: %v, taken %d times, stale %t", err, took, r.stale())
	}
	// Another switch is another sidecar.
	write(strings.Replace(inventory, "device-id: 7", "device-id: 70", 1))
	if err := next(); err == nil || !strings.Contains(err.Error(), "start it again") || took != 1 || r.stale() {
		t.Errorf("another device: %v, taken %d times, stale %t", err, took, r.stale())
	}
	if err := next(); err != errUnread {
		t.Errorf("at once again: %v", err)
	}
	r.again = time.Now().Add(-time.Second)
	if err := next(); err == nil || err == errUnread {
		t.Errorf("a while later: %v", err)
	}
	write(inventory)
	if err := next(); err != nil || took != 2 {
		t.Errorf("good again: %v, taken %d times", err, took)
	}
	if err := os.Remove(r.manifest()); err != nil {
		t.Fatal(err)
	}
	if err := next(); err == nil || r.stale() {
		t.Errorf("without a manifest: %v, stale %t", err, r.stale())
	}
}
