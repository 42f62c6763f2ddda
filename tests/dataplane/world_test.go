package dataplane

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pillion/runtime/packet"
	"pillion/runtime/simulate"
	"pillion/tests/compiled"
)

// world is a compiled policy at work.
type world struct {
	*simulate.Network
	t reporter
}

// reporter is what testing.T and rapid.T have in common.
type reporter interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func newWorld(t testing.TB, policy, inventory string) *world {
	t.Helper()
	c := compiled.New(t, policy, inventory)
	n, err := simulate.New(c.Bundle, c.Program)
	if err != nil {
		t.Fatal(err)
	}
	return &world{n, t}
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func (w *world) mac(name string) packet.MAC {
	e := w.Inventory.Endpoint(name)
	if e == nil {
		w.t.Fatalf("no endpoint %s", name)
	}
	return packet.MAC(e.MAC)
}

// ip is the endpoint's own address.
func (w *world) ip(name string, six bool) netip.Addr {
	for _, ip := range w.Inventory.Endpoint(name).IPs {
		if ip.Is6() == six {
			return ip
		}
	}
	w.t.Fatalf("%s has no such address", name)
	return netip.Addr{}
}

// from is a packet between two endpoints' own addresses, without a protocol.
func (w *world) from(a, b string, six bool) packet.Packet {
	return packet.Packet{SrcMAC: w.mac(a), DstMAC: w.mac(b), Src: w.ip(a, six), Dst: w.ip(b, six)}
}

func (w *world) tcp(a, b string, six bool, sport, dport uint16, flags packet.Flags) *packet.Packet {
	p := w.from(a, b, six)
	p.Proto, p.SPort, p.DPort, p.Flags = packet.TCP, sport, dport, flags
	return &p
}

func (w *world) udp(a, b string, six bool, sport, dport uint16) *packet.Packet {
	p := w.from(a, b, six)
	p.Proto, p.SPort, p.DPort, p.Payload = packet.UDP, sport, dport, []byte("payload")
	return &p
}

// fate says what became of a frame: "web1" or "web1 via fw1" where it was delivered, unchanged; else "dropped: " and the reason; or what
// was answered.
func (w *world) fate(endpoint string, frame []byte) string {
	w.t.Helper()
	j, err := w.Send(endpoint, frame)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.fateOf(j)
}

func (w *world) fateOf(j *simulate.Journey) string {
	w.t.Helper()
	var out []string
	for _, d := range j.Deliveries() {
		s := d.Endpoint
		if via := j.Gates(d.Hop); len(via) > 0 {
			s += " via " + strings.Join(via, ", ")
		}
		if !bytes.Equal(d.Frame, j.Frame) {
			s = fmt.Sprintf("to %s: %s", s, packet.Describe(d.Frame))
		}
		out = append(out, s)
	}
	for _, l := range j.Lost() {
		out = append(out, "lost at "+j.Hops[l.Hop].Switch)
	}
	if j.Unbounded {
		out = append(out, "runs in a circle")
	}
	if len(out) == 0 {
		for _, h := range j.Drops() {
			out = append(out, "dropped: "+j.Hops[h].Dropped)
		}
	}
	return strings.Join(out, "; ")
}

func (w *world) expect(what, endpoint string, frame []byte, want string) {
	w.t.Helper()
	if got := w.fate(endpoint, frame); got != want {
		w.t.Errorf("%s: %s (%s)\n got: %s\nwant: %s", what, endpoint, packet.Describe(frame), got, want)
	}
}

// twoLeaves is a network of two leaves and a spine with three endpoints of tenants each, a gateway and firewalls.
const twoLeaves = `
switches:
  - {name: leaf1, target: p4runtime, address: "127.0.0.1:50051", device-id: 1}
  - {name: leaf2, target: p4runtime, address: "127.0.0.1:50052", device-id: 2}
  - {name: spine1, target: p4runtime, address: "127.0.0.1:50053", device-id: 3}
links:
  - [leaf1:1, spine1:1]
  - [leaf2:1, spine1:2]
endpoints:
  - {name: a1, mac: "02:00:00:00:00:01", ip: [10.0.0.1, "fd00::1"], at: leaf1:3}
  - {name: a2, mac: "02:00:00:00:00:02", ip: [10.0.0.2, "fd00::2"], at: leaf1:4}
  - {name: b1, mac: "02:00:00:00:00:03", ip: [10.0.0.3, "fd00::3"], at: leaf2:3}
  - {name: c1, mac: "02:00:00:00:00:04", ip: [10.0.0.4, "fd00::4"], at: leaf2:4}
  - {name: gw, mac: "02:00:00:00:00:fe", ip: [10.0.0.254, "fd00::fe"], prefixes: [0.0.0.0/0, "::/0"], at: leaf2:9}
middleboxes:
  - {name: fw1, at: leaf1:7, out: leaf1:8, nonlearning: true}
  - {name: fw2, at: leaf2:7, out: leaf2:8, nonlearning: true}
  - {name: fw3, at: leaf2:11, nonlearning: true}
`
