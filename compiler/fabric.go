package compiler

import (
	"fmt"
	"slices"

	"pillion/compiler/network"
	"pillion/compiler/number"
	"pillion/compiler/paths"
	"pillion/compiler/plan"
	"pillion/lang/diag"
)

// SharedTree is the tree number of the one undirected tree that multicast uses. Trees of
// unicast are numbered from 0.
const SharedTree = 0x8000

// fabric is where switches are and how frames travel between them.
type fabric struct {
	*model
	graph     *paths.Graph
	stmts     []stmt // by switch
	links     []stmt // by link
	locators  []network.MAC
	from      [][]stmt // by switch: what its locator comes from
	edges     []int32  // switches with endpoints or middleboxes
	isEdge    []bool
	trees     [][][]uint16 // by switch that is a destination, by tree, by switch: port
	shared    *paths.Shared
	sharedOut [][]uint16 // by stop, by switch: port on the shared tree
	stops     []users    // by switch: the multicast groups that are addressed to it
	copyIDs   *number.Allocation
}

func (m *model) layFabric() *fabric {
	f := &fabric{model: m}
	n := len(m.net.Switches)
	names := make([]uint64, n)
	f.stmts = make([]stmt, n)
	f.isEdge = make([]bool, n)
	f.stops = make([]users, n)
	for i := range m.net.Switches {
		s := &m.net.Switches[i]
		names[i] = paths.Hash(s.Name)
		f.stmts[i] = m.statements.of("switch", s.Name)
		if s.Target == network.Legacy {
			m.addError(s.Span, "C050", "switch "+s.Name+" has target: legacy, which is not supported yet", "take target: p4runtime")
		}
	}
	links := make([]paths.Link, len(m.net.Links))
	f.links = make([]stmt, len(links))
	for i := range m.net.Links {
		l := &m.net.Links[i]
		a, b := l.Ends[0], l.Ends[1]
		links[i] = paths.Link{A: paths.End{Node: a.Switch, Port: uint16(a.Number)}, B: paths.End{Node: b.Switch, Port: uint16(b.Number)}}
		ta, tb := m.portName(a), m.portName(b)
		f.links[i] = m.statements.of("link", min(ta, tb)+" "+max(ta, tb))
	}
	g, err := paths.New(names, links)
	if err != nil {
		m.addError(diag.Span{File: m.net.File}, "C051", "the links make no network: "+err.Error(), "")
		return nil
	}
	f.graph = g
	for i := range m.endpoints {
		f.isEdge[m.endpoints[i].edge()] = true
	}
	for i := range m.net.Middleboxes {
		f.isEdge[m.net.Middleboxes[i].At.Switch] = true
	}
	for i, edge := range f.isEdge {
		if edge {
			f.edges = append(f.edges, int32(i))
		}
	}
	if !f.checkConnected() {
		return nil
	}
	f.locate()
	return f
}

func (m *model) portName(p network.Port) string {
	return fmt.Sprintf("%s:%d", m.net.Switches[p.Switch].Name, p.Number)
}

// checkConnected reports edges that cannot reach each other.
func (f *fabric) checkConnected() bool {
	component := make([]int, len(f.net.Switches))
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
		sides[i] = append(sides[i], f.net.Switches[e].Name)
	}
	if len(sides) < 2 {
		return true
	}
	for _, s := range sides {
		slices.Sort(s)
	}
	slices.SortFunc(sides, slices.Compare)
	f.addError(f.net.Switches[f.edges[0]].Span, "C052",
		fmt.Sprintf("the network is partitioned: no path joins %s with %s", some(sides[0]), some(sides[1])), "add a link between the two sides")
	return false
}

// locate gives every switch its locator.
func (f *fabric) locate() {
	f.locators = make([]network.MAC, len(f.net.Switches))
	f.from = make([][]stmt, len(f.net.Switches))
	var names []string
	byName := map[string]int{}
	for i := range f.net.Switches {
		s := &f.net.Switches[i]
		byName[s.Name] = i
		if s.Locator == (network.MAC{}) {
			names = append(names, s.Name)
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
	for i := range f.net.Switches {
		s := &f.net.Switches[i]
		f.locators[i] = s.Locator
		f.from[i] = []stmt{f.stmts[i]}
		if s.Locator == (network.MAC{}) {
			n := numbers.Of(s.Name)
			// 02: locally administered; 50 for the P of Pillion.
			f.locators[i] = network.MAC{0x02, 0x50, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
			for _, winner := range numbers.LostTo(s.Name) {
				f.from[i] = append(f.from[i], f.stmts[byName[winner]])
			}
		}
		if other, dup := taken[f.locators[i]]; dup {
			f.addError(s.Span, "C053", fmt.Sprintf("the locator of switch %s is the MAC address of %s", s.Name, other), "give the switch another with locator:")
		}
		taken[f.locators[i]] = "switch " + s.Name
	}
}

// growTrees makes the unicast trees towards every edge.
func (f *fabric) growTrees() {
	dests := make([]paths.Dest, len(f.edges))
	f.trees = make([][][]uint16, len(f.net.Switches))
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
	return uint16(number.Hash(name) % uint64(f.net.Trees))
}

// towards is the port of a switch that leads to an edge on a tree.
func (f *fabric) towards(at, edge int32, tree uint16) uint32 {
	if tree == SharedTree {
		panic("compiler: taps travel on unicast trees")
	}
	return uint32(f.trees[edge][tree][at])
}

// routes are the core entries of one switch.
func (f *fabric) routes(at int32, o *origins) []plan.Route {
	var out []plan.Route
	add := func(edge int32, tree uint16, port uint16, needs []stmt) {
		if edge == at || port == 0 {
			return
		}
		_, link, ok := f.graph.Follow(at, port)
		if !ok {
			panic("compiler: a tree leaves by a port without a link")
		}
		out = append(out, plan.Route{Origin: o.row(f.from[edge][0], f.from[edge], f.links[link:link+1], needs), Locator: f.locators[edge], Tree: tree, Port: uint32(port)})
	}
	for _, e := range f.edges {
		for t, ports := range f.trees[e] {
			add(e, uint16(t), ports[at], nil)
		}
	}
	if f.shared == nil {
		return out
	}
	for s, stop := range f.stops {
		if stop.any {
			add(int32(s), SharedTree, f.sharedPorts(int32(s))[at], stop.needs)
		}
	}
	return out
}
