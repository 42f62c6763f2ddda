package dataplane

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pillion/runtime/packet"
)

// Whatever an endpoint sends: what is delivered anywhere is what was sent, from the sender's own addresses, to the
// receiver's, and a tenant that nothing joins gets nothing.
func TestOnlyHonestFramesArrive(t *testing.T) { testHonest(t, twoLeaves) }

func testHonest(t *testing.T, inventory string) {
	w := newWorld(t, openPolicy+"multicast m { group 239.1.1.1, ff0e::1 senders red receivers red }\n", inventory)
	names := w.Inventory.Names()
	arrived := 0
	rapid.Check(t, func(t *rapid.T) {
		sender := rapid.SampledFrom(names).Draw(t, "sender")
		frame := w.draw(t, sender, names)
		if rapid.IntRange(0, 9).Draw(t, "damage") == 0 {
			i := rapid.IntRange(0, len(frame)-1).Draw(t, "at")
			frame[i] = rapid.Byte().Draw(t, "byte")
		}
		j, err := w.Send(sender, frame)
		if err != nil {
			t.Fatal(err)
		}
		if j.Unbounded || len(j.Lost()) > 0 {
			t.Fatalf("%s: %s", packet.Describe(frame), w.fateOf(j))
		}
		for _, d := range j.Deliveries() {
			arrived++
			w.honest(t, sender, frame, d.Endpoint, d.Frame)
		}
	})
	if arrived == 0 {
		t.Error("nothing arrived: the property held of nothing")
	}
}

// draw makes a packet of the sender that is honest but for about one field.
func (w *world) draw(t *rapid.T, sender string, names []string) []byte {
	six := rapid.Bool().Draw(t, "six")
	receiver := rapid.SampledFrom(names).Draw(t, "receiver")
	forge := func(label string) bool { return rapid.IntRange(0, 7).Draw(t, label+" forged") == 7 }
	mac := func(label, honest string) packet.MAC {
		if forge(label) {
			honest = rapid.SampledFrom(names).Draw(t, label)
		}
		return w.mac(honest)
	}
	ip := func(label, honest string) netip.Addr {
		if !forge(label) {
			return w.ip(honest, six)
		}
		list := []netip.Addr{outside(six), group(six), unspecified(six), pick(six, "239.1.1.1", "ff0e::1"), pick(six, "10.0.0.77", "fe80::1")}
		for _, n := range names {
			list = append(list, w.ip(n, six))
		}
		return rapid.SampledFrom(list).Draw(t, label)
	}
	if forge("packet") {
		return packet.Question(mac("asker", sender), ip("sender address", sender), ip("target", receiver))
	}
	p := packet.Packet{
		SrcMAC: mac("source MAC", sender), DstMAC: mac("destination MAC", receiver), Src: ip("source", sender), Dst: ip("destination", receiver),
		Proto: rapid.SampledFrom([]uint8{packet.ICMP, packet.TCP, packet.UDP, 99}).Draw(t, "protocol"),
		SPort: rapid.Uint16().Draw(t, "sport"), DPort: rapid.Uint16().Draw(t, "dport"), Flags: packet.Flags(rapid.Uint8Range(0, 31).Draw(t, "flags")),
		Type: rapid.Uint8().Draw(t, "type"), Payload: make([]byte, 50),
	}
	if p.Dst.IsMulticast() && rapid.Bool().Draw(t, "group MAC") {
		p.DstMAC = packet.GroupMAC(p.Dst)
	}
	if forge("wire") {
		e := packet.Encapsulated{Dst: w.locator("leaf1"), Src: w.locator("leaf2"), NSH: packet.NSH{TTL: 9, SPI: 0xFFFFFF, SI: 255}, Inner: p.Bytes()}
		return e.Bytes()
	}
	return p.Bytes()
}

// honest says whether a delivery may be.
func (w *world) honest(t *rapid.T, sender string, sent []byte, receiver string, got []byte) {
	from, to := w.Inventory.Endpoint(sender), w.Inventory.Endpoint(receiver)
	if receiver == sender {
		if p, err := packet.Decode(got); err == nil && p.Type != 136 || packet.MAC(got[:6]) != packet.MAC(from.MAC) {
			t.Fatalf("%s gets its own frame back: %s", sender, packet.Describe(got))
		}
		return // an answer to its question
	}
	if !bytes.Equal(sent, got) {
		t.Fatalf("%s gets %s, but %s was sent", receiver, packet.Describe(got), packet.Describe(sent))
	}
	src, dst := addresses(got)
	if packet.MAC(got[6:12]) != packet.MAC(from.MAC) || w.Inventory.Owner(src) != from {
		t.Fatalf("%s sends as %v at %v, and %s gets it", sender, src, packet.MAC(got[6:12]), receiver)
	}
	if !dst.IsMulticast() && (packet.MAC(got[:6]) != packet.MAC(to.MAC) || w.Inventory.Owner(dst) != to) {
		t.Fatalf("%s gets what is for %v at %v", receiver, dst, packet.MAC(got[:6]))
	}
	if slices.Contains([]string{sender, receiver}, "c1") {
		t.Fatalf("%s and %s talk, which nothing permits", sender, receiver)
	}
}

// addresses are those of an IP packet, whatever else is wrong with it; other frames have none.
func addresses(frame []byte) (src, dst netip.Addr) {
	switch {
	case len(frame) >= 34 && frame[12] == 0x08 && frame[13] == 0x00:
		return netip.AddrFrom4([4]byte(frame[26:30])), netip.AddrFrom4([4]byte(frame[30:34]))
	case len(frame) >= 54 && frame[12] == 0x86 && frame[13] == 0xDD:
		return netip.AddrFrom16([16]byte(frame[22:38])), netip.AddrFrom16([16]byte(frame[38:54]))
	}
	return src, dst
}
