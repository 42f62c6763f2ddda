package server

import (
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"

	"pillion/p4/engine"
)

// startsWith tells whether a table's entries in the program are only what it starts
// with, and can be changed (section "Table", has_initial_entries).
func startsWith(t *configv1.Table) bool { return t.HasInitialEntries && !t.IsConstTable }

// noteInitial keeps what the tables of a fresh pipeline start with.
func (p *pipeline) noteInitial() {
	p.initial = map[uint32][]*p4.TableEntry{}
	for _, t := range p.tables {
		t.eng.Each(func(e engine.EntryInfo) bool {
			if !e.Const {
				p.initial[t.id] = append(p.initial[t.id], t.encodeEntry(e, nil))
			}
			return true
		})
	}
}

// dumpEntries makes the updates that lead from a fresh pipeline's table entries to
// those that are there.
func (p *pipeline) dumpEntries() []*p4.Update {
	var out []*p4.Update
	add := func(typ p4.Update_Type, m *p4.TableEntry) {
		out = append(out, &p4.Update{Type: typ, Entity: &p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: m}}})
	}
	for _, t := range p.tables {
		initial := p.initial[t.id]
		for _, m := range initial {
			if key, err := t.key(m); err == nil {
				if _, there := t.eng.Get(key); !there {
					add(p4.Update_DELETE, m)
				}
			}
		}
		t.eng.Each(func(e engine.EntryInfo) bool {
			if e.Const {
				return true
			}
			m, typ := t.encodeEntry(e, nil), p4.Update_INSERT
			for _, was := range initial {
				if was.Priority == m.Priority && sameMatch(was.Match, m.Match) {
					if proto.Equal(was, m) {
						return true
					}
					typ = p4.Update_MODIFY
				}
			}
			add(typ, m)
			return true
		})
	}
	return out
}
