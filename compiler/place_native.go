package compiler

import (
	"slices"

	"pillion/compiler/plan"
)

// indexNative lists, for every shim, the pairs that may send to it from its own layer-2 domain: their frames come
// without encapsulation, and the shim knows the sender by its addresses.
func (l *layout) indexNative() {
	if !slices.ContainsFunc(l.nodes, func(n node) bool { return n.kind == nodeShim }) {
		return
	}
	shims := map[int32]int{} // of a source, by layer-2 domain
	for s := range l.sources {
		clear(shims)
		for _, e := range l.identities[s].edges {
			if l.nodes[e].kind == nodeShim {
				shims[l.nodes[e].domain]++
			}
		}
		if len(shims) == 0 {
			continue
		}
		for i := range l.sources[s].pairs {
			for _, e := range l.identities[l.sources[s].pairs[i].to].edges {
				if l.nodes[e].kind != nodeShim {
					continue
				}
				others := shims[l.nodes[e].domain]
				if l.identities[s].at(e) {
					others--
				}
				if others > 0 {
					l.incoming[e] = append(l.incoming[e], steered{from: int32(s), pair: int32(i)})
				}
			}
		}
	}
}

// nativeSources are the addresses that may send to this shim without encapsulation.
func (p *placer) nativeSources() {
	needs := map[int32]*users{}
	var ids []int32
	for _, in := range p.incoming[p.at] {
		src := &p.sources[in.from]
		pr := &src.pairs[in.pair]
		u := needs[in.from]
		if u == nil {
			u = &users{}
			needs[in.from] = u
			ids = append(ids, in.from)
		}
		u.add(p.needs(pr, src.rules[pr.first:pr.first+pr.count]), p.sole(pr.to, p.at))
	}
	slices.Sort(ids)
	p.sw.Sources = slices.Grow(p.sw.Sources, len(ids))
	for _, n := range ids {
		id := p.identities[n]
		for _, a := range id.addresses {
			e := &p.endpoints[a.endpoint]
			if !p.native(p.at, e.edge) {
				continue
			}
			p.sw.Sources = append(p.sw.Sources, plan.Source{
				Origin: p.o.row(e.stmt, id.from, needs[n].needs), Port: shimNetworkPort, MAC: e.MAC, Prefix: a.prefix, Identity: id.number, Tenant: p.tenantNumber(id),
			})
		}
	}
}
