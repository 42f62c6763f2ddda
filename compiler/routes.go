package compiler

import (
	"slices"

	"pillion/compiler/plan"
)

// Every switch knows the way to every locator of a switch or a sidecar: there are no more of those than twice the switches. Shims
// are as many as endpoints, and ways to all of them would fill the tables of every switch. So the way to a shim is known where
// frames for it may pass, and nowhere else: along the tree from those who send to it.

// shimUse is a shim that a target addresses frames to, and what it would not address it without.
type shimUse struct {
	shim  int32
	needs []stmt
}

// shimRoute is a way to a shim that a switch has to know.
type shimRoute struct {
	shim  int32
	needs []stmt // without which nobody would send to it by way of this switch
}

// sendsToShims notes to which shims the rows of the target address frames.
func (p *placer) sendsToShims() {
	var list []shimUse
	for _, d := range p.dests.ids {
		id := p.identities[d]
		last := int32(-1)
		for _, a := range id.addresses {
			edge := p.endpoints[a.endpoint].edge
			if edge == p.at || edge == last || p.nodes[edge].kind != nodeShim {
				continue
			}
			last = edge
			needs := p.dests.users[d].needs
			if more := id.membership(); more != nil {
				needs = slices.Concat(needs, more)
			}
			list = append(list, shimUse{edge, needs})
		}
	}
	for _, name := range keys(p.copies) {
		if use := p.copies[name]; p.nodes[use.edge].kind == nodeShim {
			list = append(list, shimUse{use.edge, use.users.needs})
		}
	}
	p.addressed[p.at] = list
}

// findShimRoutes works out which ways to shims each switch has to know.
func (l *layout) findShimRoutes() {
	l.shimRoutes = make([][]shimRoute, len(l.nodes))
	if len(l.core) == len(l.edges) {
		return
	}
	// By shim: who addresses it. first[s] is where the uses of shim s begin.
	first := make([]int32, len(l.nodes)+1)
	for _, list := range l.addressed {
		for i := range list {
			first[list[i].shim+1]++
		}
	}
	for i := range l.nodes {
		first[i+1] += first[i]
	}
	type sender struct {
		at    int32
		needs []stmt
	}
	senders := make([]sender, first[len(l.nodes)])
	fill := slices.Clone(first)
	for at, list := range l.addressed {
		for _, u := range list {
			senders[fill[u.shim]] = sender{int32(at), u.needs}
			fill[u.shim]++
		}
	}
	l.addressed = nil
	type found struct {
		at    int32
		needs []stmt
	}
	ways := make([][]found, len(l.nodes)) // by shim
	inParallel(len(l.nodes), func() func(int) {
		place := make([]int32, len(l.nodes)) // by switch: its place in list, and one; 0: none
		var list []found
		return func(i int) {
			shim := int32(i)
			for _, s := range senders[first[i]:first[i+1]] {
				for n := s.at; n != shim; n = l.next(n, shim) {
					switch {
					case l.nodes[n].kind == nodeShim:
					case place[n] == 0:
						list = append(list, found{n, s.needs})
						place[n] = int32(len(list))
					default:
						both := &list[place[n]-1]
						both.needs = common(both.needs, s.needs)
					}
				}
			}
			for _, f := range list {
				place[f.at] = 0
			}
			ways[i] = slices.Clone(list)
			list = list[:0]
		}
	})
	for shim, list := range ways {
		for _, f := range list {
			l.shimRoutes[f.at] = append(l.shimRoutes[f.at], shimRoute{int32(shim), f.needs})
		}
	}
}

// common are the statements of a that are in b too.
func common(a, b []stmt) []stmt {
	for i, s := range a {
		if slices.Contains(b, s) {
			continue
		}
		out := slices.Clone(a[:i])
		for _, s := range a[i+1:] {
			if slices.Contains(b, s) {
				out = append(out, s)
			}
		}
		return out
	}
	return a
}

// next is the neighbour on the way to an edge along the shared tree.
func (f *fabric) next(at, edge int32) int32 {
	to, _, ok := f.graph.Follow(at, f.shared.Port(at, edge))
	if !ok {
		panic("compiler: the shared tree leaves by a port without a link")
	}
	return to.Node
}

// routes are the core entries of one switch.
func (l *layout) routes(at int32, o *origins) []plan.Route {
	trees := l.net.Trees
	if l.legacy {
		trees = 1
	}
	out := make([]plan.Route, 0, len(l.core)*trees+len(l.shimRoutes[at])+len(l.replicating))
	add := func(edge int32, tree uint16, port uint16, needs []stmt) {
		if edge == at || port == 0 {
			return
		}
		_, link, ok := l.graph.Follow(at, port)
		if !ok {
			panic("compiler: a tree leaves by a port without a link")
		}
		out = append(out, plan.Route{Origin: o.row(l.from[edge][0], l.from[edge], l.links[link:link+1], needs), Locator: l.locators[edge], Tree: tree, Port: uint32(port)})
	}
	for _, e := range l.core {
		if l.legacy {
			add(e, SharedTree, l.shared.Port(at, e), nil)
		}
		for t, ports := range l.trees[e] {
			add(e, uint16(t), ports[at], nil)
		}
	}
	for _, r := range l.shimRoutes[at] {
		add(r.shim, SharedTree, l.shared.Port(at, r.shim), r.needs)
	}
	for _, s := range l.replicating {
		add(s, SharedTree, l.shared.Port(at, s), l.stops[s].needs)
	}
	return out
}
