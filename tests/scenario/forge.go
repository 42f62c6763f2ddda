package scenario

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"pillion/compiler/network"
	"pillion/runtime/packet"
)

// forgeStep is one frame out of the ordinary.
type forgeStep struct {
	from      end
	to        end // its endpoint is nil for a group
	fields    fields
	delivered bool
}

// forge reads a line of forge behind the verb.
func (r *reader) forge() (step, []family) {
	s := &forgeStep{}
	if e := r.takeEndpoint(); e != nil {
		s.from = end{e, e.IPs}
	}
	s.fields = r.fields(forgeFields)
	r.expect("->")
	if group, err := netip.ParseAddr(r.peek()); err == nil && group.IsMulticast() {
		s.to = end{ips: []netip.Addr{r.takeGroup()}}
	} else {
		s.to = r.takeEnd()
	}
	r.expect(":")
	if s.delivered = r.accept("delivered"); !s.delivered {
		r.expect("dropped")
	}
	ends := append([]end{s.from, s.to}, s.fields.ends...)
	if s.fields.source != nil {
		ends[0] = *s.fields.source // in place of the endpoint's own
	}
	if s.delivered && s.to.endpoint == nil {
		r.fail("what is forged to a group can only be dropped")
	}
	return s, r.families(ends...)
}

// frame makes the frame for one family, with a token in it by which it is known again.
func (s *forgeStep) frame(r *running, f family, token []byte) []byte {
	p := packet.Packet{
		SrcMAC: packet.MAC(s.from.endpoint.MAC), Src: s.from.address(f), Dst: s.to.address(f),
		Proto: protoUDP, SPort: r.ports(1), DPort: 53, Payload: token, Flags: packet.SYN,
	}
	if s.to.endpoint != nil {
		p.DstMAC = packet.MAC(s.to.endpoint.MAC)
	} else {
		p.DstMAC = packet.GroupMAC(p.Dst)
	}
	for _, change := range s.fields.changes {
		change(&p, f)
	}
	if p.Proto == protoICMP {
		p.Type = packet.Echo
		if f == v6 {
			p.Type = packet.EchoV6
		}
	}
	if quoted := s.fields.quotes; quoted != nil {
		about := packet.Packet{SrcMAC: p.DstMAC, DstMAC: p.SrcMAC, Src: p.Dst, Dst: quoted.address(f), Proto: p.Proto,
			SPort: p.SPort, DPort: p.DPort, Payload: token}
		typ, code := uint8(packet.Unreachable), uint8(3)
		if f == v6 {
			typ, code = packet.UnreachableV6, 4
		}
		p = *packet.Error(about.Bytes(), packet.Packet{SrcMAC: p.SrcMAC, DstMAC: p.DstMAC, Src: p.Src, Dst: p.Dst}, typ, code, 8+len(token))
	}
	if n := s.fields.nsh; n != nil {
		locator := r.locator(s.from.endpoint)
		e := packet.Encapsulated{Dst: locator, Src: p.SrcMAC, NSH: *n, Inner: p.Bytes()}
		return e.Bytes()
	}
	return p.Bytes()
}

// locator is that of the edge that an endpoint's frames come to, behind a shim if there is one: who would believe
// what claims to be encapsulated.
func (s *Scenario) locator(e *network.Endpoint) packet.MAC {
	sw := &s.net.Switches[e.At.Switch]
	name := sw.Name
	if sw.Target == network.Legacy && sw.Sidecar != "" {
		name = sw.Sidecar
	} else if sw.Target == network.Legacy {
		name = e.Name // its shim
	}
	for i := range s.plan.Switches {
		if s.plan.Switches[i].Name == name {
			return packet.MAC(s.plan.Switches[i].Locator)
		}
	}
	return packet.MAC{}
}

func (s *forgeStep) run(r *running, f family) error {
	token := fmt.Appendf(nil, "pillion forged %08d", r.ports(1))
	frame := s.frame(r, f, token)
	injection := Injection{At: s.from.endpoint.Name, Frame: frame, Mine: func(b []byte) bool { return bytes.Contains(b, token) }}
	if s.delivered {
		injection.Await = s.to.endpoint.Name
	}
	arrivals, err := r.world.Inject(injection)
	if err != nil {
		return err
	}
	if !s.delivered {
		return nobody(arrivals)
	}
	came := false
	for _, a := range arrivals {
		switch {
		case a.Box || a.At == s.from.endpoint.Name: // on its way, or the host's answer to it
		case a.At != s.to.endpoint.Name:
			return fmt.Errorf("came to %s: %s", a.At, packet.Describe(a.Frame))
		case bytes.Equal(a.Frame, frame):
			came = true
		default:
			return fmt.Errorf("arrived changed: %s", packet.Describe(a.Frame))
		}
	}
	if !came {
		return fmt.Errorf("did not arrive: %s", packet.Describe(frame))
	}
	return nil
}

// nobody makes an error of arrivals where none should be.
func nobody(arrivals []Arrival) error {
	if len(arrivals) == 0 {
		return nil
	}
	var names []string
	for _, a := range arrivals {
		names = append(names, a.At)
	}
	slices.Sort(names)
	return fmt.Errorf("came to %s: %s", strings.Join(slices.Compact(names), ", "), packet.Describe(arrivals[0].Frame))
}
