package match

import (
	"testing"

	"pgregory.net/rapid"
)

// packet is one packet as boxes see it.
type packet struct {
	proto        uint8
	known        bool // its ports
	sport, dport uint16
	start        bool // TCP SYN without ACK
}

func (b Box) contains(p packet) bool {
	switch {
	case !b.AnyProto && b.Proto != p.proto:
		return false
	case b.Ports && !p.known:
		return false
	case b.NoStart && p.start:
		return false
	}
	return b.SLo <= p.sport && p.sport <= b.SHi && b.DLo <= p.dport && p.dport <= b.DHi
}

// Few ports, so that boxes meet.
func port(t *rapid.T, label string) uint16 {
	return rapid.SampledFrom([]uint16{0, 1, 2, 3, 4, 65534, 65535}).Draw(t, label)
}

func box(t *rapid.T) Box {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return All
	case 1:
		return OfProto(rapid.SampledFrom([]uint8{1, 6, 17}).Draw(t, "proto"))
	}
	a, b := port(t, "lo"), port(t, "hi")
	out := ToPorts(rapid.SampledFrom([]uint8{6, 17}).Draw(t, "proto"), min(a, b), max(a, b))
	switch rapid.IntRange(0, 2).Draw(t, "direction") {
	case 1:
		return out.Answer()
	case 2:
		return out.Swap()
	}
	return out
}

func aPacket(t *rapid.T) packet {
	p := packet{proto: rapid.SampledFrom([]uint8{1, 6, 17, 47}).Draw(t, "packet")}
	if (p.proto == 6 || p.proto == 17) && rapid.Bool().Draw(t, "known") {
		p.known, p.sport, p.dport = true, port(t, "sport"), port(t, "dport")
		p.start = p.proto == 6 && rapid.Bool().Draw(t, "start")
	}
	return p
}

func inAny(boxes []Box, p packet) bool {
	for _, b := range boxes {
		if b.contains(p) {
			return true
		}
	}
	return false
}

func TestIntersect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, p := box(t), box(t), aPacket(t)
		both, ok := Intersect(a, b)
		if got, want := ok && both.contains(p), a.contains(p) && b.contains(p); got != want {
			t.Fatalf("%v in %v and %v: %t, in the intersection %v: %t", p, a, b, want, both, got)
		}
	})
}

func TestCoversHoldsForEveryPacket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		boxes, b, p := rapid.SliceOfN(rapid.Custom(box), 0, 5).Draw(t, "boxes"), box(t), aPacket(t)
		if Covers(boxes, b) && b.contains(p) && !inAny(boxes, p) {
			t.Fatalf("%v cover %v, but not %v", boxes, b, p)
		}
	})
}

func TestCovers(t *testing.T) {
	web, low := ToPorts(6, 80, 80), ToPorts(6, 1, 1023)
	for _, c := range []struct {
		name  string
		boxes []Box
		b     Box
		want  bool
	}{
		{"nothing", nil, web, false},
		{"itself", []Box{web}, web, true},
		{"a wider range", []Box{low}, web, true},
		{"two halves", []Box{ToPorts(6, 1, 500), ToPorts(6, 501, 1023)}, low, true},
		{"a gap", []Box{ToPorts(6, 1, 500), ToPorts(6, 502, 1023)}, low, false},
		{"another protocol", []Box{ToPorts(17, 80, 80)}, web, false},
		{"the protocol", []Box{OfProto(6)}, web, true},
		{"all ports leave fragments out", []Box{ToPorts(6, 0, 65535)}, OfProto(6), false},
		{"answers leave starts out", []Box{OfProto(6).Answer()}, OfProto(6), false},
		{"only TCP has starts", []Box{OfProto(17).Answer()}, OfProto(17), true},
		{"everything", []Box{All}, All, true},
	} {
		if got := Covers(c.boxes, c.b); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestCanonicalKeepsThePackets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		boxes := rapid.SliceOfN(rapid.Custom(box), 0, 6).Draw(t, "boxes")
		canonical := Canonical(boxes)
		if p := aPacket(t); inAny(boxes, p) != inAny(canonical, p) {
			t.Fatalf("%v: %v became %v", p, boxes, canonical)
		}
		shuffled := rapid.Permutation(boxes).Draw(t, "order")
		if got, want := Text(Canonical(shuffled)), Text(canonical); got != want {
			t.Fatalf("%q in another order: %q", want, got)
		}
	})
}
