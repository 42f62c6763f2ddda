package backends

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"pillion/backends/bundle"
)

// Entities of a target are in the order of their text (bundle.Entity.AppendText). That text is
// long, so the order is worked out without writing it: values are written as hex digits between quotes, so
// they compare as their bytes do; numbers compare as their decimal digits do.

// compareText compares two entities of one kind and one table as their text compares.
func compareText(a, b *bundle.Entity) int {
	if a.Kind != bundle.TableEntry {
		return cmp.Or(compareDecimal(uint64(a.ID), uint64(b.ID)), compareReplicas(a.Replicas, b.Replicas))
	}
	for i := range min(len(a.Match), len(b.Match)) {
		if c := compareMatch(&a.Match[i], &b.Match[i]); c != 0 {
			return c
		}
	}
	// " action" < " match", but " params" < " } }", and "priority" < "}".
	if c := cmp.Compare(len(a.Match), len(b.Match)); c != 0 {
		return c
	}
	if c := compareDecimal(uint64(a.Action), uint64(b.Action)); c != 0 {
		return c
	}
	for i := range min(len(a.Params), len(b.Params)) {
		p, q := &a.Params[i], &b.Params[i]
		if c := compareDecimal(uint64(p.ID), uint64(q.ID)); c != 0 {
			return c
		}
		if c := strings.Compare(p.Value, q.Value); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(len(b.Params), len(a.Params)); c != 0 {
		return c
	}
	if a.Priority == 0 || b.Priority == 0 {
		return cmp.Compare(asBit(b.Priority != 0), asBit(a.Priority != 0))
	}
	return compareDecimal(uint64(a.Priority), uint64(b.Priority))
}

func compareMatch(a, b *bundle.Match) int {
	if c := compareDecimal(uint64(a.Field), uint64(b.Field)); c != 0 {
		return c
	}
	if a.Kind != b.Kind {
		return strings.Compare(kindWords[a.Kind], kindWords[b.Kind])
	}
	if c := strings.Compare(a.Value, b.Value); c != 0 {
		return c
	}
	if c := strings.Compare(a.Mask, b.Mask); c != 0 {
		return c
	}
	return compareDecimal(uint64(a.PrefixLen), uint64(b.PrefixLen))
}

var kindWords = [...]string{bundle.Exact: "exact", bundle.LPM: "lpm", bundle.Ternary: "ternary", bundle.Range: "range", bundle.Optional: "optional"}

func compareReplicas(a, b []bundle.Replica) int {
	for i := range min(len(a), len(b)) {
		if c := compareDecimal(uint64(a[i].Port), uint64(b[i].Port)); c != 0 {
			return c
		}
		p, q := a[i].Instance, b[i].Instance
		if p == q {
			continue
		}
		if p == 0 || q == 0 { // " instance" < " }"
			return cmp.Compare(asBit(q != 0), asBit(p != 0))
		}
		return compareDecimal(uint64(p), uint64(q))
	}
	return cmp.Compare(len(b), len(a)) // "replicas" < "}"
}

// compareDecimal compares numbers as their digits compare, with a space behind them.
func compareDecimal(a, b uint64) int {
	if a == b {
		return 0
	}
	var x, y [20]byte
	return strings.Compare(string(strconv.AppendUint(x[:0], a, 10)), string(strconv.AppendUint(y[:0], b, 10)))
}

// sortKey is the start of an entity's order as a number of 128 bits: usually enough to tell two
// entities of a table apart without looking at them.
type sortKey struct {
	high, low uint64
	index     uint32
}

// keyOf packs the leading match fields that every entity of the table has, 9 bits per byte: a
// one and the byte, and a zero at the end of a value. When the keys of two entities differ,
// they say the order of the entities.
func keyOf(e *bundle.Entity, fields int) (high, low uint64) {
	left := uint(128)
	push := func(v uint64, n uint) bool {
		if left < n {
			return false
		}
		left -= n
		if left >= 64 {
			high |= v << (left - 64)
		} else {
			low |= v << left
			high |= v >> (64 - left)
		}
		return true
	}
	for i := range min(fields, len(e.Match)) {
		value := e.Match[i].Value
		for j := range len(value) {
			if !push(1<<8|uint64(value[j]), 9) {
				return high, low
			}
		}
		if !push(0, 1) {
			return high, low
		}
	}
	return high, low
}

// keyed is the number of leading fields that keyOf may use: those that no entity leaves out, in
// the order of their ids, and after them a prefix if it is the last field.
func (t *table) keyed() int {
	if !t.ascending {
		return 0
	}
	for i := range t.fields {
		if t.fields[i].kind == bundle.LPM && i == len(t.fields)-1 {
			return i + 1
		}
		if t.fields[i].kind != bundle.Exact {
			return i
		}
	}
	return len(t.fields)
}

// sortEntities sorts entities of one table, or of one kind of the replication engine.
func sortEntities(entities []bundle.Entity, keyed int) {
	inOrder := func(i int) bool { return i == 0 || compareText(&entities[i-1], &entities[i]) <= 0 }
	sorted := 0
	for sorted < len(entities) && inOrder(sorted) {
		sorted++
	}
	if sorted == len(entities) {
		return
	}
	keys := make([]sortKey, len(entities))
	for i := range entities {
		high, low := keyOf(&entities[i], keyed)
		keys[i] = sortKey{high, low, uint32(i)}
	}
	slices.SortFunc(keys, func(a, b sortKey) int {
		if a.high != b.high {
			return cmp.Compare(a.high, b.high)
		}
		if a.low != b.low {
			return cmp.Compare(a.low, b.low)
		}
		return cmp.Or(compareText(&entities[a.index], &entities[b.index]), cmp.Compare(a.index, b.index))
	})
	permute(entities, keys)
}

// permute puts at every place the entity that its key names, along the cycles of the permutation.
func permute(entities []bundle.Entity, keys []sortKey) {
	for start := range keys {
		if int(keys[start].index) == start {
			continue
		}
		saved, at := entities[start], start
		for {
			from := int(keys[at].index)
			keys[at].index = uint32(at)
			if from == start {
				entities[at] = saved
				break
			}
			entities[at] = entities[from]
			at = from
		}
	}
}
