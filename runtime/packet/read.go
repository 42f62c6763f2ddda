package packet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Decode reads an IP packet in an Ethernet frame. Extension headers other than the fragment header are
// passed over.
func Decode(frame []byte) (*Packet, error) {
	g := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.DecodeOptions{Lazy: true, NoCopy: true})
	ethernet, ok := g.Layer(layers.LayerTypeEthernet).(*layers.Ethernet)
	if !ok {
		return nil, errors.New("no Ethernet frame")
	}
	p := &Packet{SrcMAC: MAC(ethernet.SrcMAC), DstMAC: MAC(ethernet.DstMAC)}
	var rest []byte
	if ip, ok := g.Layer(layers.LayerTypeIPv4).(*layers.IPv4); ok {
		p.Src, _ = netip.AddrFromSlice(ip.SrcIP.To4())
		p.Dst, _ = netip.AddrFromSlice(ip.DstIP.To4())
		p.TTL, p.Proto, rest = ip.TTL, uint8(ip.Protocol), ip.Payload
		if more := ip.Flags&layers.IPv4MoreFragments != 0; more || ip.FragOffset != 0 {
			p.Fragment = &Fragment{Offset: ip.FragOffset, More: more, ID: uint32(ip.Id)}
		}
	} else if ip, ok := g.Layer(layers.LayerTypeIPv6).(*layers.IPv6); ok {
		p.Src, _ = netip.AddrFromSlice(ip.SrcIP)
		p.Dst, _ = netip.AddrFromSlice(ip.DstIP)
		p.TTL = ip.HopLimit
		p.pass(uint8(ip.NextHeader), ip.Payload, &rest)
	} else {
		return nil, fmt.Errorf("EtherType 0x%04x is not IP", uint16(ethernet.EthernetType))
	}
	if !p.Src.IsValid() || !p.Dst.IsValid() {
		return nil, errors.New("the IP header contradicts itself")
	}
	if p.Fragment != nil && p.Fragment.Offset != 0 {
		p.Payload = rest
		return p, nil
	}
	return p, p.transportOf(rest)
}

// pass reads the chain of IPv6 headers up to the transport.
func (p *Packet) pass(next uint8, b []byte, rest *[]byte) {
	for {
		p.Proto, *rest = next, b
		switch next {
		case ICMPv6:
			p.Proto = ICMP
			return
		case FragmentV6:
			if len(b) < 8 {
				return
			}
			offset := binary.BigEndian.Uint16(b[2:])
			p.Fragment = &Fragment{Offset: offset >> 3, More: offset&1 != 0, ID: binary.BigEndian.Uint32(b[4:])}
			next, b = b[0], b[8:]
		case HopByHop, Routing, DestOptions:
			if len(b) < 8 || len(b) < 8*(int(b[1])+1) {
				return
			}
			next, b = b[0], b[8*(int(b[1])+1):]
		default:
			return
		}
	}
}

func (p *Packet) transportOf(b []byte) error {
	short := errors.New("the packet ends inside its transport header")
	switch p.Proto {
	case TCP:
		if len(b) < 20 || len(b) < 4*int(b[12]>>4) || b[12]>>4 < 5 {
			return short
		}
		p.Seq, p.AckNo, p.Flags = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:]), Flags(b[13]&31)
		p.Payload = b[4*int(b[12]>>4):]
	case UDP:
		if len(b) < 8 {
			return short
		}
		p.Payload = b[8:]
	case ICMP:
		if len(b) < 8 {
			return short
		}
		p.Type, p.Code, p.ID, p.Number, p.Payload = b[0], b[1], binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:]), b[8:]
		return nil
	default:
		p.Payload = b
		return nil
	}
	p.SPort, p.DPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	return nil
}

// String is the packet in a line: "tcp 10.0.0.1:40000 -> 10.0.0.2:80 S".
func (p *Packet) String() string {
	from, to := p.Src.String(), p.Dst.String()
	later := p.Fragment != nil && p.Fragment.Offset != 0
	name, tail := fmt.Sprintf("proto/%d", p.Proto), ""
	switch p.Proto {
	case TCP, UDP:
		name = map[uint8]string{TCP: "tcp", UDP: "udp"}[p.Proto]
		if !later {
			from, to = netip.AddrPortFrom(p.Src, p.SPort).String(), netip.AddrPortFrom(p.Dst, p.DPort).String()
		}
		if p.Proto == TCP && !later {
			tail = " " + p.Flags.String()
		}
	case ICMP:
		name = "icmp"
		if !later {
			tail = " " + p.icmpName()
		}
	}
	if f := p.Fragment; f != nil {
		tail += fmt.Sprintf(" fragment at %d", 8*int(f.Offset))
	}
	return fmt.Sprintf("%s %s -> %s%s", name, from, to, tail)
}

func (p *Packet) icmpName() string {
	switch {
	case !p.Six() && p.Type == Echo, p.Six() && p.Type == EchoV6:
		return "echo"
	case !p.Six() && p.Type == EchoReply, p.Six() && p.Type == EchoReplyV6:
		return "echo reply"
	}
	return fmt.Sprintf("type %d code %d", p.Type, p.Code)
}

// Describe is any frame in a line.
func Describe(frame []byte) string {
	if len(frame) < 14 {
		return fmt.Sprintf("%d bytes, too short for Ethernet", len(frame))
	}
	if IsEncapsulated(frame) {
		e, err := Decapsulate(frame)
		if err != nil {
			return "nsh: " + err.Error()
		}
		copied := ""
		if e.Flags&FlagCopy != 0 {
			copied = " copy"
		}
		return fmt.Sprintf("nsh to %v spi %d si %d tree %d ttl %d%s: %s", e.Dst, e.SPI, e.SI, e.Tree, e.TTL, copied, Describe(e.Inner))
	}
	if p, err := Decode(frame); err == nil {
		return p.String()
	}
	g := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.DecodeOptions{Lazy: true, NoCopy: true})
	if a, ok := g.Layer(layers.LayerTypeARP).(*layers.ARP); ok && len(a.SourceProtAddress) == 4 && len(a.DstProtAddress) == 4 {
		sender, _ := netip.AddrFromSlice(a.SourceProtAddress)
		target, _ := netip.AddrFromSlice(a.DstProtAddress)
		if a.Operation == 1 {
			return fmt.Sprintf("arp %v asks for %v", sender, target)
		}
		return fmt.Sprintf("arp %v tells %v", sender, target)
	}
	return fmt.Sprintf("%d bytes, EtherType %s", len(frame), strings.ToLower(fmt.Sprintf("0x%04X", binary.BigEndian.Uint16(frame[12:]))))
}
