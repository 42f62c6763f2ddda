package dataplane

import (
	"testing"

	"pillion/runtime/packet"
)

const openPolicy = `
tenant red { group a = a1, a2   group b = b1 }
tenant blue { group c = c1 }
allow out: red -> gw
allow in: gw -> red
`

// Nobody sends as somebody else.
func TestForgedSources(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	const dropped = "dropped: source not allowed on this port"
	for _, six := range []bool{false, true} {
		frame := func(change func(p *packet.Packet)) []byte {
			p := w.udp("a1", "b1", six, 1, 2)
			change(p)
			return p.Bytes()
		}
		w.expect("honest", "a1", frame(func(*packet.Packet) {}), "b1")
		w.expect("another's MAC address", "a1", frame(func(p *packet.Packet) { p.SrcMAC = w.mac("a2") }), dropped)
		w.expect("nobody's MAC address", "a1", frame(func(p *packet.Packet) { p.SrcMAC = packet.MAC{2, 9, 9, 9, 9, 9} }), dropped)
		w.expect("another's IP address", "a1", frame(func(p *packet.Packet) { p.Src = w.ip("a2", six) }), dropped)
		w.expect("another's of both", "a1", frame(func(p *packet.Packet) { p.Src, p.SrcMAC = w.ip("a2", six), w.mac("a2") }), dropped)
		w.expect("an address from outside", "a1", frame(func(p *packet.Packet) { p.Src = outside(six) }), dropped)
		w.expect("the unspecified address", "a1", frame(func(p *packet.Packet) { p.Src = unspecified(six) }), dropped)

		gateway := func(change func(p *packet.Packet)) []byte {
			p := w.udp("gw", "a1", six, 1, 2)
			change(p)
			return p.Bytes()
		}
		w.expect("a gateway's own address", "gw", gateway(func(*packet.Packet) {}), "a1")
		w.expect("what is behind the gateway", "gw", gateway(func(p *packet.Packet) { p.Src = outside(six) }), "a1")
		w.expect("an inside address from the gateway", "gw", gateway(func(p *packet.Packet) { p.Src = w.ip("b1", six) }), dropped)
		w.expect("an inside address of another switch from the gateway", "gw", gateway(func(p *packet.Packet) { p.Src = w.ip("a2", six) }), dropped)
		w.expect("an inside address of another tenant from the gateway", "gw", gateway(func(p *packet.Packet) { p.Src = w.ip("c1", six) }), dropped)
	}
}

func TestForgedDestinations(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	const wrongMAC = "dropped: MAC address does not belong to the IP address"
	for _, six := range []bool{false, true} {
		frame := func(change func(p *packet.Packet)) []byte {
			p := w.udp("a1", "b1", six, 1, 2)
			change(p)
			return p.Bytes()
		}
		w.expect("another's MAC address", "a1", frame(func(p *packet.Packet) { p.DstMAC = w.mac("a2") }), wrongMAC)
		w.expect("everybody's MAC address", "a1", frame(func(p *packet.Packet) { p.DstMAC = packet.Broadcast }), wrongMAC)
		w.expect("the gateway's MAC address for an inside address", "a1", frame(func(p *packet.Packet) { p.DstMAC = w.mac("gw") }), wrongMAC)
		w.expect("an inside MAC address for an outside address", "a1", frame(func(p *packet.Packet) { p.Dst = outside(six) }), wrongMAC)
		w.expect("outside by the gateway", "a1", frame(func(p *packet.Packet) { p.Dst, p.DstMAC = outside(six), w.mac("gw") }), "gw")
		w.expect("a group's MAC address for one receiver", "a1", frame(func(p *packet.Packet) { p.DstMAC = packet.GroupMAC(group(six)) }), wrongMAC)
		w.expect("one receiver's MAC address for a group", "a1", frame(func(p *packet.Packet) { p.Dst = group(six) }), wrongMAC)
		w.expect("a group that is none", "a1", frame(func(p *packet.Packet) { p.Dst, p.DstMAC = group(six), packet.GroupMAC(group(six)) }), "dropped: multicast without a group")
	}
	// An unknown inside address goes nowhere where the gateway is not permitted.
	w.expect("another tenant", "a1", w.udp("a1", "c1", false, 1, 2).Bytes(), wrongMAC)
	w.expect("the gateway to a tenant that it may not reach", "gw", w.udp("gw", "c1", false, 1, 2).Bytes(), "dropped: policy")
}

// IPv6 addresses that hold an IPv4 address would alias it.
func TestMappedAddresses(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	p := w.udp("a1", "b1", true, 1, 2)
	p.Dst = addr("::ffff:10.0.0.3")
	w.expect("mapped destination", "a1", p.Bytes(), "dropped: malformed")
	p = w.udp("a1", "b1", true, 1, 2)
	p.Src = addr("::ffff:10.0.0.1")
	w.expect("mapped source", "a1", p.Bytes(), "dropped: malformed")
}

// A gateway to everywhere is no way to, and no way from, what no router forwards.
func TestUnroutableAddresses(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	for _, ip := range []string{"0.0.0.0", "127.0.0.1", "169.254.1.1", "255.255.255.255", "::", "::1", "fe80::fe"} {
		p := w.udp("a1", "gw", addr(ip).Is6(), 1, 2)
		p.Dst = addr(ip)
		w.expect("to "+ip, "a1", p.Bytes(), "dropped: destination unknown")
		p = w.udp("gw", "a1", addr(ip).Is6(), 1, 2)
		p.Src = addr(ip)
		w.expect("from "+ip, "gw", p.Bytes(), "dropped: source not allowed on this port")
	}
	p := w.udp("a1", "b1", true, 1, 2)
	p.Src = addr("fe80::1")
	w.expect("from a link-local address", "a1", p.Bytes(), "dropped: source not allowed on this port")
	p = w.udp("a1", "b1", false, 1, 2)
	p.Dst, p.DstMAC = addr("255.255.255.255"), packet.Broadcast
	w.expect("broadcast", "a1", p.Bytes(), "dropped: destination unknown")
	p.Dst = addr("10.0.0.255")
	w.expect("broadcast to a subnet", "a1", p.Bytes(), "dropped: MAC address does not belong to the IP address")
}

// Encapsulation is for the fabric only.
func TestInjectedEncapsulation(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	inner := w.udp("c1", "a1", false, 1, 2).Bytes()
	for _, to := range []string{"leaf1", "leaf2", "spine1"} {
		e := packet.Encapsulated{Dst: w.locator(to), Src: w.locator("leaf2"), NSH: packet.NSH{TTL: 63, SPI: 0xFFFFFF, SI: 255, Identity: 1}, Inner: inner}
		w.expect("to "+to, "c1", e.Bytes(), "dropped: encapsulation where none may be")
		e.Dst = packet.Broadcast
		w.expect("to everybody", "gw", e.Bytes(), "dropped: encapsulation where none may be")
	}
	short := make([]byte, 20)
	short[12], short[13] = 0x89, 0x4F
	w.expect("a short one", "c1", short, "dropped: malformed")

	e := packet.Encapsulated{Dst: w.locator("leaf1"), Src: w.locator("leaf2"), NSH: packet.NSH{TTL: 63, SPI: 0xFFFFFF, SI: 255}, Inner: inner}
	w.inject("from a middlebox", "leaf1", 7, e.Bytes(), "dropped: encapsulation where none may be")
	w.inject("none from the fabric", "leaf1", 1, inner, "dropped: encapsulation where none may be")
	w.inject("from a port that is nothing", "leaf1", 33, inner, "dropped: unknown port")
	e.TTL = 0
	w.inject("an old one", "leaf1", 1, e.Bytes(), "dropped: NSH time to live")
	e.TTL = 1
	e.Dst = packet.MAC{2, 9, 9, 9, 9, 9}
	w.inject("to an edge that is none", "spine1", 2, e.Bytes(), "dropped: no route to the edge")
}

func (w *world) inject(what, node string, port uint32, frame []byte, want string) {
	w.t.Helper()
	j, err := w.Inject(node, port, frame)
	if err != nil {
		w.t.Fatal(err)
	}
	if got := w.fateOf(j); got != want {
		w.t.Errorf("%s (%s)\n got: %s\nwant: %s", what, packet.Describe(frame), got, want)
	}
}

// locator reads a switch's locator from what its port table gives a fabric port.
func (w *world) locator(node string) packet.MAC {
	w.t.Helper()
	for i := range w.Bundle.Targets {
		t := &w.Bundle.Targets[i]
		if t.Name != node {
			continue
		}
		for k := range t.Entities {
			e := &t.Entities[k]
			if w.Names.Where(e) == "ports" {
				var mac packet.MAC
				copy(mac[6-len(e.Params[0].Value):], e.Params[0].Value)
				return mac
			}
		}
	}
	w.t.Fatalf("%s has no locator", node)
	return packet.MAC{}
}
