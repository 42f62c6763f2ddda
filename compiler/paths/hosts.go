package paths

import (
	"cmp"
	"math/bits"
	"slices"
)

const (
	// probes is how often a host's draw tries a slot before it falls back to
	// rendezvous hashing, and probeBits what a try takes of the 64 random bits.
	// The fallback is taken by some 1 in 1,000 draws if half of the slots lead
	// nearer. The number of tries must not depend on the links that are there.
	probes        = 10
	probeBits     = 6 // up to 64 slots: 10 tries in 64 bits
	probeBitsWide = 9 // up to 512 slots: 7 tries

	chunk = 512 // switches that are drawn at together; a power of two
)

// HostTrees makes one tree per host, as PAST does when every host is a
// destination of its own, on all cores. It calls fn for each host, from several
// goroutines at once and in no fixed order; out is as in Planner.Tree, valid
// until fn returns.
//
// Hosts of one switch share its breadth-first layers, and a draw is cheaper
// than in Tree: a hash of (seed, host, switch) is cut into slot numbers (a slot
// is a port of the smallest aligned block of a power of two ports that holds
// all links that lead nearer), and the first that leads nearer
// is picked. That is uniform like rendezvous hashing, and as stable, because
// which slots are tried does not depend on which links are there: removing a
// link moves only the draws that had picked it. With one exception: when it
// was the last in the upper or lower half of its switch's block that led
// nearer, the block halves, and other draws at that one switch may move too.
func (p *PastR) HostTrees(hosts []Dest, fn func(host int, out []uint16)) {
	order := make([]int, len(hosts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(hosts[a].Node, hosts[b].Node) })
	var nodes []int32 // switches with hosts
	var first []int   // where in order a switch's hosts begin
	for i, h := range order {
		if node := hosts[h].Node; len(nodes) == 0 || nodes[len(nodes)-1] != node {
			nodes = append(nodes, node)
			first = append(first, i)
		}
	}
	first = append(first, len(order))
	p.eachBatch(nodes, func() func(*layers, int, int) {
		d := newDrawer(p.g)
		return func(l *layers, from, to int) {
			for i := from; i < to; i++ {
				d.prepare(l.of(i - from))
				for _, h := range order[first[i]:first[i+1]] {
					fn(h, d.draw(join(p.seed^mulC, hosts[h].ID)))
				}
			}
		}
	})
}

// choice is a switch at which more than one link leads nearer. Its slots here
// are those of the smallest aligned block that holds all of these links.
type choice struct {
	name   uint64 // hash of the switch's name
	nearer uint64 // bitmap of slots, where one word is enough
	node   int32
	ids    int32  // where the slots begin in Graph.slotID
	base   uint16 // port of slot 0
	mask   uint16 // number of slots, less one
}

// undecided is a draw whose tries have failed so far.
type undecided struct {
	hash   uint64
	choice int
}

// drawer draws hosts' trees towards one switch. It belongs to one goroutine.
type drawer struct {
	g       *Graph
	nearer  []uint64
	fixed   []uint16 // the tree where there is no choice, 0 elsewhere
	out     []uint16
	full    []choice // switches with up to 64 slots, all of which lead nearer
	narrow  []choice // other switches with up to 64 slots
	wide    []choice // switches with more
	pending [chunk]undecided
}

func newDrawer(g *Graph) *drawer {
	n := g.Nodes()
	return &drawer{g: g, fixed: make([]uint16, n), out: make([]uint16, n)}
}

// prepare sorts the switches by whether they have a choice.
func (d *drawer) prepare(nearer []uint64) {
	d.nearer = nearer
	d.full, d.narrow, d.wide = d.full[:0], d.narrow[:0], d.wide[:0]
	for n := range d.g.slots {
		s := &d.g.slots[n]
		low, high := -1, -1
		for w := 0; w <= int(s.mask)>>6; w++ {
			if b := nearer[int(s.word)+w]; b != 0 {
				high = w*64 + 63 - bits.LeadingZeros64(b)
				if low < 0 {
					low = w*64 + bits.TrailingZeros64(b)
				}
			}
		}
		d.fixed[n] = s.base + uint16(low) // overwritten by draw if there is a choice
		switch {
		case low < 0:
			d.fixed[n] = 0
		case low == high:
		default:
			mask := 1<<bits.Len(uint(low^high)) - 1
			start := low &^ mask
			c := choice{name: d.g.names[n], node: int32(n), ids: s.arc + int32(start), base: s.base + uint16(start), mask: uint16(mask)}
			if mask >= 64 {
				d.wide = append(d.wide, c)
				break
			}
			c.nearer = nearer[int(s.word)+start>>6] >> (start & 63)
			if bits.OnesCount64(c.nearer) > mask {
				d.full = append(d.full, c)
			} else {
				d.narrow = append(d.narrow, c)
			}
		}
	}
}

// draw makes the tree of the host with this key.
func (d *drawer) draw(key uint64) []uint16 {
	copy(d.out, d.fixed)
	for i := range d.full {
		c := &d.full[i]
		d.out[c.node] = c.base + uint16(fold(key^c.name)&uint64(c.mask))
	}
	d.drawNarrow(key)
	for i := range d.wide {
		c := &d.wide[i]
		d.out[c.node] = d.pickWide(c, fold(key^c.name))
	}
	return d.out
}

// drawNarrow goes over the undecided switches again and again, a try for each.
// Whether a try succeeds is random, so there must be no branch on it: what is
// still open moves up in the list by arithmetic. Chunks keep that list in the
// first-level cache.
func (d *drawer) drawNarrow(key uint64) {
	for from := 0; from < len(d.narrow); from += chunk {
		d.drawChunk(key, d.narrow[from:min(from+chunk, len(d.narrow))])
	}
}

func (d *drawer) drawChunk(key uint64, choices []choice) {
	out, pending := d.out, &d.pending
	open := 0
	for i := range choices {
		c := &choices[i]
		h := fold(key ^ c.name)
		slot := h & uint64(c.mask)
		out[c.node] = c.base + uint16(slot)
		pending[open&(chunk-1)] = undecided{h, i}
		open += int(^c.nearer >> (slot & 63) & 1)
	}
	for try := 1; try < probes && open > 0; try++ {
		still := 0
		for _, u := range pending[:open] {
			c := &choices[u.choice]
			slot := u.hash >> (try * probeBits & 63) & uint64(c.mask)
			out[c.node] = c.base + uint16(slot)
			pending[still&(chunk-1)] = u
			still += int(^c.nearer >> (slot & 63) & 1)
		}
		open = still
	}
	for _, u := range pending[:open] {
		c := &choices[u.choice]
		out[c.node] = c.base + uint16(heaviest(c.nearer, d.g.slotID[c.ids:], mix(u.hash)).slot)
	}
}

// pickWide draws at one switch with more than 64 slots.
func (d *drawer) pickWide(c *choice, h uint64) uint16 {
	s := &d.g.slots[c.node]
	start := uint64(c.base - s.base)
	for shift := 0; shift+probeBitsWide <= 64; shift += probeBitsWide {
		slot := start + h>>shift&uint64(c.mask)
		if d.nearer[uint64(s.word)+slot>>6]>>(slot&63)&1 == 1 {
			return s.base + uint16(slot)
		}
	}
	return d.g.pickWide(s, d.nearer, mix(h))
}
