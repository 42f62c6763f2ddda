package dataplane

import (
	"net/netip"
	"testing"

	"pillion/runtime/packet"
)

const noAnswer = "dropped: address question without an answer"

// ask sends a question and returns who answered with what MAC address: nothing if nobody did.
func (w *world) ask(endpoint string, sender, target netip.Addr) (packet.MAC, bool) {
	w.t.Helper()
	j, err := w.Send(endpoint, packet.Question(w.mac(endpoint), sender, target))
	if err != nil {
		w.t.Fatal(err)
	}
	got := j.Deliveries()
	if len(got) == 0 {
		return packet.MAC{}, false
	}
	if len(got) > 1 || got[0].Endpoint != endpoint || len(j.Hops) > 1 {
		w.t.Fatalf("the question of %s for %v travels: %v", endpoint, target, w.fateOf(j))
	}
	told, ok := packet.Answer(got[0].Frame, w.mac(endpoint), sender, target)
	if !ok {
		w.t.Errorf("the answer to %s for %v is malformed: % x", endpoint, target, got[0].Frame)
	}
	return told, ok
}

// Questions are answered at the edge, for whom the asker may send to.
func TestResolution(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	for _, six := range []bool{false, true} {
		for _, c := range []struct {
			asker, target string
			answered      bool
		}{
			{"a1", "a2", true},  // on the same switch
			{"a1", "b1", true},  // elsewhere
			{"b1", "gw", true},  // a gateway's own address
			{"gw", "a1", true},  // a gateway asks
			{"a1", "c1", false}, // of another tenant
			{"a1", "a1", false}, // itself: is my address taken?
		} {
			told, ok := w.ask(c.asker, w.ip(c.asker, six), w.ip(c.target, six))
			if ok != c.answered || ok && told != w.mac(c.target) {
				t.Errorf("%s asks for %s (IPv6 %t): told %v, %t", c.asker, c.target, six, told, ok)
			}
		}
		if _, ok := w.ask("a1", w.ip("a1", six), outside(six)); ok {
			t.Errorf("an address behind a gateway is answered (IPv6 %t)", six)
		}
	}
	if told, ok := w.ask("a1", addr("fe80::1"), addr("fd00::3")); !ok || told != w.mac("b1") {
		t.Errorf("a question from a link-local address: told %v, %t", told, ok)
	}
	// To one receiver, to check that it is still there (RFC 1122, section 2.3.2.1).
	arp := &packet.ARP{SrcMAC: w.mac("a1"), DstMAC: w.mac("b1"), Operation: 1, SenderMAC: w.mac("a1"), Sender: w.ip("a1", false), Target: w.ip("b1", false)}
	if got := w.fate("a1", arp.Bytes()); got != "to a1: arp 10.0.0.3 tells 10.0.0.1" {
		t.Errorf("a question to one receiver: %s", got)
	}
}

// Who may send only to what is behind a gateway must be able to find the gateway.
func TestGatewayIsFoundForItsPrefixes(t *testing.T) {
	w := newWorld(t, `
tenant red { group a = a1   group b = b1 }
allow out: red.a -> 198.51.100.0/24 on tcp/443
allow in: 198.51.100.0/24 -> red.b on tcp/443
allow six: red -> 2001:db8::/32 on tcp/443
`, twoLeaves)
	for _, asker := range []string{"a1", "b1"} {
		for _, six := range []bool{false, true} {
			if told, ok := w.ask(asker, w.ip(asker, six), w.ip("gw", six)); !ok || told != w.mac("gw") {
				t.Errorf("%s asks for the gateway (IPv6 %t): told %v, %t", asker, six, told, ok)
			}
			if told, ok := w.ask("gw", w.ip("gw", six), w.ip(asker, six)); !ok || told != w.mac(asker) {
				t.Errorf("the gateway asks for %s (IPv6 %t): told %v, %t", asker, six, told, ok)
			}
		}
	}
}

func TestForgedQuestions(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	const dropped = "dropped: source not allowed on this port"
	honest := packet.ARP{SrcMAC: w.mac("a1"), DstMAC: packet.Broadcast, Operation: 1, SenderMAC: w.mac("a1"), Sender: w.ip("a1", false), Target: w.ip("b1", false)}
	for _, c := range []struct {
		what   string
		change func(*packet.ARP)
		want   string
	}{
		{"honest", func(*packet.ARP) {}, "to a1: arp 10.0.0.3 tells 10.0.0.1"},
		{"another's IP address", func(a *packet.ARP) { a.Sender = w.ip("a2", false) }, dropped},
		{"another's MAC address inside", func(a *packet.ARP) { a.SenderMAC = w.mac("a2") }, noAnswer},
		{"another's MAC address outside", func(a *packet.ARP) { a.SrcMAC = w.mac("a2") }, noAnswer},
		{"another's MAC address on both", func(a *packet.ARP) { a.SrcMAC, a.SenderMAC = w.mac("a2"), w.mac("a2") }, dropped},
		{"another's everything", func(a *packet.ARP) { a.SrcMAC, a.SenderMAC, a.Sender = w.mac("a2"), w.mac("a2"), w.ip("a2", false) }, dropped},
		{"a probe", func(a *packet.ARP) { a.Sender = unspecified(false) }, noAnswer},
		{"an announcement", func(a *packet.ARP) { a.Target = a.Sender }, noAnswer},
		{"an answer that nobody asked for", func(a *packet.ARP) {
			a.Operation, a.DstMAC, a.TargetMAC = 2, w.mac("b1"), w.mac("b1")
		}, noAnswer},
		{"for an outside address", func(a *packet.ARP) { a.Target = outside(false) }, noAnswer},
	} {
		a := honest
		c.change(&a)
		w.expect("ARP, "+c.what, "a1", a.Bytes(), c.want)
	}
	w.inject("ARP from a middlebox", "leaf1", 7, honest.Bytes(), noAnswer)

	ask := packet.Neighbour{SrcMAC: w.mac("a1"), Src: w.ip("a1", true), Dst: addr("ff02::1:ff00:3"), Target: w.ip("b1", true), Option: w.mac("a1")}
	ask.DstMAC = packet.GroupMAC(ask.Dst)
	for _, c := range []struct {
		what   string
		change func(*packet.Neighbour)
		want   string
	}{
		{"honest", func(*packet.Neighbour) {}, "to a1: icmp fd00::3 -> fd00::1 type 136 code 0"},
		{"to one receiver", func(n *packet.Neighbour) { n.Dst, n.DstMAC = w.ip("b1", true), w.mac("b1") }, "to a1: icmp fd00::3 -> fd00::1 type 136 code 0"},
		{"without option", func(n *packet.Neighbour) { n.NoOption = true }, "to a1: icmp fd00::3 -> fd00::1 type 136 code 0"},
		{"another's IP address", func(n *packet.Neighbour) { n.Src = w.ip("a2", true) }, dropped},
		{"another's MAC address", func(n *packet.Neighbour) { n.SrcMAC = w.mac("a2") }, dropped},
		{"a duplicate-address probe", func(n *packet.Neighbour) { n.Src, n.NoOption = unspecified(true), true }, noAnswer},
		{"from afar", func(n *packet.Neighbour) { n.HopLimit = 254 }, noAnswer},
		{"for itself", func(n *packet.Neighbour) { n.Target = n.Src }, noAnswer},
		{"for a mapped address", func(n *packet.Neighbour) { n.Target = addr("::ffff:10.0.0.3") }, noAnswer},
		{"an advertisement that nobody asked for", func(n *packet.Neighbour) {
			n.Advertisement, n.Flags, n.Dst, n.DstMAC = true, 0x20, w.ip("b1", true), w.mac("b1")
		}, noAnswer},
	} {
		n := ask
		c.change(&n)
		w.expect("neighbour discovery, "+c.what, "a1", n.Bytes(), c.want)
	}
}

// What ends at the edge because it concerns the link only.
func TestLinkProtocols(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	icmp := func(typ uint8, dst string) []byte {
		p := w.from("a1", "b1", true)
		p.Proto, p.Type, p.TTL = packet.ICMP, typ, 255
		if dst != "" {
			p.Dst = addr(dst)
			p.DstMAC = packet.GroupMAC(p.Dst)
		}
		p.Payload = make([]byte, 40)
		return p.Bytes()
	}
	w.expect("router solicitation", "a1", icmp(133, "ff02::2"), noAnswer)
	w.expect("router advertisement", "a1", icmp(134, "ff02::1"), noAnswer)
	w.expect("redirect", "a1", icmp(137, ""), noAnswer)
	w.expect("listener query", "a1", icmp(130, "ff02::1"), "dropped: group membership report")
	w.expect("listener report", "a1", icmp(131, "ff0e::99"), "dropped: group membership report")
	w.expect("listener report, version 2", "a1", icmp(143, "ff02::16"), "dropped: group membership report")
	igmp := w.from("a1", "b1", false)
	igmp.Proto, igmp.Dst = 2, addr("239.9.9.9")
	igmp.DstMAC, igmp.OptionWords, igmp.Payload = packet.GroupMAC(igmp.Dst), 1, make([]byte, 8)
	w.expect("IGMP report", "a1", igmp.Bytes(), "dropped: group membership report")

	frame := w.udp("a1", "b1", false, 1, 2).Bytes()
	for _, c := range []struct {
		what string
		typ  uint16
	}{{"LLDP", 0x88CC}, {"a VLAN tag", 0x8100}, {"MPLS", 0x8847}, {"802.3", 0x0100}} {
		f := append([]byte(nil), frame...)
		f[12], f[13] = byte(c.typ>>8), byte(c.typ)
		w.expect(c.what, "a1", f, "dropped: protocol that is not carried")
	}
}

// A router may have no IPv6 address but its link-local one, and be the way to IPv6 prefixes all the same.
func TestGatewayWithLinkLocalAddressOnly(t *testing.T) {
	w := newWorld(t, `
tenant red { group a = a1 }
allow in: gw -> red
`, `
switches:
  - {name: s1, target: p4runtime, address: "127.0.0.1:50051", device-id: 1}
endpoints:
  - {name: a1, mac: "02:00:00:00:00:01", ip: [10.0.0.1, "fd00::1"], at: s1:1}
  - {name: gw, mac: "02:00:00:00:00:fe", ip: 10.0.0.254, prefixes: [0.0.0.0/0, "::/0"], at: s1:2}
`)
	p := packet.Packet{SrcMAC: w.mac("gw"), DstMAC: w.mac("a1"), Src: outside(true), Dst: w.ip("a1", true), Proto: packet.UDP}
	w.expect("from behind it", "gw", p.Bytes(), "a1")
	p.Src = addr("fe80::5")
	w.expect("from a link-local address", "gw", p.Bytes(), "dropped: source not allowed on this port")
	if told, ok := w.ask("gw", addr("fe80::fe"), w.ip("a1", true)); !ok || told != w.mac("a1") {
		t.Errorf("the gateway asks from its link-local address: told %v, %t", told, ok)
	}
}
