package program

import (
	"fmt"
	"time"

	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"

	"pillion/backends/bundle"
	"pillion/p4"
	"pillion/p4/engine"
)

// Program is a P4 program, loaded, with what its P4Info calls things. Match fields are by position:
// p4c lists them in one order in the P4Info and in the config. It does not change any more.
type Program struct {
	// Names says entities in words.
	Names *bundle.Names

	code    *engine.Program
	tables  map[uint32]*Table
	actions map[uint32]*actionInfo
	public  map[string]bool // the engine's names of the tables that P4Info has
}

// Table is a table of a program.
type Table struct {
	Name    string // in the engine
	Counted bool   // it has a direct counter

	fields []uint32
}

type actionInfo struct {
	name   string
	params []uint32
}

// Load loads a program, of which any number of engines can be made.
func Load(p *p4.Program) (*Program, error) {
	code, err := engine.Load(p.Config)
	if err != nil {
		return nil, fmt.Errorf("the P4 program: %w", err)
	}
	out := &Program{code: code, tables: map[uint32]*Table{}, actions: map[uint32]*actionInfo{}, public: map[string]bool{}, Names: bundle.NewNames(p.Info)}
	counted := map[string]bool{}
	for _, t := range code.Tables() {
		counted[t.Name] = t.DirectCounter
	}
	for _, t := range p.Info.GetTables() {
		info := &Table{Name: t.GetPreamble().GetName(), Counted: counted[t.GetPreamble().GetName()]}
		for _, f := range t.GetMatchFields() {
			info.fields = append(info.fields, f.GetId())
		}
		out.tables[t.GetPreamble().GetId()], out.public[info.Name] = info, true
	}
	for _, a := range p.Info.GetActions() {
		out.actions[a.GetPreamble().GetId()] = actionOf(a)
	}
	return out, nil
}

func actionOf(a *p4config.Action) *actionInfo {
	info := &actionInfo{name: a.GetPreamble().GetName()}
	for _, p := range a.GetParams() {
		info.params = append(info.params, p.GetId())
	}
	return info
}

// Public says whether P4Info has the table that the engine calls by this name; the others p4c made of plain code.
func (p *Program) Public(table string) bool { return p.public[table] }

// Key is what tells an entity of a table apart, in the engine's terms.
func (p *Program) Key(e *bundle.Entity) (*Table, engine.Entry, error) {
	t := p.tables[e.ID]
	if t == nil {
		return nil, engine.Entry{}, fmt.Errorf("the program has no table 0x%08x", e.ID)
	}
	out := engine.Entry{Priority: e.Priority, Key: make([]engine.KeyField, len(t.fields))}
	next := 0 // matches and fields both ascend
	for i, id := range t.fields {
		if next == len(e.Match) || e.Match[next].Field != id {
			continue
		}
		m := &e.Match[next]
		next++
		k := engine.KeyField{Value: []byte(m.Value)}
		switch m.Kind {
		case bundle.LPM:
			k.PrefixLen = int(m.PrefixLen)
		case bundle.Ternary:
			k.Mask = []byte(m.Mask)
		case bundle.Range:
			k.High = []byte(m.Mask)
		}
		out.Key[i] = k
	}
	if next < len(e.Match) {
		return nil, engine.Entry{}, fmt.Errorf("table %s has no match field %d, or not in this order", t.Name, e.Match[next].Field)
	}
	return t, out, nil
}

// Engine makes a switch that holds the entities of a target, and whose clock stands still. Opaque of an entry is the
// index of its entity in the target, an int32.
func (p *Program) Engine(t *bundle.Target) (*engine.Switch, error) {
	sw := engine.New(p.code, engine.Options{Seed: 1, Now: func() time.Duration { return 0 }})
	for i := range t.Entities {
		if err := p.insert(sw, &t.Entities[i], int32(i)); err != nil {
			return nil, fmt.Errorf("target %s, %s: %w", t.Name, p.Names.Entity(&t.Entities[i]), err)
		}
	}
	return sw, nil
}

func (p *Program) insert(sw *engine.Switch, e *bundle.Entity, index int32) error {
	if e.Kind != bundle.TableEntry {
		replicas := make([]engine.Replica, len(e.Replicas))
		for i, r := range e.Replicas {
			replicas[i] = engine.Replica{Port: r.Port, Rid: uint32(r.Instance)}
		}
		if e.Kind == bundle.MulticastGroup {
			return sw.SetMulticast(e.ID, replicas)
		}
		return sw.SetCloneSession(e.ID, engine.CloneSession{Replicas: replicas})
	}
	t, entry, err := p.Key(e)
	if err != nil {
		return err
	}
	a := p.actions[e.Action]
	if a == nil {
		return fmt.Errorf("the program has no action 0x%08x", e.Action)
	}
	if len(a.params) != len(e.Params) {
		return fmt.Errorf("action %s takes %d parameters, not %d", a.name, len(a.params), len(e.Params))
	}
	for i, id := range a.params {
		if e.Params[i].ID != id {
			return fmt.Errorf("action %s has no parameter %d at place %d", a.name, e.Params[i].ID, i+1)
		}
		entry.Args = append(entry.Args, []byte(e.Params[i].Value))
	}
	entry.Action, entry.Opaque = a.name, index
	return sw.Table(t.Name).Insert(entry)
}
