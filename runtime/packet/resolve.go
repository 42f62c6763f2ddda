package packet

import (
	"bytes"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Broadcast is the Ethernet address of everybody.
var Broadcast = MAC{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}

// ARP is a question or an answer of RFC 826, with the Ethernet header that it travels in.
type ARP struct {
	SrcMAC, DstMAC MAC    // of the frame
	Operation      uint16 // 1 question, 2 answer
	SenderMAC      MAC
	Sender         netip.Addr
	TargetMAC      MAC
	Target         netip.Addr
}

// Bytes is the frame.
func (a *ARP) Bytes() []byte {
	return serialize(
		&layers.Ethernet{SrcMAC: a.SrcMAC[:], DstMAC: a.DstMAC[:], EthernetType: layers.EthernetTypeARP},
		&layers.ARP{
			AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4, Operation: a.Operation,
			SourceHwAddress: a.SenderMAC[:], SourceProtAddress: a.Sender.AsSlice(), DstHwAddress: a.TargetMAC[:], DstProtAddress: a.Target.AsSlice(),
		})
}

// Neighbour is a neighbour solicitation or advertisement (RFC 4861, sections 4.3 and 4.4) with one
// link-layer address option.
type Neighbour struct {
	SrcMAC, DstMAC MAC
	Src, Dst       netip.Addr
	HopLimit       uint8 // 0 stands for 255, the only valid one
	Advertisement  bool
	Flags          uint8 // of an advertisement: 0x80 router, 0x40 solicited, 0x20 override
	Target         netip.Addr
	Option         MAC // source address in a solicitation, target address in an advertisement
	NoOption       bool
}

// Bytes is the frame.
func (n *Neighbour) Bytes() []byte {
	hops := n.HopLimit
	if hops == 0 {
		hops = 255
	}
	typ, option := uint8(layers.ICMPv6TypeNeighborSolicitation), byte(1)
	flags := []byte{0, 0, 0, 0}
	if n.Advertisement {
		typ, option = layers.ICMPv6TypeNeighborAdvertisement, 2
		flags[0] = n.Flags
	}
	body := append(flags, n.Target.AsSlice()...)
	if !n.NoOption {
		body = append(append(body, option, 1), n.Option[:]...)
	}
	ip := &layers.IPv6{Version: 6, HopLimit: hops, NextHeader: layers.IPProtocolICMPv6, SrcIP: n.Src.AsSlice(), DstIP: n.Dst.AsSlice()}
	icmp := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(typ, 0)}
	_ = icmp.SetNetworkLayerForChecksum(ip) // IPv6 is a network layer
	return serialize(&layers.Ethernet{SrcMAC: n.SrcMAC[:], DstMAC: n.DstMAC[:], EthernetType: layers.EthernetTypeIPv6}, ip, icmp, gopacket.Payload(body))
}

// Question asks for the Ethernet address of an IP address: by ARP, or by a solicitation to
// the solicited-node group (RFC 4291, section 2.7.1).
func Question(mac MAC, sender, target netip.Addr) []byte {
	if target.Is4() {
		return (&ARP{SrcMAC: mac, DstMAC: Broadcast, Operation: 1, SenderMAC: mac, Sender: sender, Target: target}).Bytes()
	}
	t := target.As16()
	node := netip.AddrFrom16([16]byte{0: 0xFF, 1: 0x02, 11: 1, 12: 0xFF, 13: t[13], 14: t[14], 15: t[15]})
	return (&Neighbour{SrcMAC: mac, DstMAC: GroupMAC(node), Src: sender, Dst: node, Target: target, Option: mac}).Bytes()
}

// Answer reads the answer to Question(mac, sender, target): the Ethernet address that it tells. It checks every
// field that a host would, checksums included.
func Answer(frame []byte, mac MAC, sender, target netip.Addr) (MAC, bool) {
	var told MAC
	if target.Is4() {
		if len(frame) < 42 {
			return told, false
		}
		copy(told[:], frame[22:28])
		want := (&ARP{SrcMAC: told, DstMAC: mac, Operation: 2, SenderMAC: told, Sender: target, TargetMAC: mac, Target: sender}).Bytes()
		return told, bytes.Equal(frame[:42], want[:42])
	}
	if len(frame) < 86 {
		return told, false
	}
	copy(told[:], frame[80:86])
	want := &Neighbour{SrcMAC: told, DstMAC: mac, Src: target, Dst: sender, Advertisement: true, Flags: frame[58], Target: target, Option: told}
	return told, frame[58]&0x40 != 0 && bytes.Equal(frame, want.Bytes())
}

// GroupMAC is the Ethernet address of a multicast group (RFC 1112, section 6.4; RFC 2464, section 7).
func GroupMAC(group netip.Addr) MAC {
	if group.Is4() {
		g := group.As4()
		return MAC{0x01, 0x00, 0x5E, g[1] & 0x7F, g[2], g[3]}
	}
	g := group.As16()
	return MAC{0x33, 0x33, g[12], g[13], g[14], g[15]}
}
