package ovs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pillion/sidecarfallback/redirect"
)

// Driver is a [redirect.Driver] for one bridge of Open vSwitch.
type Driver struct{ config Config }

var _ redirect.Driver = (*Driver)(nil)

// New makes a driver. It talks to nobody yet.
func New(config Config) (*Driver, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("bridge %s: %w", config.Bridge, err)
	}
	if config.Run == nil {
		config.Run = Programs("")
	}
	config.Ports = maps.Clone(config.Ports)
	return &Driver{config}, nil
}

// Close implements [redirect.Driver]. There is nothing to let go of.
func (d *Driver) Close() error { return nil }

func (d *Driver) run(ctx context.Context, args ...string) ([]byte, error) {
	return d.config.Run(ctx, Command{Args: args})
}

// check refuses rules that no bridge of Open vSwitch could have.
func (d *Driver) check(r redirect.Rules) error {
	if err := errors.Join(r.Check(), supported(r, d.config)); err != nil {
		return fmt.Errorf("bridge %s: %w", d.config.Bridge, err)
	}
	return nil
}

// pieces says what realises each line of the plan.
func (p *plan) pieces(config Config) redirect.Pieces {
	out := redirect.Pieces{}
	for f, lines := range p.flows {
		for _, line := range lines {
			out.Add(line, f.String())
		}
	}
	for s, lines := range p.settings {
		for _, line := range lines {
			out.Add(line, s.String())
		}
	}
	if s := wantedSflow(p.sample, config); s != nil {
		out.Add(p.sample.String(), s.piece())
	}
	return out
}

// plan translates rules into the bridge's port numbers.
func (d *Driver) plan(b *bridge, r redirect.Rules) *plan {
	return newPlan(r, d.config, func(number uint32) string { return b.port(d.config, number) })
}

// installed says what realises each line of the rules that are there. A flow
// of ours that belongs to no rule counts as a line of its own.
func (d *Driver) installed(b *bridge) (redirect.Rules, redirect.Pieces) {
	rules := b.recover(d.config)
	p := d.plan(b, rules)
	out := redirect.Pieces{}
	claimed := map[string]bool{}
	for f, lines := range p.flows {
		if !b.flows[f.String()] {
			continue
		}
		claimed[f.String()] = true
		for _, line := range lines {
			out.Add(line, f.String())
		}
	}
	for line := range b.flows {
		if !claimed[line] {
			out.Add("flow: "+line, line)
		}
	}
	for s, lines := range p.settings {
		if b.settings[s] {
			for _, line := range lines {
				out.Add(line, s.String())
			}
		}
	}
	if rules.Sample.OneIn != 0 {
		out.Add(rules.Sample.String(), b.sflow.piece())
	}
	return rules, out
}

// others lists what is foreign.
func (b *bridge) others() []string {
	things := slices.Clone(b.foreign)
	if b.sflow != nil && !b.sflow.ours {
		things = append(things, "the bridge's "+b.sflow.piece())
	}
	return redirect.Foreign(things)
}

// Apply implements [redirect.Driver].
func (d *Driver) Apply(ctx context.Context, rules redirect.Rules) (redirect.Change, error) {
	if err := d.check(rules); err != nil {
		return redirect.Change{}, err
	}
	now, err := d.load(ctx)
	if err != nil {
		return redirect.Change{}, fmt.Errorf("bridge %s: %w", d.config.Bridge, err)
	}
	change := redirect.Change{Foreign: now.others()}
	missing := now.absent(d.config, rules)
	var absent *redirect.Absent
	if errors.As(missing, &absent) {
		rules = rules.Without(absent.Ports)
		now.spare()
	}
	if rules.Sample.OneIn != 0 && now.sflow != nil && !now.sflow.ours {
		return change, fmt.Errorf("bridge %s: %s: somebody else's sFlow agent is there: remove it first (ovs-vsctl clear Bridge %s sflow)", d.config.Bridge, rules.Sample, d.config.Bridge)
	}
	p := d.plan(now, rules)
	if err := d.install(ctx, now, p); err != nil {
		return change, fmt.Errorf("bridge %s: %w", d.config.Bridge, err)
	}
	_, pieces := d.installed(now)
	foreign := change.Foreign
	change = redirect.Compare(pieces, p.pieces(d.config))
	change.Foreign = foreign
	return change, missing
}

// Read implements [redirect.Driver].
func (d *Driver) Read(ctx context.Context) (redirect.State, error) {
	now, err := d.load(ctx)
	if err != nil {
		return redirect.State{}, fmt.Errorf("bridge %s: %w", d.config.Bridge, err)
	}
	rules, pieces := d.installed(now)
	state := redirect.State{Rules: rules, Foreign: now.others()}
	change := redirect.Compare(pieces, d.plan(now, rules).pieces(d.config))
	state.Broken = append(change.Repaired, change.Removed...) // rules, and flows of ours that make none
	return state, nil
}

// Remove implements [redirect.Driver].
func (d *Driver) Remove(ctx context.Context) (redirect.Change, error) {
	now, err := d.load(ctx)
	if err != nil {
		return redirect.Change{}, fmt.Errorf("bridge %s: %w", d.config.Bridge, err)
	}
	if err := d.install(ctx, now, newPlan(redirect.Rules{}, d.config, nil)); err != nil {
		return redirect.Change{Foreign: now.others()}, fmt.Errorf("bridge %s: %w", d.config.Bridge, err)
	}
	_, pieces := d.installed(now)
	change := redirect.Compare(pieces, nil)
	change.Foreign = now.others()
	return change, nil
}

// install goes from now to the plan. What is noted in the database as ours
// always covers what is ours, wherever this stops.
func (d *Driver) install(ctx context.Context, now *bridge, p *plan) error {
	set, unset, record := settingChanges(now, p)
	before := sortedSettings(union(now.recorded, record))
	if err := d.record(ctx, now, p, before, false); err != nil {
		return err
	}
	for _, s := range set {
		if err := d.modify(ctx, s.port, s.what); err != nil {
			return err
		}
	}
	changed, flushed, err := d.changeFlows(ctx, now, p)
	if err != nil {
		return err
	}
	if flushed || len(set) > 0 {
		if _, err := d.run(ctx, "ovs-appctl", "-t", "ovs-vswitchd", "fdb/flush", d.config.Bridge); err != nil {
			return err
		}
	}
	for _, s := range unset {
		if err := d.modify(ctx, s.port, strings.TrimPrefix(s.what, "no-")); err != nil {
			return err
		}
	}
	if err := d.settle(ctx, changed || len(set)+len(unset) > 0); err != nil {
		return err
	}
	after := *now
	after.name, after.recorded = p.switchName, before
	if p.switchName == "" {
		after.name = now.name
	}
	return d.record(ctx, &after, p, record, true)
}

// settle waits until frames go by the flows and settings that there are now: Open vSwitch goes on with decisions that it remembers, for half a second
// and longer.
func (d *Driver) settle(ctx context.Context, changed bool) error {
	if !changed {
		return nil
	}
	_, err := d.run(ctx, "ovs-appctl", "-t", "ovs-vswitchd", "revalidator/wait")
	return err
}

func union(a, b []setting) []setting {
	return slices.Compact(sortedSettings(slices.Concat(a, b)))
}

// settingChanges says which settings to make, which to take back, and which
// are ours in the end. One that was on already, and not by us, stays whatever
// happens.
func settingChanges(now *bridge, p *plan) (set, unset, record []setting) {
	for s := range p.settings {
		if !now.settings[s] {
			set = append(set, s)
		}
		if !now.settings[s] || slices.Contains(now.recorded, s) {
			record = append(record, s)
		}
	}
	for s := range now.settings {
		if _, wanted := p.settings[s]; !wanted && slices.Contains(now.recorded, s) {
			unset = append(unset, s)
		}
	}
	return sortedSettings(set), sortedSettings(unset), sortedSettings(record)
}

func (d *Driver) modify(ctx context.Context, port, action string) error {
	_, err := d.run(ctx, "ovs-ofctl", "-O", "OpenFlow10", "mod-port", d.config.Bridge, port, action)
	return err
}

// changeFlows adds, replaces and deletes flows in one bundle. It says whether
// there were any, and whether addresses may have been learned that now mislead.
func (d *Driver) changeFlows(ctx context.Context, now *bridge, p *plan) (changed, flush bool, err error) {
	var changes strings.Builder
	kept := map[string]bool{} // by key: adding replaces what is under the same one
	wanted := map[string]bool{}
	for _, f := range p.sortedFlows() {
		kept[f.key()], wanted[f.String()] = true, true
		if !now.flows[f.String()] {
			fmt.Fprintf(&changes, "add %s\n", f)
			flush = flush || f.kind == fromBox || f.kind == fromSidecar || f.kind == sourceOther
		}
	}
	for _, line := range slices.Sorted(maps.Keys(now.flows)) {
		key, _, _ := strings.Cut(line, " actions=")
		if !wanted[line] && !kept[key] {
			fmt.Fprintf(&changes, "delete_strict %s\n", masked(key))
		}
	}
	if changes.Len() == 0 {
		return false, false, nil
	}
	_, err = d.config.Run(ctx, Command{
		Args:  []string{"ovs-ofctl", "--bundle", "--no-names", "add-flows", d.config.Bridge, "-"},
		Input: changes.String(),
	})
	return true, flush, err
}

// masked makes a flow's key one that matches this very cookie only.
func masked(key string) string {
	cookie, rest, _ := strings.Cut(key, ",")
	return cookie + "/-1," + rest
}

// record writes to the database, in one transaction and only if something
// changes: the switch's name, which settings are ours, and the sFlow agent. The
// last call of an installation also takes out what is no longer wanted.
func (d *Driver) record(ctx context.Context, now *bridge, p *plan, settings []setting, last bool) error {
	var words []string
	for _, s := range settings {
		words = append(words, s.String())
	}
	commands := [][]string{}
	name := p.switchName
	if name == "" && !last {
		name = now.name
	}
	commands = append(commands, d.setID(nameKey, now.name, name)...)
	commands = append(commands, d.setID(settingsKey, join(now.recorded), strings.Join(words, " "))...)
	want := wantedSflow(p.sample, d.config)
	ours := now.sflow != nil && now.sflow.ours
	switch {
	case last && want == nil && ours:
		commands = append(commands, []string{"clear", "Bridge", d.config.Bridge, "sflow"})
	case last || want == nil:
	case ours && now.sflow.piece() != want.piece():
		commands = append(commands, append([]string{"set", "sFlow", now.sflow.uuid}, want.columns(name)...))
	case now.sflow == nil:
		commands = append(commands, append([]string{"--id=@agent", "create", "sFlow"}, want.columns(name)...))
		commands = append(commands, []string{"set", "Bridge", d.config.Bridge, "sflow=@agent"})
	}
	if len(commands) == 0 {
		return nil
	}
	args := []string{"ovs-vsctl", "--timeout=10"}
	for _, c := range commands {
		args = append(append(args, "--"), c...)
	}
	_, err := d.run(ctx, args...)
	return err
}

// setID changes one key of the bridge's external_ids.
func (d *Driver) setID(key, from, to string) [][]string {
	switch {
	case from == to:
		return nil
	case to == "":
		return [][]string{{"remove", "Bridge", d.config.Bridge, "external_ids", key}}
	}
	return [][]string{{"set", "Bridge", d.config.Bridge, "external_ids:" + key + "=" + quote(to)}}
}

func join(settings []setting) string {
	var words []string
	for _, s := range settings {
		words = append(words, s.String())
	}
	return strings.Join(words, " ")
}
