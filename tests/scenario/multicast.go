package scenario

import (
	"fmt"
	"net/netip"
	"slices"
)

// joinStep makes a host a member of a group.
type joinStep struct {
	endpoint string
	group    netip.Addr
}

// join reads a line of join behind the verb.
func (r *reader) join() (step, []family) {
	e := r.takeEndpoint()
	group := r.takeGroup()
	if r.err != nil {
		return nil, nil
	}
	return &joinStep{e.Name, group}, []family{familyOf(group)}
}

// takeGroup takes the address of a group.
func (r *reader) takeGroup() netip.Addr {
	word := r.take("a group")
	group, err := netip.ParseAddr(word)
	if r.err == nil && (err != nil || !group.IsMulticast()) {
		r.fail("a group is an address such as 239.1.1.1 or ff0e::1, not %q", word)
	}
	return group
}

func (s *joinStep) run(r *running, _ family) error {
	if slices.Contains(r.joins[s.group], s.endpoint) {
		return nil
	}
	r.joins[s.group] = append(r.joins[s.group], s.endpoint)
	return r.world.Join(s.endpoint, s.group)
}

// sendStep is a datagram to a group.
type sendStep struct {
	from  end
	group netip.Addr
	port  uint16
	to    []string // who shall get it, sorted
}

// multicast reads the rest of a udp whose destination is a group; nil if it is none.
func (t *talkStep) multicast(r *reader) *sendStep {
	if t.to.endpoint != nil || len(t.to.ips) == 0 || r.err != nil {
		return nil
	}
	s := &sendStep{from: t.from, group: t.to.ips[0], port: t.port}
	if t.size != 0 || t.fromPort != 0 || t.count != 1 {
		r.fail("udp to a group takes no size, no from-port and no times")
	}
	if !s.from.address(familyOf(s.group)).IsValid() {
		r.fail("the sender has no address of the family of %s", s.group)
	}
	r.expect(":")
	if r.accept("dropped") {
		return s
	}
	r.expect("delivered", "to")
	s.to = r.names("an endpoint")
	for _, name := range s.to {
		if r.s.Site.endpoint(name) == nil {
			r.unknown("endpoint", name, r.s.endpoints())
		}
	}
	slices.Sort(s.to)
	return s
}

func (s *sendStep) run(r *running, f family) error {
	for _, name := range s.to {
		if !slices.Contains(r.joins[s.group], name) {
			return fmt.Errorf("%s has not joined %s: write \"join %s %s\" before", name, s.group, name, s.group)
		}
	}
	got, err := r.world.Send(s.from.endpoint.Name, s.from.address(f), netip.AddrPortFrom(s.group, s.port), s.to)
	if err != nil {
		return err
	}
	if !slices.Equal(got, s.to) {
		return fmt.Errorf("delivered to %s, expected %s", listed(got), listed(s.to))
	}
	return nil
}
