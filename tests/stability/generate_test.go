package stability

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

const inventory = `
switches:
  - {name: leaf1, target: p4runtime, address: "127.0.0.1:50051", device-id: 1}
  - {name: leaf2, target: p4runtime, address: "127.0.0.1:50052", device-id: 2}
  - {name: spine1, target: p4runtime, address: "127.0.0.1:50053", device-id: 3}
  - {name: spine2, target: p4runtime, address: "127.0.0.1:50054", device-id: 4}
links:
  - [leaf1:21, spine1:1]
  - [leaf1:22, spine2:1]
  - [leaf2:21, spine1:2]
  - [leaf2:22, spine2:2]
endpoints:
  - {name: e0, mac: "02:00:00:00:00:01", ip: [10.0.0.1, "fd00::1"], at: leaf1:1}
  - {name: e1, mac: "02:00:00:00:00:02", ip: [10.0.0.2, "fd00::2"], at: leaf2:1}
  - {name: e2, mac: "02:00:00:00:00:03", ip: [10.0.0.3], at: leaf2:2}
  - {name: e3, mac: "02:00:00:00:00:04", ip: [10.0.0.4], at: leaf1:2}
  - {name: e4, mac: "02:00:00:00:00:05", ip: [10.0.0.5], at: leaf1:3}
  - {name: e5, mac: "02:00:00:00:00:06", ip: [10.0.0.6], at: leaf2:3}
  - {name: lone, mac: "02:00:00:00:00:07", ip: [10.0.0.7], at: leaf2:4}
  - {name: gw, mac: "02:00:00:00:00:fe", ip: [10.0.0.254], prefixes: [0.0.0.0/0], at: leaf1:9}
middleboxes:
  - {name: fw1, at: leaf1:11, out: leaf1:12, nonlearning: true}
  - {name: fw2, at: leaf2:11, out: leaf2:12, nonlearning: true}
  - {name: px1, at: leaf2:13}
  - {name: px2, at: leaf1:13}
  - {name: ids1, at: leaf2:14}
  - {name: ids2, at: leaf1:14}
`

// mixed has the same endpoints and middleboxes on ordinary switches, with sidecars and shims, around a P4 spine and beside it.
const mixed = `
switches:
  - {name: leaf1, target: legacy, driver: ovs, sidecar: side1}
  - {name: leaf2, target: legacy, driver: linux-bridge, sidecar: side2}
  - {name: leaf3, target: legacy, driver: linux-bridge}
  - {name: spine1, target: p4runtime, address: "127.0.0.1:50053", device-id: 3}
  - {name: spine2, target: p4runtime, address: "127.0.0.1:50054", device-id: 4}
sidecars:
  - {name: side1, at: leaf1:30, sample: {one-in: 100, sflow: "127.0.0.1:6343"}}
  - {name: side2, at: leaf2:30, wires: [[3, 33], [4, 34], [11, 35], [12, 36], [13, 37], [14, 38]], sample: {one-in: 1, via: 39}}
links:
  - [leaf1:21, spine1:1]
  - [leaf1:22, spine2:1]
  - [leaf2:21, spine1:2]
  - [leaf2:22, spine2:2]
  - [leaf2:23, leaf3:21]
middleboxes:
  - {name: fw1, at: leaf1:11, out: leaf1:12, nonlearning: true}
  - {name: fw2, at: leaf2:11, out: leaf2:12, nonlearning: true}
  - {name: px1, at: leaf2:13}
  - {name: px2, at: spine1:13}
  - {name: ids1, at: leaf2:14}
  - {name: ids2, at: spine2:14}
endpoints:
  - {name: e0, mac: "02:00:00:00:00:01", ip: [10.0.0.1, "fd00::1"], at: leaf1:1, shim: {address: "unix:///e0"}}
  - {name: e1, mac: "02:00:00:00:00:02", ip: [10.0.0.2, "fd00::2"], at: leaf2:1, shim: {address: "unix:///e1"}}
  - {name: e2, mac: "02:00:00:00:00:03", ip: [10.0.0.3], at: leaf3:2, shim: {address: "unix:///e2"}}
  - {name: e3, mac: "02:00:00:00:00:04", ip: [10.0.0.4], at: leaf1:2}
  - {name: e4, mac: "02:00:00:00:00:05", ip: [10.0.0.5], at: spine2:3}
  - {name: e5, mac: "02:00:00:00:00:06", ip: [10.0.0.6], at: leaf2:3}
  - {name: lone, mac: "02:00:00:00:00:07", ip: [10.0.0.7], at: leaf2:4}
  - {name: gw, mac: "02:00:00:00:00:fe", ip: [10.0.0.254], prefixes: [0.0.0.0/0], at: leaf1:9}
`

var inventories = []string{inventory, mixed}

// added are objects that can be taken away from the end of mixed: nothing speaks of them, and each edge has others, but for the
// shims, which are edges themselves.
var added = []statement{
	{"endpoint x1", `  - {name: x1, mac: "02:00:00:00:01:01", ip: 10.0.1.1, at: leaf1:31, shim: {address: "unix:///x1"}}`},
	{"endpoint x2", `  - {name: x2, mac: "02:00:00:00:01:02", ip: 10.0.1.2, at: leaf3:32, shim: {address: "unix:///x2"}}`},
	{"endpoint x3", `  - {name: x3, mac: "02:00:00:00:01:03", ip: 10.0.1.3, at: leaf1:33}`},
	{"endpoint x4", `  - {name: x4, mac: "02:00:00:00:01:04", ip: 10.0.1.4, at: spine2:4}`},
	{"endpoint x5", `  - {name: x5, mac: "02:00:00:00:01:05", ip: 10.0.1.5, at: leaf2:5, shim: {address: "unix:///x5"}}`},
}

func additions(without int) string {
	var w strings.Builder
	for i, a := range added {
		if i != without {
			w.WriteString(a.text + "\n")
		}
	}
	return w.String()
}

// statement is one declaration of a generated policy.
type statement struct {
	name string // as provenance has it
	text string
}

// fixed is what rules are about; it is never taken away.
const fixed = `
service web = tcp/80, tcp/443
service low = tcp/1-1023
middlebox fw { instances fw1, fw2  stateful }
middlebox px { instances px1, px2 }
middlebox ids { instances ids1, ids2  tap }
`

var tenants = []string{
	"tenant t0 %s { group a = e0, e1  group b = e1, e2 }\n",
	"tenant t1 %s { group a = e3, e4  group b = e5 }\n",
}

var selectors = []string{"any", "t0.a", "t0.b", "t1.a", "t1.b", "t0", "t1", "lone", "gw", "192.0.2.0/24"}

var services = []string{"", " on web", " on low", " on tcp/22", " on udp", " on udp/53", " on icmp", " on tcp"}

// policy draws a policy: what stays, and the statements that may be taken away.
func policy(t *rapid.T) (base string, list []statement) {
	var w strings.Builder
	w.WriteString(fixed)
	for i, text := range tenants {
		isolated := ""
		if rapid.Bool().Draw(t, fmt.Sprintf("isolated%d", i)) {
			isolated = "isolated"
		}
		fmt.Fprintf(&w, text, isolated)
	}
	side := func(label string) string {
		return strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(selectors), 1, 2, rapid.ID[string]).Draw(t, label), ", ")
	}
	add := func(kind string, n int, text func(name string) string) {
		for i := range rapid.IntRange(0, n).Draw(t, kind+"s") {
			name := fmt.Sprintf("%s%d", kind[:1], i)
			list = append(list, statement{name: kind + " " + name, text: text(name)})
		}
	}
	add("allow", 5, func(name string) string {
		oneWay := rapid.SampledFrom([]string{"", "", " one-way"}).Draw(t, "one-way")
		return fmt.Sprintf("allow %s: %s -> %s%s%s\n", name, side("from"), side("to"), rapid.SampledFrom(services).Draw(t, "on"), oneWay)
	})
	add("deny", 2, func(name string) string {
		return fmt.Sprintf("deny %s: %s -> %s%s\n", name, side("from"), side("to"), rapid.SampledFrom(services).Draw(t, "on"))
	})
	vias := []string{"fw", "px", "fw -> px", "ids", "fw -> ids", "ids -> px reversed", "px -> ids -> fw"}
	add("chain", 3, func(name string) string {
		return fmt.Sprintf("chain %s: %s -> %s%s via %s priority %d\n", name, side("from"), side("to"), rapid.SampledFrom(services).Draw(t, "on"),
			rapid.SampledFrom(vias).Draw(t, "via"), rapid.IntRange(1, 9).Draw(t, "priority"))
	})
	n := 0
	add("multicast", 2, func(name string) string {
		n++
		from := rapid.SampledFrom([]string{"t0.a", "t0.b", "t1.a"}).Draw(t, "sender")
		return fmt.Sprintf("multicast %s { group 239.1.1.%d  senders %s  receivers %s }\n", name, n, from, rapid.SampledFrom([]string{from, from[:2], "t0", "t1.b"}).Draw(t, "receivers"))
	})
	return w.String(), list
}
