package mirror

import (
	"slices"

	"pillion/p4/engine"
	"pillion/sidecarfallback/shim/bpf"
)

// bucketKey names the entries that differ only in their range of buckets.
type bucketKey struct {
	taps        bool
	id, reverse uint32 // type and direction, or set of taps
}

// bucketList are those entries, the first to be asked first.
type bucketList struct{ entries []bucketEntry }

type bucketEntry struct {
	key      string
	priority int32
	lo, hi   uint64
	acts     bool // its action does something
	edge     bpf.ShimEdge
	session  uint16
}

// change brings one entry of a list up to date; e is nil if it is gone. Entries of equal priority stay in the order
// in which they came.
func (l *bucketList) change(key engine.Entry, lastField int, e *bucketEntry) {
	name := keyText(key)
	at := slices.IndexFunc(l.entries, func(b bucketEntry) bool { return b.key == name })
	if e == nil {
		if at >= 0 {
			l.entries = slices.Delete(l.entries, at, at+1)
		}
		return
	}
	e.key, e.priority = name, key.Priority
	e.lo, e.hi = number(key.Key[lastField].Value), 1<<16-1
	if h := key.Key[lastField].High; h != nil {
		e.hi = number(h)
	}
	if at >= 0 {
		l.entries[at] = *e
		return
	}
	at = slices.IndexFunc(l.entries, func(b bucketEntry) bool { return b.priority < e.priority })
	if at < 0 {
		at = len(l.entries)
	}
	l.entries = slices.Insert(l.entries, at, *e)
}

// winner is the entry that a bucket hits, or nil.
func (l *bucketList) winner(bucket uint64) *bucketEntry {
	for i := range l.entries {
		if e := &l.entries[i]; e.lo <= bucket && bucket <= e.hi {
			return e
		}
	}
	return nil
}

func (m *Mirror) arm(k bucketKey) *bucketList {
	if m.arms[k] == nil {
		m.arms[k] = &bucketList{}
	}
	return m.arms[k]
}

func (m *Mirror) instance(key engine.Entry, e *engine.EntryInfo) error {
	k := bucketKey{id: num32(key.Key[0].Value), reverse: num32(key.Key[1].Value)}
	var b *bucketEntry
	if e != nil {
		b = &bucketEntry{}
		switch e.Action {
		case "ingress.to_instance":
			b.acts = true
			b.edge = bpf.ShimEdge{Locator: mac(arg(&e.Entry, 0)), Tree: uint16(number(arg(&e.Entry, 1)))}
		case "ingress.no_instance":
		default:
			return unknownAction(e)
		}
	}
	list := m.arm(k)
	list.change(key, 2, b)
	at := bpf.ShimInstanceKey{Type: k.id, Reverse: k.reverse}
	if len(list.entries) == 0 {
		delete(m.arms, k)
		return remove(m.out, m.maps.Instances, &at)
	}
	var v bpf.ShimInstances
	for i := range v.Bucket {
		if w := list.winner(uint64(i)); w != nil && w.acts {
			v.Bucket[i] = w.edge
			v.Up[i/32] |= 1 << (i % 32)
		}
	}
	return put(m.out, m.maps.Instances, &at, &v)
}

func (m *Mirror) tap(key engine.Entry, e *engine.EntryInfo) error {
	k := bucketKey{taps: true, id: num32(key.Key[0].Value)}
	var b *bucketEntry
	if e != nil {
		b = &bucketEntry{}
		switch e.Action {
		case "ingress.copy_to":
			b.acts, b.session = true, uint16(number(arg(&e.Entry, 0)))
		case "NoAction":
		default:
			return unknownAction(e)
		}
	}
	list := m.arm(k)
	list.change(key, 1, b)
	if len(list.entries) == 0 {
		delete(m.arms, k)
		return remove(m.out, m.maps.Taps, &k.id)
	}
	var v bpf.ShimSessions
	for i := range v.Bucket {
		if w := list.winner(uint64(i)); w != nil {
			v.Bucket[i] = w.session
		}
	}
	return put(m.out, m.maps.Taps, &k.id, &v)
}
