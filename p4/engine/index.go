package engine

import (
	"sync/atomic"
)

// matcher finds the entry that a key hits. It is a tuple space: entries whose masks are
// equal form one group, a hash table over the masked key. An exact table has one group,
// an LPM table one per prefix length in use. Range fields are left out of the hash and
// compared one by one in the bucket's chain.
//
// One writer at a time (the table's mutex); readers take no lock: group lists and
// bucket arrays are replaced as a whole, chains are changed by one atomic store each.
type matcher struct {
	words  int       // 64-bit words in a key
	ranges []wordRun // range fields
	groups atomic.Pointer[[]*maskGroup]
}

// wordRun is a field's place in the words of a key.
type wordRun struct{ off, n int }

// maskGroup is immutable but for what is behind its pointers.
type maskGroup struct {
	mask    []uint64 // nil: all ones
	maxRank int64    // no entry of the group ranks higher
	chains  *chains
}

// chains is a hash table with chaining, in which readers need no lock.
type chains struct {
	buckets atomic.Pointer[[]atomic.Pointer[node]]
	count   int
}

// node is an entry's link in a chain. Chains are ordered: the highest rank first,
// then the oldest.
type node struct {
	hash  uint64
	entry *entry
	next  atomic.Pointer[node]
}

func newMatcher(words int, ranges []wordRun) *matcher {
	m := &matcher{words: words, ranges: ranges}
	m.groups.Store(&[]*maskGroup{})
	return m
}

func hashWords(key, mask []uint64) uint64 {
	const k1, k2 = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	h := uint64(len(key))
	if mask == nil {
		for _, w := range key {
			h = (h ^ w) * k1
			h ^= h >> 32
		}
	} else {
		for i, w := range key {
			h = (h ^ w&mask[i]) * k1
			h ^= h >> 32
		}
	}
	h *= k2
	return h ^ h>>29
}

// better is the order between entries that both match: higher rank, then older.
func better(a, b *entry) bool {
	return a.rank > b.rank || a.rank == b.rank && a.seq < b.seq
}

// lookup returns the entry that this key hits, or nil.
func (m *matcher) lookup(key []uint64) *entry {
	var best *entry
	for _, g := range *m.groups.Load() {
		if best != nil && best.rank > g.maxRank {
			break
		}
		if e := m.find(g, key); e != nil && (best == nil || better(e, best)) {
			best = e
		}
	}
	return best
}

func (m *matcher) find(g *maskGroup, key []uint64) *entry {
	h := hashWords(key, g.mask)
	buckets := *g.chains.buckets.Load()
	for n := buckets[h&uint64(len(buckets)-1)].Load(); n != nil; n = n.next.Load() {
		if n.hash == h && m.matches(g.mask, n.entry, key) {
			return n.entry
		}
	}
	return nil
}

func (m *matcher) matches(mask []uint64, e *entry, key []uint64) bool {
	if mask == nil {
		for i, w := range e.value {
			if key[i] != w {
				return false
			}
		}
		return true
	}
	for i, w := range e.value {
		if (key[i]^w)&mask[i] != 0 {
			return false
		}
	}
	for _, r := range m.ranges {
		k := key[r.off : r.off+r.n]
		if compareWords(k, e.value[r.off:r.off+r.n]) < 0 || compareWords(k, e.aux[r.off:r.off+r.n]) > 0 {
			return false
		}
	}
	return true
}

// groupMask is what an entry is hashed under: its mask, without the range fields; nil
// if that is all ones.
func (m *matcher) groupMask(e *entry) []uint64 {
	if e.aux == nil {
		return nil
	}
	mask := append([]uint64(nil), e.aux...)
	for _, r := range m.ranges {
		clear(mask[r.off : r.off+r.n])
	}
	return mask
}

func sameMask(a, b []uint64) bool {
	if (a == nil) != (b == nil) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// same returns the entry with the same key and rank, or nil. Writers only.
func (m *matcher) same(e *entry) *entry {
	mask := m.groupMask(e)
	for _, g := range *m.groups.Load() {
		if !sameMask(g.mask, mask) {
			continue
		}
		h := hashWords(e.value, mask)
		buckets := *g.chains.buckets.Load()
		for n := buckets[h&uint64(len(buckets)-1)].Load(); n != nil; n = n.next.Load() {
			if n.hash == h && n.entry.rank == e.rank && equalWords(n.entry.value, e.value) && equalWords(n.entry.aux, e.aux) {
				return n.entry
			}
		}
		return nil
	}
	return nil
}

func equalWords(a, b []uint64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// insert adds an entry that is not there. Writers only.
func (m *matcher) insert(e *entry) {
	mask := m.groupMask(e)
	old := *m.groups.Load()
	for i, g := range old {
		if !sameMask(g.mask, mask) {
			continue
		}
		if e.rank > g.maxRank {
			// Announce the rank before the entry, or a reader could stop too early.
			m.publish(old, i, &maskGroup{mask: g.mask, maxRank: e.rank, chains: g.chains})
		}
		g.chains.insert(hashWords(e.value, mask), e)
		return
	}
	g := &maskGroup{mask: mask, maxRank: e.rank, chains: newChains()}
	g.chains.insert(hashWords(e.value, mask), e)
	m.publish(old, -1, g)
}

// publish replaces the group at index drop (-1: none) by g (nil: by nothing), and keeps
// the list sorted by maxRank, the highest first.
func (m *matcher) publish(old []*maskGroup, drop int, g *maskGroup) {
	list := make([]*maskGroup, 0, len(old)+1)
	for i, o := range old {
		if i == drop {
			continue
		}
		if g != nil && g.maxRank > o.maxRank {
			list = append(list, g)
			g = nil
		}
		list = append(list, o)
	}
	if g != nil {
		list = append(list, g)
	}
	m.groups.Store(&list)
}

// remove takes out an entry that is there. Writers only.
func (m *matcher) remove(e *entry) {
	mask := m.groupMask(e)
	old := *m.groups.Load()
	for i, g := range old {
		if sameMask(g.mask, mask) {
			g.chains.remove(hashWords(e.value, mask), e)
			if g.chains.count == 0 {
				m.publish(old, i, nil)
			}
			return
		}
	}
}

const minBuckets = 8

func newChains() *chains {
	c := &chains{}
	b := make([]atomic.Pointer[node], minBuckets)
	c.buckets.Store(&b)
	return c
}

func (c *chains) insert(h uint64, e *entry) {
	if buckets := *c.buckets.Load(); c.count >= len(buckets) {
		grown := make([]atomic.Pointer[node], 2*len(buckets))
		for i := range buckets {
			for n := buckets[i].Load(); n != nil; n = n.next.Load() {
				link(grown, n.hash, n.entry)
			}
		}
		c.buckets.Store(&grown)
	}
	link(*c.buckets.Load(), h, e)
	c.count++
}

func link(buckets []atomic.Pointer[node], h uint64, e *entry) {
	at := &buckets[h&uint64(len(buckets)-1)]
	for n := at.Load(); n != nil && better(n.entry, e); n = at.Load() {
		at = &n.next
	}
	fresh := &node{hash: h, entry: e}
	fresh.next.Store(at.Load())
	at.Store(fresh)
}

func (c *chains) remove(h uint64, e *entry) {
	buckets := *c.buckets.Load()
	at := &buckets[h&uint64(len(buckets)-1)]
	for n := at.Load(); n != nil; n = at.Load() {
		if n.entry == e {
			at.Store(n.next.Load())
			c.count--
			return
		}
		at = &n.next
	}
}
