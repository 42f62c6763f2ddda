package paths

import "math/bits"

// maxBatch is how many destinations one breadth-first search serves: a bit of
// a word each.
const maxBatch = 64

// layers finds, for up to 64 destinations at once, the links that lead one hop
// nearer to each of them. The searches run side by side, one bit each (Then et
// al., "The More the Merrier: Efficient Multi-Source Graph Traversal", VLDB
// 2014), so that a link is looked at once per layer and not once per
// destination. A layers is working memory: it belongs to one goroutine.
type layers struct {
	g *Graph
	// nearer holds a bitmap of all switches' slots for each destination:
	// destination d's is nearer[d*g.words:(d+1)*g.words].
	nearer []uint64

	seen, front, next []uint64 // by switch, a bit per destination
	active, touched   []int32  // switches whose front, next is not 0
}

func newLayers(g *Graph) *layers {
	n := g.Nodes()
	return &layers{g: g, seen: make([]uint64, n), front: make([]uint64, n), next: make([]uint64, n)}
}

// of is destination d's bitmap. In switch n's part of it, at g.slots[n].word,
// bit s stands for slot s.
func (l *layers) of(d int) []uint64 {
	return l.nearer[d*l.g.words : (d+1)*l.g.words]
}

// search fills the bitmaps of at most 64 destinations.
func (l *layers) search(dests []int32) {
	l.nearer = resize(l.nearer, len(dests)*l.g.words)
	clear(l.nearer)
	clear(l.seen)
	l.active = l.active[:0]
	for i, d := range dests {
		if l.front[d] == 0 {
			l.active = append(l.active, d)
		}
		l.front[d] |= 1 << i
		l.seen[d] |= 1 << i
	}
	for len(l.active) > 0 {
		l.touched = l.touched[:0]
		for _, n := range l.active {
			f := l.front[n]
			as := l.g.arcsOf(n)
			for i := range as {
				peer := as[i].peer
				b := f &^ l.seen[peer]
				if b == 0 {
					continue
				}
				if l.next[peer] == 0 {
					l.touched = append(l.touched, peer)
				}
				l.next[peer] |= b
			}
		}
		for _, n := range l.touched {
			l.collect(n, l.next[n])
		}
		for _, n := range l.active {
			l.front[n] = 0
		}
		for _, n := range l.touched {
			l.front[n] = l.next[n]
			l.seen[n] |= l.next[n]
			l.next[n] = 0
		}
		l.active, l.touched = l.touched, l.active
	}
}

// collect notes the links of a switch that lead nearer to the destinations in
// fresh, whose searches are just arriving there.
func (l *layers) collect(n int32, fresh uint64) {
	as := l.g.arcsOf(n)
	s := l.g.slots[n]
	total := 0
	for i := range as {
		total += bits.OnesCount64(l.front[as[i].peer] & fresh)
	}
	if total < 256 { // about what a transposition costs
		for i := range as {
			slot := int(as[i].port - s.base)
			word, bit := int(s.word)+slot>>6, uint64(1)<<(slot&63)
			for w := l.front[as[i].peer] & fresh; w != 0; w &= w - 1 {
				l.nearer[bits.TrailingZeros64(w)*l.g.words+word] |= bit
			}
		}
		return
	}
	for chunk := 0; chunk <= int(s.mask)>>6; chunk++ {
		var m [64]uint64
		for i := range as {
			if slot := int(as[i].port - s.base); slot>>6 == chunk {
				m[slot&63] = l.front[as[i].peer] & fresh
			}
		}
		transpose(&m)
		word := int(s.word) + chunk
		for w := fresh; w != 0; w &= w - 1 {
			d := bits.TrailingZeros64(w)
			l.nearer[d*l.g.words+word] = m[d]
		}
	}
}

// transpose swaps rows and columns: bit j of word i for bit i of word j.
func transpose(m *[64]uint64) {
	mask := uint64(0x00000000ffffffff)
	for size := 32; size > 0; size >>= 1 {
		for i := 0; i < 64; i = (i + size + 1) &^ size {
			// The block right of the diagonal changes places with the one
			// left of it; low bits are left columns.
			t := (m[i]>>size ^ m[(i+size)&63]) & mask
			m[i] ^= t << size
			m[(i+size)&63] ^= t
		}
		mask ^= mask << (size >> 1)
	}
}
