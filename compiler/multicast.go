package compiler

import (
	"fmt"
	"slices"

	"pillion/compiler/match"
	"pillion/compiler/network"
	"pillion/compiler/paths"
	"pillion/compiler/plan"
	"pillion/lang"
)

// groupPlan is the part of the shared tree that one multicast group uses.
type groupPlan struct {
	*multicast
	receiversAt map[int32][]int32 // by node: endpoints
	tree        *paths.Subtree
	index       map[int32]int // by node: place in tree.Nodes
	nodes       []node
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
	l.groupsAt = make([][]int32, len(l.nodes))
	if len(l.multicasts) == 0 {
		return nil
	}
	l.useShared()
	steiner := l.shared.NewSteiner()
	for _, g := range l.multicasts {
		gp, err := l.layGroup(g, steiner)
		if err != nil {
			return err
		}
		for i := range gp.tree.Nodes {
			if n := gp.tree.Nodes[i].Node; gp.stop(n) {
				l.stops[n].add([]stmt{g.stmt})
				l.groupsAt[n] = append(l.groupsAt[n], int32(len(l.groupPlans)))
			}
		}
		l.groupPlans = append(l.groupPlans, *gp)
	}
	for n, stop := range l.stops {
		if stop.any && !(l.isEdge[n] && l.legacy) {
			l.replicating = append(l.replicating, int32(n))
		}
	}
	return nil
}

// layGroup finds the part of the tree that joins a group's members, and the sidecars that replicate in
// place of ordinary switches.
func (l *layout) layGroup(g *multicast, steiner *paths.Steiner) (*groupPlan, error) {
	gp := &groupPlan{multicast: g, nodes: l.nodes, receiversAt: map[int32][]int32{}}
	var terminals []int32
	seen := map[int32]bool{}
	for _, id := range g.receivers.ids {
		for _, e := range l.identities[id].members {
			if !seen[e] {
				seen[e] = true
				edge := l.endpoints[e].edge
				gp.receiversAt[edge] = append(gp.receiversAt[edge], e)
				terminals = append(terminals, edge)
			}
		}
	}
	for _, id := range g.senders.ids {
		terminals = append(terminals, l.identities[id].edges...)
	}
	if err := gp.join(steiner, terminals); err != nil {
		return nil, err
	}
	var helpers []int32
	for i := range gp.tree.Nodes {
		n := &gp.tree.Nodes[i]
		if s := l.nodes[n.Node].sidecar; n.Branching() && s >= 0 {
			helpers = append(helpers, s)
		}
	}
	if len(helpers) == 0 {
		return gp, nil
	}
	return gp, gp.join(steiner, append(terminals, helpers...))
}

func (g *groupPlan) join(steiner *paths.Steiner, terminals []int32) error {
	tree, err := steiner.Subtree(terminals)
	if err != nil {
		return err
	}
	g.tree, g.index = tree, make(map[int32]int, len(tree.Nodes))
	for i := range tree.Nodes {
		g.index[tree.Nodes[i].Node] = i
	}
	return nil
}

// stop says whether a node of the tree holds state of the group: it has members or replicates.
func (g *groupPlan) stop(n int32) bool {
	i, in := g.index[n]
	return in && g.nodes[n].targets() && g.tree.Nodes[i].Stop()
}

// reach lists the stops that a frame comes to which leaves from for its neighbour at. An ordinary switch
// sends to its sidecar, if that is in the tree, and otherwise is passed by: each stop behind it gets a copy of its own.
func (g *groupPlan) reach(from, at int32) []int32 {
	if g.stop(at) {
		return []int32{at}
	}
	if s := g.nodes[at].sidecar; s >= 0 && s != from {
		if _, in := g.index[s]; in {
			return []int32{s}
		}
	}
	var out []int32
	for _, b := range g.tree.Nodes[g.index[at]].Branches {
		if b.Neighbor != from {
			out = append(out, g.reach(at, b.Neighbor)...)
		}
	}
	return out
}

// groupWay is the stops that a frame comes to by one way out of a stop. Whichever of them a frame came from, the others of the
// way have had it.
type groupWay struct {
	port  uint16
	stops []int32
}

// ways lists the ways out of a stop: its branches, or for a sidecar those of its ordinary switch.
func (g *groupPlan) ways(stop int32) []groupWay {
	var out []groupWay
	for _, b := range g.tree.Nodes[g.index[stop]].Branches {
		if g.nodes[stop].kind != nodeSidecar {
			out = append(out, groupWay{b.Port, g.reach(stop, b.Neighbor)})
			continue
		}
		for _, behind := range g.tree.Nodes[g.index[b.Neighbor]].Branches {
			if behind.Neighbor != stop {
				out = append(out, groupWay{b.Port, g.reach(b.Neighbor, behind.Neighbor)})
			}
		}
	}
	return out
}

// beyond adds to out the receivers that a stop's frame comes to by way of the next stop. Nobody asks for more than whether
// there are several, so it may stop at the second.
func (g *groupPlan) beyond(from, next int32, out []int32) []int32 {
	out = append(out, g.receiversAt[next]...)
	if len(out) > 1 || len(g.tree.Nodes[g.index[next]].Branches) == 1 && g.nodes[next].kind != nodeSidecar {
		return out
	}
	for _, w := range g.ways(next) {
		if slices.Contains(w.stops, from) {
			continue
		}
		for _, s := range w.stops {
			if out = g.beyond(next, s, out); len(out) > 1 {
				return out
			}
		}
	}
	return out
}

// multicastRows let endpoints here send to groups, and replicate what passes.
func (p *placer) multicastRows() {
	for _, i := range p.groupsAt[p.at] {
		g := &p.groupPlans[i]
		p.senders(g)
		p.replications(g)
	}
}

func (p *placer) senders(g *groupPlan) {
	for _, s := range g.senders.ids {
		id := p.identities[s]
		if !id.at(p.at) {
			continue
		}
		for _, a := range g.addresses {
			o := p.o.row(g.stmt, id.from, p.sole(s, p.at), p.numbers.spiFrom[g.spi])
			o.Counts = int32(p.o.rank[g.stmt])
			p.sw.Multicasts = append(p.sw.Multicasts, plan.Multicast{Origin: o, Group: a, Source: id.number, SPI: g.spi})
		}
	}
}

// groupCopy is one replica of a group's frame, and what it is there for.
type groupCopy struct {
	plan.Replica
	next int32 // the stop that it goes to, or -1
	only []stmt
}

// replications replicate a group's frames here. A switch sends a frame to all ports but the one that it came by.
// A sidecar, where everything comes by its trunk, has a row for each stop that it can have come from.
func (p *placer) replications(g *groupPlan) {
	copies := p.copiesOf(g)
	p.replicate(g, network.MAC{}, copies)
	if p.nodes[p.at].kind != nodeSidecar {
		return
	}
	for _, w := range g.ways(p.at) {
		rest := slices.DeleteFunc(slices.Clone(copies), func(c groupCopy) bool { return slices.Contains(w.stops, c.next) })
		for _, from := range w.stops {
			p.replicate(g, p.locators[from], rest)
		}
	}
}

// copiesOf are the copies for the receivers here, and for the stops that lead to others.
func (p *placer) copiesOf(g *groupPlan) []groupCopy {
	var out []groupCopy
	for _, r := range g.receiversAt[p.at] {
		out = append(out, groupCopy{Replica: plan.Replica{Port: p.endpoints[r].port}, next: -1, only: []stmt{p.endpoints[r].stmt}})
	}
	if p.nodes[p.at].kind == nodeShim && !p.sendsTo(g) {
		return out // its one neighbour is where everything comes from
	}
	for _, w := range g.ways(p.at) {
		for _, next := range w.stops {
			beyond := g.beyond(p.at, next, nil)
			if len(beyond) == 0 {
				continue // only senders that way
			}
			c := groupCopy{Replica: plan.Replica{Port: uint32(w.port)}, next: next}
			if len(beyond) == 1 {
				c.only = []stmt{p.endpoints[beyond[0]].stmt}
			}
			c.Instance = p.copyTo(next, SharedTree, append([]stmt{g.stmt}, c.only...))
			out = append(out, c)
		}
	}
	return out
}

// sendsTo says whether an endpoint here may send to the group.
func (p *placer) sendsTo(g *groupPlan) bool {
	return slices.ContainsFunc(g.senders.ids, func(s int32) bool { return p.identities[s].at(p.at) })
}

func (p *placer) replicate(g *groupPlan, from network.MAC, copies []groupCopy) {
	if len(copies) == 0 {
		return
	}
	var why []stmt
	replicas := make([]plan.Replica, len(copies))
	for i, c := range copies {
		replicas[i] = c.Replica
		why = append(why, c.only...)
	}
	row := plan.Replication{Origin: p.o.row(g.stmt, why, p.numbers.spiFrom[g.spi]), SPI: g.spi, CameFrom: from, Tree: SharedTree}
	use := shareReplicas(p.groups, replicas)
	use.users.add(row.From)
	use.rows = append(use.rows, len(p.sw.Replications))
	p.sw.Replications = append(p.sw.Replications, row)
}
