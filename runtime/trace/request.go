package trace

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"pillion/compiler/network"
	"pillion/lang/diag"
	"pillion/runtime/inventory"
	"pillion/runtime/packet"
)

// Request says which packet to follow: the first of a conversation.
type Request struct {
	From  string // an endpoint; a gateway sends from an address behind it
	To    string // an endpoint, or an IP address
	Proto string // icmp, tcp, udp or a number; empty: tcp if a port is given, else icmp
	SPort uint16 // 0 stands for 40000
	DPort uint16 // needed by tcp and udp
	// Family is 4 or 6; 0 means that of To if that is an address, else IPv4 if both ends have it.
	Family int
}

const defaultSource = 40000

// packet finds the addresses and makes the packet.
func (r Request) packet(v *inventory.Inventory) (*packet.Packet, error) {
	from := v.Endpoint(r.From)
	if from == nil {
		return nil, unknown(v, r.From)
	}
	p := &packet.Packet{SrcMAC: packet.MAC(from.MAC), SPort: r.SPort, DPort: r.DPort}
	if err := r.protocol(p); err != nil {
		return nil, err
	}
	to, err := r.destination(v, p)
	if err != nil {
		return nil, err
	}
	if to == from {
		return nil, fmt.Errorf("%s does not talk to itself through the network; name another endpoint or address", from.Name)
	}
	for _, six := range r.families(p.Dst) {
		src, ok := v.Address(from, six, nil)
		dst := p.Dst
		if ok && !dst.IsValid() {
			dst, ok = v.Address(to, six, nil)
		}
		if !ok {
			continue
		}
		p.Src, p.Dst = src, dst
		switch {
		case dst.IsMulticast():
			p.DstMAC = packet.GroupMAC(dst)
		default:
			p.DstMAC = packet.MAC(to.MAC)
		}
		if p.Proto == packet.ICMP {
			p.Type, p.ID = packet.Echo, 1
			if six {
				p.Type = packet.EchoV6
			}
		}
		return p, nil
	}
	return nil, fmt.Errorf("%s and %s have no address of the same family%s", r.From, r.To, familyName(r.Family))
}

func familyName(family int) string {
	if family == 0 {
		return ""
	}
	return fmt.Sprintf(" IPv%d", family)
}

func (r Request) families(dst netip.Addr) []bool {
	switch {
	case dst.IsValid():
		return []bool{dst.Is6()}
	case r.Family == 4:
		return []bool{false}
	case r.Family == 6:
		return []bool{true}
	}
	return []bool{false, true}
}

// destination finds who gets the packet; nobody, if it goes to a group. An address goes into the packet.
func (r Request) destination(v *inventory.Inventory, p *packet.Packet) (*network.Endpoint, error) {
	if to := v.Endpoint(r.To); to != nil {
		return to, nil
	}
	ip, err := netip.ParseAddr(r.To)
	if err != nil || ip.Zone() != "" {
		return nil, unknown(v, r.To)
	}
	ip = ip.Unmap()
	if r.Family != 0 && ip.Is6() != (r.Family == 6) {
		return nil, fmt.Errorf("%v is no IPv%d address", ip, r.Family)
	}
	p.Dst = ip
	if ip.IsMulticast() {
		return nil, nil
	}
	to := v.Owner(ip)
	if to == nil {
		return nil, fmt.Errorf("nobody has the address %v, and no gateway's prefix holds it; see endpoints in network.json of the bundle", ip)
	}
	return to, nil
}

func (r Request) protocol(p *packet.Packet) error {
	switch strings.ToLower(r.Proto) {
	case "":
		p.Proto = packet.ICMP
		if r.SPort != 0 || r.DPort != 0 {
			p.Proto = packet.TCP
		}
	case "icmp":
		p.Proto = packet.ICMP
	case "tcp":
		p.Proto = packet.TCP
	case "udp":
		p.Proto = packet.UDP
	default:
		n, err := strconv.ParseUint(r.Proto, 10, 8)
		if err != nil {
			return fmt.Errorf("protocol %q: want icmp, tcp, udp or a number from 0 to 255", r.Proto)
		}
		p.Proto = uint8(n)
	}
	if p.Proto == packet.ICMPv6 {
		p.Proto = packet.ICMP
	}
	if p.Proto != packet.TCP && p.Proto != packet.UDP {
		if r.SPort != 0 || r.DPort != 0 {
			return fmt.Errorf("protocol %s has no ports; leave --sport and --dport out, or take tcp or udp", r.Proto)
		}
		return nil
	}
	if r.DPort == 0 {
		return fmt.Errorf("%s needs a destination port: --dport", strings.ToLower(r.Proto))
	}
	if p.SPort == 0 {
		p.SPort = defaultSource
	}
	if p.Proto == packet.TCP {
		p.Flags = packet.SYN
	}
	return nil
}

func unknown(v *inventory.Inventory, name string) error {
	hint := diag.DidYouMean(name, v.Names())
	if hint == "" {
		names := v.Names()
		if len(names) > 8 {
			names = append(names[:8:8], "…")
		}
		hint = "endpoints are " + strings.Join(names, ", ")
	}
	return fmt.Errorf("the network has no endpoint %q: %s", name, hint)
}
