package compiler

import (
	"fmt"
	"slices"

	"pillion/compiler/network"
	"pillion/compiler/number"
	"pillion/compiler/paths"
	"pillion/lang/diag"
)

// SharedTree is the tree number of the one undirected tree that multicast uses. Trees of
// unicast are numbered from 0.
const SharedTree = 0x8000

// fabric is where switches are and how frames travel between them.
type fabric struct {
	*model
	graph    *paths.Graph
	links    []stmt  // by link
	ordinary []bool  // by link: it joins two ordinary switches
	boxEdges []int32 // by middlebox of the inventory: the node that takes its rules
	locators []network.MAC
	from     [][]stmt // by switch: what its locator comes from
	edges    []int32  // switches with endpoints or middleboxes
	core     []int32  // those of edges that are no shims: every switch knows the way to them
	isEdge   []bool
	trees    [][][]uint16 // by switch that is a destination, by tree, by switch: port. Without ordinary switches
	shared   *paths.Shared
	stops    []users // by switch: the multicast groups that are addressed to it
}

func (m *model) layFabric() *fabric {
	f := &fabric{model: m}
	n := len(m.nodes)
	names := make([]uint64, n)
	f.isEdge = make([]bool, n)
	f.stops = make([]users, n)
	for i := range m.nodes {
		names[i] = paths.Hash(m.nodes[i].name)
	}
	var links []paths.Link
	join := func(a, b network.Port, name stmt, span diag.Span) {
		for _, end := range [2]network.Port{a, b} {
			if end.Number > paths.MaxPort {
				m.addError(span, "C051", fmt.Sprintf("port %s has too large a number for a link or a shim", m.portName(end)), fmt.Sprintf("use one of the ports 1 to %d", paths.MaxPort))
			}
		}
		links = append(links, paths.Link{A: paths.End{Node: a.Switch, Port: uint16(a.Number)}, B: paths.End{Node: b.Switch, Port: uint16(b.Number)}})
		f.links = append(f.links, name)
		f.ordinary = append(f.ordinary, m.nodes[a.Switch].kind == nodeLegacy && m.nodes[b.Switch].kind == nodeLegacy)
	}
	for i := range m.net.Links {
		a, b := m.net.Links[i].Ends[0], m.net.Links[i].Ends[1]
		ta, tb := m.portName(a), m.portName(b)
		join(a, b, m.statements.of("link", min(ta, tb)+" "+max(ta, tb)), m.net.Links[i].Span)
	}
	for i := range m.nodes {
		switch c := &m.nodes[i]; c.kind {
		case nodeSidecar: // its trunk has the number of the port that it is attached to
			join(c.trunk, network.Port{Switch: int32(i), Number: c.trunk.Number}, c.stmt, c.span)
		case nodeShim:
			join(c.trunk, network.Port{Switch: int32(i), Number: shimNetworkPort}, c.stmt, c.span)
		}
	}
	m.findDomains()
	if m.diags.HasErrors() {
		return nil
	}
	g, err := paths.New(names, links)
	if err != nil {
		m.addError(diag.Span{File: m.net.File}, "C051", "the links make no network: "+err.Error(), "")
		return nil
	}
	f.graph = g
	for i := range m.endpoints {
		f.isEdge[m.endpoints[i].edge] = true
	}
	for i := range m.net.Middleboxes {
		b := &m.net.Middleboxes[i]
		edge := m.edgeAt(b.At, "middlebox "+b.Name, b.Span)
		f.boxEdges = append(f.boxEdges, edge)
		if edge < 0 {
			return nil
		}
		f.isEdge[edge] = true
	}
	for i, edge := range f.isEdge {
		if edge {
			f.edges = append(f.edges, int32(i))
			if m.nodes[i].kind != nodeShim {
				f.core = append(f.core, int32(i))
			}
		}
	}
	if !f.checkConnected() {
		return nil
	}
	f.locate()
	return f
}

func (m *model) portName(p network.Port) string {
	return fmt.Sprintf("%s:%d", m.nodes[p.Switch].name, p.Number)
}

// checkConnected reports edges that cannot reach each other.
func (f *fabric) checkConnected() bool {
	component := make([]int, len(f.nodes))
	for c, nodes := range f.graph.Components() {
		for _, n := range nodes {
			component[n] = c
		}
	}
	var sides [][]string
	index := map[int]int{}
	for _, e := range f.edges {
		i, ok := index[component[e]]
		if !ok {
			i = len(sides)
			index[component[e]] = i
			sides = append(sides, nil)
		}
		sides[i] = append(sides[i], f.nodes[e].name)
	}
	if len(sides) < 2 {
		return true
	}
	for _, s := range sides {
		slices.Sort(s)
	}
	slices.SortFunc(sides, slices.Compare)
	f.addError(f.nodes[f.edges[0]].span, "C052",
		fmt.Sprintf("the network is partitioned: no path joins %s with %s", some(sides[0]), some(sides[1])), "add a link between the two sides")
	return false
}

// locate gives every switch its locator.
func (f *fabric) locate() {
	f.locators = make([]network.MAC, len(f.nodes))
	f.from = make([][]stmt, len(f.nodes))
	var names []string
	byName := map[string]int{}
	for i := range f.nodes {
		n := &f.nodes[i]
		byName[n.name] = i
		if n.targets() && n.locator == (network.MAC{}) {
			names = append(names, n.name)
		}
	}
	numbers, err := number.Allocate(number.Space{What: "locator", Low: 1, High: 1<<32 - 1}, names)
	if err != nil {
		panic(err)
	}
	taken := map[network.MAC]string{}
	for i := range f.endpoints {
		taken[f.endpoints[i].MAC] = "endpoint " + f.endpoints[i].Name
	}
	for i := range f.nodes {
		n := &f.nodes[i]
		f.locators[i] = n.locator
		f.from[i] = []stmt{n.stmt}
		if !n.targets() {
			continue
		}
		if n.locator == (network.MAC{}) {
			v := numbers.Of(n.name)
			// 02: locally administered; 50 for the P of Pillion.
			f.locators[i] = network.MAC{0x02, 0x50, byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
			for _, winner := range numbers.LostTo(n.name) {
				f.from[i] = append(f.from[i], f.nodes[byName[winner]].stmt)
			}
		}
		if other, dup := taken[f.locators[i]]; dup && n.kind != nodeShim {
			f.addError(n.span, "C053", fmt.Sprintf("the locator of %s is the MAC address of %s", n.name, other), "give the switch another with locator:")
		}
		taken[f.locators[i]] = "switch " + n.name
	}
}

// growTrees makes the unicast trees towards every edge.
func (f *fabric) growTrees() {
	dests := make([]paths.Dest, len(f.edges))
	f.trees = make([][][]uint16, len(f.nodes))
	if f.legacy {
		// Ordinary switches learn where an edge is, so every frame to it has to come by one way.
		f.useShared()
		return
	}
	for i, e := range f.edges {
		dests[i] = paths.Dest{Node: e, ID: f.graph.Name(e)}
		f.trees[e] = make([][]uint16, f.net.Trees)
	}
	paths.NewPastR(f.graph, f.net.Seed).Trees(dests, f.net.Trees, func(dest int, tree uint16, out []uint16) {
		f.trees[f.edges[dest]][tree] = slices.Clone(out)
	})
}

// treeFor spreads destinations over the trees of their edge.
func (f *fabric) treeFor(name string) uint16 {
	if f.legacy {
		return SharedTree
	}
	return uint16(number.Hash(name) % uint64(f.net.Trees))
}

// towards is the port of a switch that leads to an edge on a tree.
func (f *fabric) towards(at, edge int32, tree uint16) uint32 {
	if tree == SharedTree {
		return uint32(f.shared.Port(at, edge))
	}
	return uint32(f.trees[edge][tree][at])
}

// useShared makes the shared tree, if it is not there yet. It has all links between ordinary switches, so that frames inside a
// layer-2 domain, which have no tree, go the same ways as those that follow it.
func (f *fabric) useShared() {
	if f.shared == nil {
		f.shared = paths.NewShared(f.graph, f.net.Seed, paths.SharedOptions{
			Keep: func(link int32) bool { return f.ordinary[link] },
			Root: func(node int32) bool { return f.nodes[node].kind <= nodeLegacy }, // no tree hangs on a host that comes and goes
		})
	}
}
