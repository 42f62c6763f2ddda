package verify

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pillion/p4"
	"pillion/runtime/packet"
	"pillion/runtime/simulate"
	"pillion/tests/compiled"
)

// inventory has two ordinary switches in one layer-2 domain and a P4 switch beside it. Everything but b1, d1 and the
// firewall has a shim.
const inventory = `
switches:
  - {name: s1, target: legacy, driver: ovs, sidecar: side1}
  - {name: s2, target: legacy, driver: linux-bridge, sidecar: side2}
  - {name: leaf, address: "127.0.0.1:50051", device-id: 1}
sidecars:
  - {name: side1, at: s1:30, address: "127.0.0.1:50061", device-id: 11}
  - {name: side2, at: s2:30, address: "127.0.0.1:50062", device-id: 12, wires: [[7, 21], [8, 22]]}
links:
  - [s1:1, s2:1]
  - [s1:2, leaf:1]
endpoints:
  - {name: a1, mac: "02:00:00:00:00:01", ip: [10.0.0.1, "fd00::1"], at: s1:11, shim: {address: "unix:///run/a1.sock"}}
  - {name: a2, mac: "02:00:00:00:00:02", ip: [10.0.0.2, "fd00::2"], at: s1:12, shim: {address: "unix:///run/a2.sock"}}
  - {name: a3, mac: "02:00:00:00:00:03", ip: [10.0.0.3, "fd00::3"], at: s2:11, shim: {address: "unix:///run/a3.sock"}}
  - {name: b1, mac: "02:00:00:00:00:04", ip: [10.0.0.4, "fd00::4"], at: leaf:11}
  - {name: b2, mac: "02:00:00:00:00:05", ip: [10.0.0.5, "fd00::5"], at: s1:13, shim: {address: "unix:///run/b2.sock"}}
  - {name: c1, mac: "02:00:00:00:00:06", ip: [10.0.0.6, "fd00::6"], at: s1:14, shim: {address: "unix:///run/c1.sock"}}
  - {name: d1, mac: "02:00:00:00:00:07", ip: [10.0.0.7, "fd00::7"], at: s1:15}
middleboxes:
  - {name: fw1, at: s2:7, out: s2:8, nonlearning: true}
`

const policy = `
tenant a { group x = a1, a2, a3 }
tenant b { group y = b1, b2 }
tenant c { group z = c1 }
tenant d { group w = d1 }
middlebox fw { instances fw1 stateful }
allow partner: a.x -> b.y on tcp/80
deny  no-ssh:  any -> a.x on tcp/22
chain inspected: a.x -> a.x on tcp/443 via fw reversed
multicast m { group 239.1.1.1, ff0e::1 senders a receivers a }
`

// world is a network with a verifier of switch s1.
type world struct {
	*simulate.Network
	*Verifier
	compiled *compiled.World
	sent     []Frame // what came into s1 by ports of shims since the last send
}

// endpoint is one of the inventory.
type endpoint struct {
	number byte // in its addresses
	port   uint32
}

var endpoints = map[string]endpoint{"a1": {1, 11}, "a2": {2, 12}, "a3": {3, 0}, "b1": {4, 0}, "b2": {5, 13}, "c1": {6, 14}, "d1": {7, 0}}

// guarded are those with a shim at s1.
var guarded = []string{"a1", "a2", "b2", "c1"}

func newWorld(t testing.TB, policy string) *world {
	t.Helper()
	return newWorldOn(t, policy, inventory)
}

func newWorldOn(t testing.TB, policy, inventory string) *world {
	t.Helper()
	return worldOf(t, compiled.New(t, policy, inventory))
}

func worldOf(t rapid.TB, c *compiled.World) *world {
	t.Helper()
	n, err := simulate.New(c.Bundle, c.Program)
	if err != nil {
		t.Fatal(err)
	}
	v, err := New(c.Bundle, "s1")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Network: n, Verifier: v, compiled: c}
	n.Watch(func(node string, port uint32, towards bool, frame []byte) {
		if e := endpoints[node]; e.port != 0 && port == p4.ShimNetwork && !towards {
			w.sent = append(w.sent, Frame{Data: bytes.Clone(frame), Length: len(frame), Port: e.port})
		}
	})
	return w
}

// tryWorld is the world of a random policy that compiles.
func tryWorld(t *rapid.T) *world {
	t.Helper()
	for {
		if c, err := compiled.Try(drawPolicy(t), inventory); err == nil {
			return worldOf(t, c)
		}
	}
}

// send lets an endpoint send, and returns what comes into s1 by the port of its shim.
func (w *world) send(t rapid.TB, from string, frame []byte) []Frame {
	t.Helper()
	w.sent = nil
	if _, err := w.Send(from, frame); err != nil {
		t.Fatal(err)
	}
	var own []Frame
	for _, f := range w.sent {
		if f.Port == endpoints[from].port {
			own = append(own, f)
		}
	}
	return own
}

func mac(name string) packet.MAC { return packet.MAC{2, 0, 0, 0, 0, endpoints[name].number} }

func ip(name string, six bool) netip.Addr {
	if six {
		return netip.AddrFrom16([16]byte{0: 0xfd, 15: endpoints[name].number})
	}
	return netip.AddrFrom4([4]byte{10, 0, 0, endpoints[name].number})
}

func between(from, to string, six bool) packet.Packet {
	return packet.Packet{SrcMAC: mac(from), DstMAC: mac(to), Src: ip(from, six), Dst: ip(to, six), Payload: []byte("hello")}
}

// tcp is the first segment of a connection.
func tcp(from, to string, port uint16) []byte {
	p := between(from, to, false)
	p.Proto, p.SPort, p.DPort, p.Flags = packet.TCP, 40000, port, packet.SYN
	return p.Bytes()
}

func group(from string) []byte {
	p := between(from, from, false)
	p.Dst = netip.MustParseAddr("239.1.1.1")
	p.DstMAC = packet.GroupMAC(p.Dst)
	p.Proto, p.SPort, p.DPort = packet.UDP, 40000, 5000
	return p.Bytes()
}

// at is a frame that comes in by a port.
func at(port uint32, data []byte) Frame { return Frame{Data: data, Length: len(data), Port: port} }

func (v *Violation) String() string {
	if v == nil {
		return "fine"
	}
	return strings.TrimSpace(fmt.Sprintf("%s at %d: %s (%s) %s", v.Endpoint, v.Port, v.Reason, v.Statement, v.Packet))
}
