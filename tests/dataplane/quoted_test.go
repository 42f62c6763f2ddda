package dataplane

import (
	"testing"

	"pillion/runtime/packet"
)

const quotePolicy = `
tenant red { group a = a1, a2 }
tenant blue { group b = b1   group c = c1 }
allow web: red.a -> blue on tcp/443
allow log: red.a -> blue on udp/514 one-way
allow world: red.a -> gw on udp/53
middlebox fw { instances fw1, fw2 stateful }
chain inbound: red.a -> blue.c on tcp/443 via fw
`

// unreachable is the error of its destination to the sender of a packet.
func (w *world) unreachable(p *packet.Packet, from string, room int) []byte {
	reply := packet.Packet{SrcMAC: p.DstMAC, DstMAC: p.SrcMAC, Src: p.Dst, Dst: p.Src}
	typ := uint8(packet.Unreachable)
	if p.Six() {
		typ = packet.UnreachableV6
	}
	if from != "" {
		reply.Src, reply.SrcMAC = w.ip(from, p.Six()), w.mac(from)
	}
	return packet.Error(p.Bytes(), reply, typ, 3, room).Bytes()
}

// An ICMP error goes where the answer to what it quotes would go.
func TestQuotedConversations(t *testing.T) {
	w := newWorld(t, quotePolicy, twoLeaves)
	for _, six := range []bool{false, true} {
		sent := w.tcp("a1", "b1", six, 4000, 443, packet.SYN)
		w.expect("an error about what is permitted", "b1", w.unreachable(sent, "", 8), "a1")
		w.expect("one that quotes much", "b1", w.unreachable(sent, "", 500), "a1")
		w.expect("one about what is not permitted", "b1", w.unreachable(w.tcp("a1", "b1", six, 4000, 80, packet.SYN), "", 8), "dropped: policy")
		w.expect("one about another protocol", "b1", w.unreachable(w.udp("a1", "b1", six, 4000, 443), "", 8), "dropped: policy")
		w.expect("one about an answer", "a1", w.unreachable(w.tcp("b1", "a1", six, 443, 4000, packet.SYN|packet.ACK), "", 8), "b1")
		w.expect("one about a start that is not permitted", "a1", w.unreachable(w.tcp("b1", "a1", six, 4000, 443, packet.SYN), "", 8), "dropped: policy")
		w.expect("one about what needs no answer", "b1", w.unreachable(w.udp("a1", "b1", six, 4000, 514), "", 8), "dropped: policy")
		w.expect("one that quotes too little", "b1", w.unreachable(sent, "", 2), "dropped: malformed")

		// Quoting somebody else's conversation: the error goes to the quoted sender or nowhere.
		forged := w.unreachable(w.tcp("a2", "b1", six, 4000, 443, packet.SYN), "", 8)
		w.expect("an error to the quoted sender", "b1", forged, "a2")
		p, err := packet.Decode(forged)
		if err != nil {
			t.Fatal(err)
		}
		p.Dst, p.DstMAC = w.ip("a1", six), w.mac("a1")
		w.expect("an error to somebody else", "b1", p.Bytes(), "dropped: malformed")
	}
}

// Errors of routers on the way come from behind the gateway, about a conversation with the world.
func TestErrorsFromRouters(t *testing.T) {
	w := newWorld(t, quotePolicy, twoLeaves)
	for _, six := range []bool{false, true} {
		sent := w.udp("a1", "gw", six, 4000, 53)
		sent.Dst = outside(six)
		reply := packet.Packet{SrcMAC: w.mac("gw"), DstMAC: w.mac("a1"), Src: pick(six, "192.0.2.1", "2001:db8:ffff::1"), Dst: w.ip("a1", six)}
		typ, code := uint8(packet.TimeExceeded), uint8(0)
		if six {
			typ = 3
		}
		w.expect("time exceeded", "gw", packet.Error(sent.Bytes(), reply, typ, code, 8).Bytes(), "a1")
		sent.DPort = 54
		w.expect("time exceeded of what is not permitted", "gw", packet.Error(sent.Bytes(), reply, typ, code, 8).Bytes(), "dropped: policy")
	}
}

// An error about a chained conversation passes the instance that the conversation passes.
func TestQuotedConversationsAreChained(t *testing.T) {
	w := newWorld(t, quotePolicy, twoLeaves)
	for _, six := range []bool{false, true} {
		for port := uint16(4000); port < 4032; port++ {
			sent := w.tcp("a1", "c1", six, port, 443, packet.SYN)
			there := w.fate("a1", sent.Bytes())
			if there != "c1 via fw1" && there != "c1 via fw2" {
				t.Fatalf("the packet: %s", there)
			}
			w.expect("an error about it", "c1", w.unreachable(sent, "", 8), "a1"+there[2:])
			answer := w.tcp("c1", "a1", six, 443, port, packet.SYN|packet.ACK)
			w.expect("an error about its answer", "a1", w.unreachable(answer, "", 8), there)
		}
	}
}
