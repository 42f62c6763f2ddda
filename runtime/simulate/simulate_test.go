package simulate_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pillion/runtime/packet"
	"pillion/runtime/simulate"
	"pillion/tests/compiled"
)

const policy = `
tenant red { group a = a1, a2   group b = b1 }
middlebox fw  { instances fw1 stateful }
middlebox one { instances one1 }
middlebox ids { instances ids1 tap }
chain c: red.a -> red.b on tcp/80 via ids -> fw -> one
deny d: red.a -> red.b on tcp/81
multicast m { group 239.1.1.1 senders red receivers red }
`

const inventory = `
switches:
  - {name: s1, target: p4runtime, address: "127.0.0.1:50051", device-id: 1}
  - {name: s2, target: p4runtime, address: "127.0.0.1:50052", device-id: 2}
links:
  - [s1:1, s2:1]
endpoints:
  - {name: a1, mac: "02:00:00:00:00:01", ip: 10.0.0.1, at: s1:3}
  - {name: a2, mac: "02:00:00:00:00:02", ip: 10.0.0.2, at: s2:3}
  - {name: b1, mac: "02:00:00:00:00:03", ip: 10.0.0.3, at: s2:4}
middleboxes:
  - {name: fw1, at: s1:7, out: s1:8}
  - {name: one1, at: s2:7}
  - {name: ids1, at: s2:8}
`

func newNetwork(t *testing.T) *simulate.Network {
	t.Helper()
	w := compiled.New(t, policy, inventory)
	n, err := simulate.New(w.Bundle, w.Program)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func tcp(src, dst int, port uint16) []byte {
	return (&packet.Packet{
		SrcMAC: packet.MAC{2, 0, 0, 0, 0, byte(src)}, DstMAC: packet.MAC{2, 0, 0, 0, 0, byte(dst)},
		Src: netip.AddrFrom4([4]byte{10, 0, 0, byte(src)}), Dst: netip.AddrFrom4([4]byte{10, 0, 0, byte(dst)}),
		Proto: packet.TCP, SPort: 999, DPort: port, Flags: packet.SYN,
	}).Bytes()
}

func send(t *testing.T, n *simulate.Network, endpoint string, frame []byte) *simulate.Journey {
	t.Helper()
	j, err := n.Send(endpoint, frame)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// story is a journey in lines.
func story(j *simulate.Journey) string {
	var b strings.Builder
	for i, h := range j.Hops {
		fmt.Fprintf(&b, "%d after %d %s:%d", i, h.From, h.Switch, h.Port)
		if h.Through != "" {
			fmt.Fprintf(&b, " through %s", h.Through)
		}
		if j.Copied(i) {
			b.WriteString(" copy")
		}
		for _, o := range h.Outputs {
			fmt.Fprintf(&b, ", %d to %s %s", o.Port, o.Peer.Kind, o.Peer.Name)
			if o.Copy {
				b.WriteString(" copy")
			}
		}
		if h.Dropped != "" {
			fmt.Fprintf(&b, ", dropped: %s", h.Dropped)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestJourney(t *testing.T) {
	n := newNetwork(t)
	frame := tcp(1, 3, 80)
	j := send(t, n, "a1", frame)
	want := `0 after -1 s1:3, 1 to switch s2 copy, 7 to middlebox fw1
1 after 0 s2:1 copy, 8 to middlebox ids1 copy, dropped: copy for a tap
2 after 0 s1:8 through fw1, 1 to switch s2
3 after 2 s2:1, 7 to middlebox one1
4 after 3 s2:7 through one1, 4 to endpoint b1
`
	if d := cmp.Diff(want, story(j)); d != "" {
		t.Error(d)
	}
	got := j.Deliveries()
	if len(got) != 1 || got[0].Endpoint != "b1" || !bytes.Equal(got[0].Frame, frame) || !cmp.Equal(j.Gates(got[0].Hop), []string{"fw1", "one1"}) {
		t.Errorf("deliveries %+v", got)
	}
	if drops := j.Drops(); len(drops) != 1 || len(j.Lost()) != 0 || j.Unbounded {
		t.Errorf("drops %v", drops)
	}
	for _, h := range j.Hops {
		if len(h.Lookups) == 0 || h.Lookups[0].Table != "ports" || h.Lookups[0].Entity == nil {
			t.Errorf("%s starts with %+v, not with an entity of table ports", h.Switch, h.Lookups)
		}
	}
	if again := send(t, newNetwork(t), "a1", frame); story(again) != story(j) {
		t.Errorf("another network has another story:\n%s", story(again))
	}
}

func TestMulticastJourney(t *testing.T) {
	n := newNetwork(t)
	p := packet.Packet{SrcMAC: packet.MAC{2, 0, 0, 0, 0, 2}, Src: netip.MustParseAddr("10.0.0.2"), Dst: netip.MustParseAddr("239.1.1.1"), Proto: packet.UDP}
	p.DstMAC = packet.GroupMAC(p.Dst)
	j := send(t, n, "a2", p.Bytes())
	var to []string
	for _, d := range j.Deliveries() {
		to = append(to, d.Endpoint)
	}
	if !cmp.Equal(to, []string{"b1", "a1"}) {
		t.Errorf("delivered to %v:\n%s", to, story(j))
	}
}

func TestMiddleboxes(t *testing.T) {
	echo := func(v simulate.Visit) []simulate.Sent { return []simulate.Sent{{Arm: v.Arm, Frame: v.Frame}} }
	twice := func(v simulate.Visit) []simulate.Sent {
		return append(simulate.Forward(v), simulate.Forward(v)...)
	}
	change := func(v simulate.Visit) []simulate.Sent {
		f := bytes.Clone(v.Frame)
		f[33] = 2 // last byte of the destination: a2
		f[5] = 2
		return []simulate.Sent{{Arm: 1 - v.Arm, Frame: f}}
	}
	for _, c := range []struct {
		name string
		b    simulate.Behaviour
		want string
	}{
		{"forward", nil, "b1"},
		{"drop", simulate.Drop, ""},
		{"echo", echo, "dropped: returned from a middlebox without a chain"},
		{"twice", twice, "b1 b1"},
		{"change", change, "dropped: policy"}, // nothing is permitted for frames that return so
		{"bridge", simulate.Bridge(), "b1"},
	} {
		n := newNetwork(t)
		if err := n.SetMiddlebox("fw1", c.b); err != nil {
			t.Fatal(err)
		}
		j := send(t, n, "a1", tcp(1, 3, 80))
		var got []string
		for _, d := range j.Deliveries() {
			got = append(got, d.Endpoint)
		}
		for _, i := range j.Drops() {
			if !j.Copied(i) {
				got = append(got, "dropped: "+j.Hops[i].Dropped)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s\n%s", c.name, s, c.want, story(j))
		}
	}
	if err := newNetwork(t).SetMiddlebox("fw9", nil); err == nil {
		t.Error("an unknown middlebox is taken")
	}
}

// A bridge sends nothing back to the arm where it saw the destination last.
func TestBridgeLearns(t *testing.T) {
	b := simulate.Bridge()
	frame := func(src, dst byte) []byte { return []byte{2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src, 8, 0} }
	for i, step := range []struct {
		arm      simulate.Arm
		src, dst byte
		passes   bool
	}{
		{simulate.ArmAt, 1, 2, true},  // unknown destinations are flooded
		{simulate.ArmOut, 2, 1, true}, // 1 is at the other arm
		{simulate.ArmAt, 3, 1, false}, // 1 is at this arm
		{simulate.ArmOut, 1, 4, true}, // 1 moves
		{simulate.ArmAt, 3, 1, true},
	} {
		out := b(simulate.Visit{Arm: step.arm, TwoArmed: true, Frame: frame(step.src, step.dst)})
		if (len(out) == 1) != step.passes || len(out) == 1 && out[0].Arm == step.arm {
			t.Errorf("step %d: %v", i+1, out)
		}
	}
}

// A middlebox that makes more of every frame does not keep the simulation busy for ever.
func TestHopsAreBounded(t *testing.T) {
	n := newNetwork(t)
	storm := func(v simulate.Visit) []simulate.Sent {
		var out []simulate.Sent
		for range 2 * simulate.MaxHops {
			out = append(out, simulate.Forward(v)...)
		}
		return out
	}
	if err := n.SetMiddlebox("fw1", storm); err != nil {
		t.Fatal(err)
	}
	if j := send(t, n, "a1", tcp(1, 3, 80)); !j.Unbounded || len(j.Hops) != simulate.MaxHops {
		t.Errorf("%d hops, unbounded %t", len(j.Hops), j.Unbounded)
	}
}

func TestCounters(t *testing.T) {
	n := newNetwork(t)
	send(t, n, "a1", tcp(1, 3, 80))
	send(t, n, "a1", tcp(1, 3, 81))
	send(t, n, "a1", tcp(1, 3, 82))
	want := []simulate.Count{
		{Statement: "chain c", Packets: 1, Bytes: 60},
		{Statement: "deny d", Packets: 1, Bytes: 60},
		{Statement: "multicast m"},
		{Statement: "tenant red", Packets: 2, Bytes: 120},
	}
	if d := cmp.Diff(want, n.Counters()); d != "" {
		t.Error(d)
	}
}

func TestWatch(t *testing.T) {
	n := newNetwork(t)
	var seen []string
	n.Watch(func(node string, port uint32, towards bool, frame []byte) {
		seen = append(seen, fmt.Sprintf("%s:%d %t %s", node, port, towards, packet.Describe(frame)))
	})
	send(t, n, "a1", tcp(1, 3, 81))
	if want := []string{"s1:3 true tcp 10.0.0.1:999 -> 10.0.0.3:81 S"}; !cmp.Equal(seen, want) {
		t.Errorf("seen %q", seen)
	}
}

func TestMistakes(t *testing.T) {
	n := newNetwork(t)
	if _, err := n.Send("nobody", nil); err == nil {
		t.Error("an unknown endpoint sends")
	}
	if _, err := n.Inject("nowhere", 1, nil); err == nil {
		t.Error("an unknown switch receives")
	}
	w := compiled.New(t, policy, inventory)
	w.Bundle.Network = []byte(`{"switches": [{}]}`)
	if _, err := simulate.New(w.Bundle, w.Program); err == nil {
		t.Error("a broken inventory is taken")
	}
	w = compiled.New(t, policy, inventory)
	w.Bundle.Targets = w.Bundle.Targets[:1]
	if _, err := simulate.New(w.Bundle, w.Program); err == nil || !strings.Contains(err.Error(), "s2") {
		t.Errorf("a missing target: %v", err)
	}
	w = compiled.New(t, policy, inventory)
	e := &w.Bundle.Targets[0].Entities
	*e = append(*e, (*e)[len(*e)-1])
	n, err := simulate.New(w.Bundle, w.Program)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Send("a1", tcp(1, 3, 80)); err == nil || !strings.Contains(err.Error(), "target s1") {
		t.Errorf("an entity that is there twice: %v", err)
	}
}
