package paths

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"pgregory.net/rapid"
)

// sketch is a network that can be declared in any order.
type sketch struct {
	names []string
	links []Link // ends by index into names
}

// drawSketch makes a multigraph, often in several parts, with ports all over
// the range.
func drawSketch(t *rapid.T) sketch {
	var s sketch
	n := rapid.IntRange(1, 24).Draw(t, "switches")
	for i := range n {
		s.names = append(s.names, fmt.Sprintf("s%d", i))
	}
	if n == 1 {
		return s
	}
	maxPort := rapid.SampledFrom([]int{40, 64, 65, 200, MaxPort}).Draw(t, "ports")
	used := map[End]bool{}
	for range rapid.IntRange(0, 4*n).Draw(t, "links") {
		a := rapid.IntRange(0, n-1).Draw(t, "a")
		b := rapid.IntRange(0, n-2).Draw(t, "b")
		if b >= a {
			b++
		}
		l := Link{
			End{int32(a), uint16(rapid.IntRange(1, maxPort).Draw(t, "port a"))},
			End{int32(b), uint16(rapid.IntRange(1, maxPort).Draw(t, "port b"))},
		}
		if used[l.A] || used[l.B] {
			continue
		}
		used[l.A], used[l.B] = true, true
		s.links = append(s.links, l)
	}
	return s
}

func (s sketch) graph(t interface{ Fatal(...any) }) *Graph {
	names := make([]uint64, len(s.names))
	for i, n := range s.names {
		names[i] = Hash(n)
	}
	g, err := New(names, s.links)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// shuffle declares the same network in another order. index[i] is where switch
// i went.
func (s sketch) shuffle(r *rand.Rand) (other sketch, index []int32) {
	other.names = make([]string, len(s.names))
	index = make([]int32, len(s.names))
	for i, j := range r.Perm(len(s.names)) {
		index[i] = int32(j)
		other.names[j] = s.names[i]
	}
	for _, l := range s.links {
		l.A.Node, l.B.Node = index[l.A.Node], index[l.B.Node]
		if r.IntN(2) == 0 {
			l.A, l.B = l.B, l.A
		}
		other.links = append(other.links, l)
	}
	r.Shuffle(len(other.links), func(i, j int) { other.links[i], other.links[j] = other.links[j], other.links[i] })
	return other, index
}

// without removes a link.
func (s sketch) without(link int) sketch {
	return sketch{s.names, slices.Delete(slices.Clone(s.links), link, link+1)}
}

// uses says whether a tree sends anything over a link.
func uses(tree []uint16, l Link) bool {
	return tree[l.A.Node] == l.A.Port || tree[l.B.Node] == l.B.Port
}
