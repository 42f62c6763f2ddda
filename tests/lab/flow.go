package lab

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Flow is a conversation without a direction: A is the smaller end. Ports are
// zero where the protocol has none, and in all fragments but the first.
type Flow struct {
	Protocol uint8 // IANA number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6
	A, B     netip.AddrPort
}

// NewFlow orders the two ends.
func NewFlow(protocol uint8, one, other netip.AddrPort) Flow {
	if other.Compare(one) < 0 {
		one, other = other, one
	}
	return Flow{Protocol: protocol, A: one, B: other}
}

// String gives the flow in one line, for example "17 10.0.0.1:5 <-> 10.0.0.2:53".
func (f Flow) String() string { return fmt.Sprintf("%d %s <-> %s", f.Protocol, f.A, f.B) }

func compareFlows(a, b Flow) int {
	return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), a.A.Compare(b.A), a.B.Compare(b.B))
}

// Header is what identifies a frame's conversation.
type Header struct {
	EtherType           uint16 // behind VLAN tags
	Protocol            uint8  // of the IP packet, behind extension headers; 0 if not IP
	Source, Destination netip.AddrPort
}

// IP says whether the frame carried an IP packet that could be read.
func (h Header) IP() bool { return h.Source.Addr().IsValid() }

// Flow drops the direction.
func (h Header) Flow() Flow { return NewFlow(h.Protocol, h.Source, h.Destination) }

const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
	etherVLAN = 0x8100
	etherQinQ = 0x88a8

	protocolICMP   = 1
	protocolTCP    = 6
	protocolUDP    = 17
	protocolICMPv6 = 58

	// maxExtensions bounds the walk through VLAN tags and IPv6 extension headers.
	maxExtensions = 8
)

// ParseHeader reads an Ethernet frame as far as the ports. What is cut short or
// unknown leaves the later fields zero.
func ParseHeader(frame []byte) Header {
	const macs = 12
	if len(frame) < macs+2 {
		return Header{}
	}
	rest := frame[macs:]
	h := Header{EtherType: binary.BigEndian.Uint16(rest)}
	rest = rest[2:]
	for range maxExtensions {
		if h.EtherType != etherVLAN && h.EtherType != etherQinQ || len(rest) < 4 {
			break
		}
		h.EtherType = binary.BigEndian.Uint16(rest[2:])
		rest = rest[4:]
	}
	switch h.EtherType {
	case etherIPv4:
		h.parseIPv4(rest)
	case etherIPv6:
		h.parseIPv6(rest)
	}
	return h
}

// parseIPv4 follows RFC 791, section 3.1.
func (h *Header) parseIPv4(packet []byte) {
	if len(packet) < 20 || packet[0]>>4 != 4 {
		return
	}
	length := int(packet[0]&0xf) * 4
	if length < 20 || length > len(packet) {
		return
	}
	source := netip.AddrFrom4([4]byte(packet[12:16]))
	destination := netip.AddrFrom4([4]byte(packet[16:20]))
	fragmentOffset := binary.BigEndian.Uint16(packet[6:]) & 0x1fff
	h.Protocol = packet[9]
	h.setEnds(source, destination, packet[length:], fragmentOffset != 0)
}

// parseIPv6 follows RFC 8200, sections 3 and 4.
func (h *Header) parseIPv6(packet []byte) {
	if len(packet) < 40 || packet[0]>>4 != 6 {
		return
	}
	source := netip.AddrFrom16([16]byte(packet[8:24]))
	destination := netip.AddrFrom16([16]byte(packet[24:40]))
	h.Protocol = packet[6]
	rest, later := packet[40:], false
	for range maxExtensions {
		length := 8
		switch h.Protocol {
		case 0, 43, 60: // hop-by-hop, routing, destination options
			if len(rest) >= 2 {
				length += int(rest[1]) * 8
			}
		case 44: // fragment
			later = later || len(rest) >= 4 && binary.BigEndian.Uint16(rest[2:])&0xfff8 != 0
		default:
			h.setEnds(source, destination, rest, later)
			return
		}
		if len(rest) < length {
			break
		}
		h.Protocol, rest = rest[0], rest[length:]
		if later {
			break // what follows is data of the fragment
		}
	}
	h.setEnds(source, destination, nil, true)
}

// setEnds adds the ports if the transport header is there.
func (h *Header) setEnds(source, destination netip.Addr, transport []byte, laterFragment bool) {
	var sourcePort, destinationPort uint16
	hasPorts := h.Protocol == protocolTCP || h.Protocol == protocolUDP
	if hasPorts && !laterFragment && len(transport) >= 4 {
		sourcePort = binary.BigEndian.Uint16(transport)
		destinationPort = binary.BigEndian.Uint16(transport[2:])
	}
	h.Source = netip.AddrPortFrom(source, sourcePort)
	h.Destination = netip.AddrPortFrom(destination, destinationPort)
}
