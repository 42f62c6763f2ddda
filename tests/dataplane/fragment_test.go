package dataplane

import (
	"testing"

	"pillion/runtime/packet"
)

// Fragments after the first have no ports: they match rules without ports only.
func TestFragments(t *testing.T) {
	w := newWorld(t, `
tenant red { group a = a1   group b = b1 }
tenant blue { group c = c1 }
allow web: red.a -> blue.c on tcp/80, udp/80
allow ping: red.a -> blue.c on icmp
middlebox fw { instances fw1, fw2 stateful }
chain inner: red.a -> red.b on udp/7 via fw
`, twoLeaves)
	for _, six := range []bool{false, true} {
		fragment := func(p *packet.Packet, offset uint16, more bool) []byte {
			p.Fragment = &packet.Fragment{Offset: offset, More: more, ID: 77}
			p.Payload = make([]byte, 64)
			return p.Bytes()
		}
		w.expect("the first fragment by its ports", "a1", fragment(w.udp("a1", "c1", six, 9, 80), 0, true), "c1")
		w.expect("the first fragment by other ports", "a1", fragment(w.udp("a1", "c1", six, 9, 81), 0, true), "dropped: policy")
		w.expect("a later fragment of what has ports", "a1", fragment(w.udp("a1", "c1", six, 9, 80), 8, true), "dropped: policy")
		w.expect("the last fragment of TCP", "a1", fragment(w.tcp("a1", "c1", six, 9, 80, packet.ACK), 100, false), "dropped: policy")
		w.expect("a fragment over TCP's flags", "a1", fragment(w.tcp("a1", "b1", six, 9, 80, packet.ACK), 1, false), "dropped: malformed")
		ping := func(offset uint16) []byte {
			p := w.from("a1", "c1", six)
			p.Proto, p.Type = packet.ICMP, packet.Echo
			if six {
				p.Type = packet.EchoV6
			}
			return fragment(&p, offset, true)
		}
		w.expect("the first fragment of ICMP", "a1", ping(0), "c1")
		w.expect("a later fragment of ICMP", "a1", ping(8), "c1")

		w.expect("the first fragment inside the tenant", "a1", fragment(w.udp("a1", "b1", six, 9, 8), 0, true), "b1")
		const chained = "dropped: later fragment of a chained conversation"
		w.expect("a later fragment of what a chain may select", "a1", fragment(w.udp("a1", "b1", six, 9, 8), 8, true), chained)
		w.expect("a later fragment of what a chain does not select", "a1", fragment(w.tcp("a1", "b1", six, 9, 8, packet.ACK), 8, true), "b1")
		w.expect("a later fragment of its answer", "b1", fragment(w.udp("b1", "a1", six, 7, 9), 8, true), chained)
	}
}

func TestIPv4Options(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	for _, words := range []int{1, 5, 10} {
		p := w.tcp("a1", "b1", false, 9, 80, packet.SYN)
		p.OptionWords = words
		w.expect("options", "a1", p.Bytes(), "b1")
		p = w.udp("a1", "c1", false, 9, 80)
		p.OptionWords = words
		w.expect("options to another tenant", "a1", p.Bytes(), "dropped: MAC address does not belong to the IP address")
	}
	p := w.udp("a1", "b1", false, 9, 80).Bytes()
	p[14] = 0x44
	w.expect("a header that is too short", "a1", p, "dropped: malformed")
	p[14] = 0x65
	w.expect("another version", "a1", p, "dropped: malformed")
}

// A header that hides the ports from the switch does not hide them from the receiver.
func TestExtensionHeaders(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	for _, proto := range []uint8{packet.HopByHop, packet.Routing, packet.DestOptions, 135, 139, 140} {
		p := w.udp("a1", "b1", true, 9, 80)
		p.Extensions = []packet.Extension{{Proto: proto, Body: make([]byte, 6)}}
		w.expect("one extension header", "a1", p.Bytes(), "dropped: protocol that is not carried")
		p.Fragment = &packet.Fragment{More: true, ID: 1}
		p.Extensions = nil
		f := p.Bytes()
		f[14+40] = proto
		w.expect("an extension header in a fragment", "a1", f, "dropped: protocol that is not carried")
	}
	p := w.udp("a1", "b1", true, 9, 80)
	f := p.Bytes()
	f[14+6] = 59 // no next header
	w.expect("no next header", "a1", f, "b1")
	f[14+6] = packet.FragmentV6
	w.expect("two fragment headers", "a1", append(f[:54:54], 44, 0, 0, 1, 0, 0, 0, 9, 17, 0, 0, 1, 0, 0, 0, 9), "dropped: protocol that is not carried")
}

// Frames that end too early.
func TestCutFrames(t *testing.T) {
	w := newWorld(t, openPolicy, twoLeaves)
	for _, six := range []bool{false, true} {
		whole := w.tcp("a1", "b1", six, 9, 80, packet.SYN).Bytes()
		headers := 14 + 20 + 20
		if six {
			headers = 14 + 40 + 20
		}
		for n := range headers {
			if got := w.fate("a1", whole[:n]); got != "dropped: malformed" {
				t.Fatalf("%d bytes of %d (IPv6 %t): %s", n, len(whole), six, got)
			}
		}
		w.expect("the headers", "a1", whole[:headers], "b1")
		w.expect("the whole frame", "a1", whole, "b1")
		w.expect("with padding", "a1", append(whole[:len(whole):len(whole)], 0, 0, 0, 0), "b1")
	}
}
