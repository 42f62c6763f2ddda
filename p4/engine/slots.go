package engine

import "sync/atomic"

// slots is a hash table with open addressing, in which readers need no lock: an entry is
// in the first free slot from the one that its hash names. It is for entries of which one
// at most fits a masked key.
type slots struct {
	table atomic.Pointer[[]atomic.Pointer[entry]]
	_     cacheLine
	live  int
	used  int // live ones, and graves
}

// grave is in the slots of removed entries: a reader must go on past them.
var grave = new(entry)

const minSlots = 8

func newSlots() *slots {
	s := &slots{}
	t := make([]atomic.Pointer[entry], minSlots)
	s.table.Store(&t)
	return s
}

// find returns the entry with this masked key, or nil.
func (s *slots) find(h uint64, key, mask []uint64) *entry {
	table := *s.table.Load()
	last := uint64(len(table) - 1)
	for i := h & last; ; i = (i + 1) & last {
		e := table[i].Load()
		if e == nil {
			return nil
		}
		if e != grave && e.matches(key, mask) {
			return e
		}
	}
}

// insert keeps half of the slots free, so that ways stay short.
func (s *slots) insert(h uint64, e *entry, mask []uint64) {
	table := *s.table.Load()
	if 2*(s.used+1) > len(table) {
		size := minSlots
		for size < 4*(s.live+1) {
			size *= 2
		}
		fresh := make([]atomic.Pointer[entry], size)
		for i := range table {
			if o := table[i].Load(); o != nil && o != grave {
				free(fresh, hashWords(o.value(), mask)).Store(o)
			}
		}
		table = fresh
		s.table.Store(&fresh)
		s.used = s.live
	}
	at := free(table, h)
	if at.Load() == nil {
		s.used++
	}
	at.Store(e)
	s.live++
}

// free finds the first slot on the way of a hash that holds no entry.
func free(table []atomic.Pointer[entry], h uint64) *atomic.Pointer[entry] {
	last := uint64(len(table) - 1)
	for i := h & last; ; i = (i + 1) & last {
		if e := table[i].Load(); e == nil || e == grave {
			return &table[i]
		}
	}
}

// remove returns how many are left.
func (s *slots) remove(h uint64, e *entry) int {
	table := *s.table.Load()
	last := uint64(len(table) - 1)
	for i := h & last; ; i = (i + 1) & last {
		switch table[i].Load() {
		case nil:
			return s.live
		case e:
			table[i].Store(grave)
			s.live--
			return s.live
		}
	}
}
