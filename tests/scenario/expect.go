package scenario

import (
	"net/netip"
	"slices"
	"strings"

	"pillion/compiler/network"
)

// family is a version of IP.
type family int

const (
	v4 family = 4
	v6 family = 6
)

func familyOf(ip netip.Addr) family {
	if ip.Is4() {
		return v4
	}
	return v6
}

// reader reads one line of expect.
type reader struct {
	*words
	s    *Scenario
	only family // that the line is for; 0: as many as fit
}

// maxLines bounds what a scenario expects.
const maxLines = 10000

func (s *Scenario) readExpect(file section) error {
	for number, text := range file.lines() {
		r := &reader{words: newWords(file.archive, number, text), s: s}
		if len(s.lines) == maxLines {
			r.fail("a scenario has at most %d lines of expectations", maxLines)
			return r.err
		}
		l := line{text: text}
		l.step, l.families = r.step()
		r.end()
		if r.err != nil {
			return r.err
		}
		l.place = r.place()
		s.lines = append(s.lines, l)
	}
	return nil
}

// step reads a line, and says for which families it holds.
func (r *reader) step() (step, []family) {
	switch {
	case r.accept("ipv4"):
		r.only = v4
	case r.accept("ipv6"):
		r.only = v6
	}
	switch verb := r.take("a verb"); verb {
	case "ping", "udp", "tcp":
		return r.talk(verb)
	case "flows":
		return r.flows()
	case "join":
		return r.join()
	case "forge":
		return r.forge()
	case "arp", "nd":
		return r.ask(verb)
	case "decode":
		return r.decode()
	case "counters":
		return r.counters()
	default:
		r.unknown("verb", verb, []string{"ping", "udp", "tcp", "flows", "join", "forge", "arp", "nd", "decode", "counters"})
		return nil, nil
	}
}

// end is one end of a conversation: an endpoint by its name, with all its addresses, or one address.
type end struct {
	endpoint *network.Endpoint
	ips      []netip.Addr
}

// address is the end's address of a family.
func (e end) address(f family) netip.Addr {
	for _, ip := range e.ips {
		if familyOf(ip) == f {
			return ip
		}
	}
	return netip.Addr{}
}

// takeEnd takes an END.
func (r *reader) takeEnd() end {
	return r.namedEnd(r.take("an endpoint or an address"))
}

func (r *reader) namedEnd(word string) end {
	if r.err != nil {
		return end{}
	}
	if e := r.s.Site.endpoint(word); e != nil {
		return end{e, e.IPs}
	}
	ip, err := netip.ParseAddr(word)
	if err != nil {
		r.unknown("endpoint", word, r.s.endpoints())
		return end{}
	}
	e := r.s.owner(ip)
	if e == nil || ip.IsMulticast() {
		r.fail("nobody has the address %s: name an endpoint, an endpoint's address, or one within a gateway's prefixes", ip)
		return end{}
	}
	return end{e, []netip.Addr{ip}}
}

// takeEndpoint takes the name of an endpoint.
func (r *reader) takeEndpoint() *network.Endpoint {
	name := r.take("an endpoint")
	e := r.s.Site.endpoint(name)
	if e == nil && r.err == nil {
		r.unknown("endpoint", name, r.s.endpoints())
	}
	return e
}

// families are those that all ends have.
func (r *reader) families(ends ...end) []family {
	var list []family
	for _, f := range []family{v4, v6} {
		if r.only != 0 && r.only != f {
			continue
		}
		if !slices.ContainsFunc(ends, func(e end) bool { return !e.address(f).IsValid() }) {
			list = append(list, f)
		}
	}
	if len(list) == 0 && r.err == nil {
		r.fail("there is no address family that all of them have")
	}
	return list
}

// takeInstances takes names of instances.
func (r *reader) takeInstances() []string {
	list := r.names("an instance")
	for _, name := range list {
		if !slices.Contains(r.s.instances(), name) {
			r.unknown("instance", name, r.s.instances())
		}
	}
	slices.Sort(list)
	return list
}

// takeGate takes a gate of a way: the instances that may be meant.
func (r *reader) takeGate() []string {
	var list []string
	for _, name := range strings.Split(r.take("a middlebox"), "|") {
		if typ := r.s.types[name]; typ != nil {
			for _, instance := range typ.Instances {
				list = append(list, instance.Text)
			}
			continue
		}
		if !slices.Contains(r.s.instances(), name) {
			valid := r.s.instances()
			for i := range r.s.policy.Middleboxes {
				valid = append(valid, r.s.policy.Middleboxes[i].Name.Text)
			}
			slices.Sort(valid)
			r.unknown("middlebox", name, slices.Compact(valid))
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
