package dataplane

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pillion/runtime/packet"
	"pillion/runtime/simulate"
	"pillion/tests/compiled"
)

// placeKind is what a switch of a random network is.
type placeKind int

const (
	p4Switch    placeKind = iota
	withSidecar           // an ordinary switch with a sidecar
	alone                 // an ordinary switch without one
)

// drawMixed draws a network of P4 switches and ordinary ones, with some sidecars and shims, that has the endpoints and
// middleboxes of oracleNetwork. Loops are closed by P4 switches only.
func drawMixed(t *rapid.T) string {
	var switches, sidecars, links, endpoints, boxes []string
	n := rapid.IntRange(1, 6).Draw(t, "switches")
	kinds := make([]placeKind, n)
	ports := make([]int, n)
	next := func(s int) int { ports[s]++; return ports[s] }
	for i := range kinds {
		kinds[i] = rapid.SampledFrom([]placeKind{p4Switch, withSidecar, alone}).Draw(t, "kind")
		if i == 0 && kinds[i] == alone {
			kinds[i] = withSidecar // middleboxes have to be somewhere
		}
		driver := rapid.SampledFrom([]string{"ovs", "linux-bridge"}).Draw(t, "driver")
		switch kinds[i] {
		case p4Switch:
			switches = append(switches, fmt.Sprintf(`{name: s%d, address: "127.0.0.1:%d", device-id: 1}`, i, 50000+i))
		case withSidecar:
			switches = append(switches, fmt.Sprintf(`{name: s%d, target: legacy, driver: ovs, sidecar: side%d}`, i, i))
			sidecars = append(sidecars, fmt.Sprintf(`{name: side%d, at: "s%d:%d", address: "127.0.0.1:%d", device-id: 1}`, i, i, next(i), 50100+i))
		case alone:
			switches = append(switches, fmt.Sprintf(`{name: s%d, target: legacy, driver: %s}`, i, driver))
		}
	}
	join := func(a, b int) { links = append(links, fmt.Sprintf(`["s%d:%d", "s%d:%d"]`, a, next(a), b, next(b))) }
	for i := 1; i < n; i++ {
		join(rapid.IntRange(0, i-1).Draw(t, "link"), i)
	}
	for range rapid.IntRange(0, 4).Draw(t, "loops") {
		a, b := rapid.IntRange(0, n-1).Draw(t, "a"), rapid.IntRange(0, n-1).Draw(t, "b")
		if a != b && (kinds[a] == p4Switch || kinds[b] == p4Switch) {
			join(a, b)
		}
	}
	for i, name := range people {
		at := rapid.IntRange(0, n-1).Draw(t, "at")
		shim := ""
		if kinds[at] == alone || kinds[at] == withSidecar && rapid.Bool().Draw(t, "shim") {
			shim = fmt.Sprintf(`, shim: {address: "unix:///%s"}`, name)
		}
		endpoints = append(endpoints, fmt.Sprintf(`{name: %s, mac: "02:00:00:00:00:%02x", ip: [10.0.0.%d, "fd00::%d"], at: "s%d:%d"%s}`, name, i+1, i+1, i+1, at, next(at), shim))
	}
	for _, name := range []string{"fw1", "fw2", "ips1", "ids1", "ids2"} {
		at := rapid.IntRange(0, n-1).Filter(func(s int) bool { return kinds[s] != alone }).Draw(t, "middlebox at")
		out := ""
		if strings.HasPrefix(name, "fw") {
			out = fmt.Sprintf(`, out: "s%d:%d", nonlearning: true`, at, next(at))
		}
		boxes = append(boxes, fmt.Sprintf(`{name: %s, at: "s%d:%d"%s}`, name, at, next(at), out))
	}
	var b strings.Builder
	for _, section := range []struct {
		name string
		list []string
	}{{"switches", switches}, {"sidecars", sidecars}, {"links", links}, {"endpoints", endpoints}, {"middleboxes", boxes}} {
		fmt.Fprintf(&b, "%s: [%s]\n", section.name, strings.Join(section.list, ",\n  "))
	}
	return b.String()
}

// Ordinary switches, sidecars and shims carry out a policy as P4 switches do, wherever they are.
func TestRandomPoliciesOnOrdinarySwitches(t *testing.T) { testRandomPolicies(t, drawMixed) }

// ordinaryLeaves is twoLeaves with ordinary leaves: one has a sidecar, the other shims only but for its middleboxes.
const ordinaryLeaves = `
switches:
  - {name: sw1, target: legacy, driver: ovs, sidecar: leaf1}
  - {name: sw2, target: legacy, driver: ovs, sidecar: leaf2}
  - {name: spine1, target: p4runtime, address: "127.0.0.1:50053", device-id: 3}
sidecars:
  - {name: leaf1, at: sw1:30}
  - {name: leaf2, at: sw2:30}
links:
  - [sw1:1, spine1:1]
  - [sw2:1, spine1:2]
  - [sw1:2, sw2:2]
endpoints:
  - {name: a1, mac: "02:00:00:00:00:01", ip: [10.0.0.1, "fd00::1"], at: sw1:3, shim: {address: "unix:///a1"}}
  - {name: a2, mac: "02:00:00:00:00:02", ip: [10.0.0.2, "fd00::2"], at: sw1:4}
  - {name: b1, mac: "02:00:00:00:00:03", ip: [10.0.0.3, "fd00::3"], at: sw2:3, shim: {address: "unix:///b1"}}
  - {name: c1, mac: "02:00:00:00:00:04", ip: [10.0.0.4, "fd00::4"], at: sw2:4, shim: {address: "unix:///c1"}}
  - {name: gw, mac: "02:00:00:00:00:fe", ip: [10.0.0.254, "fd00::fe"], prefixes: [0.0.0.0/0, "::/0"], at: sw2:9}
middleboxes:
  - {name: fw1, at: sw1:7, out: sw1:8, nonlearning: true}
  - {name: fw2, at: sw2:7, out: sw2:8, nonlearning: true}
  - {name: fw3, at: sw2:11, nonlearning: true}
`

func TestOnlyHonestFramesArriveOnOrdinarySwitches(t *testing.T) { testHonest(t, ordinaryLeaves) }

// Whatever a group's members are attached to, each receiver gets what a sender sends, once, and nobody else does.
func TestGroupsOnOrdinarySwitches(t *testing.T) {
	copies := 0
	rapid.Check(t, func(t *rapid.T) {
		some := func(label string) []string {
			list := rapid.SliceOfNDistinct(rapid.SampledFrom(people), 1, len(people), rapid.ID[string]).Draw(t, label)
			slices.Sort(list)
			return list
		}
		senders, receivers := some("senders"), some("receivers")
		policy := "tenant red { " // every endpoint a group of its own
		for _, name := range people {
			policy += fmt.Sprintf("group %s = %s  ", name, name)
		}
		members := func(list []string) string { return "red." + strings.Join(list, ", red.") }
		policy += fmt.Sprintf("}\nmulticast m { group 239.1.1.1, ff0e::1  senders %s  receivers %s }\n", members(senders), members(receivers))
		inventory := drawMixed(t)
		c, err := compiled.Try(policy, inventory)
		if err != nil {
			t.Fatalf("%v\n%s%s", err, policy, inventory)
		}
		n, err := simulate.New(c.Bundle, c.Program)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{n, t}
		for _, six := range []bool{false, true} {
			for _, sender := range people {
				p := packet.Packet{SrcMAC: w.mac(sender), Src: w.ip(sender, six), Dst: pick(six, "239.1.1.1", "ff0e::1"), Proto: packet.UDP, SPort: 1, DPort: 2, Payload: []byte("x")}
				p.DstMAC = packet.GroupMAC(p.Dst)
				j, err := w.Send(sender, p.Bytes())
				if err != nil {
					t.Fatal(err)
				}
				var got, want []string
				for _, d := range j.Deliveries() {
					got = append(got, d.Endpoint)
				}
				slices.Sort(got)
				if slices.Contains(senders, sender) {
					want = slices.DeleteFunc(slices.Clone(receivers), func(r string) bool { return r == sender })
				}
				copies += len(want)
				if !slices.Equal(got, want) || j.Unbounded || len(j.Lost()) > 0 {
					t.Fatalf("%s%s\n%s sends to the group: %v get it, not %v (%s)", policy, inventory, sender, got, want, w.fateOf(j))
				}
			}
		}
	})
	if copies == 0 {
		t.Error("nothing arrived: the property held of nothing")
	}
}
