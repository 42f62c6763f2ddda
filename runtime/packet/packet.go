package packet

import (
	"fmt"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// MAC is an Ethernet address in transmission order.
type MAC [6]byte

func (m MAC) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// Protocol numbers of IP. ICMP stands for ICMPv6 (58) in IPv6 packets.
const (
	ICMP   = 1
	TCP    = 6
	UDP    = 17
	ICMPv6 = 58
)

// Flags are those of a TCP segment, bits as on the wire (RFC 9293, section 3.1).
type Flags uint8

// The flags that conversations here use.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
)

// String is in tcpdump's letters: "S", "S.", ".", "P.".
func (f Flags) String() string {
	s := ""
	for _, l := range []struct {
		bit    Flags
		letter string
	}{{FIN, "F"}, {SYN, "S"}, {RST, "R"}, {PSH, "P"}, {ACK, "."}} {
		if f&l.bit != 0 {
			s += l.letter
		}
	}
	return s
}

// Types of ICMP messages, as RFC 792 and RFC 4443 number them.
const (
	EchoReply          = 0
	Unreachable        = 3
	Echo               = 8
	TimeExceeded       = 11
	UnreachableV6      = 1
	TooBigV6           = 2
	EchoV6             = 128
	EchoReplyV6        = 129
	ListenerReportV6   = 143
	RouterSolicitation = 133
)

// Packet is an IP packet in an Ethernet frame. Src and Dst are of one family.
type Packet struct {
	SrcMAC, DstMAC MAC
	Src, Dst       netip.Addr
	TTL            uint8 // hop limit; 0 stands for 64
	Proto          uint8 // of what follows IP and its extension headers; ICMP in both families
	Fragment       *Fragment
	OptionWords    int         // 4-byte words of IPv4 options, all "no operation"; at most 10
	Extensions     []Extension // of IPv6, in their order

	SPort, DPort uint16 // TCP and UDP
	Flags        Flags  // TCP
	Seq, AckNo   uint32 // TCP

	Type, Code uint8  // ICMP and ICMPv6
	ID, Number uint16 // of an echo

	Payload []byte
}

// Fragment makes a packet one part of a longer one. A later fragment (Offset not 0) has no
// transport header: Payload follows IP.
type Fragment struct {
	Offset uint16 // in 8 bytes
	More   bool
	ID     uint32 // IPv4 takes the low 16 bits
}

// Extension is an IPv6 extension header of the common form (RFC 8200, section 4).
type Extension struct {
	Proto uint8
	Body  []byte // behind next header and length; padded to a multiple of 8 bytes with these
}

// Six says whether the packet is IPv6.
func (p *Packet) Six() bool { return p.Dst.Is6() }

// Bytes is the frame, with lengths and checksums. It panics if the fields cannot be a packet (one
// address is missing, or of another family): that is a mistake of the caller, not of an input.
func (p *Packet) Bytes() []byte {
	if !p.Src.IsValid() || !p.Dst.IsValid() || p.Src.Is4() != p.Dst.Is4() {
		panic(fmt.Sprintf("packet: from %v to %v is no packet", p.Src, p.Dst))
	}
	ip, checksummed := p.network()
	stack := append([]gopacket.SerializableLayer{p.ethernet()}, ip...)
	if p.Fragment == nil || p.Fragment.Offset == 0 {
		stack = append(stack, p.transport(checksummed)...)
	}
	stack = append(stack, gopacket.Payload(p.Payload))
	return serialize(stack...)
}

func serialize(stack ...gopacket.SerializableLayer) []byte {
	buffer := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buffer, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, stack...); err != nil {
		panic("packet: " + err.Error())
	}
	return buffer.Bytes()
}

func (p *Packet) ethernet() *layers.Ethernet {
	e := &layers.Ethernet{SrcMAC: p.SrcMAC[:], DstMAC: p.DstMAC[:], EthernetType: layers.EthernetTypeIPv4}
	if p.Six() {
		e.EthernetType = layers.EthernetTypeIPv6
	}
	return e
}

// network makes the layers of IP, and says by which one checksums are computed.
func (p *Packet) network() ([]gopacket.SerializableLayer, gopacket.NetworkLayer) {
	ttl := p.TTL
	if ttl == 0 {
		ttl = 64
	}
	if !p.Six() {
		ip := &layers.IPv4{Version: 4, TTL: ttl, Protocol: layers.IPProtocol(p.Proto), SrcIP: p.Src.AsSlice(), DstIP: p.Dst.AsSlice()}
		if f := p.Fragment; f != nil {
			ip.FragOffset, ip.Id = f.Offset, uint16(f.ID)
			if f.More {
				ip.Flags = layers.IPv4MoreFragments
			}
		}
		for range 4 * p.OptionWords {
			ip.Options = append(ip.Options, layers.IPv4Option{OptionType: 1, OptionLength: 1})
		}
		return []gopacket.SerializableLayer{ip}, ip
	}
	ip := &layers.IPv6{Version: 6, HopLimit: ttl, SrcIP: p.Src.AsSlice(), DstIP: p.Dst.AsSlice()}
	first, extensions := p.extensions()
	ip.NextHeader = layers.IPProtocol(first)
	if len(extensions) == 0 {
		return []gopacket.SerializableLayer{ip}, ip
	}
	return []gopacket.SerializableLayer{ip, gopacket.Payload(extensions)}, ip
}

// wireProto is the protocol number of the transport.
func (p *Packet) wireProto() uint8 {
	if p.Proto == ICMP && p.Six() {
		return ICMPv6
	}
	return p.Proto
}

func (p *Packet) transport(ip gopacket.NetworkLayer) []gopacket.SerializableLayer {
	switch p.Proto {
	case TCP:
		t := &layers.TCP{SrcPort: layers.TCPPort(p.SPort), DstPort: layers.TCPPort(p.DPort), Seq: p.Seq, Ack: p.AckNo, Window: 65535,
			FIN: p.Flags&FIN != 0, SYN: p.Flags&SYN != 0, RST: p.Flags&RST != 0, PSH: p.Flags&PSH != 0, ACK: p.Flags&ACK != 0}
		_ = t.SetNetworkLayerForChecksum(ip) // an IP layer always is one
		return []gopacket.SerializableLayer{t}
	case UDP:
		u := &layers.UDP{SrcPort: layers.UDPPort(p.SPort), DstPort: layers.UDPPort(p.DPort)}
		_ = u.SetNetworkLayerForChecksum(ip)
		return []gopacket.SerializableLayer{u}
	case ICMP:
		rest := []byte{byte(p.ID >> 8), byte(p.ID), byte(p.Number >> 8), byte(p.Number)}
		if p.Six() {
			i := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(p.Type, p.Code)}
			_ = i.SetNetworkLayerForChecksum(ip)
			return []gopacket.SerializableLayer{i, gopacket.Payload(rest)}
		}
		return []gopacket.SerializableLayer{&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(p.Type, p.Code), Id: p.ID, Seq: p.Number}}
	}
	return nil
}
