package engine

import (
	"slices"
	"sync/atomic"
)

// matcher finds the entry that a key hits. It is a tuple space: entries whose masks are
// equal form one group, a hash table over the masked key. An exact table has one group,
// an LPM table one per prefix length in use. Range fields are left out of the hash and
// compared one by one in the bucket's chain.
//
// One writer at a time (the table's mutex); readers take no lock: group lists and
// hash tables are replaced as a whole, their slots are changed by one atomic store each.
type matcher struct {
	words  int       // 64-bit words in a key
	ranges []wordRun // range fields
	unique bool      // a masked key has one entry in its group at most
	groups atomic.Pointer[[]*maskGroup]
}

// wordRun is a field's place in the words of a key.
type wordRun struct{ off, n int }

// maskGroup is immutable but for what is behind its pointers.
type maskGroup struct {
	mask    []uint64 // nil: all ones
	maxRank int32    // no entry of the group ranks higher
	// One of them: slots in a matcher that is unique, else chains.
	slots  *slots
	chains *chains
}

func (d *tableDef) newMatcher() *matcher {
	m := &matcher{words: d.keyWords, ranges: d.rangeRuns(), unique: !d.needsPriority}
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
		h := hashWords(key, g.mask)
		var e *entry
		if g.slots != nil {
			e = g.slots.find(h, key, g.mask)
		} else {
			e = g.chains.find(h, key, g.mask, m.ranges)
		}
		if e != nil && (best == nil || better(e, best)) {
			best = e
		}
	}
	return best
}

// matches compares the fields but ranges.
func (e *entry) matches(key, mask []uint64) bool {
	value := e.words
	if mask == nil {
		for i, w := range key {
			if value[i] != w {
				return false
			}
		}
		return true
	}
	for i, w := range key {
		if (value[i]^w)&mask[i] != 0 {
			return false
		}
	}
	return true
}

// within compares the ranges.
func (e *entry) within(key []uint64, ranges []wordRun) bool {
	for _, r := range ranges {
		k := key[r.off : r.off+r.n]
		if compareWords(k, e.value()[r.off:r.off+r.n]) < 0 || compareWords(k, e.aux()[r.off:r.off+r.n]) > 0 {
			return false
		}
	}
	return true
}

// groupMask is what an entry is hashed under: its mask, without the range fields; nil
// if that is all ones.
func (m *matcher) groupMask(e *entry) []uint64 {
	aux := e.aux()
	if len(m.ranges) == 0 {
		return aux
	}
	mask := slices.Clone(aux)
	for _, r := range m.ranges {
		clear(mask[r.off : r.off+r.n])
	}
	return mask
}

// group finds the group of a mask among those of list; negative: there is none.
func group(list []*maskGroup, mask []uint64) int {
	return slices.IndexFunc(list, func(g *maskGroup) bool { return equalWords(g.mask, mask) })
}

// same returns the entry with the same key and rank, or nil. Writers only.
func (m *matcher) same(e *entry) *entry {
	mask := m.groupMask(e)
	list := *m.groups.Load()
	i := group(list, mask)
	if i < 0 {
		return nil
	}
	h := hashWords(e.value(), mask)
	if g := list[i]; g.slots != nil {
		return g.slots.find(h, e.value(), mask)
	}
	return list[i].chains.same(h, e)
}

func equalWords(a, b []uint64) bool { return slices.Equal(a, b) }

// insert adds an entry that is not there. Writers only.
func (m *matcher) insert(e *entry) {
	mask := m.groupMask(e)
	old := *m.groups.Load()
	h := hashWords(e.value(), mask)
	if i := group(old, mask); i >= 0 {
		g := old[i]
		if e.rank > g.maxRank {
			// Announce the rank before the entry, or a reader could stop too early.
			announced := *g
			announced.maxRank = e.rank
			m.publish(old, i, &announced)
		}
		g.insert(h, e)
		return
	}
	g := &maskGroup{mask: slices.Clone(mask), maxRank: e.rank}
	if m.unique {
		g.slots = newSlots()
	} else {
		g.chains = newChains()
	}
	g.insert(h, e)
	m.publish(old, -1, g)
}

func (g *maskGroup) insert(h uint64, e *entry) {
	if g.slots != nil {
		g.slots.insert(h, e, g.mask)
	} else {
		g.chains.insert(h, e)
	}
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
	i := group(old, mask)
	if i < 0 {
		return
	}
	h, left := hashWords(e.value(), mask), 0
	if g := old[i]; g.slots != nil {
		left = g.slots.remove(h, e)
	} else {
		left = g.chains.remove(h, e)
	}
	if left == 0 {
		m.publish(old, i, nil)
	}
}
