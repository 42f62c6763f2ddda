package paths

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

// MaxPort is the highest port number that a Graph takes. v1model's port field
// has 9 bits.
const MaxPort = 511

// End is one end of a link.
type End struct {
	Node int32  // index of the switch
	Port uint16 // its port, 1 to MaxPort
}

// Link joins two different switches. Parallel links are links of their own.
type Link struct {
	A, B End
}

// arc is a link seen from one of its ends.
type arc struct {
	id   uint64 // the link's identity, the same from both ends
	peer int32  // switch at the other end
	link int32  // index into the links that New was given
	port uint16 // port at this end
	back uint16 // port at the other end
}

// slots says which ports of a switch carry links: all of them lie in one
// aligned block of a power of two ports. Slot s of the block is port base+s.
type slots struct {
	base uint16 // port of slot 0
	mask uint16 // size of the block, less one
	word int32  // where its bitmap begins, in 64-bit words
	arc  int32  // where its slots begin in Graph.slotArc
}

// Graph is a network of switches. It does not change once it is made, and any
// number of goroutines may read it.
type Graph struct {
	names   []uint64 // by node
	first   []int32  // node n's arcs are arcs[first[n]:first[n+1]], by port
	arcs    []arc
	slots   []slots  // by node
	slotArc []int32  // by slot: index into arcs, or -1
	slotID  []uint64 // by slot: the identity of its link, or 0
	words   int      // length of a bitmap of all nodes' slots, in 64-bit words
	links   int
}

// New makes a graph. names[i] stands for switch i (see Hash): it has to be
// there under the same hash whenever trees are to come out the same. Errors:
// two switches with one hash, an end that is no switch, a port out of range or
// used twice, a link from a switch to itself.
func New(names []uint64, links []Link) (*Graph, error) {
	g := &Graph{names: slices.Clone(names), links: len(links)}
	seen := make(map[uint64]int, len(names))
	for i, h := range names {
		if j, ok := seen[h]; ok {
			return nil, fmt.Errorf("switches %d and %d have the same name hash %#x; names must differ", j, i, h)
		}
		seen[h] = i
	}
	g.first = make([]int32, len(names)+1)
	for i, l := range links {
		for _, e := range [2]End{l.A, l.B} {
			if e.Node < 0 || int(e.Node) >= len(names) {
				return nil, fmt.Errorf("link %d ends at switch %d; there are switches 0 to %d", i, e.Node, len(names)-1)
			}
			if e.Port == 0 || e.Port > MaxPort {
				return nil, fmt.Errorf("link %d ends at port %d of switch %d; ports are 1 to %d", i, e.Port, e.Node, MaxPort)
			}
			g.first[e.Node+1]++
		}
		if l.A.Node == l.B.Node {
			return nil, fmt.Errorf("link %d joins switch %d to itself", i, l.A.Node)
		}
	}
	for n := range names {
		g.first[n+1] += g.first[n]
	}
	g.arcs = make([]arc, 2*len(links))
	fill := slices.Clone(g.first)
	for i, l := range links {
		id := linkID(names[l.A.Node], l.A.Port, names[l.B.Node], l.B.Port)
		g.arcs[fill[l.A.Node]] = arc{id: id, peer: l.B.Node, link: int32(i), port: l.A.Port, back: l.B.Port}
		fill[l.A.Node]++
		g.arcs[fill[l.B.Node]] = arc{id: id, peer: l.A.Node, link: int32(i), port: l.B.Port, back: l.A.Port}
		fill[l.B.Node]++
	}
	return g, g.layOutSlots()
}

// layOutSlots sorts each switch's arcs by port and gives it its block of slots.
func (g *Graph) layOutSlots() error {
	g.slots = make([]slots, len(g.names))
	for n := range g.slots {
		as := g.arcsOf(int32(n))
		slices.SortFunc(as, func(a, b arc) int { return cmp.Compare(a.port, b.port) })
		for i := 1; i < len(as); i++ {
			if as[i].port == as[i-1].port {
				return fmt.Errorf("links %d and %d both use port %d of switch %d", as[i-1].link, as[i].link, as[i].port, n)
			}
		}
		s := slots{word: int32(g.words), arc: int32(len(g.slotArc))}
		if len(as) > 0 {
			// Port 1 is slot 0 of the widest block, so that ports 1 to 16 or
			// 33 to 64 make a block without holes.
			low, high := as[0].port-1, as[len(as)-1].port-1
			s.mask = 1<<bits.Len16(low^high) - 1
			s.base = low&^s.mask + 1
		}
		size := int(s.mask) + 1
		g.words += (size + 63) / 64
		for range size {
			g.slotArc = append(g.slotArc, -1)
			g.slotID = append(g.slotID, 0)
		}
		for i, a := range as {
			slot := s.arc + int32(a.port-s.base)
			g.slotArc[slot] = g.first[n] + int32(i)
			g.slotID[slot] = a.id
		}
		g.slots[n] = s
	}
	return nil
}

// Nodes is the number of switches.
func (g *Graph) Nodes() int { return len(g.names) }

// Links is the number of links.
func (g *Graph) Links() int { return g.links }

// Name is the hash of a switch's name.
func (g *Graph) Name(node int32) uint64 { return g.names[node] }

// Follow says where a port of a switch leads: to which end of which link
// (its index in what New was given). ok is false if no link is there.
func (g *Graph) Follow(node int32, port uint16) (to End, link int32, ok bool) {
	a := g.arcAt(node, port)
	if a == nil {
		return End{}, -1, false
	}
	return End{a.peer, a.back}, a.link, true
}

// Ports lists a switch's ports that carry links, in ascending order.
func (g *Graph) Ports(node int32) []uint16 {
	as := g.arcsOf(node)
	ports := make([]uint16, len(as))
	for i := range as {
		ports[i] = as[i].port
	}
	return ports
}

func (g *Graph) arcsOf(node int32) []arc { return g.arcs[g.first[node]:g.first[node+1]] }

func (g *Graph) arcAt(node int32, port uint16) *arc {
	s := g.slots[node]
	slot := int(port) - int(s.base)
	if slot < 0 || slot > int(s.mask) {
		return nil
	}
	i := g.slotArc[s.arc+int32(slot)]
	if i < 0 {
		return nil
	}
	return &g.arcs[i]
}

// Unreachable is the distance to a switch that no path leads to.
const Unreachable = -1

// Dist writes every switch's distance to one of them, in links, into out
// (made anew if it is too short) and returns it.
func (g *Graph) Dist(dest int32, out []int32) []int32 {
	out = resize(out, g.Nodes())
	for i := range out {
		out[i] = Unreachable
	}
	out[dest] = 0
	queue := make([]int32, 1, g.Nodes())
	queue[0] = dest
	for i := 0; i < len(queue); i++ {
		n := queue[i]
		for _, a := range g.arcsOf(n) {
			if out[a.peer] == Unreachable {
				out[a.peer] = out[n] + 1
				queue = append(queue, a.peer)
			}
		}
	}
	return out
}

// Components lists the switches of each connected part of the network. The
// parts come in the order of their lowest index, and so do the switches of a
// part. A network that is in one piece has one part.
func (g *Graph) Components() [][]int32 {
	part := make([]int32, g.Nodes())
	for i := range part {
		part[i] = -1
	}
	var parts [][]int32
	for n := range part {
		if part[n] >= 0 {
			continue
		}
		id := int32(len(parts))
		part[n] = id
		members := []int32{int32(n)}
		for i := 0; i < len(members); i++ {
			for _, a := range g.arcsOf(members[i]) {
				if part[a.peer] < 0 {
					part[a.peer] = id
					members = append(members, a.peer)
				}
			}
		}
		slices.Sort(members)
		parts = append(parts, members)
	}
	return parts
}

// resize gives a slice of n elements, in the old one's memory if it fits.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
