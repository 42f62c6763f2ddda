// Package match is the algebra of packets as rules see them: protocol, ports, and whether a TCP
// segment starts a connection.
//
// In: the services of a policy as boxes. Out: intersections, coverage, and canonical texts that shared
// rule sets are named by. It knows nothing of endpoints or of statements.
package match

import (
	"fmt"
	"slices"
	"strings"
)

// Box is a set of packets: a product of a protocol, two port ranges and the TCP start flag.
// ICMP stands for ICMPv4 and ICMPv6 under the number 1.
type Box struct {
	AnyProto bool  // every protocol; Ports is false then
	Proto    uint8 // IP protocol number, unless AnyProto
	// Ports says that the ranges mean something. A packet without known ports (a later
	// fragment, or another protocol) is in no box that has it.
	Ports    bool
	SLo, SHi uint16 // source ports, inclusive
	DLo, DHi uint16 // destination ports, inclusive
	// NoStart leaves out TCP segments with SYN and without ACK.
	NoStart bool
}

// All is every packet.
var All = Box{AnyProto: true, SHi: 65535, DHi: 65535}

// OfProto is every packet of a protocol, with or without ports.
func OfProto(proto uint8) Box { return Box{Proto: proto, SHi: 65535, DHi: 65535} }

// ToPorts is what goes to a range of destination ports.
func ToPorts(proto uint8, lo, hi uint16) Box {
	return Box{Proto: proto, Ports: true, SHi: 65535, DLo: lo, DHi: hi}
}

const tcp = 6

// Answer is what answers a box: ports change places, and TCP may not start.
func (b Box) Answer() Box {
	b.SLo, b.SHi, b.DLo, b.DHi = b.DLo, b.DHi, b.SLo, b.SHi
	b.NoStart = b.AnyProto || b.Proto == tcp
	return b
}

// Swap exchanges the ports and leaves the rest: the same conversation the other way.
func (b Box) Swap() Box {
	b.SLo, b.SHi, b.DLo, b.DHi = b.DLo, b.DHi, b.SLo, b.SHi
	return b
}

// Intersect is the packets that are in both.
func Intersect(a, b Box) (Box, bool) {
	switch {
	case a.AnyProto:
		a, b = b, a
		fallthrough
	case b.AnyProto || a.Proto == b.Proto:
	default:
		return Box{}, false
	}
	out := Box{
		AnyProto: a.AnyProto, Proto: a.Proto, Ports: a.Ports || b.Ports, NoStart: a.NoStart || b.NoStart,
		SLo: max(a.SLo, b.SLo), SHi: min(a.SHi, b.SHi), DLo: max(a.DLo, b.DLo), DHi: min(a.DHi, b.DHi),
	}
	return out, out.SLo <= out.SHi && out.DLo <= out.DHi
}

// Covers says whether every packet of b is in one of the boxes. It may say no where
// all 256 protocols are listed one by one.
func Covers(boxes []Box, b Box) bool {
	left := []cell{b.cell()}
	withoutPorts := !b.Ports // the packets of b whose ports are not known
	for _, by := range boxes {
		if !by.AnyProto && (b.AnyProto || by.Proto != b.Proto) {
			continue
		}
		if !by.Ports {
			withoutPorts = false // a packet without ports starts no connection
		}
		var rest []cell
		for _, c := range left {
			rest = c.minus(by.cell(), rest)
		}
		left = rest
	}
	return len(left) == 0 && !withoutPorts
}

// CoversAll says whether every packet of each b is in one of the boxes.
func CoversAll(boxes, bs []Box) bool {
	for _, b := range bs {
		if !Covers(boxes, b) {
			return false
		}
	}
	return true
}

// Overlap is a box of packets that are in one of a and in one of b.
func Overlap(a, b []Box) (Box, bool) {
	for _, x := range a {
		for _, y := range b {
			if both, ok := Intersect(x, y); ok {
				return both, true
			}
		}
	}
	return Box{}, false
}

// cell is a box of packets with known ports, of one protocol: [sport] × [dport] × [start].
type cell struct{ lo, hi [3]uint16 }

func (b Box) cell() cell {
	c := cell{lo: [3]uint16{b.SLo, b.DLo, 0}, hi: [3]uint16{b.SHi, b.DHi, 1}}
	if b.NoStart {
		c.hi[2] = 0
	}
	if !b.AnyProto && b.Proto != tcp {
		c.hi[2] = 0 // only TCP has starts
	}
	return c
}

// minus appends what is left of c without by.
func (c cell) minus(by cell, rest []cell) []cell {
	for d := range c.lo {
		if c.hi[d] < by.lo[d] || by.hi[d] < c.lo[d] {
			return append(rest, c)
		}
	}
	for d := range c.lo {
		if c.lo[d] < by.lo[d] {
			below := c
			below.hi[d] = by.lo[d] - 1
			rest = append(rest, below)
			c.lo[d] = by.lo[d]
		}
		if c.hi[d] > by.hi[d] {
			above := c
			above.lo[d] = by.hi[d] + 1
			rest = append(rest, above)
			c.hi[d] = by.hi[d]
		}
	}
	return rest
}

// Canonical sorts the boxes, joins ranges that touch, and drops boxes that others cover.
func Canonical(boxes []Box) []Box {
	out := slices.Clone(boxes)
	slices.SortFunc(out, compare)
	joined := out[:0]
	for _, b := range out {
		if n := len(joined); n > 0 {
			last := &joined[n-1]
			same := *last
			same.DLo, same.DHi = b.DLo, b.DHi
			if same == b && int(b.DLo) <= int(last.DHi)+1 {
				last.DHi = max(last.DHi, b.DHi)
				continue
			}
		}
		joined = append(joined, b)
	}
	kept := make([]Box, 0, len(joined))
	for i, b := range joined {
		others := slices.Concat(kept, joined[i+1:])
		if !Covers(others, b) {
			kept = append(kept, b)
		}
	}
	return kept
}

func compare(a, b Box) int {
	key := func(x Box) [8]int {
		flag := func(v bool) int {
			if v {
				return 1
			}
			return 0
		}
		return [8]int{flag(!x.AnyProto), int(x.Proto), flag(x.Ports), flag(x.NoStart), int(x.SLo), int(x.SHi), int(x.DLo), int(x.DHi)}
	}
	ka, kb := key(a), key(b)
	return slices.Compare(ka[:], kb[:])
}

var protoNames = map[uint8]string{1: "icmp", 6: "tcp", 17: "udp"}

// String is the box in words, the same for the same packets.
func (b Box) String() string {
	var s strings.Builder
	if b.AnyProto {
		s.WriteString("any")
	} else if name, ok := protoNames[b.Proto]; ok {
		s.WriteString(name)
	} else {
		fmt.Fprintf(&s, "proto/%d", b.Proto)
	}
	if b.Ports {
		ports(&s, " from", b.SLo, b.SHi)
		ports(&s, " to", b.DLo, b.DHi)
		if b.SLo == 0 && b.SHi == 65535 && b.DLo == 0 && b.DHi == 65535 {
			s.WriteString(" with ports")
		}
	}
	if b.NoStart {
		s.WriteString(" not starting")
	}
	return s.String()
}

func ports(s *strings.Builder, word string, lo, hi uint16) {
	switch {
	case lo == 0 && hi == 65535:
	case lo == hi:
		fmt.Fprintf(s, "%s %d", word, lo)
	default:
		fmt.Fprintf(s, "%s %d-%d", word, lo, hi)
	}
}

// Text joins boxes into one canonical name.
func Text(boxes []Box) string {
	parts := make([]string, len(boxes))
	for i, b := range boxes {
		parts[i] = b.String()
	}
	return strings.Join(parts, ", ")
}
