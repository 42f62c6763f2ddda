package engine

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// entry is a table entry as the data plane reads it. Key and rank never change.
//
// Tables are large, so it is one piece of memory: what an entry is first bound to, and its
// words if they are few, are inside.
type entry struct {
	// words are the key's: first the value, masked (of ranges the low end); then, unless
	// all fields of the table are exact, word for word the mask, or of ranges the high end.
	words []uint64
	seq   uint64
	rank  int32 // priority, or the prefix length
	n     int32 // words of the value

	bound atomic.Pointer[bound]
	stats *entryStats // nil if nothing of the table's entries is counted

	// The table's list of entries, in the order of insertion; guarded by its mutex.
	prev, following *entry

	first  boundCall
	inline [5]uint64
}

func (e *entry) value() []uint64 { return e.words[:e.n] }

// aux is nil in tables of exact fields.
func (e *entry) aux() []uint64 {
	if len(e.words) == int(e.n) {
		return nil
	}
	return e.words[e.n:]
}

// entryStats is what packets change in an entry.
type entryStats struct {
	packets, bytes atomic.Uint64
	meter          atomic.Pointer[meterCell]
	lastHit        atomic.Int64 // nanoseconds of Options.Now
}

func (s *entryStats) counter() CounterData {
	return CounterData{Packets: s.packets.Load(), Bytes: s.bytes.Load()}
}

// bound is what an entry does, checked and resolved. It is replaced as a whole.
type bound struct {
	call *actionCall // Direct
	next *edge       // Direct: where control goes on; nil: the end
	kind EntryKind
	more *boundMore // nil: none of it
}

// boundMore is what few entries have.
type boundMore struct {
	member      *member      // ViaMember
	group       *memberGroup // ViaGroup, OneShot
	idleTimeout time.Duration
	opaque      any
}

// boundCall is a bound with the action call that it points at.
type boundCall struct {
	bound
	call actionCall
}

// extra is boundMore, or zeros.
func (b *bound) extra() boundMore {
	if b.more == nil {
		return boundMore{}
	}
	return *b.more
}

// actionCall is an action with its arguments.
type actionCall struct {
	action *actionDef
	args   []uint64 // laid out as action.params say
}

// keyDef is one field of a table's key.
type keyDef struct {
	name  string
	kind  MatchKind
	width int // bits
	words wordRun
	// mask is ANDed to the field before matching; nil: nothing to AND.
	mask []uint64
	src  fieldLoc
	// valid is the state word that must be nonzero for the field to be read; a field
	// of an invalid header matches as 0, as in bmv2. Negative: always valid.
	valid int
}

// newEntry makes an entry without key.
func (d *tableDef) newEntry() *entry {
	var e *entry
	if d.counters || d.meter >= 0 || d.timeout {
		counted := &struct {
			entry
			stats entryStats
		}{}
		e = &counted.entry
		e.stats = &counted.stats
	} else {
		e = new(entry)
	}
	n := d.keyWords
	if !d.allExact {
		n *= 2
	}
	if n <= len(e.inline) {
		e.words = e.inline[:n:n]
	} else {
		e.words = make([]uint64, n)
	}
	e.n = int32(d.keyWords)
	return e
}

// spare is the inline room that the key has left.
func (e *entry) spare() []uint64 {
	if len(e.words) > len(e.inline) {
		return e.inline[:]
	}
	return e.inline[len(e.words):]
}

// parseKey checks a key against the table's declaration and lays it out in an entry of the table.
func (d *tableDef) parseKey(out *entry, e Entry) error {
	if len(e.Key) != len(d.keys) {
		return invalidf("table %q: the key has %d fields, not %d", d.name, len(d.keys), len(e.Key))
	}
	value, mask := out.value(), out.aux()
	for i := range d.keys {
		k := &d.keys[i]
		var aux []uint64
		if mask != nil {
			aux = mask[k.words.off : k.words.off+k.words.n]
		}
		prefix, err := k.parse(d.name, e.Key[i], value[k.words.off:k.words.off+k.words.n], aux)
		if err != nil {
			return err
		}
		if k.kind == LPM && !d.needsPriority {
			out.rank = int32(prefix)
		}
	}
	if d.needsPriority {
		out.rank = e.Priority
	} else if e.Priority != 0 {
		return invalidf("table %q: its entries have no priority", d.name)
	}
	return nil
}

// parse writes one field's words; aux may be nil for exact fields. It returns the
// prefix length of LPM fields.
func (k *keyDef) parse(table string, f KeyField, value, aux []uint64) (int, error) {
	fits := func(dst []uint64, b []byte, what string) error {
		if !wordsFromBytes(dst, b, k.width) {
			return invalidf("table %q, key %q: %s %x does not fit %d bits", table, k.name, what, b, k.width)
		}
		return nil
	}
	if err := fits(value, f.Value, "value"); err != nil {
		return 0, err
	}
	switch k.kind {
	case Exact, Valid:
		fillOnes(aux, k.width)
	case LPM:
		if f.PrefixLen < 0 || f.PrefixLen > k.width {
			return 0, invalidf("table %q, key %q: prefix length %d is not in 0..%d", table, k.name, f.PrefixLen, k.width)
		}
		prefixMask(aux, k.width, f.PrefixLen)
		andWords(value, aux)
		return f.PrefixLen, nil
	case Ternary:
		if f.Mask == nil && f.Value != nil {
			fillOnes(aux, k.width)
		} else if err := fits(aux, f.Mask, "mask"); err != nil {
			return 0, err
		}
		andWords(value, aux)
	case Range:
		if f.High == nil {
			fillOnes(aux, k.width)
		} else if err := fits(aux, f.High, "high end"); err != nil {
			return 0, err
		}
		if compareWords(value, aux) > 0 {
			return 0, invalidf("table %q, key %q: the range's low end %x is above its high end %x", table, k.name, f.Value, f.High)
		}
	}
	return 0, nil
}

// fillOnes sets the low width bits.
func fillOnes(dst []uint64, width int) {
	for i := range dst {
		dst[i] = ^uint64(0)
	}
	if len(dst) > 0 {
		dst[0] = topMask(width)
	}
}

// prefixMask sets the n most significant of width bits.
func prefixMask(dst []uint64, width, n int) {
	for i := range dst {
		// The word i holds the bits from lowest upwards.
		lowest := 64 * (len(dst) - 1 - i)
		cleared := min(max(width-n-lowest, 0), 64)
		dst[i] = ^mask64(cleared)
	}
	if len(dst) > 0 {
		dst[0] &= topMask(width)
	}
}

func andWords(dst, mask []uint64) {
	for i := range dst {
		dst[i] &= mask[i]
	}
}

// keyFields gives the key back as it was inserted, in canonical lengths. room is what an earlier call
// for an entry of the same table gave, and is overwritten; or nil.
func (d *tableDef) keyFields(e *entry, room []KeyField) []KeyField {
	if len(room) != len(d.keys) {
		room = make([]KeyField, len(d.keys))
	}
	for i := range d.keys {
		k, out := &d.keys[i], &room[i]
		run := func(words []uint64) []uint64 { return words[k.words.off : k.words.off+k.words.n] }
		out.Value = appendWords(out.Value[:0], run(e.value()), k.width)
		switch k.kind {
		case LPM:
			out.PrefixLen = 0
			for _, w := range run(e.aux()) {
				out.PrefixLen += bits.OnesCount64(w)
			}
		case Ternary:
			out.Mask = appendWords(out.Mask[:0], run(e.aux()), k.width)
		case Range:
			out.High = appendWords(out.High[:0], run(e.aux()), k.width)
		}
	}
	return room
}

// call checks an action and its arguments.
func (d *actionSet) call(where, name string, args [][]byte) (*actionCall, error) {
	c := new(actionCall)
	return c, d.fill(c, nil, where, name, args)
}

// fill is call into given memory: room is for the arguments, if they fit.
func (d *actionSet) fill(c *actionCall, room []uint64, where, name string, args [][]byte) error {
	a := d.byName[name]
	if a == nil {
		return invalidf("%s has no action %q (it has %s)", where, name, quotedNames(d.names()))
	}
	if len(args) != len(a.params) {
		return invalidf("%s: action %q takes %d arguments, not %d", where, name, len(a.params), len(args))
	}
	if a.argWords > len(room) {
		room = make([]uint64, a.argWords)
	}
	c.action, c.args = a, room[:a.argWords:a.argWords]
	for i, p := range a.params {
		if !wordsFromBytes(c.args[p.off:p.off+wordsFor(p.width)], args[i], p.width) {
			return invalidf("%s: action %q, parameter %q: %x does not fit %d bits", where, name, p.name, args[i], p.width)
		}
	}
	return nil
}

// argBytes gives the arguments back. room is what an earlier call gave, and is overwritten; or nil.
func (c *actionCall) argBytes(room [][]byte) [][]byte {
	if n := len(c.action.params); cap(room) < n {
		room = make([][]byte, n)
	} else {
		room = room[:n]
	}
	for i, p := range c.action.params {
		room[i] = appendWords(room[i][:0], c.args[p.off:p.off+wordsFor(p.width)], p.width)
	}
	return room
}
