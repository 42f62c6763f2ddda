//go:build linux

package drivertest

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pillion/sidecarfallback/redirect"
)

// Switch is one kind of switch.
type Switch struct {
	// Make makes a learning switch of the network's interfaces, and its
	// driver. It skips the test, saying why, if this machine cannot.
	Make func(t *testing.T, n *Network) redirect.Driver
	// Tags says whether wires may share a trunk.
	Tags bool
	// SamplesToPort says whether samples may go to a port.
	SamplesToPort bool
	// Disturb damages one rule of those installed, and nothing else, and
	// returns that rule's line.
	Disturb func(t *testing.T, n *Network) string
	// Leave takes an interface off the switch, if more is to be done for that
	// than to delete it; may be nil.
	Leave func(t *testing.T, n *Network, name string)
	// AddForeign puts something in that is not the driver's; IsForeign says
	// whether it is still there.
	AddForeign func(t *testing.T, n *Network)
	IsForeign  func(t *testing.T, n *Network) bool
}

// Run tries a driver in every way.
func Run(t *testing.T, s Switch) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Switch, *Network, redirect.Driver)
	}{
		{"wires", wires},
		{"stale", stale},
		{"trunk", trunk},
		{"statics", statics},
		{"guards", guards},
		{"quarantine", quarantine},
		{"samples", samples},
		{"lifecycle", lifecycle},
		{"repair", repair},
		{"foreign", foreign},
		{"absent", absent},
		{"busy", busy},
		{"many", many},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := NewNetwork(t)
			d := s.Make(t, n)
			t.Cleanup(func() { d.Close() })
			c.test(t, s, n, d)
		})
	}
}

func apply(t *testing.T, d redirect.Driver, r redirect.Rules) redirect.Change {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	change, err := d.Apply(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	read, err := d.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := read.Rules.Text(), r.Text(); got != want {
		t.Fatalf("after applying\n%sreading gives\n%s", want, got)
	}
	if len(read.Broken) > 0 {
		t.Fatalf("after applying these are broken: %q", read.Broken)
	}
	return change
}

func remove(t *testing.T, d redirect.Driver) redirect.Change {
	t.Helper()
	change, err := d.Remove(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return change
}

var oneWire = redirect.Rules{Switch: "s", Wires: []redirect.Wire{{Box: Box, Sidecar: Side}}}

func wires(t *testing.T, _ Switch, n *Network, d redirect.Driver) {
	n.expect(t, Box, n.new(broadcast, address(Box), 0), plain(others(Box)...))
	apply(t, d, oneWire)
	for range 2 { // the second time the switch has learned what it can
		n.expect(t, Box, n.new(broadcast, address(Box), 0), plain(Side))
		n.expect(t, Side, n.new(broadcast, address(Host), 0), plain(Box))
		// A middlebox passes on what others sent: the switch must not take
		// their addresses to be here.
		n.expect(t, Box, n.new(address(Other), address(Host), 0), plain(Side))
		n.expect(t, Side, n.new(address(Host), address(Other), 0), plain(Box))
		n.expect(t, Host, n.new(broadcast, address(Host), 0), plain(others(Host, Box, Side)...))
		n.expect(t, Other, n.new(address(Host), address(Other), 0), plain(Host))
		n.expect(t, Host, n.new(address(Other), address(Host), 0), plain(Other))
		n.expect(t, Other, n.new(address(Samples), address(Other), 0), plain(others(Other, Box, Side)...)) // unknown: flooded
	}
	remove(t, d)
	n.expect(t, Box, n.new(broadcast, address(Box), 0), plain(others(Box)...))
	n.expect(t, Host, n.new(broadcast, address(Host), 0), plain(others(Host)...))
	n.silent(t)
}

// stale: what the switch learned before does not lead onto a wire.
func stale(t *testing.T, _ Switch, n *Network, d redirect.Driver) {
	n.expect(t, Box, n.new(broadcast, address(Box), 0), plain(others(Box)...))
	n.expect(t, Side, n.new(broadcast, address(Side), 0), plain(others(Side)...))
	apply(t, d, oneWire)
	for _, to := range []redirect.MAC{address(Box), address(Side)} {
		n.never(t, Host, n.new(to, address(Host), 0), Box, Side)
	}
}

func trunk(t *testing.T, s Switch, n *Network, d redirect.Driver) {
	tagged := redirect.Rules{Switch: "s", Wires: []redirect.Wire{
		{Box: Box, Sidecar: Trunk, Tag: 101}, {Box: Box2, Sidecar: Trunk, Tag: 102},
	}}
	if !s.Tags {
		if _, err := d.Apply(context.Background(), tagged); err == nil {
			t.Error("tags were accepted")
		}
		t.Skip("skipped: this switch cannot write VLAN tags")
	}
	apply(t, d, tagged)
	n.expect(t, Box, n.new(broadcast, address(Box), 0), map[uint32]uint16{Trunk: 101})
	n.expect(t, Box2, n.new(broadcast, address(Box), 0), map[uint32]uint16{Trunk: 102})
	n.expect(t, Trunk, n.new(broadcast, address(Host), 101), plain(Box))
	n.expect(t, Trunk, n.new(address(Other), address(Host), 102), plain(Box2))
	// Without a tag the trunk is a port like others.
	n.expect(t, Trunk, n.new(broadcast, address(Trunk), 0), plain(others(Trunk, Box, Box2)...))
	n.expect(t, Host, n.new(broadcast, address(Host), 0), plain(others(Host, Box, Box2)...))
	// Nobody else can speak as a middlebox port.
	n.expect(t, Host, n.new(broadcast, address(Host), 101), plain())
	n.expect(t, Box2, n.new(broadcast, address(Box2), 0), map[uint32]uint16{Trunk: 102})
	n.silent(t)
}

func statics(t *testing.T, _ Switch, n *Network, d redirect.Driver) {
	at := func(port uint32) redirect.Rules {
		return redirect.Rules{Switch: "s", Statics: []redirect.Static{{Locator: Locator(1), Port: port}}}
	}
	n.expect(t, Third, n.new(broadcast, Locator(1), 0), plain(others(Third)...)) // learned elsewhere before
	apply(t, d, at(Other))
	n.expect(t, Host, n.new(Locator(1), address(Host), 0), plain(Other))
	n.expect(t, Third, n.new(broadcast, Locator(1), 0), plain(others(Third)...)) // must not move it
	n.expect(t, Host, n.new(Locator(1), address(Host), 0), plain(Other))
	apply(t, d, at(Third))
	n.expect(t, Host, n.new(Locator(1), address(Host), 0), plain(Third))
	remove(t, d)
	n.expect(t, Host, n.new(Locator(2), address(Host), 0), plain(others(Host)...))
	n.silent(t)
}

func guards(t *testing.T, s Switch, n *Network, d redirect.Driver) {
	first, second := redirect.Guard{Port: Host, MAC: address(Host)}, redirect.Guard{Port: Host, MAC: address(Box2)}
	rules := redirect.Rules{
		Switch: "s", Wires: oneWire.Wires, Guards: []redirect.Guard{first, second},
		Statics: []redirect.Static{{Locator: Locator(1), Port: Other}},
	}
	n.expect(t, Host, n.new(broadcast, address(Third), 0), plain(others(Host)...)) // forged, and learned
	apply(t, d, rules)
	n.expect(t, Third, n.new(broadcast, address(Third), 0), plain(others(Third, Box, Side)...))
	for _, guard := range rules.Guards {
		n.expect(t, Host, n.new(broadcast, guard.MAC, 0), plain(others(Host, Box, Side)...))
		n.expect(t, Host, n.new(Locator(1), guard.MAC, 0), plain(Other))
		n.expect(t, Host, n.new(Locator(1), guard.MAC, 55), map[uint32]uint16{Other: 55})
	}
	for _, tag := range []uint16{0, 55} {
		n.expect(t, Host, n.new(broadcast, address(Third), tag), plain())
		n.expect(t, Host, n.new(Locator(1), address(Third), tag), plain())
	}
	// What was dropped taught the switch nothing, and other ports are free.
	n.expect(t, Other, n.new(address(Third), address(Other), 0), plain(Third))
	n.expect(t, Third, n.new(address(Host), address(Samples), 0), plain(Host))
	n.expect(t, Third, n.new(broadcast, address(Third), 0), plain(others(Third, Box, Side)...))
	// One of two goes, and the other stays as it is.
	rules.Guards = []redirect.Guard{second}
	if change := apply(t, d, rules); !reflect.DeepEqual(change, redirect.Change{Removed: []string{first.String()}}) {
		t.Errorf("the change was\n%s", change)
	}
	n.expect(t, Host, n.new(broadcast, address(Host), 0), plain())
	n.expect(t, Host, n.new(Locator(1), address(Box2), 0), plain(Other))
	rules.Quarantined = []uint32{Host}
	apply(t, d, rules)
	n.expect(t, Host, n.new(Locator(1), address(Box2), 0), plain())
	if s.SamplesToPort { // a copy speaks of its source: of the true one only
		rules.Quarantined, rules.Sample = nil, redirect.Sample{OneIn: 1, Port: Samples}
		apply(t, d, rules)
		n.expect(t, Host, n.new(Locator(1), address(Box2), 0), plain(Other, Samples))
		n.expect(t, Host, n.new(Locator(1), address(Third), 0), plain())
	}
	remove(t, d)
	n.expect(t, Host, n.new(broadcast, address(Third), 0), plain(others(Host)...))
	n.silent(t)
}

func quarantine(t *testing.T, _ Switch, n *Network, d redirect.Driver) {
	n.expect(t, Third, n.new(broadcast, address(Third), 0), plain(others(Third)...)) // learned
	cut := redirect.Rules{Switch: "s", Wires: oneWire.Wires, Quarantined: []uint32{Third, Box}}
	apply(t, d, cut)
	n.expect(t, Third, n.new(broadcast, address(Third), 0), plain())
	n.expect(t, Third, n.new(address(Host), address(Third), 0), plain())
	n.expect(t, Host, n.new(broadcast, address(Host), 0), plain(others(Host, Third, Box, Side)...))
	n.never(t, Host, n.new(address(Third), address(Host), 0), Third, Box, Side)
	// It is stronger than a wire.
	n.expect(t, Box, n.new(broadcast, address(Box), 0), plain())
	n.expect(t, Side, n.new(broadcast, address(Side), 0), plain())
	apply(t, d, oneWire)
	n.expect(t, Third, n.new(broadcast, address(Third), 0), plain(others(Third, Box, Side)...))
	n.reaches(t, Host, n.new(address(Third), address(Host), 0), Third)
	n.expect(t, Side, n.new(broadcast, address(Side), 0), plain(Box))
	n.silent(t)
}

// samples: one in four of 4000 frames makes 1000, with a standard deviation of
// 27.4; seven of them are allowed.
func samples(t *testing.T, s Switch, n *Network, d redirect.Driver) {
	sampling := redirect.Rules{Switch: "s", Wires: oneWire.Wires, Sample: redirect.Sample{OneIn: 4, Port: Samples}}
	if !s.SamplesToPort {
		if _, err := d.Apply(context.Background(), sampling); err == nil {
			t.Error("samples to a port were accepted")
		}
		t.Skip("skipped: this switch cannot sample to a port")
	}
	n.expect(t, Other, n.new(broadcast, address(Other), 0), plain(others(Other)...))
	apply(t, d, sampling)
	const count = 4000
	n.Flood(t, count)
	sampled := n.drain(Samples)
	if got := len(sampled); got < count/4-192 || got > count/4+192 {
		t.Errorf("of %d frames %d were sampled", count, got)
	}
	for _, port := range others(Other, Samples) {
		for _, f := range n.drainNow(port) {
			t.Fatalf("port %d: frame %s came out here", port, show(f))
		}
	}
	// The port is for samples alone, and only a way out.
	sampling.Sample.OneIn = 1
	apply(t, d, sampling)
	f := n.new(address(Other), address(Host), 0)
	n.expect(t, Host, f, plain(Other, Samples))
	n.expect(t, Samples, n.new(broadcast, address(Samples), 0), plain())
	n.expect(t, Box, n.new(broadcast, address(Box), 0), plain(Side))
	apply(t, d, oneWire)
	n.expect(t, Host, n.new(address(Other), address(Host), 0), plain(Other))
	n.silent(t)
}

func lifecycle(t *testing.T, _ Switch, _ *Network, d redirect.Driver) {
	first := redirect.Rules{
		Switch: `a "name"`, Wires: []redirect.Wire{{Box: Box, Sidecar: Side}},
		Statics: []redirect.Static{{Locator: Locator(1), Port: Host}, {Locator: Locator(2), Port: Other}}, Quarantined: []uint32{Third},
	}
	second := redirect.Rules{
		Switch: `a "name"`, Wires: []redirect.Wire{{Box: Box2, Sidecar: Side}},
		Statics: []redirect.Static{{Locator: Locator(2), Port: Other}, {Locator: Locator(3), Port: Host}},
	}
	same := func(got, want redirect.Change) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the change was\n%snot\n%s", got, want)
		}
	}
	state, err := d.Read(context.Background())
	if err != nil || !reflect.DeepEqual(state, redirect.State{}) {
		t.Errorf("a fresh switch reads as %+v, %v", state, err)
	}
	same(remove(t, d), redirect.Change{})
	same(apply(t, d, first), redirect.Change{Added: sorted(first.Lines())})
	same(apply(t, d, first), redirect.Change{})
	same(apply(t, d, second), redirect.Change{
		Added:   []string{"static 02:00:00:00:aa:03 at 1", "wire 7 to 5"},
		Removed: []string{"quarantine 3", "static 02:00:00:00:aa:01 at 1", "wire 4 to 5"},
	})
	same(apply(t, d, second), redirect.Change{})
	same(remove(t, d), redirect.Change{Removed: sorted(second.Lines())})
	same(remove(t, d), redirect.Change{})
	same(apply(t, d, redirect.Rules{Switch: "s"}), redirect.Change{})
}

func sorted(lines []string) []string {
	slices.Sort(lines)
	return lines
}

func repair(t *testing.T, s Switch, n *Network, d redirect.Driver) {
	rules := redirect.Rules{
		Switch: "s", Wires: oneWire.Wires, Quarantined: []uint32{Third},
		Statics: []redirect.Static{{Locator: Locator(1), Port: Host}},
	}
	apply(t, d, rules)
	line := s.Disturb(t, n)
	state, err := d.Read(context.Background())
	if err != nil || !slices.Equal(state.Broken, []string{line}) {
		t.Errorf("after a disturbance of %q reading gives %+v, %v", line, state, err)
	}
	change := apply(t, d, rules)
	if !slices.Equal(append(change.Repaired, change.Added...), []string{line}) || len(change.Removed) > 0 {
		t.Errorf("the repair of %q did\n%s", line, change)
	}
}

func foreign(t *testing.T, s Switch, n *Network, d redirect.Driver) {
	s.AddForeign(t, n)
	rules := redirect.Rules{Switch: "s", Wires: oneWire.Wires, Statics: []redirect.Static{{Locator: Locator(1), Port: Host}}}
	changes := []redirect.Change{apply(t, d, rules), apply(t, d, oneWire), remove(t, d)}
	for i, change := range changes {
		if len(change.Foreign) == 0 {
			t.Errorf("call %d did not report what is foreign:\n%s", i, change)
		}
	}
	if !s.IsForeign(t, n) {
		t.Error("what is foreign is gone")
	}
}

// busy: while rules change, a wire that stays loses nothing and nothing leaks.
func busy(t *testing.T, _ Switch, n *Network, d redirect.Driver) {
	apply(t, d, oneWire)
	stop, done := make(chan struct{}), make(chan []frame)
	go func() {
		var sent []frame
		defer func() { done <- sent }()
		for {
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Microsecond):
			}
			n.next++
			f := frame{broadcast, address(Box), 0, n.next}
			if n.ends[Box].Send(f.bytes()) == nil {
				sent = append(sent, f)
			}
		}
	}()
	for i := range 20 {
		rules := redirect.Rules{Switch: "s", Wires: oneWire.Wires}
		if i%2 == 0 {
			rules.Wires = append(slices.Clone(rules.Wires), redirect.Wire{Box: Box2, Sidecar: Samples})
			rules.Quarantined = []uint32{Third}
		}
		apply(t, d, rules)
	}
	close(stop)
	sent := <-done
	if len(sent) == 0 {
		t.Fatal("no frame was sent")
	}
	if got := n.drain(Side); !slices.Equal(got, sent) {
		t.Errorf("of %d frames %d came", len(sent), len(got))
	}
	n.silent(t)
}

// many: more static entries than fit one message of any kind.
func many(t *testing.T, _ Switch, n *Network, d redirect.Driver) {
	random := rand.New(rand.NewPCG(1, 2))
	rules := redirect.Rules{Switch: "s"}
	for i := range 3000 {
		mac := redirect.MAC{2, 1, byte(i >> 8), byte(i), byte(random.Uint32()), byte(random.Uint32())}
		rules.Statics = append(rules.Statics, redirect.Static{Locator: mac, Port: 1 + uint32(i%3)})
	}
	if change := apply(t, d, rules); len(change.Added) != len(rules.Statics) {
		t.Errorf("%d rules were added", len(change.Added))
	}
	last := rules.Statics[len(rules.Statics)-1]
	n.expect(t, Samples, n.new(last.Locator, address(Samples), 0), plain(last.Port))
	if change := apply(t, d, rules); !change.Nothing() {
		t.Errorf("the second time %d rules were added, %d repaired", len(change.Added), len(change.Repaired))
	}
	remove(t, d)
}
