package backends

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"strings"

	"pillion/backends/bundle"
	"pillion/compiler/network"
	"pillion/compiler/plan"
	"pillion/lang/diag"
)

const (
	addressBits = 128 // IPv4 addresses are written v4-mapped: ::ffff:a.b.c.d
	// anyPriority is for tables that want priorities but whose entries never overlap.
	anyPriority = 1
	// maxRowProblems bounds what is said about one table of one target.
	maxRowProblems = 10
	slabLength     = 4096 // values of one type allocated at once
	textLength     = 1 << 16
)

// writer makes entities out of rows: begin, then every field in the order of the table's columns,
// then act and every parameter of the action, then end.
//
// A million entities should cost few allocations, so what they hold is cut out of slabs.
type writer struct {
	remap []int32 // plan.Statements → bundle.Statements
	names []string

	table    *table
	target   string
	out      []bundle.Entity
	done     int // entities finished
	problems diag.List
	silent   int // problems beyond maxRowProblems

	// The row being written.
	origin     *plan.Origin
	action     *action
	field      int // next column
	param      int // next parameter
	firstMatch int
	firstParam int
	priority   int32

	matches  []bundle.Match
	params   []bundle.Param
	replicas []bundle.Replica
	from     []uint32
	text     strings.Builder
}

// start begins the rows of a table, or with a nil table of the replication engine.
func (w *writer) start(target string, t *table, out []bundle.Entity) {
	w.target, w.table, w.out, w.done = target, t, out, 0
	w.problems, w.silent = nil, 0
}

// finish returns what was wrong with the rows since start.
func (w *writer) finish() diag.List {
	if w.silent > 0 {
		w.problems.Add(diag.Diagnostic{Code: codeRow,
			Message: fmt.Sprintf("target %s, %s: %d more problems with rows", w.target, w.place(), w.silent)})
	}
	return w.problems
}

// room makes sure that n more values fit into the slab; values already cut out stay where they are.
func room[T any](slab *[]T, n int) {
	if cap(*slab)-len(*slab) < n {
		*slab = make([]T, 0, max(n, slabLength))
	}
}

func (w *writer) begin(o *plan.Origin) {
	w.origin, w.action = o, nil
	w.field, w.param = 0, 0
	room(&w.matches, len(w.table.fields))
	w.firstMatch = len(w.matches)
	w.priority = 0
	if w.table.priority {
		w.priority = anyPriority
	}
}

// rank gives the entry its priority: larger wins. It must be positive.
func (w *writer) rank(priority int32) {
	if priority <= 0 {
		w.problem(codeRow, "", fmt.Sprintf("priority %d", priority), "priorities are positive")
	}
	w.priority = priority
}

func (w *writer) end() {
	if w.field != len(w.table.fields) || w.action == nil || w.param != len(w.action.params) {
		panic("backends: a row of table " + w.table.name + " left a field or parameter out")
	}
	e := &w.out[w.done]
	e.Kind, e.ID, e.Priority, e.Action = bundle.TableEntry, w.table.id, w.priority, w.action.id
	e.Match = w.matches[w.firstMatch:len(w.matches):len(w.matches)]
	e.Params = w.params[w.firstParam:len(w.params):len(w.params)]
	if !w.table.ascending {
		sortByID(e.Match, func(m *bundle.Match) uint32 { return m.Field })
	}
	if !w.action.ascending {
		sortByID(e.Params, func(p *bundle.Param) uint32 { return p.ID })
	}
	w.trace(e, w.table.counted)
	w.done++
}

// trace gives the entity its provenance.
func (w *writer) trace(e *bundle.Entity, counted bool) {
	room(&w.from, len(w.origin.From))
	first := len(w.from)
	for _, s := range w.origin.From {
		if int(s) >= len(w.remap) {
			w.problem(codeRow, "", fmt.Sprintf("statement %d", s), fmt.Sprintf("the plan has %d", len(w.remap)))
			continue
		}
		w.from = append(w.from, uint32(w.remap[s]))
	}
	e.From = w.from[first:len(w.from):len(w.from)]
	e.Counts = -1
	switch c := w.origin.Counts; {
	case c < 0:
	case int(c) >= len(w.remap):
		w.problem(codeRow, "", fmt.Sprintf("counts for statement %d", c), fmt.Sprintf("the plan has %d", len(w.remap)))
	case !counted:
		w.problem(codeRow, "", "counts for a statement, but has no direct counter", "rows here have Counts -1")
	default:
		e.Counts = w.remap[c]
	}
}

// sortByID sorts a handful of values.
func sortByID[T any](s []T, id func(*T) uint32) {
	for i := 1; i < len(s); i++ {
		for j := i; j > 0 && id(&s[j-1]) > id(&s[j]); j-- {
			s[j-1], s[j] = s[j], s[j-1]
		}
	}
}

// Fields: one call per column.

func (w *writer) nextField() *field {
	f := &w.table.fields[w.field]
	w.field++
	return f
}

func (w *writer) number(v uint64)   { f := w.nextField(); w.whole(f, w.uint(f.name, v, f.bits)) }
func (w *writer) bit(b bool)        { w.number(asBit(b)) }
func (w *writer) mac(m network.MAC) { f := w.nextField(); w.whole(f, w.bytes(f.name, m[:], f.bits)) }
func (w *writer) address(a netip.Addr) {
	f := w.nextField()
	b := a.As16()
	w.whole(f, w.bytes(f.name, b[:], f.bits))
}

// whole matches one value, whatever the field's kind.
func (w *writer) whole(f *field, v string) {
	m := bundle.Match{Field: f.id, Kind: f.kind, Value: v}
	switch f.kind {
	case bundle.Ternary:
		m.Mask = f.ones
	case bundle.Range:
		m.Mask = v
	case bundle.LPM:
		m.PrefixLen = int32(f.bits)
	}
	w.matches = append(w.matches, m)
}

// any leaves a field open: P4Runtime 1.5, section 9.1.1, wants it left out.
func (w *writer) any() { w.nextField() }

// maybe matches the value if known, else any.
func (w *writer) maybe(known bool, v uint64) {
	if known {
		w.number(v)
	} else {
		w.any()
	}
}

func (w *writer) prefix(p netip.Prefix) {
	f := w.nextField()
	length := p.Bits()
	if p.Addr().Is4() {
		length += addressBits - 32
	}
	if !p.IsValid() {
		w.problem(codeRow, f.name, "no prefix", "")
		return
	}
	if length == 0 {
		return
	}
	b := p.Masked().Addr().As16()
	w.matches = append(w.matches, bundle.Match{Field: f.id, Kind: f.kind, Value: w.bytes(f.name, b[:], f.bits), PrefixLen: int32(length)})
}

// between matches low to high, both included.
func (w *writer) between(low, high uint64) {
	f := w.nextField()
	lo, hi := w.uint(f.name, low, f.bits), w.uint(f.name, high, f.bits)
	if low > high {
		w.problem(codeRow, f.name, fmt.Sprintf("the range %d..%d is empty", low, high), "the low end comes first")
	}
	if low == 0 && hi == f.ones {
		return
	}
	w.matches = append(w.matches, bundle.Match{Field: f.id, Kind: f.kind, Value: lo, Mask: hi})
}

// buckets matches a run of hash buckets, both ends included; all 256 of them are any bucket.
func (w *writer) buckets(low, high uint8) {
	if low == 0 && high == 255 {
		w.any()
	} else {
		w.between(uint64(low), uint64(high))
	}
}

// act says what the entry does; its parameters follow.
func (w *writer) act(a *action) {
	if a.absent || w.table.absent {
		w.problem(codeMissing, a.name, "the program of this target does not have it", "this is a mistake of the compiler: please report it")
	}
	room(&w.params, len(a.params))
	w.action, w.firstParam = a, len(w.params)
}

func (w *writer) arg(v uint64) {
	p := &w.action.params[w.param]
	w.param++
	w.params = append(w.params, bundle.Param{ID: p.id, Value: w.uint(p.name, v, p.bits)})
}

func (w *writer) argBit(b bool) { w.arg(asBit(b)) }

func (w *writer) argMAC(m network.MAC) {
	p := &w.action.params[w.param]
	w.param++
	w.params = append(w.params, bundle.Param{ID: p.id, Value: w.bytes(p.name, m[:], p.bits)})
}

func asBit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// Values.

// uint is the canonical bytestring of a number.
func (w *writer) uint(name string, v uint64, width int) string {
	if bits.Len64(v) > width {
		w.tooWide(name, fmt.Sprint(v), width)
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], v)
	return w.keep(b[min(bits.LeadingZeros64(v)/8, 7):])
}

// bytes is the canonical bytestring of a big-endian number.
func (w *writer) bytes(name string, b []byte, width int) string {
	for len(b) > 1 && b[0] == 0 {
		b = b[1:]
	}
	if 8*(len(b)-1)+bits.Len8(b[0]) > width {
		w.tooWide(name, fmt.Sprintf("0x%x", string(b)), width)
	}
	return w.keep(b)
}

// keep copies bytes to where strings are cut from.
func (w *writer) keep(b []byte) string {
	if w.text.Cap()-w.text.Len() < len(b) {
		w.text.Reset()
		w.text.Grow(textLength)
	}
	at := w.text.Len()
	w.text.Write(b)
	return w.text.String()[at:]
}

func (w *writer) tooWide(name, v string, width int) {
	w.problem(codeWidth, name, fmt.Sprintf("%s does not fit into %d bits", v, width), "")
}

func (w *writer) place() string {
	if w.table == nil {
		return "replication engine"
	}
	return "table " + w.table.name
}

// problem reports a row of the plan; name is the field or parameter that is to blame, if any.
func (w *writer) problem(code, name, message, hint string) {
	if len(w.problems) == maxRowProblems {
		w.silent++
		return
	}
	if name != "" {
		message = name + ": " + message
	}
	of := ""
	if len(w.origin.From) > 0 && int(w.origin.From[0]) < len(w.remap) {
		of = fmt.Sprintf(" (of %q)", w.names[w.remap[w.origin.From[0]]])
	}
	w.problems.Add(diag.Diagnostic{Code: code, Hint: hint,
		Message: fmt.Sprintf("target %s, %s, row %d%s: %s", w.target, w.place(), w.done, of, message)})
}
