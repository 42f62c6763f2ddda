package engine

import (
	"slices"
	"sort"
	"strings"
)

// Program is a P4 program, compiled for execution. It is immutable, and any number of
// switches may run it.
type Program struct {
	lay *layout

	parser  *parserDef
	deparse *deparserDef
	// Where the pipelines begin.
	ingress, egress edge

	maxKey    int // words of the widest table key
	tables    []*tableDef
	profiles  []*profileDef
	counters  []*counterDef
	meters    []*meterDef
	registers []*registerDef
	vsets     []*vsetDef

	verify []*checksumDef // in the parser
	update []*checksumDef // in the deparser

	fieldLists map[int]*fieldList
	learnLists map[int]*learnList
	errorNames map[uint64]string

	std   standardFields
	timed bool // packets need the time

	tableByName, profileByName, counterByName   map[string]int
	meterByName, registerByName, valueSetByName map[string]int
}

// tableDef is a table as the program declares it.
type tableDef struct {
	name          string
	id            int
	index         int // in Program.tables
	keys          []keyDef
	keyWords      int
	gather        []keyWord // one for each word
	allExact      bool
	needsPriority bool
	size          int
	actions       actionSet
	profile       int // in Program.profiles; negative: a direct table
	counters      bool
	meter         int // in Program.meters; negative: none
	timeout       bool

	isConst      bool
	constEntries []constEntry
	constDefault bool
	defaultCall  *actionCall // nil: a miss does nothing

	// Where control goes on: by hit and miss, or by action.
	byHit     bool
	hit, miss *edge
	nextOf    map[*actionDef]*edge
	missNext  *edge // after a miss without default action
}

type constEntry struct {
	entry *entry
	call  *actionCall
}

// after is where control goes on when an action has run; nil if the table does not call it.
func (d *tableDef) after(a *actionDef, hit bool) *edge {
	switch {
	case !d.byHit:
		return d.nextOf[a]
	case hit:
		return d.hit
	}
	return d.miss
}

// edges lists all ways on.
func (d *tableDef) edges() []*edge {
	list := []*edge{d.missNext}
	if d.byHit {
		list = append(list, d.hit, d.miss)
	}
	for _, e := range d.nextOf {
		list = append(list, e)
	}
	return list
}

// initialDefault is the default entry that the program declares.
func (d *tableDef) initialDefault() *bound {
	b := &bound{call: d.defaultCall, next: d.missNext}
	if b.call != nil {
		b.next = d.after(b.call.action, false)
	}
	return b
}

func (d *tableDef) rangeRuns() []wordRun {
	var out []wordRun
	for _, k := range d.keys {
		if k.kind == Range {
			out = append(out, k.words)
		}
	}
	return out
}

// actionSet is the actions that a table or profile may call.
type actionSet struct {
	list   []*actionDef
	byName map[string]*actionDef
}

func (d *actionSet) add(a *actionDef) {
	if d.byName == nil {
		d.byName = map[string]*actionDef{}
	}
	if d.byName[a.name] == nil {
		d.byName[a.name] = a
		d.list = append(d.list, a)
	}
}

func (d *actionSet) names() []string {
	var out []string
	for _, a := range d.list {
		out = append(out, a.name)
	}
	sort.Strings(out)
	return out
}

// actionDef is an action, compiled.
type actionDef struct {
	name      string
	id        int
	params    []paramDef
	argWords  int
	ops       []op
	registers []int // in Program.registers, ascending: locked while the action runs
}

type paramDef struct {
	name  string
	width int // bits
	off   int // first word in the arguments
}

func quotedNames(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return `"` + strings.Join(names, `", "`) + `"`
}

func (a *actionDef) info() ActionInfo {
	out := ActionInfo{Name: a.name}
	for _, p := range a.params {
		out.Params = append(out.Params, ParamInfo{Name: p.name, Width: p.width})
	}
	return out
}

func (d *tableDef) info() TableInfo {
	out := TableInfo{
		Name: d.name, ID: d.id, Size: d.size,
		ConstEntries: d.isConst, ConstDefault: d.constDefault,
		DirectCounter: d.counters, DirectMeter: d.meter >= 0,
		SupportsTimeout: d.timeout, NeedsPriority: d.needsPriority,
	}
	for _, k := range d.keys {
		out.Keys = append(out.Keys, KeyInfo{Name: k.name, Kind: k.kind, Width: k.width})
	}
	for _, a := range d.actions.list {
		out.Actions = append(out.Actions, a.info())
	}
	return out
}

// Tables describes the tables, in the order of the config.
func (p *Program) Tables() []TableInfo {
	var out []TableInfo
	for _, d := range p.tables {
		out = append(out, p.tableInfo(d))
	}
	return out
}

func (p *Program) tableInfo(d *tableDef) TableInfo {
	info := d.info()
	if d.profile >= 0 {
		info.Profile = p.profiles[d.profile].name
		info.Selector = p.profiles[d.profile].selector != nil
	}
	return info
}

func namesOf(index map[string]int) []string {
	out := make([]string, len(index))
	for name, i := range index {
		out[i] = name
	}
	return out
}

// Profiles returns the names of the action profiles and selectors, in the order of the config.
func (p *Program) Profiles() []string { return namesOf(p.profileByName) }

// HeaderWidths returns the widths in bits of the fields of the header type that has just
// these fields in this order. It reports false if there is none, or if there are
// several with other widths.
func (p *Program) HeaderWidths(fields []string) ([]int, bool) {
	var found []int
	for _, t := range p.lay.types {
		var widths []int
		for i, f := range t.fields {
			if len(t.fields) == len(fields) && f.name == fields[i] && !f.varbit {
				widths = append(widths, f.width)
			}
		}
		if len(widths) != len(fields) {
			continue
		}
		if found != nil && !slices.Equal(found, widths) {
			return nil, false
		}
		found = widths
	}
	return found, found != nil
}

// Counters returns the names of the indexed counters.
func (p *Program) Counters() []string { return namesOf(p.counterByName) }

// Meters returns the names of the meters, direct ones included.
func (p *Program) Meters() []string { return namesOf(p.meterByName) }

// Registers returns the names of the registers.
func (p *Program) Registers() []string { return namesOf(p.registerByName) }

// ValueSets returns the names of the parser value sets.
func (p *Program) ValueSets() []string { return namesOf(p.valueSetByName) }
