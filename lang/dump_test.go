package lang

import (
	"fmt"
	"strings"
)

// dump writes a policy as the tests compare it: everything but the places.
func dump(p *Policy) string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for _, t := range p.Tenants {
		put("tenant %q isolated=%t shared=%t offers=%s", t.Name.Text, t.Isolated, t.Shared, dumpRefs(t.Offers))
		for _, g := range t.Groups {
			put("  group %q = %s", g.Name.Text, dumpNames(g.Endpoints))
		}
	}
	for _, s := range p.Services {
		items := []string{}
		for _, item := range s.Items {
			items = append(items, dumpItem(item))
		}
		put("service %q = %s", s.Name.Text, strings.Join(items, " "))
	}
	for _, r := range p.Rules {
		verdict := "allow"
		if r.Verdict == Deny {
			verdict = "deny"
		}
		put("%s %q %s -> %s on %s one-way=%t", verdict, r.Name.Text, dumpSelectors(r.From), dumpSelectors(r.To), dumpRefs(r.On), r.OneWay)
	}
	for _, m := range p.Middleboxes {
		put("middlebox %q %s stateful=%t tap=%t rewrites=%t open=%t", m.Name.Text, dumpNames(m.Instances),
			m.Stateful, m.Tap, m.Rewrites, m.OnFailure == FailOpen)
	}
	for _, c := range p.Chains {
		gates := []string{}
		for _, g := range c.Via {
			gates = append(gates, fmt.Sprintf("%q reversed=%t", g.Type.Text, g.Reversed))
		}
		put("chain %q %s -> %s on %s via %s priority=%t %d", c.Name.Text, dumpSelectors(c.From), dumpSelectors(c.To),
			dumpRefs(c.On), strings.Join(gates, ", "), c.HasPriority, c.Priority)
	}
	for _, m := range p.Multicasts {
		addresses := []string{}
		for _, a := range m.Addresses {
			addresses = append(addresses, a.IP.String())
		}
		put("multicast %q %s from %s to %s", m.Name.Text, strings.Join(addresses, " "), dumpSelectors(m.Senders), dumpSelectors(m.Receivers))
	}
	for _, t := range p.Tests {
		put("test %q", t.Name.Text)
		for _, e := range t.Statements {
			put("  %q -> %q ip=%t on %s port=%d delivered=%t to=%s via=%t%s copied=%s", e.From.Text, e.To.Text, e.ToIP.IsValid(),
				dumpRefs(e.On), e.SourcePort, e.Delivered, dumpNames(e.DeliveredTo), e.HasVia, dumpNames(e.Via), dumpNames(e.CopiedTo))
		}
	}
	return b.String()
}

func dumpNames(names []Name) string {
	texts := []string{}
	for _, n := range names {
		texts = append(texts, fmt.Sprintf("%q", n.Text))
	}
	return "[" + strings.Join(texts, " ") + "]"
}

func dumpItem(item ServiceItem) string {
	if item.AllPorts {
		return fmt.Sprint(item.Proto)
	}
	return fmt.Sprintf("%d/%d-%d", item.Proto, item.Lo, item.Hi)
}

func dumpRefs(refs []ServiceRef) string {
	texts := []string{}
	for _, r := range refs {
		if r.Name.Text != "" {
			texts = append(texts, fmt.Sprintf("%q", r.Name.Text))
		} else {
			texts = append(texts, dumpItem(r.Item))
		}
	}
	return "[" + strings.Join(texts, " ") + "]"
}

func dumpSelectors(selectors []Selector) string {
	texts := []string{}
	for _, s := range selectors {
		switch s.Kind {
		case SelAny:
			texts = append(texts, "any")
		case SelCIDR:
			texts = append(texts, s.CIDR.String())
		default:
			texts = append(texts, fmt.Sprintf("%q", s.Name.Text))
		}
	}
	return "[" + strings.Join(texts, " ") + "]"
}
