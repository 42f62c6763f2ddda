package counters

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	p4configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/backends/bundle"
	"pillion/runtime/p4rt"
)

// Options say what to read. The zero value reads the direct counters of all targets.
type Options struct {
	Connect p4rt.Options
	// Drops is the alias of an indirect counter whose index is a reason to drop, and Reasons names the
	// indexes. A P4Info without it is no error. "": none is read.
	Drops    string
	Reasons  []string
	Only     []string // names of targets; empty: all
	Parallel int      // targets side by side; 0: 8
}

// tally is what one target counted.
type tally struct {
	statements map[int32]Count
	entities   map[int32]int
	drops      map[int64]Count
	missing    int
}

// Read reads and adds up. The error speaks of the arguments; a target that cannot be read is in the
// report.
func Read(ctx context.Context, b *bundle.Bundle, pipelines p4rt.Pipelines, o Options) (*Report, error) {
	var targets []*bundle.Target
	var names []string
	for i := range b.Targets {
		t := &b.Targets[i]
		names = append(names, t.Name)
		if len(o.Only) > 0 && !slices.Contains(o.Only, t.Name) {
			continue
		}
		if _, ok := pipelines[t.Kind]; !ok {
			return nil, fmt.Errorf("no pipeline for targets of kind %q, of which %q is one", t.Kind, t.Name)
		}
		targets = append(targets, t)
	}
	for _, name := range o.Only {
		if err := b.Ordinary(name); err != nil {
			return nil, err
		}
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("the bundle has no target %q; it has %s", name, strings.Join(names, ", "))
		}
	}
	tallies := make([]*tally, len(targets))
	errs := make([]error, len(targets))
	free := make(chan struct{}, cmp.Or(o.Parallel, 8))
	var work sync.WaitGroup
	for i, t := range targets {
		free <- struct{}{}
		work.Go(func() {
			defer func() { <-free }()
			tallies[i], errs[i] = readTarget(ctx, t, pipelines[t.Kind], o)
		})
	}
	work.Wait()
	return sum(b, targets, tallies, errs, o), nil
}

func readTarget(ctx context.Context, t *bundle.Target, pipeline p4rt.Pipeline, o Options) (*tally, error) {
	c, err := p4rt.Dial(t.Address, t.DeviceID, o.Connect)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	cookie, ok, err := c.Cookie(ctx)
	if err != nil {
		return nil, err
	}
	if !ok || cookie != bundle.Cookie(pipeline.P4Info, pipeline.Config) {
		return nil, fmt.Errorf("%s, device %d: it runs no pipeline of ours, or one of another release; push first", t.Address, t.DeviceID)
	}
	out := &tally{map[int32]Count{}, map[int32]int{}, map[int64]Count{}, 0}
	if err := out.direct(ctx, c, t, pipeline.P4Info); err != nil {
		return nil, err
	}
	return out, out.indirect(ctx, c, pipeline.P4Info, o.Drops)
}

// direct reads the direct counters of all entities that count for a statement.
func (y *tally) direct(ctx context.Context, c *p4rt.Client, t *bundle.Target, info *p4configv1.P4Info) error {
	counted := map[uint32]bool{} // tables with a direct counter
	for _, d := range info.GetDirectCounters() {
		counted[d.GetDirectTableId()] = true
	}
	statement := map[string]int32{} // by the key of an entity that was not read yet
	tables := map[uint32]bool{}
	for i := range t.Entities {
		e := &t.Entities[i]
		if e.Counts < 0 || e.Kind != bundle.TableEntry {
			continue
		}
		y.entities[e.Counts]++
		if !counted[e.ID] {
			return fmt.Errorf("target %q: an entity counts for a statement, but its table %d has no direct counter: the bundle is of another P4 program; compile again", t.Name, e.ID)
		}
		tables[e.ID] = true
		statement[e.Key()] = e.Counts
	}
	var filters []*p4v1.Entity
	for _, table := range info.GetTables() {
		if id := table.GetPreamble().GetId(); tables[id] {
			filters = append(filters, &p4v1.Entity{Entity: &p4v1.Entity_TableEntry{TableEntry: &p4v1.TableEntry{TableId: id, CounterData: &p4v1.CounterData{}}}})
		}
	}
	if len(filters) == 0 {
		return nil
	}
	err := c.Read(ctx, filters, func(p *p4v1.Entity) error {
		e, err := bundle.FromProto(p)
		if err != nil {
			return nil // not ours
		}
		key := e.Key()
		if s, ok := statement[key]; ok {
			y.statements[s] = y.statements[s].plus(p.GetTableEntry().GetCounterData())
			delete(statement, key)
		}
		return nil
	})
	y.missing = len(statement)
	return err
}

// indirect reads all cells of the counter of drops.
func (y *tally) indirect(ctx context.Context, c *p4rt.Client, info *p4configv1.P4Info, alias string) error {
	for _, counter := range info.GetCounters() {
		if p := counter.GetPreamble(); alias == "" || p.GetAlias() != alias {
			continue
		}
		filter := &p4v1.Entity{Entity: &p4v1.Entity_CounterEntry{CounterEntry: &p4v1.CounterEntry{CounterId: counter.GetPreamble().GetId()}}}
		return c.Read(ctx, []*p4v1.Entity{filter}, func(p *p4v1.Entity) error {
			if cell := p.GetCounterEntry(); cell != nil {
				i := cell.GetIndex().GetIndex()
				y.drops[i] = y.drops[i].plus(cell.GetData())
			}
			return nil
		})
	}
	return nil
}
