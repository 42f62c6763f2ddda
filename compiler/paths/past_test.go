package paths

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// checkTree: from every switch, the tree leads to dest in as many hops as there
// are at least, or nowhere if there is no way.
func checkTree(t interface{ Fatalf(string, ...any) }, g *Graph, dest int32, tree []uint16) {
	dist := g.Dist(dest, nil)
	for n := range tree {
		at := int32(n)
		for hops := dist[n]; hops > 0; hops-- {
			to, _, ok := g.Follow(at, tree[at])
			if !ok {
				t.Fatalf("towards %d: switch %d sends to port %d, where there is no link", dest, at, tree[at])
			}
			at = to.Node
		}
		if dist[n] >= 0 && at != dest {
			t.Fatalf("towards %d: after %d hops from %d a frame is at %d", dest, dist[n], n, at)
		}
		if (dist[n] == Unreachable || int32(n) == dest) && tree[n] != 0 {
			t.Fatalf("towards %d: switch %d sends to port %d, want none", dest, n, tree[n])
		}
	}
}

// hostTrees collects the trees of HostTrees.
func hostTrees(g *Graph, seed uint64, hosts []Dest) [][]uint16 {
	trees := make([][]uint16, len(hosts))
	NewPastR(g, seed).HostTrees(hosts, func(h int, out []uint16) { trees[h] = slices.Clone(out) })
	return trees
}

func allHosts(s sketch, perSwitch int) []Dest {
	var hosts []Dest
	for n := range s.names {
		for i := range perSwitch {
			hosts = append(hosts, Dest{int32(n), Hash(fmt.Sprint(s.names[n], "host", i))})
		}
	}
	return hosts
}

func TestTreesAreShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSketch(t)
		g := s.graph(t)
		p := NewPastR(g, rapid.Uint64().Draw(t, "seed"))
		for n := range s.names {
			d := Dest{int32(n), Hash(s.names[n])}
			checkTree(t, g, d.Node, p.Tree(d, uint16(n), nil))
		}
		hosts := allHosts(s, 3)
		for h, tree := range hostTrees(g, 1, hosts) {
			checkTree(t, g, hosts[h].Node, tree)
		}
	})
}

// The picks are those of the definition, worked out link by link.
func TestTreeIsRendezvousHashing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSketch(t)
		g := s.graph(t)
		p := NewPastR(g, 7)
		d := Dest{int32(rapid.IntRange(0, len(s.names)-1).Draw(t, "dest")), 99}
		got := p.Tree(d, 3, nil)
		dist := g.Dist(d.Node, nil)
		for n := range got {
			var want uint16
			var most uint64
			for _, l := range s.links {
				for _, e := range [][2]End{{l.A, l.B}, {l.B, l.A}} {
					if int(e[0].Node) != n || dist[n] < 0 || dist[e[1].Node] != dist[n]-1 {
						continue
					}
					id := linkID(g.Name(l.A.Node), l.A.Port, g.Name(l.B.Node), l.B.Port)
					if w := fold(p.key(d, 3) ^ id); w > most {
						most, want = w, e[0].Port
					}
				}
			}
			if got[n] != want {
				t.Fatalf("switch %d sends to port %d, want %d", n, got[n], want)
			}
		}
	})
}

// Searching many destinations at once gives what searching one does.
func TestTreesInBatches(t *testing.T) {
	g, edges, _ := FatTree(16)
	p := NewPastR(g, 5)
	edges = append(edges, edges[:10]...) // a destination may come twice
	var mu sync.Mutex
	got := make([][2][]uint16, len(edges))
	p.Trees(edges, 2, func(d int, tree uint16, out []uint16) {
		mu.Lock()
		defer mu.Unlock()
		got[d][tree] = slices.Clone(out)
	})
	for i, d := range edges {
		for tree := range got[i] {
			if want := p.Tree(d, uint16(tree), nil); !reflect.DeepEqual(got[i][tree], want) {
				t.Fatalf("tree %d of destination %d differs from the one made alone", tree, i)
			}
		}
	}
}

func TestOrderOfDeclarationDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSketch(t)
		other, index := s.shuffle(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0)))
		g, h := s.graph(t), other.graph(t)
		same := func(what string, a, b []uint16) {
			for n := range a {
				if a[n] != b[index[n]] {
					t.Fatalf("%s: switch %s sends to port %d, and %d when declared in another order", what, s.names[n], a[n], b[index[n]])
				}
			}
		}
		hosts := allHosts(s, 2)
		moved := slices.Clone(hosts)
		for i := range moved {
			moved[i].Node = index[moved[i].Node]
		}
		p, q := NewPastR(g, 1), NewPastR(h, 1)
		for i, d := range hosts {
			same("tree", p.Tree(d, 1, nil), q.Tree(moved[i], 1, nil))
		}
		one, two := hostTrees(g, 1, hosts), hostTrees(h, 1, moved)
		for i := range hosts {
			same("host's tree", one[i], two[i])
		}
		a, b := NewShared(g, 1, SharedOptions{}), NewShared(h, 1, SharedOptions{})
		for n := range s.names {
			same("shared tree", a.Tree(int32(n), nil), b.Tree(index[n], nil))
		}
	})
}

// A link that a tree does not use can go without moving the tree.
func TestUnusedLinksDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSketch(t)
		if len(s.links) == 0 {
			return
		}
		g := s.graph(t)
		link := rapid.IntRange(0, len(s.links)-1).Draw(t, "link")
		h := s.without(link).graph(t)
		hosts := allHosts(s, 2)
		p, q := NewPastR(g, 1), NewPastR(h, 1)
		for _, d := range hosts {
			if tree := p.Tree(d, 0, nil); !uses(tree, s.links[link]) {
				if after := q.Tree(d, 0, nil); !reflect.DeepEqual(tree, after) {
					t.Fatalf("tree to %d was %v, and is %v without the unused link %v", d.Node, tree, after, s.links[link])
				}
			}
		}
		before, after := hostTrees(g, 1, hosts), hostTrees(h, 1, hosts)
		for i, d := range hosts {
			if uses(before[i], s.links[link]) {
				continue
			}
			for n := range before[i] {
				if before[i][n] != after[i][n] && !halves(g, d.Node, s.links[link], int32(n)) {
					t.Fatalf("host's tree to %d: switch %d sent to port %d, and to %d without the unused link %v",
						d.Node, n, before[i][n], after[i][n], s.links[link])
				}
			}
		}
	})
}

// halves says whether removing a link makes the block of slots smaller from
// which a switch draws towards dest.
func halves(g *Graph, dest int32, l Link, node int32) bool {
	dist := g.Dist(dest, nil)
	span := func(ports []uint16) int {
		size := 1
		for len(ports) > 0 && (ports[0]-1)/uint16(size) != (ports[len(ports)-1]-1)/uint16(size) {
			size *= 2
		}
		return size
	}
	var with, without []uint16
	for _, port := range g.Ports(node) {
		if to, _, _ := g.Follow(node, port); dist[to.Node] == dist[node]-1 {
			with = append(with, port)
			if (End{node, port}) != l.A && (End{node, port}) != l.B {
				without = append(without, port)
			}
		}
	}
	return span(with) != span(without)
}

// star is a switch "hub" with a two-hop way to "dest" from each of these ports.
func star(t *testing.T, ports []uint16) (g *Graph, hub, dest int32) {
	s := sketch{names: []string{"hub", "dest"}}
	for i, port := range ports {
		n := int32(len(s.names))
		s.names = append(s.names, fmt.Sprintf("mid%d", i))
		s.links = append(s.links, Link{End{0, port}, End{n, 1}}, Link{End{n, 2}, End{1, uint16(i + 1)}})
	}
	return s.graph(t), 0, 1
}

// Picks are uniform: Pearson's chi-square, with seeds that do not change.
func TestPicksAreUniform(t *testing.T) {
	const draws = 20000
	for _, ports := range [][]uint16{
		{1, 2, 3, 4}, {1, 3, 4, 9, 17}, {63, 64, 65}, {2, 70, 200, 300, 511}, {5, 6}, {1, 64}, {1, 511}, {60, 61, 62, 63, 64, 65, 66, 67},
	} {
		g, hub, dest := star(t, ports)
		p := NewPastR(g, 1)
		trees, hosts := map[uint16]int{}, map[uint16]int{}
		var dests []Dest
		for i := range draws {
			dests = append(dests, Dest{dest, Hash(fmt.Sprint("locator", i))})
		}
		for _, tree := range hostTrees(g, 1, dests) {
			hosts[tree[hub]]++
		}
		var out []uint16
		for _, d := range dests {
			out = p.Tree(d, 0, out)
			trees[out[hub]]++
		}
		for what, counts := range map[string]map[uint16]int{"locators": trees, "hosts": hosts} {
			chi, expect := 0.0, float64(draws)/float64(len(ports))
			for _, port := range ports {
				d := float64(counts[port]) - expect
				chi += d * d / expect
			}
			// For 1 to 7 degrees of freedom, 30 is beyond 1 in 10,000.
			if chi > 30 {
				t.Errorf("%s, ports %v: chi-square is %.1f: %v", what, ports, chi, counts)
			}
		}
	}
}

// What one switch picks says nothing about what another does, and tree 0
// nothing about tree 1.
func TestPicksAreIndependent(t *testing.T) {
	g, _, hosts := FatTree(8)
	p := NewPastR(g, 1)
	dest := hosts[0].Node
	far := []int32{31, 30} // edge switches of the last pod: four ways each
	var apart, trees, perHost [5][5]int
	var ds []Dest
	const draws = 16000
	for i := range draws {
		ds = append(ds, Dest{dest, Hash(fmt.Sprint("d", i))})
	}
	var a, b []uint16
	for _, d := range ds {
		a, b = p.Tree(d, 0, a), p.Tree(d, 1, b)
		apart[a[far[0]]][a[far[1]]]++
		trees[a[far[0]]][b[far[0]]]++
	}
	for _, tree := range hostTrees(g, 1, ds) {
		perHost[tree[far[0]]][tree[far[1]]]++
	}
	for what, table := range map[string][5][5]int{"two switches": apart, "two trees": trees, "two switches, per host": perHost} {
		chi := 0.0
		for i := 1; i <= 4; i++ {
			for j := 1; j <= 4; j++ {
				d := float64(table[i][j]) - draws/16
				chi += d * d / (draws / 16)
			}
		}
		if chi > 45 { // 15 degrees of freedom: 1 in 10,000
			t.Errorf("%s: chi-square is %.1f: %v", what, chi, table)
		}
	}
}

// Networks in use were planned with these numbers. A change of hashing is
// allowed only if it is meant.
func TestTreesStayWhatTheyAre(t *testing.T) {
	g, edges, hosts := FatTree(6) // three ways up, in a block of four slots
	sum := fnv.New64a()
	put := func(out []uint16) {
		for _, p := range out {
			sum.Write([]byte{byte(p >> 8), byte(p)})
		}
	}
	p := NewPastR(g, 42)
	for _, d := range edges {
		put(p.Tree(d, 1, nil))
	}
	for _, out := range hostTrees(g, 42, hosts) {
		put(out)
	}
	put(NewShared(g, 42, SharedOptions{}).Tree(edges[0].Node, nil))
	g, _, dest := star(t, []uint16{2, 70, 200, 300, 511}) // several words of slots
	for i := range uint64(20) {
		put(NewPastR(g, 42).Tree(Dest{dest, i}, 0, nil))
		put(hostTrees(g, 42, []Dest{{dest, i}})[0])
	}
	if got, want := sum.Sum64(), uint64(0xa896b10197718e56); got != want {
		t.Errorf("all trees of a fat-tree hash to %#x, want %#x", got, want)
	}
}
