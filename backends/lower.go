package backends

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"pillion/backends/bundle"
	"pillion/compiler/plan"
	"pillion/lang/diag"
	"pillion/p4"
)

// Lower makes the bundle of a plan, for switches and sidecars that run the program; shims run p4.Shim. The inventory
// goes into the bundle as it is. Ordinary switches get rules of package redirect. It also says how much of every table each target uses, in the order of targets
// and of P4Info, and does so even when it refuses the plan. The error is an [*Error] that
// names everything that is wrong.
func Lower(p *plan.Plan, program *p4.Program, inventory []byte) (*bundle.Bundle, []TableUse, error) {
	pipes, problems, err := pipelines(p, program)
	if err != nil {
		return nil, nil, err
	}
	if len(problems) > 0 {
		return nil, nil, asError(problems)
	}
	for i := 1; i < len(p.Switches); i++ {
		if p.Switches[i-1].Name >= p.Switches[i].Name {
			problems.Errorf(diag.Span{}, codeRow, "switch %s comes after %s: the switches of a plan are sorted by name, each once",
				p.Switches[i].Name, p.Switches[i-1].Name)
		}
	}
	var uses []TableUse
	for i := range p.Switches {
		used, full := measure(&p.Switches[i], pipes[p.Switches[i].Kind], p.Statements)
		if uses == nil {
			uses = make([]TableUse, 0, len(used)*len(p.Switches))
		}
		uses, problems = append(uses, used...), append(problems, full...)
	}
	if len(problems) > 0 {
		return nil, uses, asError(problems)
	}
	b := &bundle.Bundle{Version: bundle.CurrentVersion, Network: inventory}
	var remap []int32
	b.Statements, remap = sortStatements(p.Statements)
	b.Redirects, problems = redirects(p, remap)
	var jobs []*job
	for i := range p.Switches {
		s := &p.Switches[i]
		pipe := pipes[s.Kind]
		own, entities := jobsOf(s, pipe)
		jobs = append(jobs, own...)
		b.Targets = append(b.Targets, bundle.Target{Name: s.Name, Kind: kinds[s.Kind], Address: s.Address, DeviceID: s.DeviceID,
			CPUPort: s.CPUPort, P4InfoHash: pipe.infoHash, ConfigHash: pipe.configHash, Entities: entities})
	}
	run(jobs, b.Statements, remap)
	for _, j := range jobs {
		problems = append(problems, j.problems...)
	}
	if len(problems) > 0 {
		return nil, uses, asError(problems)
	}
	return b, uses, nil
}

// kinds are the kinds of targets in a bundle.
var kinds = [...]string{plan.P4Switch: "switch", plan.Sidecar: "sidecar", plan.Shim: "shim"}

// pipeline is a program with the names that rows need, looked up.
type pipeline struct {
	program              *p4.Program
	rows                 []tableRows // in the order of their entities' text
	inOrder              []tableRows // in the order of P4Info
	names                *bundle.Names
	infoHash, configHash string
}

// pipelines looks up the names of the programs that the targets of a plan run. Switches and sidecars run the same.
func pipelines(p *plan.Plan, program *p4.Program) (map[plan.TargetKind]*pipeline, diag.List, error) {
	var problems diag.List
	look := func(program *p4.Program, partial bool) *pipeline {
		rows, more := resolve(program, partial)
		problems = append(problems, more...)
		pipe := &pipeline{program: program, rows: rows, inOrder: slices.Clone(rows), names: bundle.NewNames(program.Info),
			infoHash: bundle.P4InfoHash(program.Info), configHash: bundle.ConfigHash(program.Config)}
		text := func(r tableRows) string { return "table " + strconv.FormatUint(uint64(r.id), 10) }
		slices.SortStableFunc(pipe.rows, func(a, b tableRows) int { return strings.Compare(text(a), text(b)) })
		slices.SortStableFunc(pipe.inOrder, func(a, b tableRows) int { return pipe.names.TableOrder(a.id) - pipe.names.TableOrder(b.id) })
		return pipe
	}
	pipes := map[plan.TargetKind]*pipeline{plan.P4Switch: look(program, false)}
	pipes[plan.Sidecar] = pipes[plan.P4Switch]
	if slices.ContainsFunc(p.Switches, func(s plan.Switch) bool { return s.Kind == plan.Shim }) {
		shim, err := p4.Shim()
		if err != nil {
			return nil, nil, err
		}
		pipes[plan.Shim] = look(shim, true)
	}
	return pipes, problems, nil
}

// resolve looks up every name that the rows need, in the order in which packets meet the tables. A partial program
// may lack tables and actions, and then takes no rows that need them.
func resolve(program *p4.Program, partial bool) ([]tableRows, diag.List) {
	r := newResolver(program.Info)
	r.partial = partial
	var rows []tableRows
	for _, kind := range []func(*resolver) tableRows{
		portRows, sourceRows, multicastRows, replicationRows, destinationRows, policyRows, ruleRows, verdictRows,
		chainPolicyRows, chainRuleRows, chainSelectRows, returnRows, gateRows, tapRows, instanceRows, fabricRows, replicaRows,
	} {
		rows = append(rows, kind(r))
	}
	return rows, r.problems
}

// job is the rows of one table, or of one kind of the replication engine, of one target. Jobs
// share nothing that they write, so they run side by side.
type job struct {
	plan     *plan.Switch
	names    *bundle.Names
	table    *table // nil: the replication engine
	count    int
	lower    func(*plan.Switch, *writer)
	out      []bundle.Entity
	problems diag.List
}

// jobsOf divides a switch's work, and its entities among the jobs in the order of their text.
func jobsOf(s *plan.Switch, pipe *pipeline) ([]*job, []bundle.Entity) {
	var jobs []*job
	total := 0
	add := func(t *table, count int, lower func(*plan.Switch, *writer)) {
		if count > 0 {
			jobs = append(jobs, &job{plan: s, names: pipe.names, table: t, count: count, lower: lower})
			total += count
		}
	}
	// "clone…" < "multicast…" < "table…"
	add(nil, len(s.Sessions), func(s *plan.Switch, w *writer) { w.sessions(s.Sessions) })
	add(nil, len(s.Groups), func(s *plan.Switch, w *writer) { w.groups(s.Groups) })
	for _, r := range pipe.rows {
		add(r.table, r.count(s), r.lower)
	}
	entities := make([]bundle.Entity, total)
	rest := entities
	for _, j := range jobs {
		j.out, rest = rest[:j.count:j.count], rest[j.count:]
	}
	return jobs, entities
}

// run does all jobs, the largest first, on all processors.
func run(jobs []*job, statements []string, remap []int32) {
	bySize := slices.Clone(jobs)
	slices.SortStableFunc(bySize, func(a, b *job) int { return cmp.Compare(b.count, a.count) })
	sideBySide(len(bySize), func() func(int) {
		w := &writer{names: statements, remap: remap}
		return func(i int) { bySize[i].run(w) }
	})
}

// sideBySide calls fn for 0 to n-1, on all processors. Each worker asks newWorker once for its own fn.
func sideBySide(n int, newWorker func() func(int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			fn := newWorker()
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				fn(i)
			}
		})
	}
	workers.Wait()
}

func (j *job) run(w *writer) {
	w.start(j.plan.Name, j.table, j.out)
	j.lower(j.plan, w)
	j.problems = w.finish()
	if len(j.problems) > 0 {
		return // its entities are no good
	}
	keyed := 0
	if j.table != nil {
		keyed = j.table.keyed()
	}
	sortEntities(j.out, keyed)
	for i := range j.out {
		twin := twinBefore(j.out, i)
		if twin < 0 {
			continue
		}
		if len(j.problems) == maxRowProblems {
			break
		}
		e := &j.out[i]
		j.problems.Errorf(diag.Span{}, codeRow, "target %s: two rows for %s %s: %s, and %s", j.plan.Name, j.names.Where(e), j.names.Match(e),
			blame(&j.out[twin], w.names), blame(e, w.names))
	}
}

// twinBefore finds an entity before i that has the same key, or -1. Entities are sorted, so it is
// near: only the priority may differ in between.
func twinBefore(sorted []bundle.Entity, i int) int {
	e := &sorted[i]
	for k := i - 1; k >= 0; k-- {
		f := &sorted[k]
		if e.ID != f.ID || !slices.Equal(e.Match, f.Match) {
			return -1
		}
		if e.Priority == f.Priority {
			return k
		}
	}
	return -1
}

func blame(e *bundle.Entity, statements []string) string {
	if len(e.From) == 0 {
		return "one of no statement"
	}
	return fmt.Sprintf("one of %q", statements[e.From[0]])
}
