package policytest

import (
	"net/netip"
	"slices"

	"pillion/lang"
	"pillion/lang/diag"
)

// item is a protocol, and for TCP and UDP the port that a probe goes to.
type item struct {
	proto uint8
	port  uint16
}

// items is what an expectation's `on` asks for. A range is tried at both ends; without `on`, ICMP,
// UDP and TCP are tried, on a port that the policy does not speak of.
func (p *preparer) items(e *lang.Expect) []item {
	if len(e.On) == 0 {
		return []item{{proto: lang.ProtoICMP}, {lang.ProtoUDP, p.port}, {lang.ProtoTCP, p.port}}
	}
	var out []item
	add := func(s lang.ServiceItem) {
		i := item{proto: s.Proto}
		if s.Proto != lang.ProtoTCP && s.Proto != lang.ProtoUDP {
			out = append(out, i)
			return
		}
		ports := []uint16{s.Lo, s.Hi}
		if s.AllPorts {
			ports = []uint16{p.port}
		}
		for _, i.port = range slices.Compact(ports) {
			out = append(out, i)
		}
	}
	for _, ref := range e.On {
		if ref.Name.Text == "" {
			add(ref.Item)
			continue
		}
		s := p.services[ref.Name.Text]
		if s == nil {
			var known []string
			for _, s := range p.policy.Services {
				known = append(known, s.Name.Text)
			}
			p.report(ref.Name.Span, codeService, "unknown service "+ref.Name.Text, or(diag.DidYouMean(ref.Name.Text, known), "declare it, or write a protocol such as tcp/80"))
			continue
		}
		for _, i := range s.Items {
			add(i)
		}
	}
	var once []item
	for _, i := range out {
		if !slices.Contains(once, i) {
			once = append(once, i)
		}
	}
	return once
}

// The ports where none is said are the first from these on that no service of the policy covers.
const (
	firstPort   = 9 // "discard"
	firstSource = 40000
)

func freePorts(policy *lang.Policy) (destination, source uint16) {
	var spoken []lang.ServiceItem
	refs := func(list []lang.ServiceRef) {
		for _, r := range list {
			if r.Name.Text == "" {
				spoken = append(spoken, r.Item)
			}
		}
	}
	for _, s := range policy.Services {
		spoken = append(spoken, s.Items...)
	}
	for _, t := range policy.Tenants {
		refs(t.Offers)
	}
	for _, r := range policy.Rules {
		refs(r.On)
	}
	for _, c := range policy.Chains {
		refs(c.On)
	}
	free := func(first uint16) uint16 {
		for port := first; port != 0; port++ {
			if !slices.ContainsFunc(spoken, func(s lang.ServiceItem) bool { return !s.AllPorts && s.Lo <= port && port <= s.Hi }) {
				return port
			}
		}
		return first
	}
	return free(firstPort), free(firstSource)
}

// prefixes are the CIDR selectors of a policy.
func prefixes(policy *lang.Policy) []netip.Prefix {
	var out []netip.Prefix
	collect := func(lists ...[]lang.Selector) {
		for _, list := range lists {
			for _, s := range list {
				if s.Kind == lang.SelCIDR {
					out = append(out, s.CIDR)
				}
			}
		}
	}
	for _, r := range policy.Rules {
		collect(r.From, r.To)
	}
	for _, c := range policy.Chains {
		collect(c.From, c.To)
	}
	return out
}
