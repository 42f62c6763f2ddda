package push

import (
	"cmp"
	"slices"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/backends/bundle"
)

// step is one update to write.
type step struct {
	kind   p4v1.Update_Type
	entity *bundle.Entity // never nil
	proto  *p4v1.Entity   // what is to be deleted, as it was read; else nil
	text   string         // of what is to be deleted
}

func (s *step) update() *p4v1.Update {
	if s.proto != nil {
		return &p4v1.Update{Type: s.kind, Entity: bare(s.proto)}
	}
	return &p4v1.Update{Type: s.kind, Entity: marked(s.entity)}
}

// bare is what a deletion needs: everything that was read, but for what only servers say.
func bare(p *p4v1.Entity) *p4v1.Entity {
	t := p.GetTableEntry()
	if t == nil {
		return p
	}
	return &p4v1.Entity{Entity: &p4v1.Entity_TableEntry{TableEntry: &p4v1.TableEntry{
		TableId: t.GetTableId(), Match: t.GetMatch(), Priority: t.GetPriority(), Action: t.GetAction()}}}
}

// stage is a group of steps without dependencies among them: all in one table, or all of the
// replication engine.
type stage struct {
	place int // replication -1; else the table's place in the P4Info
	steps []step
}

const replication = -1

// plan is the steps that bring a target from what it holds to what it should hold.
type plan struct {
	make   []stage // inserts and changes, in order
	remove []stage // in order
}

func (p *plan) size() int {
	n := 0
	for _, s := range slices.Concat(p.make, p.remove) {
		n += len(s.steps)
	}
	return n
}

func (p *pusher) plan(d *difference) *plan {
	entities := p.target.Entities
	var up, down []step
	for _, i := range d.insert {
		up = append(up, step{kind: p4v1.Update_INSERT, entity: &entities[i]})
	}
	for _, i := range d.modify {
		up = append(up, step{kind: p4v1.Update_MODIFY, entity: &entities[i]})
	}
	gone := d.stale
	if p.options.Adopt {
		for _, i := range d.adopt {
			if entities[i].Kind == bundle.TableEntry {
				up = append(up, step{kind: p4v1.Update_MODIFY, entity: &entities[i]})
			}
		}
		gone = slices.Concat(gone, d.foreign)
	}
	for i := range gone {
		down = append(down, step{kind: p4v1.Update_DELETE, entity: &gone[i].entity, proto: gone[i].proto, text: gone[i].text})
	}
	out := &plan{make: p.stages(up), remove: p.stages(down)}
	// What is pointed at comes first: the replication engine, and then the last table.
	slices.SortStableFunc(out.make, func(a, b stage) int {
		if a.place == replication || b.place == replication {
			return cmp.Compare(a.place, b.place)
		}
		return cmp.Compare(b.place, a.place)
	})
	slices.SortStableFunc(out.remove, func(a, b stage) int {
		if a.place == replication || b.place == replication {
			return cmp.Compare(b.place, a.place)
		}
		return cmp.Compare(a.place, b.place)
	})
	for _, s := range out.remove {
		slices.Reverse(s.steps) // exceptions go last
	}
	return out
}

// stages groups steps by place, and sorts each group: exceptions first.
func (p *pusher) stages(steps []step) []stage {
	at := map[int]int{}
	var out []stage
	for _, s := range steps {
		place := replication
		if s.entity.Kind == bundle.TableEntry && s.proto.GetPacketReplicationEngineEntry() == nil {
			place = p.kind.names.TableOrder(s.entity.ID)
		}
		i, ok := at[place]
		if !ok {
			i = len(out)
			at[place] = i
			out = append(out, stage{place: place})
		}
		out[i].steps = append(out[i].steps, s)
	}
	for _, s := range out {
		slices.SortStableFunc(s.steps, func(a, b step) int {
			return cmp.Or(
				cmp.Compare(b.entity.Priority, a.entity.Priority),
				cmp.Compare(prefixLen(b.entity), prefixLen(a.entity)),
				cmp.Compare(a.entity.ID, b.entity.ID), // ids that the P4Info does not know share a place
				cmp.Compare(a.kind, b.kind),
			)
		})
	}
	return out
}

func prefixLen(e *bundle.Entity) int32 {
	for _, m := range e.Match {
		if m.Kind == bundle.LPM {
			return m.PrefixLen
		}
	}
	return 0
}

// ordered says whether the order within a stage matters.
func (s *stage) ordered() bool {
	for i := range s.steps {
		if s.steps[i].entity.Priority != 0 || prefixLen(s.steps[i].entity) != 0 {
			return true
		}
	}
	return false
}

// clearTheWay moves what must go first when the stage at index full of make has no room: everything that is to
// be removed, and what is to be changed in earlier tables, because it may still point at the former. The
// changes become inserts.
func (p *plan) clearTheWay(full int) {
	var first []stage
	for i := len(p.make) - 1; i > full; i-- { // make runs from the last table to the first
		s := &p.make[i]
		var changed []step
		for j := range s.steps {
			if c := &s.steps[j]; c.kind == p4v1.Update_MODIFY {
				changed = append(changed, step{kind: p4v1.Update_DELETE, entity: c.entity, proto: c.entity.Proto(), text: "to make room"})
				c.kind = p4v1.Update_INSERT
			}
		}
		slices.Reverse(changed)
		if len(changed) > 0 {
			first = append(first, stage{s.place, changed})
		}
	}
	all := slices.Concat(first, p.remove)
	slices.SortStableFunc(all, func(a, b stage) int {
		if a.place == replication || b.place == replication {
			return cmp.Compare(b.place, a.place)
		}
		return cmp.Compare(a.place, b.place)
	})
	p.remove = all
}
