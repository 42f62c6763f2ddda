package paths

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSharedIsOneTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSketch(t)
		g := s.graph(t)
		tree := NewShared(g, rapid.Uint64().Draw(t, "seed"), SharedOptions{})
		roots := 0
		for n := range s.names {
			if parent, port := tree.Parent(int32(n)); parent < 0 {
				roots++
			} else if to, _, ok := g.Follow(int32(n), port); !ok || to.Node != parent {
				t.Fatalf("port %d of %d does not lead to its parent %d", port, n, parent)
			}
		}
		if parts := g.Components(); roots != len(parts) {
			t.Fatalf("%d roots in %d parts", roots, len(parts))
		}
		// Towards every destination: there within as many steps as there are
		// switches, over links of the tree only.
		for d := range s.names {
			out := tree.Tree(int32(d), nil)
			for n := range out {
				if port := tree.Port(int32(n), int32(d)); port != out[n] {
					t.Fatalf("towards %d: %d has port %d by itself, and %d in the tree", d, n, port, out[n])
				}
				at := int32(n)
				for range out {
					if out[at] == 0 {
						break
					}
					to, _, ok := g.Follow(at, out[at])
					pa, _ := tree.Parent(at)
					pb, _ := tree.Parent(to.Node)
					if !ok || pa != to.Node && pb != at {
						t.Fatalf("towards %d: port %d of %d is not in the tree", d, out[at], at)
					}
					at = to.Node
				}
				if joined := tree.Root(int32(n)) == tree.Root(int32(d)); joined != (at == int32(d)) {
					t.Fatalf("towards %d: a frame from %d ends at %d", d, n, at)
				}
			}
		}
	})
}

// Links that must be in the tree are, whatever lies shorter.
func TestSharedKeepsLinks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSketch(t)
		group := make([]int, len(s.names)) // by switch: what kept links join it with
		for i := range group {
			group[i] = i
		}
		keep := make([]bool, len(s.links))
		for i, l := range s.links {
			from, to := group[l.A.Node], group[l.B.Node]
			if from == to || !rapid.Bool().Draw(t, "keep") {
				continue
			}
			keep[i] = true
			for n := range group {
				if group[n] == from {
					group[n] = to
				}
			}
		}
		g := s.graph(t)
		tree := NewShared(g, rapid.Uint64().Draw(t, "seed"), SharedOptions{Keep: func(link int32) bool { return keep[link] }})
		used := make([]bool, len(s.links))
		roots := 0
		for n := range s.names {
			parent, port := tree.Parent(int32(n))
			if parent < 0 {
				roots++
				continue
			}
			_, link, ok := g.Follow(int32(n), port)
			if !ok || used[link] {
				t.Fatalf("switch %d goes to %d by link %d, which is none, or is used twice", n, parent, link)
			}
			used[link] = true
		}
		for i := range keep {
			if keep[i] && !used[i] {
				t.Fatalf("link %d is not in the tree", i)
			}
		}
		if parts := g.Components(); roots != len(parts) {
			t.Fatalf("%d roots in %d parts", roots, len(parts))
		}
		for d := range s.names {
			out := tree.Tree(int32(d), nil)
			for n := range out {
				at := int32(n)
				for range out {
					if out[at] != 0 {
						to, _, _ := g.Follow(at, out[at])
						at = to.Node
					}
				}
				if tree.Root(int32(n)) == tree.Root(int32(d)) && at != int32(d) {
					t.Fatalf("a frame from %d to %d ends at %d", n, d, at)
				}
			}
		}
	})
}

func TestSubtreeCarriesOneCopyPerLink(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSketch(t)
		g := s.graph(t)
		tree := NewShared(g, 1, SharedOptions{})
		steiner := tree.NewSteiner()
		for range 3 { // its working memory must not leak from group to group
			part := rapid.SampledFrom(g.Components()).Draw(t, "part")
			terminals := rapid.SliceOfN(rapid.SampledFrom(part), 0, 8).Draw(t, "terminals")
			sub, err := steiner.Subtree(terminals)
			if err != nil {
				t.Fatal(err)
			}
			checkSubtree(t, g, tree, terminals, sub)
		}
	})
}

func checkSubtree(t *rapid.T, g *Graph, tree *Shared, terminals []int32, sub *Subtree) {
	wanted := map[int32]bool{}
	for _, n := range terminals {
		wanted[n] = true
	}
	nodes := map[int32]*SubtreeNode{}
	ends := 0
	for i := range sub.Nodes {
		n := &sub.Nodes[i]
		if i > 0 && sub.Nodes[i-1].Node >= n.Node {
			t.Fatal("switches are not in order")
		}
		if n.Terminal != wanted[n.Node] {
			t.Fatalf("switch %d: terminal is %v", n.Node, n.Terminal)
		}
		if !n.Terminal && len(n.Branches) < 2 {
			t.Fatalf("switch %d has %d branches and is no terminal", n.Node, len(n.Branches))
		}
		nodes[n.Node] = n
		ends += len(n.Branches)
	}
	if len(nodes) > 0 && ends != 2*(len(nodes)-1) {
		t.Fatalf("%d switches and %d ends of links are no tree", len(nodes), ends)
	}
	for _, n := range sub.Nodes {
		for i, b := range n.Branches {
			to, _, ok := g.Follow(n.Node, b.Port)
			if !ok || to.Node != b.Neighbor || i > 0 && n.Branches[i-1].Port >= b.Port {
				t.Fatalf("branch %d of %d is wrong: %+v", i, n.Node, b)
			}
			// The next stop is where the shared tree leads, the first stop there.
			at, hops, ways := n.Node, int32(0), tree.Tree(b.Next, nil)
			for at != b.Next {
				if hops > 0 && nodes[at].Stop() {
					t.Fatalf("branch %+v of %d passes the stop %d", b, n.Node, at)
				}
				to, _, _ := g.Follow(at, ways[at])
				at, hops = to.Node, hops+1
				if hops == 1 && at != b.Neighbor {
					t.Fatalf("branch %+v of %d: the way there begins at %d", b, n.Node, at)
				}
			}
			if hops != b.Hops || !nodes[b.Next].Stop() {
				t.Fatalf("branch %+v of %d: %d hops, a stop %v", b, n.Node, hops, nodes[b.Next].Stop())
			}
		}
	}
	for entry := range wanted {
		carried, reached := map[int32]int{}, map[int32]bool{}
		var pass func(at int32, from int32)
		pass = func(at, from int32) {
			if reached[at] {
				t.Fatalf("a second copy came to %d", at)
			}
			reached[at] = true
			for _, b := range nodes[at].Branches {
				if b.Neighbor == from {
					continue
				}
				_, link, _ := g.Follow(at, b.Port)
				if carried[link]++; carried[link] > 1 {
					t.Fatalf("link %d carries a second copy", link)
				}
				pass(b.Neighbor, at)
			}
		}
		pass(entry, -1)
		for n := range wanted {
			if !reached[n] {
				t.Fatalf("a frame from %d does not reach %d", entry, n)
			}
		}
	}
}

func TestSubtreeOfTwoParts(t *testing.T) {
	s := sketch{names: []string{"a", "b", "c"}, links: []Link{{End{0, 1}, End{1, 1}}}}
	_, err := NewShared(s.graph(t), 1, SharedOptions{}).NewSteiner().Subtree([]int32{0, 1, 2})
	if err == nil || !strings.Contains(err.Error(), "no path joins switches 0 and 2") {
		t.Errorf("error is %v", err)
	}
}
