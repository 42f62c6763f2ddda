package redirect

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
)

// Rules is what one switch must do. The zero value, with a switch's name, asks
// for nothing. Ports are those of the network file, at least 1.
type Rules struct {
	Switch      string // its name in the network file
	Wires       []Wire
	Statics     []Static
	Guards      []Guard
	Sample      Sample // zero: none
	Quarantined []uint32
}

// Wire joins a middlebox port to the sidecar.
type Wire struct {
	Box     uint32 // the middlebox port
	Sidecar uint32 // the port that the sidecar is on
	// Tag is the VLAN id, 1 to 4094, that stands for Box on the sidecar's
	// trunk. 0: Sidecar serves this wire alone and frames carry no tag.
	Tag uint16
}

// Static keeps a locator at a port.
type Static struct {
	Locator MAC
	Port    uint32
}

// Guard lets frames in by a port only if they have this source address. Several
// guards of one port let in any of theirs; a port without one lets in all.
type Guard struct {
	Port uint32
	MAC  MAC
}

// Sample copies one frame in OneIn, either to Port or, described by sFlow
// version 5 datagrams, to Collector. Frames from virtual wires are not
// necessarily among them: the sidecar sees all of those anyway.
type Sample struct {
	OneIn     uint32 // 1: every frame. 0: no sampling at all
	Port      uint32 // a sidecar interface for samples alone; 0: see Collector
	Collector netip.AddrPort
}

// MAC is an Ethernet address in transmission order.
type MAC [6]byte

// String gives the usual form, lower case with colons.
func (m MAC) String() string {
	var b [17]byte
	for i, octet := range m {
		if i > 0 {
			b[3*i-1] = ':'
		}
		hex.Encode(b[3*i:], []byte{octet})
	}
	return string(b[:])
}

// ParseMAC reads the form that String gives; upper case is fine too.
func ParseMAC(s string) (MAC, error) {
	var m MAC
	if len(s) != 17 {
		return m, fmt.Errorf("%q is no MAC address: it has six pairs of hexadecimal digits with colons between, such as 02:00:00:00:00:01", s)
	}
	for i := range m {
		_, err := hex.Decode(m[i:i+1], []byte(s[3*i:3*i+2]))
		if err != nil || i > 0 && s[3*i-1] != ':' {
			return MAC{}, fmt.Errorf("%q is no MAC address: it has six pairs of hexadecimal digits with colons between, such as 02:00:00:00:00:01", s)
		}
	}
	return m, nil
}

// String gives the rule's line of the text form.
func (w Wire) String() string {
	if w.Tag == 0 {
		return fmt.Sprintf("wire %d to %d", w.Box, w.Sidecar)
	}
	return fmt.Sprintf("wire %d to %d tag %d", w.Box, w.Sidecar, w.Tag)
}

// String gives the rule's line of the text form.
func (s Static) String() string { return fmt.Sprintf("static %s at %d", s.Locator, s.Port) }

// String gives the rule's line of the text form.
func (g Guard) String() string { return fmt.Sprintf("guard %d %s", g.Port, g.MAC) }

// String gives the rule's line of the text form, and nothing for the zero value.
func (s Sample) String() string {
	switch {
	case s == Sample{}:
		return ""
	case s.Port != 0:
		return fmt.Sprintf("sample 1 in %d to port %d", s.OneIn, s.Port)
	default:
		return fmt.Sprintf("sample 1 in %d to sflow %s", s.OneIn, s.Collector)
	}
}

// QuarantineLine gives a quarantined port's line of the text form.
func QuarantineLine(port uint32) string { return fmt.Sprintf("quarantine %d", port) }

// Canonical returns a copy with every list in the order of the text form.
func (r Rules) Canonical() Rules {
	r.Wires = slices.Clone(r.Wires)
	slices.SortFunc(r.Wires, func(a, b Wire) int {
		return cmp.Or(cmp.Compare(a.Box, b.Box), cmp.Compare(a.Sidecar, b.Sidecar), cmp.Compare(a.Tag, b.Tag))
	})
	r.Statics = slices.Clone(r.Statics)
	slices.SortFunc(r.Statics, func(a, b Static) int {
		return cmp.Or(bytes.Compare(a.Locator[:], b.Locator[:]), cmp.Compare(a.Port, b.Port))
	})
	r.Guards = slices.Clone(r.Guards)
	slices.SortFunc(r.Guards, func(a, b Guard) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), bytes.Compare(a.MAC[:], b.MAC[:]))
	})
	r.Quarantined = slices.Clone(r.Quarantined)
	slices.Sort(r.Quarantined)
	return r
}

// Empty says whether the rules ask for nothing.
func (r Rules) Empty() bool {
	return len(r.Wires) == 0 && len(r.Statics) == 0 && len(r.Guards) == 0 && r.Sample == Sample{} && len(r.Quarantined) == 0
}

// Ports lists every port that a rule names, once each, ascending.
func (r Rules) Ports() []uint32 {
	ports := slices.Clone(r.Quarantined)
	for _, w := range r.Wires {
		ports = append(ports, w.Box, w.Sidecar)
	}
	for _, s := range r.Statics {
		ports = append(ports, s.Port)
	}
	for _, g := range r.Guards {
		ports = append(ports, g.Port)
	}
	if r.Sample.Port != 0 {
		ports = append(ports, r.Sample.Port)
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}
