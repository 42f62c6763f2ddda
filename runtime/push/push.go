package push

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"pillion/backends/bundle"
	"pillion/runtime/p4rt"
)

// Options say how to push. The zero value pushes to all targets, in plaintext.
type Options struct {
	Connect  p4rt.Options
	Adopt    bool     // remove foreign entities, and take over those that are as they should be
	DryRun   bool     // write nothing, and do not become primary
	Only     []string // names of targets; empty: all
	Batching p4rt.Batching
	Parallel int         // targets that are read or written side by side; 0: 64, if they are small
	Progress func(Event) // called from several goroutines, one call at a time; nil: not at all
}

// Event is how far the push to one target is.
type Event struct {
	Target string
	Step   string // "connecting", "loading", "reading", "writing", "checking" or "done"
	Done   int    // updates
	Total  int    // updates; 0 until known

	Finished int // targets that are done, well or not
	Targets  int // targets of this push
}

// Push brings the targets to what the bundle says. The error speaks of the arguments; what becomes of
// the targets, good or bad, is in the report.
func Push(ctx context.Context, b *bundle.Bundle, pipelines p4rt.Pipelines, o Options) (*Report, error) {
	targets, err := choose(b, o.Only)
	if err != nil {
		return nil, err
	}
	kinds := map[string]*kind{}
	for _, t := range targets {
		if kinds[t.Kind] == nil {
			if kinds[t.Kind], err = newKind(t.Kind, pipelines); err != nil {
				return nil, err
			}
		}
		if err := kinds[t.Kind].check(t); err != nil {
			return nil, err
		}
	}
	report := &Report{DryRun: o.DryRun, Targets: make([]TargetReport, len(targets))}
	var progress sync.Mutex
	finished := 0
	var work sync.WaitGroup
	open := make(chan struct{}, max(maxOpen, o.Parallel))
	room := newRoom(cmp.Or(o.Parallel, maxWorking), maxEntities)
	for i, t := range targets {
		r := &report.Targets[i]
		*r = TargetReport{Target: t.Name, Address: t.Address, DeviceID: t.DeviceID}
		open <- struct{}{}
		work.Go(func() {
			defer func() { <-open }()
			p := &pusher{target: t, statements: b.Statements, kind: kinds[t.Kind], options: o, report: r, room: room}
			p.progress = func(step string, done, total int) {
				if o.Progress != nil {
					progress.Lock()
					defer progress.Unlock()
					if step == "done" {
						finished++
					}
					o.Progress(Event{t.Name, step, done, total, finished, len(targets)})
				}
			}
			if err := p.push(ctx); err != nil {
				r.Error = err.Error()
			}
			p.progress("done", 0, 0)
		})
	}
	work.Wait()
	return report, nil
}

func choose(b *bundle.Bundle, only []string) ([]*bundle.Target, error) {
	wanted := map[string]bool{}
	for _, name := range only {
		wanted[name] = true
	}
	var names []string
	var targets []*bundle.Target
	for i := range b.Targets {
		name := b.Targets[i].Name
		names = append(names, name)
		if len(only) == 0 || wanted[name] {
			targets = append(targets, &b.Targets[i])
			delete(wanted, name)
		}
	}
	for _, name := range only {
		if err := b.Ordinary(name); err != nil {
			return nil, err
		}
		if wanted[name] {
			return nil, fmt.Errorf("the bundle has no target %q; it has %s", name, some(names, maxListed))
		}
	}
	return targets, nil
}

// some names the first few, and how many more there are.
func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// kind is what all targets of one kind share.
type kind struct {
	name       string
	pipeline   p4rt.Pipeline
	names      *bundle.Names
	cookie     uint64
	p4infoHash string
	configHash string
	constant   map[uint32]bool // tables whose entries are the program's own
	keeper     uint32          // the table whose default entry keeps the list of ours; 0: none can
}

func newKind(name string, pipelines p4rt.Pipelines) (*kind, error) {
	p, ok := pipelines[name]
	if !ok {
		var have []string
		for k := range pipelines {
			have = append(have, k)
		}
		slices.Sort(have)
		return nil, fmt.Errorf("no pipeline for targets of kind %q; there are pipelines for %s", name, strings.Join(have, ", "))
	}
	k := &kind{name: name, pipeline: p, names: bundle.NewNames(p.P4Info), cookie: bundle.Cookie(p.P4Info, p.Config),
		p4infoHash: bundle.P4InfoHash(p.P4Info), configHash: bundle.ConfigHash(p.Config), constant: map[uint32]bool{}}
	for _, t := range p.P4Info.GetTables() {
		id := t.GetPreamble().GetId()
		k.constant[id] = t.GetIsConstTable()
		if k.keeper == 0 && t.GetConstDefaultActionId() == 0 && t.GetImplementationId() == 0 {
			k.keeper = id
		}
	}
	return k, nil
}

// check makes sure that a target's entities were compiled for this pipeline: ids of another program
// would mean something else.
func (k *kind) check(t *bundle.Target) error {
	if t.P4InfoHash != k.p4infoHash || t.ConfigHash != k.configHash {
		return fmt.Errorf("target %q: the bundle was compiled for another P4 program than this release has for %q (P4Info %.12s…, config %.12s…; here %.12s…, %.12s…); compile again",
			t.Name, k.name, t.P4InfoHash, t.ConfigHash, k.p4infoHash, k.configHash)
	}
	return nil
}
