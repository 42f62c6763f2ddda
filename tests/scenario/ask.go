package scenario

import (
	"bytes"
	"fmt"
	"net/netip"

	"pillion/runtime/packet"
)

// askStep is a question for a MAC address.
type askStep struct {
	from, to end
	fields   fields
	answered bool
}

// ask reads a line of arp or nd behind the verb.
func (r *reader) ask(verb string) (step, []family) {
	s := &askStep{}
	if e := r.takeEndpoint(); e != nil {
		s.from = end{e, e.IPs}
	}
	r.expect("asks")
	s.to = r.takeEnd()
	s.fields = r.fields(askFields)
	r.expect(":")
	if s.answered = r.accept("answered"); s.answered {
		r.expect("without", "a", "flood")
	} else {
		r.expect("unanswered")
	}
	switch {
	case verb == "arp" && r.only == v6 || verb == "nd" && r.only == v4:
		r.fail("arp is of ipv4, nd of ipv6")
	case verb == "arp":
		r.only = v4
	default:
		r.only = v6
	}
	sender := s.from
	if s.fields.source != nil {
		sender = *s.fields.source
	}
	return s, r.families(sender, s.to)
}

// question makes the frame.
func (s *askStep) question(f family) (frame []byte, mac packet.MAC, sender, target netip.Addr) {
	mac, sender, target = packet.MAC(s.from.endpoint.MAC), s.from.address(f), s.to.address(f)
	if s.fields.source != nil {
		sender = s.fields.source.address(f)
	}
	claimed, source := mac, mac
	if s.fields.mac != nil {
		claimed = *s.fields.mac
	}
	if s.fields.srcMAC != nil {
		source = *s.fields.srcMAC
	}
	if f == v4 {
		q := packet.ARP{SrcMAC: source, DstMAC: packet.Broadcast, Operation: 1, SenderMAC: claimed, Sender: sender, Target: target}
		return q.Bytes(), mac, sender, target
	}
	group := solicited(target)
	q := packet.Neighbour{SrcMAC: source, DstMAC: packet.GroupMAC(group), Src: sender, Dst: group, Target: target, Option: claimed}
	return q.Bytes(), mac, sender, target
}

// solicited is the solicited-node group of an address (RFC 4291, section 2.7.1).
func solicited(ip netip.Addr) netip.Addr {
	group := netip.MustParseAddr("ff02::1:ff00:0").As16()
	b := ip.As16()
	copy(group[13:], b[13:])
	return netip.AddrFrom16(group)
}

func (s *askStep) run(r *running, f family) error {
	frame, mac, sender, target := s.question(f)
	injection := Injection{At: s.from.endpoint.Name, Frame: frame, Mine: func(b []byte) bool { return resolves(b, sender, target) }}
	if s.answered {
		injection.Await = s.from.endpoint.Name
	}
	arrivals, err := r.world.Inject(injection)
	if err != nil {
		return err
	}
	if !s.answered {
		return nobody(arrivals)
	}
	answered := false
	for _, a := range arrivals {
		if a.At != s.from.endpoint.Name {
			return fmt.Errorf("the question came to %s: %s", a.At, packet.Describe(a.Frame))
		}
		if told, ok := packet.Answer(a.Frame, mac, sender, target); !ok || told != packet.MAC(s.to.endpoint.MAC) {
			return fmt.Errorf("not the right answer: %s", packet.Describe(a.Frame))
		}
		answered = true
	}
	if !answered {
		return fmt.Errorf("was not answered")
	}
	return nil
}

// resolves says whether a frame is ARP or neighbour discovery about two addresses.
func resolves(frame []byte, sender, target netip.Addr) bool {
	const header, nextHeader, typ = 14, 20, 54 // of Ethernet, and places in a neighbour message
	if len(frame) < header || !bytes.Contains(frame, sender.AsSlice()) || !bytes.Contains(frame, target.AsSlice()) {
		return false
	}
	if frame[12] == 0x08 && frame[13] == 0x06 {
		return true
	}
	return len(frame) > typ && frame[12] == 0x86 && frame[13] == 0xDD && frame[nextHeader] == packet.ICMPv6 &&
		(frame[typ] == 135 || frame[typ] == 136)
}
