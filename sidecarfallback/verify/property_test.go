package verify

import (
	"bytes"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pillion/runtime/packet"
)

var groups = []string{"a", "b", "c", "d", "a.x", "b.y", "any"}

var services = []string{"", " on tcp/80", " on tcp/22", " on udp", " on udp/53", " on icmp", " on tcp"}

// drawPolicy draws rules for the endpoints of the inventory.
func drawPolicy(t *rapid.T) string {
	var w strings.Builder
	for i, group := range []string{"group x = a1, a2, a3", "group y = b1, b2", "group z = c1", "group w = d1"} {
		isolated := rapid.SampledFrom([]string{"", "", "isolated "}).Draw(t, "isolated")
		fmt.Fprintf(&w, "tenant %c %s{ %s }\n", 'a'+i, isolated, group)
	}
	w.WriteString("middlebox fw { instances fw1 stateful }\n")
	side := rapid.SampledFrom(groups)
	service := rapid.SampledFrom(services)
	for i := range rapid.IntRange(0, 4).Draw(t, "allows") {
		fmt.Fprintf(&w, "allow a%d: %s -> %s%s\n", i, side.Draw(t, "from"), side.Draw(t, "to"), service.Draw(t, "on"))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "denies") {
		fmt.Fprintf(&w, "deny d%d: %s -> %s%s\n", i, side.Draw(t, "from"), side.Draw(t, "to"), service.Draw(t, "on"))
	}
	if rapid.Bool().Draw(t, "chain") {
		fmt.Fprintf(&w, "chain c: %s -> %s%s via fw\n", side.Draw(t, "from"), side.Draw(t, "to"), service.Draw(t, "on"))
	}
	if rapid.Bool().Draw(t, "multicast") {
		w.WriteString("allow m: a -> a\nmulticast m { group 239.1.1.1 senders a receivers a }\n")
	}
	return w.String()
}

// drawFrame draws what a host might send: honest but for about one field.
func drawFrame(t *rapid.T, from string) []byte {
	names := slices.Sorted(maps.Keys(endpoints))
	forge := func(label string) bool { return rapid.IntRange(0, 11).Draw(t, label+" forged") == 11 }
	name := rapid.SampledFrom(names)
	p := between(from, name.Draw(t, "to"), rapid.IntRange(0, 3).Draw(t, "six") == 3)
	if forge("source") {
		p.Src = ip(name.Draw(t, "source"), p.Six())
	}
	if forge("source MAC") {
		p.SrcMAC = mac(name.Draw(t, "source MAC"))
	}
	if forge("destination MAC") {
		p.DstMAC = mac(name.Draw(t, "destination MAC"))
	}
	if !p.Six() && rapid.IntRange(0, 5).Draw(t, "group") == 5 {
		p.Dst = netip.MustParseAddr("239.1.1.1")
		p.DstMAC = packet.GroupMAC(p.Dst)
	}
	p.Proto = rapid.SampledFrom([]uint8{packet.ICMP, packet.TCP, packet.UDP, packet.UDP, 99}).Draw(t, "protocol")
	port := rapid.SampledFrom([]uint16{22, 53, 80, 40000})
	p.SPort, p.DPort, p.Flags = port.Draw(t, "sport"), port.Draw(t, "dport"), rapid.SampledFrom([]packet.Flags{packet.SYN, packet.ACK, packet.SYN | packet.ACK}).Draw(t, "flags")
	p.Type = rapid.SampledFrom([]uint8{packet.Echo, packet.EchoReply, packet.EchoV6, packet.RouterSolicitation}).Draw(t, "type")
	p.Payload = make([]byte, rapid.IntRange(0, 400).Draw(t, "payload"))
	if forge("question") {
		return packet.Question(p.SrcMAC, ip(from, false), ip(name.Draw(t, "target"), false))
	}
	return p.Bytes()
}

// Whatever the policy and whatever hosts send: what their shims let out is no violation, in whole or in part, and
// with or without the port.
func TestWhatShimsSendIsFine(t *testing.T) {
	native, encapsulated := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := tryWorld(t)
		for range 30 {
			from := rapid.SampledFrom(guarded).Draw(t, "from")
			for _, f := range w.send(t, from, drawFrame(t, from)) {
				if packet.IsEncapsulated(f.Data) {
					encapsulated++
				} else {
					native++
				}
				if rapid.Bool().Draw(t, "port unknown") {
					f.Port = 0
				}
				if rapid.Bool().Draw(t, "cut") {
					f.Data = f.Data[:rapid.IntRange(0, len(f.Data)).Draw(t, "seen")]
				}
				if v := w.Check(f); v != nil {
					t.Fatal(v)
				}
			}
		}
	})
	t.Logf("%d native and %d encapsulated frames", native, encapsulated)
	if native == 0 || encapsulated == 0 {
		t.Error("the property held of nothing")
	}
}

// What a host puts on the wire past its shim is a violation exactly if its shim would not have sent that.
func TestWhatPassesShimsByIsSeen(t *testing.T) {
	fine, violations := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := tryWorld(t)
		for range 30 {
			from := rapid.SampledFrom(guarded).Draw(t, "from")
			inner := drawFrame(t, from)
			sent := w.send(t, from, inner)
			seen := inner
			if len(sent) > 0 && packet.IsEncapsulated(sent[0].Data) && rapid.IntRange(0, 9).Draw(t, "encapsulated") > 0 {
				seen = bytes.Clone(rapid.SampledFrom(sent).Draw(t, "copy").Data)
				if rapid.Bool().Draw(t, "changed") {
					i := rapid.IntRange(0, packet.EncapsulationSize-1).Draw(t, "byte")
					seen[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
				}
			}
			honest := slices.ContainsFunc(sent, func(f Frame) bool { return bytes.Equal(f.Data, seen) })
			v := w.Check(at(endpoints[from].port, seen))
			if (v == nil) != honest {
				t.Fatalf("the shim of %s would have sent %v, and of %s: %x\nit is said: %v", from, sent, packet.Describe(seen), seen, v)
			}
			if honest {
				fine++
				continue
			}
			violations++
			if v.Endpoint != from || v.Port != endpoints[from].port || v.Reason == "" || v.Statement == "" || v.Packet == "" {
				t.Fatalf("incomplete: %+v", v)
			}
		}
	})
	t.Logf("%d frames are fine, %d are violations", fine, violations)
	if fine == 0 || violations == 0 {
		t.Error("the property held of nothing")
	}
}

// Nothing that a1 can say makes a frame for the tenant c right, as nothing permits it.
func TestCrossTenantFramesAreSeen(t *testing.T) {
	w := newWorld(t, policy)
	rapid.Check(t, func(t *rapid.T) {
		inner := drawFrame(t, "a1")
		copy(inner, tcp("a1", "c1", 80)[:6])
		switch {
		case inner[12] == 0x08 && inner[13] == 0:
			copy(inner[30:], ip("c1", false).AsSlice())
		case inner[12] == 0x86:
			copy(inner[38:], ip("c1", true).AsSlice())
		}
		e := packet.Encapsulated{
			Dst: rapid.SampledFrom([]packet.MAC{mac("c1"), mac("a2"), {2, 0x50}}).Draw(t, "locator"), Src: mac("a1"), Inner: inner,
			NSH: packet.NSH{TTL: 63, SPI: rapid.Uint32Range(0, 1<<24-1).Draw(t, "spi"), SI: rapid.Uint8().Draw(t, "si"), Tenant: rapid.Uint32().Draw(t, "tenant"), Identity: rapid.Uint32().Draw(t, "identity")},
		}
		port := rapid.SampledFrom([]uint32{0, 11}).Draw(t, "port")
		for _, data := range [][]byte{inner, e.Bytes()} {
			if packet.MAC(data[6:12]) != mac("a1") {
				continue // then it is known by its port alone
			}
			if v := w.Check(at(port, data)); v == nil || v.Endpoint != "a1" {
				t.Fatalf("%s: %v", packet.Describe(data), v)
			}
		}
	})
}

// Whatever comes by whatever port: nothing panics, the answer is the same twice, and it is short.
func FuzzCheck(f *testing.F) {
	w := newWorld(f, policy)
	for _, frame := range [][]byte{tcp("a1", "a2", 80), tcp("a1", "a2", 443), tcp("a1", "c1", 80), group("a1"), {}} {
		f.Add(frame, len(frame), uint32(11))
		for _, sent := range w.send(f, "a1", frame[:len(frame):len(frame)]) {
			f.Add(sent.Data, sent.Length, sent.Port)
			f.Add(sent.Data[:60], sent.Length, uint32(0))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, length int, port uint32) {
		frame := Frame{Data: data, Length: length, Port: port}
		before := bytes.Clone(data)
		first, second := w.Check(frame), w.Check(frame)
		if !bytes.Equal(before, data) {
			t.Error("the frame is changed")
		}
		if (first == nil) != (second == nil) || first != nil && *first != *second {
			t.Errorf("first %v, then %v", first, second)
		}
		if first != nil && (first.Reason == "" || first.Statement == "" || len(first.Packet) > 16<<10) {
			t.Errorf("%+v", first)
		}
	})
}
