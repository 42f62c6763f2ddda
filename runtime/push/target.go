package push

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"

	"pillion/backends/bundle"
	"pillion/runtime/p4rt"
)

// pusher pushes to one target.
type pusher struct {
	target     *bundle.Target
	statements []string
	kind       *kind
	options    Options
	report     *TargetReport
	room       *room
	progress   func(step string, done, total int)

	client *p4rt.Client
	ledger *ledger
	done   int // updates that were done or refused
	total  int
}

// push does everything. Its error ends the work on the target; refused updates are in the report.
func (p *pusher) push(ctx context.Context) error {
	p.progress("connecting", 0, 0)
	client, err := p4rt.Dial(p.target.Address, p.target.DeviceID, p.options.Connect)
	if err != nil {
		return err
	}
	defer client.Close()
	p.client = client
	if err := p.greet(ctx); err != nil {
		return err
	}
	p.room.enter(len(p.target.Entities))
	defer p.room.leave(len(p.target.Entities))
	if err := p.connect(ctx); err != nil {
		return err
	}
	wanted := make(map[string]int, len(p.target.Entities))
	for i := range p.target.Entities {
		wanted[p.target.Entities[i].Key()] = i
	}
	if len(wanted) != len(p.target.Entities) {
		return errors.New("two entities of the bundle have one key")
	}
	p.progress("reading", 0, 0)
	before, err := p.look(ctx, wanted)
	if err != nil {
		return err
	}
	plan := p.plan(before)
	p.report.Unchanged, p.total = before.unchanged, plan.size()
	if !p.options.Adopt {
		p.foreign(before)
	}
	if p.options.DryRun {
		p.countPlan(plan)
		return nil
	}
	wrote, err := p.apply(ctx, plan, before)
	if err != nil || !wrote {
		return err
	}
	p.progress("checking", p.done, p.total)
	after, err := p.compare(ctx, wanted)
	if err != nil {
		return fmt.Errorf("reading back what was written: %w", err)
	}
	p.remaining(after)
	if after.unmarked > 0 && (p.options.Adopt || after.unmarked > before.unmarked) {
		p.report.Notes = append(p.report.Notes, "the target does not give metadata back, so entries of ours cannot be told from foreign ones: what a later bundle leaves out stays, unless --adopt")
	}
	return nil
}

// greeting is how long a target may take to answer at all.
const greeting = 15 * time.Second

// greet makes sure that the target is there, and speaks P4Runtime 1.
func (p *pusher) greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, greeting)
	defer cancel()
	version, err := p.client.Capabilities(ctx)
	if err != nil {
		return err
	}
	p.report.API = version
	if version != "" && !strings.HasPrefix(version, "1.") {
		return fmt.Errorf("the target speaks P4Runtime %s; this program speaks 1.x", version)
	}
	return nil
}

// connect makes sure that we are the target's primary, and that it runs our pipeline.
func (p *pusher) connect(ctx context.Context) error {
	if !p.options.DryRun {
		if _, err := p.client.BecomePrimary(ctx); err != nil {
			return err
		}
	}
	cookie, ok, err := p.client.Cookie(ctx)
	if err != nil {
		return err
	}
	p.report.PipelineLoaded = !ok || cookie != p.kind.cookie
	if p.report.PipelineLoaded && !p.options.DryRun {
		p.progress("loading", 0, 0)
		return p.client.SetPipeline(ctx, p.kind.pipeline, p.kind.cookie)
	}
	return nil
}

// look compares the target with what is wanted. Before a pipeline is loaded, in a dry run, the target is as good as
// empty.
func (p *pusher) look(ctx context.Context, wanted map[string]int) (*difference, error) {
	if p.options.DryRun && p.report.PipelineLoaded {
		d := &difference{}
		for i := range p.target.Entities {
			d.insert = append(d.insert, i)
		}
		return d, nil
	}
	var err error
	if p.ledger, err = readLedger(ctx, p.client, p.kind.keeper); err != nil {
		return nil, err
	}
	return p.compare(ctx, wanted)
}

func (p *pusher) foreign(d *difference) {
	p.report.Foreign = Listing{}
	for _, h := range d.foreign {
		p.report.Foreign.add(h.text)
	}
}

func (p *pusher) remaining(d *difference) {
	names := p.kind.names
	for _, i := range d.insert {
		p.report.Remaining.add("missing: " + names.Entity(&p.target.Entities[i]))
	}
	for _, i := range d.modify {
		p.report.Remaining.add("different: " + names.Entity(&p.target.Entities[i]))
	}
	for _, h := range d.stale {
		p.report.Remaining.add("still there: " + h.text)
	}
	p.foreign(d)
}

func (p *pusher) countPlan(plan *plan) {
	for _, stages := range [][]stage{plan.make, plan.remove} {
		for _, s := range stages {
			for i := range s.steps {
				p.count(s.steps[i].kind)
			}
		}
	}
}

func (p *pusher) count(kind p4v1.Update_Type) {
	switch kind {
	case p4v1.Update_INSERT:
		p.report.Inserted++
	case p4v1.Update_MODIFY:
		p.report.Modified++
	case p4v1.Update_DELETE:
		p.report.Deleted++
	}
}

// apply writes the plan, with the ledger before and after it. It says whether anything was written.
func (p *pusher) apply(ctx context.Context, plan *plan, before *difference) (bool, error) {
	ours := map[replicationID]bool{}
	for r := range p.ledger.ours {
		if before.present[r] {
			ours[r] = true
		}
	}
	ahead := maps.Clone(ours)
	for _, s := range plan.make {
		for i := range s.steps {
			if e := s.steps[i].entity; s.place == replication {
				ahead[replicationID{e.Kind, e.ID}] = true
			}
		}
	}
	if p.options.Adopt {
		for _, i := range before.adopt {
			if e := &p.target.Entities[i]; e.Kind != bundle.TableEntry {
				ahead[replicationID{e.Kind, e.ID}] = true
			}
		}
	}
	wrote := false
	listed := true
	for r := range ahead {
		listed = listed && p.ledger.ours[r]
	}
	if !listed {
		// Our own list may have more than is there; none of it may be lost before all is well.
		all := maps.Clone(p.ledger.ours)
		maps.Copy(all, ahead)
		saved, err := p.ledger.save(ctx, p.client, all)
		if err != nil {
			return true, err
		}
		wrote = saved
		if !saved {
			p.report.Notes = append(p.report.Notes, "no table here has a default action that may be changed, so nothing can remember which clone sessions (and, on some targets, multicast groups) are ours: what a later bundle leaves out of them stays, unless --adopt")
		}
	}
	if plan.size() > 0 {
		wrote = true
		if done, err := p.run(ctx, plan); err != nil || !done {
			return true, err
		}
	}
	for _, s := range plan.remove {
		for i := range s.steps {
			if e := s.steps[i].entity; s.place == replication {
				delete(ahead, replicationID{e.Kind, e.ID})
			}
		}
	}
	if !maps.Equal(ahead, p.ledger.ours) {
		saved, err := p.ledger.save(ctx, p.client, ahead)
		return wrote || saved, err
	}
	return wrote, nil
}

// run writes the stages one after another. It says false when a refused update ended that.
func (p *pusher) run(ctx context.Context, plan *plan) (bool, error) {
	cleared, removed := false, false
	for i := range plan.make {
		refused, err := p.write(ctx, &plan.make[i])
		if err != nil {
			return false, err
		}
		if len(refused) > 0 && !cleared && noRoom(refused) {
			cleared = true
			plan.clearTheWay(i)
			if len(plan.remove) > 0 {
				p.report.Notes = append(p.report.Notes, fmt.Sprintf("there was no room for old and new side by side in %s, so what was in the way went first", p.kind.names.Where(refused[0].step.entity)))
				if done, err := p.removeAll(ctx, plan); err != nil || !done {
					return false, err
				}
				removed = true
				retry := stage{place: plan.make[i].place}
				for _, r := range refused {
					retry.steps = append(retry.steps, *r.step)
				}
				p.done -= len(refused)
				if refused, err = p.write(ctx, &retry); err != nil {
					return false, err
				}
			}
		}
		if len(refused) > 0 {
			p.refused(refused)
			for _, s := range plan.make[i+1:] {
				p.report.NotAttempted += len(s.steps)
			}
			for _, s := range plan.remove {
				if !removed {
					p.report.NotAttempted += len(s.steps)
				}
			}
			return false, nil
		}
	}
	if removed {
		return true, nil
	}
	return p.removeAll(ctx, plan)
}

func (p *pusher) removeAll(ctx context.Context, plan *plan) (bool, error) {
	for i := range plan.remove {
		refused, err := p.write(ctx, &plan.remove[i])
		if err != nil {
			return false, err
		}
		if len(refused) > 0 {
			p.refused(refused)
			for _, s := range plan.remove[i+1:] {
				p.report.NotAttempted += len(s.steps)
			}
			return false, nil
		}
	}
	return true, nil
}

// refusal is a step that the target did not take.
type refusal struct {
	step *step
	err  *p4rt.UpdateError
}

// write does one stage, and returns what was refused.
func (p *pusher) write(ctx context.Context, s *stage) ([]refusal, error) {
	batching := p.options.Batching
	if s.ordered() {
		batching.InFlight = 1
	}
	failed, err := p.client.WriteAll(ctx, len(s.steps), func(i int) *p4v1.Update {
		if i%100 == 0 {
			p.progress("writing", p.done+i, p.total)
		}
		return s.steps[i].update()
	}, batching)
	if err != nil {
		return nil, err
	}
	p.done += len(s.steps)
	var refused []refusal
	for i, next := 0, 0; i < len(s.steps); i++ {
		if next == len(failed) || failed[next].Index != i {
			p.count(s.steps[i].kind)
			continue
		}
		e := failed[next]
		next++
		if s.steps[i].kind == p4v1.Update_DELETE && e.Code == codes.NotFound {
			continue // gone already, which is what was wanted
		}
		refused = append(refused, refusal{&s.steps[i], e})
	}
	return refused, nil
}

// noRoom says whether all refusals may be for want of room. bmv2 says UNKNOWN where the
// specification says RESOURCE_EXHAUSTED.
func noRoom(refused []refusal) bool {
	for _, r := range refused {
		if r.err.Code != codes.ResourceExhausted && r.err.Code != codes.Unknown {
			return false
		}
	}
	return true
}

func (p *pusher) refused(refused []refusal) {
	for _, r := range refused {
		e := EntityError{Update: r.step.kind.String(), Entity: r.step.text, Code: r.err.Code.String(), Message: r.err.Message}
		if e.Entity == "" {
			e.Entity = p.kind.names.Entity(r.step.entity)
		}
		for _, from := range r.step.entity.From {
			e.Statements = append(e.Statements, p.statements[from])
		}
		p.report.Errors = append(p.report.Errors, e)
	}
}
