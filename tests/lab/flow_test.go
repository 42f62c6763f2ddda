package lab

import (
	"net/netip"
	"slices"
	"testing"
)

func ethernet(etherType uint16, rest []byte) []byte {
	return slices.Concat(make([]byte, 12), []byte{byte(etherType >> 8), byte(etherType)}, rest)
}

// ipv6 is an IPv6 packet from fd00::1 to fd00::2.
func ipv6(next byte, rest ...byte) []byte {
	p := make([]byte, 40)
	p[0], p[6] = 0x60, next
	p[8], p[23], p[24], p[39] = 0xfd, 1, 0xfd, 2
	return append(p, rest...)
}

func TestParseHeader(t *testing.T) {
	a4, b4 := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	a6, b6 := netip.MustParseAddr("fd00::1"), netip.MustParseAddr("fd00::2")
	header := func(etherType uint16, protocol uint8, a, b netip.Addr, source, destination uint16) Header {
		return Header{etherType, protocol, netip.AddrPortFrom(a, source), netip.AddrPortFrom(b, destination)}
	}
	v4 := slices.Concat([]byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, []byte{0, 9, 0, 53, 0, 8, 0, 0})
	with := func(packet []byte, at int, value byte) []byte {
		packet = slices.Clone(packet)
		packet[at] = value
		return packet
	}
	options := slices.Insert(with(v4, 0, 0x46), 20, 1, 1, 1, 0)
	ports := []byte{0, 9, 0, 53}
	for name, c := range map[string]struct {
		frame []byte
		want  Header
	}{
		"nothing":                {nil, Header{}},
		"cut in the addresses":   {make([]byte, 13), Header{}},
		"ARP":                    {ethernet(0x0806, make([]byte, 28)), Header{EtherType: 0x0806}},
		"UDP":                    {ethernet(0x0800, v4), header(0x0800, 17, a4, b4, 9, 53)},
		"TCP":                    {ethernet(0x0800, with(v4, 9, 6)), header(0x0800, 6, a4, b4, 9, 53)},
		"ICMP has no ports":      {ethernet(0x0800, with(v4, 9, 1)), header(0x0800, 1, a4, b4, 0, 0)},
		"options":                {ethernet(0x0800, options), header(0x0800, 17, a4, b4, 9, 53)},
		"first fragment":         {ethernet(0x0800, with(v4, 6, 0x20)), header(0x0800, 17, a4, b4, 9, 53)},
		"later fragment":         {ethernet(0x0800, with(v4, 7, 1)), header(0x0800, 17, a4, b4, 0, 0)},
		"cut before the ports":   {ethernet(0x0800, v4[:22]), header(0x0800, 17, a4, b4, 0, 0)},
		"cut in the header":      {ethernet(0x0800, v4[:19]), Header{EtherType: 0x0800}},
		"header length too long": {ethernet(0x0800, with(v4, 0, 0x4f)), Header{EtherType: 0x0800}},
		"not version 4":          {ethernet(0x0800, with(v4, 0, 0x65)), Header{EtherType: 0x0800}},
		"VLAN":                   {ethernet(0x8100, slices.Concat([]byte{0, 7, 8, 0}, v4)), header(0x0800, 17, a4, b4, 9, 53)},
		"two VLANs":              {ethernet(0x88a8, slices.Concat([]byte{0, 7, 0x81, 0, 0, 8, 8, 0}, v4)), header(0x0800, 17, a4, b4, 9, 53)},
		"IPv6":                   {ethernet(0x86dd, ipv6(17, ports...)), header(0x86dd, 17, a6, b6, 9, 53)},
		"IPv6 extensions":        {ethernet(0x86dd, ipv6(0, slices.Concat([]byte{60, 0, 1, 4, 0, 0, 0, 0}, []byte{6, 1}, make([]byte, 14), ports)...)), header(0x86dd, 6, a6, b6, 9, 53)},
		"IPv6 first fragment":    {ethernet(0x86dd, ipv6(44, slices.Concat([]byte{17, 0, 0, 1, 0, 0, 0, 0}, ports)...)), header(0x86dd, 17, a6, b6, 9, 53)},
		"IPv6 later fragment":    {ethernet(0x86dd, ipv6(44, slices.Concat([]byte{17, 0, 0, 9, 0, 0, 0, 0}, ports)...)), header(0x86dd, 17, a6, b6, 0, 0)},
		"IPv6 cut extension":     {ethernet(0x86dd, ipv6(0, 17, 3)), header(0x86dd, 0, a6, b6, 0, 0)},
		"IPv6 cut":               {ethernet(0x86dd, ipv6(17)[:39]), Header{EtherType: 0x86dd}},
	} {
		if got := ParseHeader(c.frame); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestFlowHasNoDirection(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:5"), netip.MustParseAddrPort("10.0.0.2:4")
	if NewFlow(6, a, b) != NewFlow(6, b, a) || NewFlow(6, a, b) == NewFlow(17, a, b) {
		t.Error("a flow must not depend on the direction, and must on the protocol")
	}
	if got, want := NewFlow(6, b, a).String(), "6 10.0.0.1:5 <-> 10.0.0.2:4"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzParseHeader(f *testing.F) {
	f.Add(ethernet(0x0800, make([]byte, 40)))
	f.Add(ethernet(0x86dd, ipv6(44, make([]byte, 20)...)))
	f.Add(ethernet(0x8100, ethernet(0x8100, nil)))
	f.Fuzz(func(t *testing.T, frame []byte) {
		h := ParseHeader(frame)
		if h.Flow() != NewFlow(h.Protocol, h.Destination, h.Source) {
			t.Errorf("%+v: the flow depends on the direction", h)
		}
		if !h.IP() && (h.Source.Port() != 0 || h.Protocol != 0) && h.EtherType != etherIPv4 && h.EtherType != etherIPv6 {
			t.Errorf("%+v: fields of a packet that is not IP", h)
		}
	})
}
