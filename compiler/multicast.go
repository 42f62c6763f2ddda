package compiler

import (
	"fmt"
	"slices"
	"sort"

	"pillion/compiler/match"
	"pillion/compiler/number"
	"pillion/compiler/paths"
	"pillion/compiler/plan"
	"pillion/lang"
)

// groupPlan is the part of the shared tree that one multicast group uses.
type groupPlan struct {
	*multicast
	receivers []int32 // endpoints
	tree      *paths.Subtree
	index     map[int32]int // by switch: place in tree.Nodes
}

// allUDP is what a multicast group carries.
var allUDP = match.OfProto(lang.ProtoUDP)

// checkMulticast reports groups with a sender that some receiver must not hear.
func (m *model) checkMulticast(sources []source) {
	for _, g := range m.multicasts {
		m.checkGroup(g, sources)
	}
}

func (m *model) checkGroup(g *multicast, sources []source) {
	for _, s := range g.senders.ids {
		for _, r := range g.receivers.ids {
			if m.sameEndpoint(s, r) {
				continue
			}
			why, hint := m.unfit(s, r, sources)
			if why == "" {
				continue
			}
			m.addError(g.span, "C060", fmt.Sprintf("multicast %s: %s -> %s %s", g.name, m.memberName(s), m.memberName(r), why), hint)
			return
		}
	}
}

// unfit says why multicast cannot go from one identity to another; "" if it can.
func (m *model) unfit(s, r int32, sources []source) (why, hint string) {
	pairs := sources[s].pairs
	i, found := slices.BinarySearchFunc(pairs, r, func(p pair, to int32) int { return int(p.to) - int(to) })
	if !found {
		return "is not permitted", "allow the senders to reach the receivers on udp"
	}
	p := &pairs[i]
	if !match.Covers(p.decision.permits, allUDP) {
		return "is permitted on some ports only", "allow the senders to reach the receivers on udp: the group carries every port"
	}
	if box, denied := match.Overlap(p.decision.denied, []match.Box{allUDP}); denied {
		return "is denied on " + box.String(), "narrow the deny, or leave the receiver out of the group"
	}
	if p.steering != nil {
		for _, w := range p.steering.ways {
			if _, both := match.Overlap(m.shapes[w.shape()].boxes, []match.Box{allUDP}); both {
				return "would bypass chain " + w.chain.name, "chains steer unicast only: take udp out of the chain, or the receiver out of the group"
			}
		}
	}
	return "", ""
}

// layMulticast finds each group's part of the shared tree, and the switches that hold group state.
func (l *layout) layMulticast() error {
	if len(l.multicasts) == 0 {
		return nil
	}
	l.shared = paths.NewShared(l.graph, l.net.Seed)
	steiner := l.shared.NewSteiner()
	for _, g := range l.multicasts {
		gp := groupPlan{multicast: g, index: map[int32]int{}}
		var terminals []int32
		seen := map[int32]bool{}
		for _, id := range g.receivers.ids {
			for _, e := range l.identities[id].members {
				if !seen[e] {
					seen[e] = true
					gp.receivers = append(gp.receivers, e)
					terminals = append(terminals, l.endpoints[e].edge())
				}
			}
		}
		for _, id := range g.senders.ids {
			terminals = append(terminals, l.identities[id].edges...)
		}
		tree, err := steiner.Subtree(terminals)
		if err != nil {
			return err
		}
		gp.tree = tree
		for i := range tree.Nodes {
			gp.index[tree.Nodes[i].Node] = i
			if tree.Nodes[i].Stop() {
				l.stops[tree.Nodes[i].Node].add([]stmt{g.stmt})
			}
		}
		l.groupPlans = append(l.groupPlans, gp)
	}
	l.sharedOut = make([][]uint16, len(l.net.Switches))
	for n, stop := range l.stops {
		if stop.any {
			l.sharedOut[n] = l.shared.Tree(int32(n), nil)
		}
	}
	return nil
}

// sharedPorts is, for every switch, the port that leads to a stop on the shared tree.
func (f *fabric) sharedPorts(stop int32) []uint16 { return f.sharedOut[stop] }

// beyond lists the receivers that are reached from a node by way of one of its branches.
func (g *groupPlan) beyond(from int32, next int32, at func(int32) int32) []int32 {
	var out []int32
	for _, r := range g.receivers {
		if at(r) == next {
			out = append(out, r)
		}
	}
	node := &g.tree.Nodes[g.index[next]]
	for _, b := range node.Branches {
		if b.Next != from {
			out = append(out, g.beyond(next, b.Next, at)...)
		}
	}
	return out
}

// multicastRows let endpoints here send to groups, and replicate what passes.
func (p *placer) multicastRows() {
	for i := range p.groupPlans {
		g := &p.groupPlans[i]
		n, there := g.index[p.at]
		if !there || !g.tree.Nodes[n].Stop() {
			continue
		}
		p.senders(g)
		p.replicas(g, &g.tree.Nodes[n])
	}
	p.groupRows()
}

func (p *placer) senders(g *groupPlan) {
	for _, s := range g.senders.ids {
		id := p.identities[s]
		if !slices.Contains(id.edges, p.at) {
			continue
		}
		for _, a := range g.addresses {
			o := p.o.row(g.stmt, id.from, p.sole(s, p.at), p.numbers.spiFrom[g.spi])
			o.Counts = int32(p.o.rank[g.stmt])
			p.sw.Multicasts = append(p.sw.Multicasts, plan.Multicast{Origin: o, Group: a, Source: id.number, SPI: g.spi})
		}
	}
}

func (p *placer) replicas(g *groupPlan, node *paths.SubtreeNode) {
	edge := func(e int32) int32 { return p.endpoints[e].edge() }
	why := []stmt{}
	var replicas []plan.Replica
	for _, r := range g.receivers {
		if edge(r) == p.at {
			replicas = append(replicas, plan.Replica{Port: p.endpoints[r].At.Number})
			why = append(why, p.endpoints[r].stmt)
		}
	}
	for _, b := range node.Branches {
		beyond := g.beyond(p.at, b.Next, edge)
		if len(beyond) == 0 {
			continue // only senders that way
		}
		only := []stmt{g.stmt}
		if len(beyond) == 1 {
			only = append(only, p.endpoints[beyond[0]].stmt)
			why = append(why, only[1])
		}
		replicas = append(replicas, plan.Replica{Port: uint32(b.Port), Instance: p.copyTo(b.Next, SharedTree, only)})
	}
	if len(replicas) == 0 {
		return
	}
	row := plan.Replication{Origin: p.o.row(g.stmt, why, p.numbers.spiFrom[g.spi]), SPI: g.spi, Tree: SharedTree}
	use := shareReplicas(p.groups, replicas)
	use.users.add(row.From)
	use.rows = append(use.rows, len(p.sw.Replications))
	p.sw.Replications = append(p.sw.Replications, row)
}

// copyTo is the replication id that stands for an edge on a tree.
func (p *placer) copyTo(edge int32, tree uint16, why []stmt) uint16 {
	name := copyName(p.net.Switches[edge].Name, tree)
	use := p.copies[name]
	if use == nil {
		use = &copyUse{edge: edge, tree: tree, id: uint16(p.copyIDs.Of(name))}
		p.copies[name] = use
	}
	use.users.add(why)
	return use.id
}

func copyName(edge string, tree uint16) string { return fmt.Sprintf("%s %d", edge, tree) }

// copyRows say what the replication ids of this switch stand for.
func (p *placer) copyRows() {
	names := make([]string, 0, len(p.copies))
	for n := range p.copies {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		use := p.copies[n]
		p.sw.Edges = append(p.sw.Edges, plan.ReplicaEdge{
			Origin: p.o.row(p.from[use.edge][0], p.from[use.edge], use.users.needs), Instance: use.id, Locator: p.locators[use.edge], Tree: use.tree,
		})
	}
	p.sessionRows()
}

// maxReplicaSets is what P4Runtime servers over PI take: group and session ids have 15 bits.
const maxReplicaSets = 1<<15 - 1

// numberSets gives each set of replicas its number on this switch.
func (p *placer) numberSets(uses map[string]*sessionUse, what string) *number.Allocation {
	names := make([]string, 0, len(uses))
	for text := range uses {
		names = append(names, text)
	}
	sort.Strings(names)
	numbers, err := number.Allocate(number.Space{What: what, Low: 1, High: maxReplicaSets}, names)
	if err != nil {
		p.failures = append(p.failures, fmt.Sprintf("switch %s: %v", p.sw.Name, err))
		return nil
	}
	return numbers
}

func (p *placer) groupRows() {
	numbers := p.numberSets(p.groups, "multicast group")
	if numbers == nil {
		return
	}
	for _, text := range keys(p.groups) {
		use := p.groups[text]
		id := uint16(numbers.Of(text))
		for _, row := range use.rows {
			p.sw.Replications[row].Group = id
		}
		p.sw.Groups = append(p.sw.Groups, plan.Group{Origin: sharedRow(&use.users), ID: id, Replicas: use.replicas})
	}
}

func (p *placer) sessionRows() {
	numbers := p.numberSets(p.sessions, "clone session")
	if numbers == nil {
		return
	}
	for _, text := range keys(p.sessions) {
		use := p.sessions[text]
		id := uint16(numbers.Of(text))
		for _, row := range use.rows {
			p.sw.Taps[row].Session = id
		}
		p.sw.Sessions = append(p.sw.Sessions, plan.Session{Origin: sharedRow(&use.users), ID: id, Replicas: use.replicas})
	}
}
