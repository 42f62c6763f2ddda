package engine

import "sync/atomic"

// chains is a hash table with chaining, in which readers need no lock. It is for entries
// of which several may fit one key.
type chains struct {
	buckets atomic.Pointer[[]atomic.Pointer[node]]
	_       cacheLine
	count   int
}

// node is an entry's link in a chain. Chains are ordered: the highest rank first,
// then the oldest.
type node struct {
	hash  uint64
	entry *entry
	next  atomic.Pointer[node]
}

const minBuckets = 8

func newChains() *chains {
	c := &chains{}
	b := make([]atomic.Pointer[node], minBuckets)
	c.buckets.Store(&b)
	return c
}

// find returns the best entry that the key hits, or nil.
func (c *chains) find(h uint64, key, mask []uint64, ranges []wordRun) *entry {
	buckets := *c.buckets.Load()
	for n := buckets[h&uint64(len(buckets)-1)].Load(); n != nil; n = n.next.Load() {
		if n.hash == h && n.entry.matches(key, mask) && n.entry.within(key, ranges) {
			return n.entry
		}
	}
	return nil
}

// same returns the entry with the same key and rank, or nil.
func (c *chains) same(h uint64, e *entry) *entry {
	buckets := *c.buckets.Load()
	for n := buckets[h&uint64(len(buckets)-1)].Load(); n != nil; n = n.next.Load() {
		if n.hash == h && n.entry.rank == e.rank && equalWords(n.entry.words, e.words) {
			return n.entry
		}
	}
	return nil
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

// remove returns how many are left.
func (c *chains) remove(h uint64, e *entry) int {
	buckets := *c.buckets.Load()
	at := &buckets[h&uint64(len(buckets)-1)]
	for n := at.Load(); n != nil; n = at.Load() {
		if n.entry == e {
			at.Store(n.next.Load())
			c.count--
			break
		}
		at = &n.next
	}
	return c.count
}
