package paths

import (
	"fmt"
	"slices"
)

// Shared is one undirected spanning tree, which all multicast groups share: a
// breadth-first tree around a root that the names decide. A network in several
// parts has a tree, with a root of its own, in each.
type Shared struct {
	g      *Graph
	root   []int32  // by switch: root of its part
	parent []int32  // by switch: next switch towards the root, -1 at a root
	up     []uint16 // by switch: port towards the root, 0 at a root
	down   []uint16 // by switch: the parent's port towards this switch
	depth  []int32  // by switch: links to the root
	below  intervals
}

// SharedOptions is what else a shared tree must be.
type SharedOptions struct {
	// Keep says which links (by their index in what New was given) the tree must
	// use. They must not make a loop. What they join counts as one switch in
	// distances. nil: none.
	Keep func(link int32) bool
	// Root says which switches may be a root, where there is one. nil: all.
	Root func(node int32) bool
}

// NewShared makes the tree. Like PastR's trees it is a function of seed and
// names: a link that it does not use can go without changing it, as long as no
// distance to the root changes.
//
// What is asked of it besides may be the zero value.
func NewShared(g *Graph, seed uint64, asked SharedOptions) *Shared {
	n := g.Nodes()
	t := &Shared{
		g: g, root: make([]int32, n), parent: make([]int32, n),
		up: make([]uint16, n), down: make([]uint16, n), depth: make([]int32, n),
	}
	past := NewPastR(g, seed)
	groups := newGroups(g, asked.Keep)
	for _, part := range g.Components() {
		root := part[0]
		may := func(m int32) bool { return asked.Root == nil || asked.Root(m) }
		for _, m := range part {
			a, b := join(past.seed, g.names[m]), join(past.seed, g.names[root])
			lower := a < b || a == b && g.names[m] < g.names[root]
			if may(m) && !may(root) || lower && may(m) == may(root) {
				root = m
			}
		}
		for _, m := range part {
			t.root[m], t.parent[m] = root, -1
		}
		groups.grow(t, root, past.key(Dest{Node: root, ID: g.names[root]}, 0))
	}
	t.below = number(t.parent)
	return t
}

// Root is the root of the part of the network that a switch is in.
func (t *Shared) Root(node int32) int32 { return t.root[node] }

// Parent is the next switch towards the root and the port that leads to it, or
// -1 and 0 at a root.
func (t *Shared) Parent(node int32) (parent int32, port uint16) {
	return t.parent[node], t.up[node]
}

// Port is a switch's port towards dest along the shared tree: 0 at dest and
// where no path leads there. It takes no memory for any destination, where
// [Shared.Tree] makes an entry for every switch.
func (t *Shared) Port(at, dest int32) uint16 {
	switch {
	case at == dest || t.root[at] != t.root[dest]:
		return 0
	case !t.below.contains(at, dest):
		return t.up[at]
	}
	return t.down[t.below.child(at, dest)]
}

// Tree writes every switch's port towards dest along the shared tree into out,
// as Planner.Tree does: 0 at dest and where no path leads there.
func (t *Shared) Tree(dest int32, out []uint16) []uint16 {
	out = resize(out, t.g.Nodes())
	copy(out, t.up)
	// Everyone's way is towards the root, but for those above dest.
	for n := dest; t.parent[n] >= 0; n = t.parent[n] {
		out[t.parent[n]] = t.down[n]
	}
	out[dest] = 0
	for n := range out {
		if t.root[n] != t.root[dest] {
			out[n] = 0
		}
	}
	return out
}

// Subtree is the part of the shared tree that joins the terminals of a group,
// and nothing more: each of its leaves is a terminal. A frame that enters at
// any terminal and is passed on to every neighbour but the one that it came
// from reaches all the others, and no link carries it twice.
type Subtree struct {
	Nodes []SubtreeNode // by index of the switch
}

// SubtreeNode is one switch of a Subtree.
type SubtreeNode struct {
	Node     int32
	Terminal bool
	Branches []Branch // in ascending order of port
}

// Branching says whether three or more branches meet here.
func (n *SubtreeNode) Branching() bool { return len(n.Branches) > 2 }

// Stop says whether group state is needed here: at terminals and where the
// tree branches. All other switches of the subtree have two branches and pass
// frames along.
func (n *SubtreeNode) Stop() bool { return n.Terminal || n.Branching() }

// Branch is one link of a Subtree, seen from one of its ends.
type Branch struct {
	Port     uint16 // this switch's
	Neighbor int32  // switch at the other end
	Next     int32  // first switch that way where Stop holds
	Hops     int32  // links to Next
}

// Steiner finds subtrees. It is working memory for one goroutine.
type Steiner struct {
	t     *Shared
	at    []int32 // by switch: its place in the subtree, if round says so
	round []int32
	now   int32
}

// NewSteiner makes one; it may serve any number of groups, one by one.
func (t *Shared) NewSteiner() *Steiner {
	n := t.g.Nodes()
	return &Steiner{t: t, at: make([]int32, n), round: make([]int32, n)}
}

// Subtree joins the terminals. The same switch may be named more than once.
// Its time grows with the subtree, not with the network. It is an error if
// they are in different parts of the network.
func (s *Steiner) Subtree(terminals []int32) (*Subtree, error) {
	sub := &Subtree{}
	if len(terminals) == 0 {
		return sub, nil
	}
	for _, n := range terminals {
		if s.t.root[n] != s.t.root[terminals[0]] {
			return nil, fmt.Errorf("no path joins switches %d and %d", terminals[0], n)
		}
	}
	members, top := s.climb(terminals)
	slices.Sort(members)
	sub.Nodes = make([]SubtreeNode, len(members))
	for i, n := range members {
		s.at[n] = int32(i)
		sub.Nodes[i].Node = n
	}
	for _, n := range terminals {
		sub.Nodes[s.at[n]].Terminal = true
	}
	for i := range sub.Nodes {
		n := sub.Nodes[i].Node
		if n == top {
			continue
		}
		p := s.t.parent[n]
		own, above := &sub.Nodes[i], &sub.Nodes[s.at[p]]
		own.Branches = append(own.Branches, Branch{Port: s.t.up[n], Neighbor: p})
		above.Branches = append(above.Branches, Branch{Port: s.t.down[n], Neighbor: n})
	}
	for i := range sub.Nodes {
		slices.SortFunc(sub.Nodes[i].Branches, func(a, b Branch) int { return int(a.Port) - int(b.Port) })
	}
	s.findNext(sub)
	return sub, nil
}

// climb collects the switches between the terminals and the lowest switch that
// is above them all, which is top.
func (s *Steiner) climb(terminals []int32) (members []int32, top int32) {
	s.now++
	t := s.t
	// The common ancestor first: then every climb knows where to stop.
	top = terminals[0]
	for _, n := range terminals[1:] {
		for top != n && s.round[n] != s.now {
			// Both ends climb to the same depth, then together.
			if t.depth[n] > t.depth[top] {
				s.round[n] = s.now
				members = append(members, n)
				n = t.parent[n]
				continue
			}
			if s.round[top] != s.now {
				s.round[top] = s.now
				members = append(members, top)
			}
			top = t.parent[top]
		}
	}
	if s.round[top] != s.now {
		s.round[top] = s.now
		members = append(members, top)
	}
	return members, top
}

// findNext fills in where each branch leads to. Between two stops every switch
// has two branches, so each such way is walked once from either end.
func (s *Steiner) findNext(sub *Subtree) {
	for i := range sub.Nodes {
		from := &sub.Nodes[i]
		for b := range from.Branches {
			last, n, hops := from.Node, from.Branches[b].Neighbor, int32(1)
			for node := &sub.Nodes[s.at[n]]; !node.Stop(); node = &sub.Nodes[s.at[n]] {
				way := 0
				if node.Branches[0].Neighbor == last {
					way = 1
				}
				last, n, hops = n, node.Branches[way].Neighbor, hops+1
			}
			from.Branches[b].Next, from.Branches[b].Hops = n, hops
		}
	}
}
