package lang

import (
	"net/netip"
	"strconv"

	"pillion/lang/parser"
)

func (b *builder) service(c parser.IServiceContext) {
	s := &Service{Name: b.name(c.GetId()), Span: spanOf(c)}
	for _, item := range c.GetItems() {
		s.Items = append(s.Items, b.protocol(item))
	}
	b.policy.Services = append(b.policy.Services, s)
}

// serviceRefs returns what an on or offers clause lists; nothing for nil.
func (b *builder) serviceRefs(c parser.IServiceListContext) []ServiceRef {
	if c == nil {
		return nil
	}
	refs := make([]ServiceRef, 0, len(c.GetRefs()))
	for _, r := range c.GetRefs() {
		ref := ServiceRef{Span: spanOf(r)}
		if literal := r.GetLiteral(); literal != nil {
			ref.Item = b.protocol(literal)
		} else {
			ref.Name = b.name(r.GetId())
		}
		refs = append(refs, ref)
	}
	return refs
}

func (b *builder) protocol(c parser.IProtocolContext) ServiceItem {
	item := ServiceItem{Span: spanOf(c), Hi: 65535, AllPorts: true}
	switch c.GetKind().GetTokenType() {
	case parser.PolicyParserTCP:
		item.Proto = ProtoTCP
	case parser.PolicyParserUDP:
		item.Proto = ProtoUDP
	case parser.PolicyParserICMP:
		item.Proto = ProtoICMP
		if ports := c.GetPorts(); ports != nil {
			b.errorf(spanOf(ports), codePorts, "icmp has no ports", "write icmp alone: it stands for all of ICMP and ICMPv6")
		}
		return item
	case parser.PolicyParserPROTO:
		item.Proto = b.protocolNumber(c.GetNumber())
		return item
	}
	ports := c.GetPorts()
	if ports == nil {
		return item
	}
	item.AllPorts = false
	item.Lo = b.port(ports.GetLo())
	item.Hi = item.Lo
	if hi := ports.GetHi(); hi != nil {
		item.Hi = b.port(hi)
		if item.Hi < item.Lo && item.Hi != 0 {
			b.errorf(spanOf(ports), codeEmptyRange, "the range "+spanOf(ports).Text()+" is empty: its end is before its start",
				"write the smaller port first: "+b.text(hi)+"-"+b.text(ports.GetLo()))
		}
	}
	return item
}

// port returns a port number, 0 when it was reported.
func (b *builder) port(t lexeme) uint16 {
	n, err := strconv.ParseUint(b.text(t), 10, 16)
	if err != nil || n == 0 {
		b.errorf(at(t), codeNumber, "port "+b.text(t)+" is out of range", "ports are 1 to 65535; for every port write the protocol alone, such as tcp")
		return 0
	}
	return uint16(n)
}

func (b *builder) protocolNumber(t lexeme) uint8 {
	n, err := strconv.ParseUint(b.text(t), 10, 8)
	if err != nil {
		b.errorf(at(t), codeNumber, "protocol "+b.text(t)+" is out of range", "protocol numbers are 0 to 255")
		return 0
	}
	word := ""
	switch n {
	case 1, 58:
		word = "icmp"
	case ProtoTCP:
		word = "tcp"
	case ProtoUDP:
		word = "udp"
	}
	if word != "" {
		hint := "write " + word
		if word == "icmp" {
			hint += ", which stands for ICMP and ICMPv6"
		}
		b.errorf(at(t), codeUseWord, "proto/"+b.text(t)+" is "+word, hint)
	}
	return uint8(n)
}

// address returns an IP address; not ok when it was reported.
func (b *builder) address(c parser.IAddressContext) (ip netip.Addr, ok bool) {
	text := b.text(c.GetStart())
	ip, err := netip.ParseAddr(text)
	if err != nil {
		b.errorf(spanOf(c), codeAddress, show(text)+" is not an IP address",
			"an address is such as 10.0.0.1 or fd00::1, in numbers without leading zeros")
		return netip.Addr{}, false
	}
	if ip.Is4In6() {
		b.errorf(spanOf(c), codeAddress, show(text)+" is an IPv4 address inside IPv6", "write "+ip.Unmap().String())
		return netip.Addr{}, false
	}
	return ip, true
}

// prefix returns the prefix of a selector; a bare address is a prefix of its
// whole length. The zero Prefix was reported.
func (b *builder) prefix(c parser.ISelectorContext) netip.Prefix {
	ip, ok := b.address(c.GetAddr())
	if !ok {
		return netip.Prefix{}
	}
	length := c.GetLength()
	if length == nil {
		return netip.PrefixFrom(ip, ip.BitLen())
	}
	bits, err := strconv.ParseUint(b.text(length), 10, 8)
	if err != nil || int(bits) > ip.BitLen() {
		b.errorf(at(length), codePrefix, "prefix length "+b.text(length)+" is out of range",
			"it is 0 to "+strconv.Itoa(ip.BitLen())+" for this address")
		return netip.Prefix{}
	}
	prefix := netip.PrefixFrom(ip, int(bits))
	if masked := prefix.Masked(); masked != prefix {
		b.errorf(spanOf(c), codePrefix, show(prefix.String())+" has bits set behind its length",
			"write "+masked.String()+" for the network, or "+ip.String()+" for the one address")
	}
	return prefix
}
