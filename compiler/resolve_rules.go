package compiler

import (
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"pillion/compiler/match"
	"pillion/lang"
	"pillion/lang/diag"
)

// resolver finds what selectors and names mean.
type resolver struct {
	*model
	services map[string][]match.Box
	tenants  map[string]int32
	groups   map[string]int32
	cidrs    []netip.Prefix // every CIDR selector, sorted
	types    map[string]*boxType

	byGroup    [][]int32         // identities of a group
	byEndpoint map[int32][]int32 // identities of an endpoint outside every tenant
	byCIDR     map[netip.Prefix][]int32
	all        *set
}

func (r *resolver) index() {
	r.tenants = make(map[string]int32, len(r.model.tenants))
	for i, t := range r.model.tenants {
		r.tenants[t.name] = int32(i)
	}
	r.groups = make(map[string]int32, len(r.model.groups))
	for i, g := range r.model.groups {
		r.groups[g.name] = int32(i)
	}
}

// collectCIDRs finds every prefix that a selector names, and the statements that name it; they cut the
// gateways' prefixes into identities.
func (r *resolver) collectCIDRs(policy *lang.Policy) {
	r.cidrUsers = map[netip.Prefix]*users{}
	collect := func(kind string, name lang.Name, lists ...[]lang.Selector) {
		for _, list := range lists {
			for _, s := range list {
				if s.Kind != lang.SelCIDR || !s.CIDR.IsValid() {
					continue
				}
				u := r.cidrUsers[s.CIDR.Masked()]
				if u == nil {
					u = &users{}
					r.cidrUsers[s.CIDR.Masked()] = u
					r.cidrs = append(r.cidrs, s.CIDR.Masked())
				}
				u.add([]stmt{r.statements.of(kind, name.Text)})
			}
		}
	}
	for _, rule := range policy.Rules {
		collect(kindOf(rule), rule.Name, rule.From, rule.To)
	}
	for _, c := range policy.Chains {
		collect("chain", c.Name, c.From, c.To)
	}
	slices.SortFunc(r.cidrs, func(a, b netip.Prefix) int { return a.Compare(b) })
}

func kindOf(r *lang.Rule) string {
	if r.Verdict == lang.Deny {
		return "deny"
	}
	return "allow"
}

func (r *resolver) indexIdentities() {
	r.byGroup = make([][]int32, len(r.model.groups))
	r.byEndpoint = map[int32][]int32{}
	r.byCIDR = map[netip.Prefix][]int32{}
	all := &set{any: true, ids: make([]int32, len(r.identities))}
	for i, id := range r.identities {
		n := int32(i)
		all.ids[i] = n
		for _, g := range id.groups {
			r.byGroup[g] = append(r.byGroup[g], n)
		}
		for _, e := range id.members {
			if id.tenant < 0 {
				r.byEndpoint[e] = append(r.byEndpoint[e], n)
			}
		}
		for _, a := range id.addresses {
			for _, c := range r.cidrs {
				if !a.own && c.Bits() <= a.prefix.Bits() && c.Contains(a.prefix.Addr()) {
					r.byCIDR[c] = append(r.byCIDR[c], n)
				}
			}
		}
	}
	r.all = all
}

// set resolves a list of selectors.
func (r *resolver) set(list []lang.Selector) *set {
	var ids []int32
	for _, s := range list {
		switch s.Kind {
		case lang.SelAny:
			return r.all
		case lang.SelCIDR:
			c := s.CIDR.Masked()
			found := r.byCIDR[c]
			if len(found) == 0 {
				r.addError(s.Span, "C007", fmt.Sprintf("%s is inside no gateway's prefixes", c),
					"a CIDR selector stands for addresses behind a gateway; endpoints are selected by their groups")
			}
			ids = append(ids, found...)
		case lang.SelName:
			ids = append(ids, r.named(s.Name)...)
		}
	}
	slices.Sort(ids)
	return &set{ids: slices.Compact(ids)}
}

// named resolves a name in a selector: tenant.group, a tenant, or an endpoint outside every tenant.
func (r *resolver) named(name lang.Name) []int32 {
	var found []int32
	var meanings []string
	if g, ok := r.groups[name.Text]; ok {
		meanings = append(meanings, "group "+name.Text)
		found = r.byGroup[g]
	}
	if t, ok := r.tenants[name.Text]; ok {
		meanings = append(meanings, "tenant "+name.Text)
		var ids []int32
		for _, g := range r.model.tenants[t].groups {
			ids = append(ids, r.byGroup[g]...)
		}
		slices.Sort(ids)
		found = slices.Compact(ids)
	}
	inTenant := int32(-1)
	if e, ok := r.byName[name.Text]; ok {
		if t := r.endpoints[e].tenant; t >= 0 {
			inTenant = t
		} else {
			meanings = append(meanings, "endpoint "+name.Text)
			found = r.byEndpoint[e]
		}
	}
	switch {
	case len(meanings) > 1:
		r.addError(name.Span, "C008", fmt.Sprintf("%s is ambiguous: %s", name.Text, strings.Join(meanings, " and ")), "rename one of them")
		return nil
	case len(meanings) == 0 && inTenant >= 0:
		r.addError(name.Span, "C009", fmt.Sprintf("endpoint %s belongs to tenant %s and cannot be selected by itself", name.Text, r.model.tenants[inTenant].name),
			"select one of its groups, or put it into a group of its own")
	case len(meanings) == 0:
		r.unknown(name.Span, "C005", "group, tenant or endpoint", name.Text, r.selectable)
	}
	return found
}

// selectable are the names that a selector may have.
func (r *resolver) selectable() []string {
	names := append(keys(r.groups), keys(r.tenants)...)
	for i := range r.endpoints {
		if r.endpoints[i].tenant < 0 {
			names = append(names, r.endpoints[i].Name)
		}
	}
	return names
}

func (r *resolver) rules(list []*lang.Rule) {
	seen := declared{}
	for _, l := range list {
		class := classAllow
		if l.Verdict == lang.Deny {
			class = classDeny
		}
		if !r.declare(seen, "rule", l.Name) {
			continue
		}
		from, to := r.set(l.From), r.set(l.To)
		boxes := r.boxesOf(l.On, r.services)
		if len(from.ids) == 0 || len(to.ids) == 0 || boxes == nil {
			continue // reported above
		}
		r.addRule(&rule{
			class: class, name: l.Name.Text, stmt: r.statements.of(kindOf(l), l.Name.Text), span: l.Name.Span,
			from: from, to: to, boxes: boxes, oneWay: l.OneWay,
		})
	}
	r.sortRules()
}

func (r *resolver) addRule(n *rule) {
	n.forward, n.answer = r.shape(n.boxes), -1
	if n.class != classDeny && !n.oneWay {
		n.answer = r.shape(answers(n.boxes))
	}
	r.model.rules = append(r.model.rules, n)
}

func (r *resolver) sortRules() {
	sort.SliceStable(r.model.rules, func(i, j int) bool {
		a, b := r.model.rules[i], r.model.rules[j]
		if a.class != b.class {
			return a.class < b.class
		}
		return a.name < b.name
	})
}

// implicit adds what tenants permit without saying so.
func (r *resolver) implicit() {
	everyTenant := &set{}
	for i, id := range r.identities {
		if id.tenant >= 0 {
			everyTenant.ids = append(everyTenant.ids, int32(i))
		}
	}
	for _, t := range r.model.tenants {
		inside := &set{}
		for _, g := range t.groups {
			inside.ids = append(inside.ids, r.byGroup[g]...)
		}
		slices.Sort(inside.ids)
		inside.ids = slices.Compact(inside.ids)
		if len(inside.ids) == 0 {
			continue
		}
		if !t.isolated {
			r.addRule(&rule{
				class: classImplicit, name: t.name, stmt: t.stmt, span: t.span, from: inside, to: inside,
				boxes: []match.Box{match.All}, oneWay: true, // both directions are the same rule
			})
		}
		if t.shared && len(t.offers) > 0 {
			r.addRule(&rule{class: classImplicit, name: t.name, stmt: t.stmt, span: t.span, from: everyTenant, to: inside, boxes: t.offers})
		}
	}
	r.sortRules()
}

func (r *resolver) multicasts(list []*lang.Multicast) {
	seen := declared{}
	addresses := map[netip.Addr]diag.Span{}
	for _, l := range list {
		if !r.declare(seen, "multicast group", l.Name) {
			continue
		}
		n := &multicast{name: l.Name.Text, stmt: r.statements.of("multicast", l.Name.Text), span: l.Name.Span}
		for _, a := range l.Addresses {
			if first, dup := addresses[a.IP]; dup {
				r.addError(a.Span, "C002", fmt.Sprintf("group address %s is used twice", a.IP), "give each multicast group its own address",
					diag.Note{Span: first, Message: "first used here"})
				continue
			}
			addresses[a.IP] = a.Span
			if why := notAGroup(a.IP); why != "" {
				r.addError(a.Span, "C010", fmt.Sprintf("%s %s", a.IP, why), "use an address of 224.0.0.0/4 outside 224.0.0.0/24, or of ff00::/8 with a scope larger than the link, such as 239.1.1.1 or ff08::1")
				continue
			}
			n.addresses = append(n.addresses, a.IP)
		}
		for _, s := range slices.Concat(l.Senders, l.Receivers) {
			if s.Kind == lang.SelCIDR {
				r.addError(s.Span, "C061", fmt.Sprintf("%s cannot be a member of multicast %s", s.CIDR, n.name), "members are groups, tenants and endpoints; select the gateway by its name")
			}
		}
		n.senders = r.set(members(l.Senders))
		n.receivers = r.set(members(l.Receivers))
		r.model.multicasts = append(r.model.multicasts, n)
	}
	sort.Slice(r.model.multicasts, func(i, j int) bool { return r.model.multicasts[i].name < r.model.multicasts[j].name })
}

// members are the selectors that a multicast group may have.
func members(list []lang.Selector) []lang.Selector {
	return slices.DeleteFunc(slices.Clone(list), func(s lang.Selector) bool { return s.Kind == lang.SelCIDR })
}

// notAGroup says why an address cannot be a group that is forwarded; "" if it can.
func notAGroup(ip netip.Addr) string {
	switch {
	case !ip.IsMulticast():
		return "is not a multicast address"
	case ip.IsLinkLocalMulticast(), ip.IsInterfaceLocalMulticast():
		return "never leaves its link"
	}
	return ""
}
