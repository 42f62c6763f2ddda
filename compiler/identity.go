package compiler

import (
	"net/netip"
	"slices"
	"sort"
	"strings"

	"pillion/compiler/number"
)

// makeIdentities groups endpoints by the set of groups that they belong to, and cuts the
// prefixes of gateways at the CIDR selectors.
func (m *model) makeIdentities(cidrs []netip.Prefix) {
	index := make(map[string]int32, len(m.endpoints))
	for i := range m.endpoints {
		e := &m.endpoints[i]
		id := m.identityOf(index, e, nil)
		e.identity = id
		known := m.identities[id]
		known.members = append(known.members, int32(i))
		for _, ip := range e.IPs {
			known.addresses = append(known.addresses, address{
				prefix: netip.PrefixFrom(ip, ip.BitLen()), endpoint: int32(i), answers: true, own: true, from: []stmt{e.stmt},
			})
		}
	}
	m.cutPrefixes(index, cidrs)
	m.numberIdentities()
}

// identityOf finds or makes the identity of an endpoint, or of a part of a gateway's prefixes.
func (m *model) identityOf(index map[string]int32, e *endpoint, within []netip.Prefix) int32 {
	var key strings.Builder
	if e.tenant < 0 {
		key.WriteString("endpoint ")
		key.WriteString(e.Name)
	} else {
		names := make([]string, len(e.groups))
		for i, g := range e.groups {
			names[i] = m.groups[g].name
		}
		sort.Strings(names)
		for i, name := range names {
			if i > 0 {
				key.WriteString(" + ")
			}
			key.WriteString(name)
		}
		if len(e.Prefixes) > 0 {
			key.WriteString(" at ")
			key.WriteString(e.Name)
		}
	}
	for _, p := range within {
		key.WriteString(" in ")
		key.WriteString(p.String())
	}
	if id, ok := index[key.String()]; ok {
		return id
	}
	id := &identity{key: key.String(), tenant: e.tenant, groups: e.groups, ownGroups: len(e.groups)}
	for _, g := range e.groups {
		id.from = append(id.from, m.groups[g].stmt)
	}
	if e.tenant < 0 || len(e.Prefixes) > 0 {
		id.from = append(id.from, e.stmt)
	}
	for _, p := range within {
		id.from = append(id.from, m.cidrUsers[p].needs...)
	}
	n := int32(len(m.identities))
	index[id.key] = n
	m.identities = append(m.identities, id)
	return n
}

// cutPrefixes gives each prefix of a gateway, and each CIDR selector inside one, the identity
// that its addresses have unless a longer one is more exact.
func (m *model) cutPrefixes(index map[string]int32, cidrs []netip.Prefix) {
	owner := map[netip.Prefix]int32{}
	for i := range m.endpoints {
		for _, p := range m.endpoints[i].Prefixes {
			owner[p.Masked()] = int32(i)
		}
	}
	if len(owner) == 0 {
		return
	}
	parts := map[netip.Prefix]bool{}
	for p := range owner {
		parts[p] = true
	}
	for _, c := range cidrs {
		parts[c] = true
	}
	ordered := make([]netip.Prefix, 0, len(parts))
	for p := range parts {
		ordered = append(ordered, p)
	}
	slices.SortFunc(ordered, func(a, b netip.Prefix) int { return a.Compare(b) })
	for _, p := range ordered {
		gw := gatewayOf(owner, p)
		if gw < 0 {
			continue // reported where the selector was resolved
		}
		var within []netip.Prefix
		for _, c := range cidrs {
			if c.Bits() <= p.Bits() && c.Contains(p.Addr()) {
				within = append(within, c)
			}
		}
		e := &m.endpoints[gw]
		id := m.identityOf(index, e, within)
		m.identities[id].addresses = append(m.identities[id].addresses, address{prefix: p, endpoint: gw, from: []stmt{e.stmt}})
		if !slices.Contains(m.identities[id].members, gw) {
			m.identities[id].members = append(m.identities[id].members, gw)
		}
	}
}

// gatewayOf is the gateway with the longest prefix that holds p, or -1.
func gatewayOf(owner map[netip.Prefix]int32, p netip.Prefix) int32 {
	for bits := p.Bits(); bits >= 0; bits-- {
		if gw, ok := owner[netip.PrefixFrom(p.Addr(), bits).Masked()]; ok {
			return gw
		}
	}
	return -1
}

func (m *model) numberIdentities() {
	names := make([]string, len(m.identities))
	byKey := make(map[string]*identity, len(m.identities))
	for i, id := range m.identities {
		names[i] = id.key
		byKey[id.key] = id
		for _, e := range id.members {
			id.edges = append(id.edges, m.endpoints[e].edge)
		}
		slices.Sort(id.edges)
		id.edges = slices.Compact(id.edges)
	}
	numbers, err := number.Allocate(number.Space{What: "identity", Low: 1, High: 1<<32 - 1}, names)
	if err != nil {
		panic(err) // fewer than 2^32 endpoints fit into the bounds of the inventory
	}
	for _, id := range m.identities {
		id.number = numbers.Of(id.key)
		for _, winner := range numbers.LostTo(id.key) {
			id.from = append(slices.Clip(id.from), byKey[winner].from...)
		}
	}
	tenants := make([]string, len(m.tenants))
	for i, t := range m.tenants {
		tenants[i] = t.name
	}
	tenantNumbers, err := number.Allocate(number.Space{What: "tenant", Low: 1, High: 1<<32 - 1}, tenants)
	if err != nil {
		panic(err)
	}
	for _, t := range m.tenants {
		t.number = tenantNumbers.Of(t.name)
	}
}

// has says whether an endpoint is a member.
func (id *identity) has(e int32) bool {
	_, in := slices.BinarySearch(id.members, e)
	return in
}

// at says whether the identity is attached to a switch.
func (id *identity) at(edge int32) bool {
	_, in := slices.BinarySearch(id.edges, edge)
	return in
}
