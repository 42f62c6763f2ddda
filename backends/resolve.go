package backends

import (
	"fmt"
	"slices"
	"strings"

	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"

	"pillion/backends/bundle"
	"pillion/lang/diag"
)

// table is a table of P4Info as the rows use it.
type table struct {
	name      string
	id        uint32
	size      int64   // entries; 0: P4Info does not say
	priority  bool    // its entries carry one: it has ternary, range or optional fields
	counted   bool    // it has a direct counter
	fields    []field // in the order in which the rows give them
	ascending bool    // and that is the order of their ids
	def       *p4config.Table
	absent    bool // from a partial program: rows are refused
}

type field struct {
	name string
	id   uint32
	kind bundle.MatchKind
	bits int
	ones string // all bits set, canonical
}

type action struct {
	name      string
	id        uint32
	params    []param // in the order in which the rows give them
	ascending bool
	absent    bool // from a partial program: rows are refused
}

type param struct {
	name string
	id   uint32
	bits int
}

// shape is what rows say of a field.
type shape uint8

const (
	shapeValue  shape = iota // one value: fits every kind of match
	shapeOpen                // one value, or any
	shapePrefix              // an address prefix, 128 bits
	shapeRange               // from low to high
)

type column struct {
	name  string
	shape shape
}

func value(name string) column                         { return column{name, shapeValue} }
func open(name string) column                          { return column{name, shapeOpen} }
func prefix(name string) column                        { return column{name, shapePrefix} }
func between(name string) column                       { return column{name, shapeRange} }
func (s shape) holds() []p4config.MatchField_MatchType { return shapeHolds[s] }
func (s shape) String() string                         { return shapeNames[s] }

var shapeNames = [...]string{"one value", "one value or any", "a prefix of 128 bits", "a range"}

// shapeHolds says which kinds of match can express a shape.
var shapeHolds = [...][]p4config.MatchField_MatchType{
	shapeValue: {p4config.MatchField_EXACT, p4config.MatchField_LPM, p4config.MatchField_TERNARY,
		p4config.MatchField_RANGE, p4config.MatchField_OPTIONAL},
	shapeOpen: {p4config.MatchField_LPM, p4config.MatchField_TERNARY,
		p4config.MatchField_RANGE, p4config.MatchField_OPTIONAL},
	shapePrefix: {p4config.MatchField_LPM},
	shapeRange:  {p4config.MatchField_RANGE},
}

var matchKinds = map[p4config.MatchField_MatchType]bundle.MatchKind{
	p4config.MatchField_EXACT:    bundle.Exact,
	p4config.MatchField_LPM:      bundle.LPM,
	p4config.MatchField_TERNARY:  bundle.Ternary,
	p4config.MatchField_RANGE:    bundle.Range,
	p4config.MatchField_OPTIONAL: bundle.Optional,
}

// resolver looks names up in P4Info, once each. What is missing goes to problems, and a stand-in
// is returned, so that every mistake is found at once.
type resolver struct {
	info     *p4config.P4Info
	actions  map[uint32]*p4config.Action
	partial  bool // tables and actions may be missing
	problems diag.List
}

func newResolver(info *p4config.P4Info) *resolver {
	r := &resolver{info: info, actions: map[uint32]*p4config.Action{}}
	for _, a := range info.GetActions() {
		r.actions[a.GetPreamble().GetId()] = a
	}
	return r
}

// table finds a table by its name or alias. Columns name all of its match fields, in the order in
// which rows give them.
func (r *resolver) table(name string, columns ...column) *table {
	t := &table{name: name, ascending: true, fields: make([]field, len(columns))}
	tables := r.info.GetTables()
	i := slices.IndexFunc(tables, func(t *p4config.Table) bool { return named(t.GetPreamble(), name) })
	if t.absent = i < 0 && r.partial; t.absent {
		return t
	}
	if i < 0 {
		r.missing("P4Info has no table "+quote(name), "its tables", len(tables),
			func(i int) string { return shortName(tables[i].GetPreamble()) })
		return t
	}
	t.def, t.id, t.size = tables[i], tables[i].GetPreamble().GetId(), tables[i].GetSize()
	for i, c := range columns {
		t.fields[i] = r.field(t, c)
		t.ascending = t.ascending && (i == 0 || t.fields[i-1].id < t.fields[i].id)
	}
	for _, f := range t.def.GetMatchFields() {
		switch f.GetMatchType() {
		case p4config.MatchField_TERNARY, p4config.MatchField_RANGE, p4config.MatchField_OPTIONAL:
			t.priority = true
		}
		if !slices.ContainsFunc(columns, func(c column) bool { return c.name == f.GetName() }) {
			r.unfilled("table "+t.name, "match field", f.GetName(), len(columns), func(i int) string { return columns[i].name })
		}
	}
	for _, c := range r.info.GetDirectCounters() {
		t.counted = t.counted || c.GetDirectTableId() == t.id
	}
	return t
}

func (r *resolver) field(t *table, c column) field {
	fields := t.def.GetMatchFields()
	i := slices.IndexFunc(fields, func(f *p4config.MatchField) bool { return f.GetName() == c.name })
	if i < 0 {
		r.missing(fmt.Sprintf("table %s has no match field %s", t.name, quote(c.name)), "its match fields", len(fields),
			func(i int) string { return fields[i].GetName() })
		return field{name: c.name}
	}
	f := fields[i]
	kind, bits := f.GetMatchType(), int(f.GetBitwidth())
	if !slices.Contains(c.shape.holds(), kind) || bits < 1 || c.shape == shapePrefix && bits != addressBits {
		var kinds []string
		for _, k := range c.shape.holds() {
			kinds = append(kinds, k.String())
		}
		r.problems.Add(diag.Diagnostic{Code: codeShape,
			Message: fmt.Sprintf("table %s, match field %s: %s of %d bits cannot hold %s", t.name, c.name, kind, bits, c.shape),
			Hint:    "fitting kinds: " + strings.Join(kinds, ", ") + "; P4 program and back end belong to different versions"})
	}
	return field{c.name, f.GetId(), matchKinds[kind], bits, allOnes(bits)}
}

// action finds an action that entries of the table may have. Params name all of its parameters, in
// the order in which rows give them.
func (r *resolver) action(t *table, name string, params ...string) *action {
	a := &action{name: name, ascending: true, params: make([]param, len(params))}
	if t.def == nil {
		return a // said already
	}
	var choices []*p4config.Action
	for _, ref := range t.def.GetActionRefs() {
		if ref.GetScope() != p4config.ActionRef_DEFAULT_ONLY && r.actions[ref.GetId()] != nil {
			choices = append(choices, r.actions[ref.GetId()])
		}
	}
	i := slices.IndexFunc(choices, func(a *p4config.Action) bool { return named(a.GetPreamble(), name) })
	if a.absent = i < 0 && r.partial; a.absent {
		return a
	}
	if i < 0 {
		r.missing(fmt.Sprintf("table %s has no action %s for its entries", t.name, quote(name)), "its actions", len(choices),
			func(i int) string { return shortName(choices[i].GetPreamble()) })
		return a
	}
	a.id = choices[i].GetPreamble().GetId()
	have := choices[i].GetParams()
	for i, name := range params {
		j := slices.IndexFunc(have, func(p *p4config.Action_Param) bool { return p.GetName() == name })
		if j < 0 {
			r.missing(fmt.Sprintf("action %s has no parameter %s", a.name, quote(name)), "its parameters", len(have),
				func(i int) string { return have[i].GetName() })
			continue
		}
		a.params[i] = param{name, have[j].GetId(), int(have[j].GetBitwidth())}
		a.ascending = a.ascending && (i == 0 || a.params[i-1].id < a.params[i].id)
		if a.params[i].bits < 1 {
			r.problems.Add(diag.Diagnostic{Code: codeShape,
				Message: fmt.Sprintf("action %s, parameter %s: it has no width, and values are numbers", a.name, name),
				Hint:    "P4 program and back end belong to different versions"})
		}
	}
	for _, p := range have {
		if !slices.Contains(params, p.GetName()) {
			r.unfilled("action "+a.name, "parameter", p.GetName(), len(params), func(i int) string { return params[i] })
		}
	}
	return a
}

func (r *resolver) missing(message, what string, n int, name func(int) string) {
	r.problems.Add(diag.Diagnostic{Code: codeMissing, Message: message, Hint: what + ": " + list(n, name)})
}

func (r *resolver) unfilled(owner, what, name string, n int, have func(int) string) {
	r.problems.Add(diag.Diagnostic{Code: codeUnfilled,
		Message: fmt.Sprintf("%s: P4Info has a %s %s, which no row fills", owner, what, quote(name)),
		Hint:    fmt.Sprintf("%ss that rows fill: %s; P4 program and back end belong to different versions", what, list(n, have))})
}

func list(n int, name func(int) string) string {
	names := make([]string, n)
	for i := range names {
		names[i] = name(i)
	}
	slices.Sort(names)
	if n == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func quote(name string) string { return `"` + name + `"` }

func named(p *p4config.Preamble, name string) bool {
	return p.GetAlias() == name || p.GetName() == name
}

func shortName(p *p4config.Preamble) string {
	if p.GetAlias() != "" {
		return p.GetAlias()
	}
	return p.GetName()
}

// allOnes is the largest number of a width, canonical.
func allOnes(bits int) string {
	if bits < 1 {
		return ""
	}
	b := []byte(strings.Repeat("\xff", (bits+7)/8))
	if rest := bits % 8; rest != 0 {
		b[0] = 1<<rest - 1
	}
	return string(b)
}

// ranked asks for a table whose entries carry priorities, because its rows have them.
func (r *resolver) ranked(t *table) {
	if t.def != nil && !t.priority {
		r.problems.Add(diag.Diagnostic{Code: codeShape,
			Message: fmt.Sprintf("table %s: its rows have priorities, but it has no ternary, range or optional match field", t.name),
			Hint:    "P4 program and back end belong to different versions"})
	}
}
