package paths

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
)

// Dest is what a tree leads to.
type Dest struct {
	Node int32  // the switch that it is on
	ID   uint64 // hash of its own name: of the locator, or of the host
}

// Planner makes destination-rooted trees. PastR is one; PAST-W and NM-PAST are
// others.
type Planner interface {
	// Tree makes tree number tree towards a destination: out[n] is the port by
	// which switch n sends on, 0 at the destination and where no path leads
	// there. It writes into out, made anew if it is too short, and returns it.
	Tree(dest Dest, tree uint16, out []uint16) []uint16
}

// PastR draws trees as PAST-R does: every path is a shortest one, and each
// switch picks uniformly among its links that lead one hop nearer.
//
// The pick is by rendezvous (highest random weight) hashing: of the links that
// lead nearer, the one for which the hash of (seed, destination, tree, link)
// is highest. So removing a link moves only those trees at only those switches
// that had picked it, and adding one moves only those that pick it now, apart
// from what a changed distance moves.
type PastR struct {
	g    *Graph
	seed uint64
	free sync.Pool // of *layers
}

// NewPastR makes a planner. Different seeds give independent trees.
func NewPastR(g *Graph, seed uint64) *PastR {
	p := &PastR{g: g, seed: mix(seed ^ mulB)}
	p.free.New = func() any { return newLayers(g) }
	return p
}

// Tree implements Planner.
func (p *PastR) Tree(dest Dest, tree uint16, out []uint16) []uint16 {
	l := p.free.Get().(*layers)
	defer p.free.Put(l)
	l.search([]int32{dest.Node})
	out = resize(out, p.g.Nodes())
	p.draw(l.of(0), p.key(dest, tree), out)
	return out
}

// Trees makes trees 0 to trees-1 towards each destination, on all cores. It
// calls fn for each, from several goroutines at once and in no fixed order: out
// is what Tree would return, valid until fn returns.
func (p *PastR) Trees(dests []Dest, trees int, fn func(dest int, tree uint16, out []uint16)) {
	nodes := make([]int32, len(dests))
	for i, d := range dests {
		nodes[i] = d.Node
	}
	p.eachBatch(nodes, func() func(*layers, int, int) {
		out := make([]uint16, p.g.Nodes())
		return func(l *layers, from, to int) {
			for i := from; i < to; i++ {
				for t := range trees {
					p.draw(l.of(i-from), p.key(dests[i], uint16(t)), out)
					fn(i, uint16(t), out)
				}
			}
		}
	})
}

// eachBatch searches from the nodes, up to 64 at a time. Each worker asks
// newWorker once for the function that takes its batches.
func (p *PastR) eachBatch(nodes []int32, newWorker func() func(l *layers, from, to int)) {
	workers := runtime.GOMAXPROCS(0)
	size := max(1, min(maxBatch, (len(nodes)+workers-1)/workers))
	workers = min(workers, (len(nodes)+size-1)/size)
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			l := p.free.Get().(*layers)
			defer p.free.Put(l)
			work := newWorker()
			for {
				from := int(taken.Add(1)-1) * size
				if from >= len(nodes) {
					return
				}
				to := min(from+size, len(nodes))
				l.search(nodes[from:to])
				work(l, from, to)
			}
		})
	}
	wg.Wait()
}

func (p *PastR) key(dest Dest, tree uint16) uint64 {
	return join(join(p.seed, dest.ID), uint64(tree))
}

// draw picks a link at every switch from a bitmap of those that lead nearer.
func (p *PastR) draw(nearer []uint64, key uint64, out []uint16) {
	g := p.g
	for n := range g.slots {
		s := &g.slots[n]
		if s.mask < 64 { // one word: nearly always
			b := nearer[s.word]
			switch {
			case b == 0:
				out[n] = 0
			case b&(b-1) == 0:
				out[n] = s.base + uint16(bits.TrailingZeros64(b))
			default:
				out[n] = s.base + uint16(heaviest(b, g.slotID[s.arc:], key).slot)
			}
			continue
		}
		out[n] = g.pickWide(s, nearer, key)
	}
}

// bid is a link's claim to be picked.
type bid struct {
	weight uint64
	slot   int
}

// heaviest is the slot among those in the bitmap whose link has the highest
// weight. ids are the links of the bitmap's slots. Links of equal weight would
// have equal identities, but for a chance in 2^64; then the lower port wins.
func heaviest(b uint64, ids []uint64, key uint64) (best bid) {
	best.slot = -1
	for ; b != 0; b &= b - 1 {
		slot := bits.TrailingZeros64(b)
		if w := fold(key ^ ids[slot]); best.slot < 0 || w > best.weight {
			best = bid{w, slot}
		}
	}
	return best
}

// pickWide is heaviest for a switch whose slots need several words. It returns
// a port, or 0.
func (g *Graph) pickWide(s *slots, nearer []uint64, key uint64) uint16 {
	var best bid
	port := uint16(0)
	for w := 0; w <= int(s.mask)>>6; w++ {
		b := heaviest(nearer[int(s.word)+w], g.slotID[int(s.arc)+w*64:], key)
		if b.slot >= 0 && (port == 0 || b.weight > best.weight) {
			best = b
			port = s.base + uint16(w*64+b.slot)
		}
	}
	return port
}
