//go:build linux

package linuxbridge

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	nl "github.com/mdlayher/netlink"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"pillion/sidecarfallback/redirect"
)

// Driver is a [redirect.Driver] for one Linux bridge.
type Driver struct {
	config Config
	tables *tables
	links  *netlink.Handle
}

var _ redirect.Driver = (*Driver)(nil)

// Open connects to the kernel, in the calling thread's network namespace; the
// driver stays with that namespace wherever it is called later.
func Open(config Config) (*Driver, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("bridge %s: %w", config.Bridge, err)
	}
	config.Ports = maps.Clone(config.Ports)
	conn, err := nl.Dial(unix.NETLINK_NETFILTER, nil)
	if err != nil {
		return nil, fmt.Errorf("bridge %s: netlink for nftables: %w", config.Bridge, err)
	}
	links, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("bridge %s: netlink: %w", config.Bridge, err)
	}
	return &Driver{config, &tables{conn}, links}, nil
}

// Close implements [redirect.Driver].
func (d *Driver) Close() error {
	d.links.Close()
	return d.tables.conn.Close()
}

// installed is what the kernel has now.
type installed struct {
	bridge  *bridge
	rules   redirect.Rules // as the comments say
	pieces  redirect.Pieces
	entries map[redirect.MAC]entry // every static entry of the bridge
	ours    map[redirect.MAC]bool  // those that the records name
	table   bool                   // whether our table is there
	foreign []string
}

// load reads the state of the kernel.
func (d *Driver) load() (*installed, error) {
	b, err := findBridge(d.links, d.config.Bridge)
	if err != nil {
		return nil, err
	}
	s := &installed{bridge: b, pieces: redirect.Pieces{}, ours: map[redirect.MAC]bool{}}
	if s.entries, err = b.entries(d.links); err != nil {
		return nil, err
	}
	table := tablePrefix + d.config.Bridge
	chains, err := d.tables.chains(table)
	if err != nil {
		return nil, fmt.Errorf("bridge %s: %w", d.config.Bridge, err)
	}
	ports := slices.Collect(maps.Values(d.config.Ports))
	for _, c := range chains {
		switch {
		case c.table == table:
			s.table = true
			notePieces(s.pieces, c)
		case slices.Contains(ports, c.device):
			s.foreign = append(s.foreign, fmt.Sprintf("nftables: table netdev %s, chain %s on %s", c.table, c.name, c.device))
		}
	}
	s.recover()
	s.noteEntries()
	return s, nil
}

// notePieces adds one piece for each comment in the chain: all of its rules,
// in their order.
func notePieces(pieces redirect.Pieces, c installedChain) {
	texts := map[string][]string{}
	for _, r := range c.rules {
		texts[r.comment] = append(texts[r.comment], r.expressions)
	}
	for comment, list := range texts {
		pieces.Add(comment, fmt.Sprintf("%s (%s): %s", c.name, c.hook, strings.Join(list, " / ")))
	}
}

// recover reads the comments as rules. A comment that is no rule, which
// somebody else must have put there, counts as one that the next Apply removes.
func (s *installed) recover() {
	for _, line := range slices.Sorted(maps.Keys(s.pieces)) {
		named := line
		if !isSwitch(line) {
			named = "switch unknown\n" + line
		}
		one, err := redirect.Parse(strings.NewReader(named + "\n"))
		if err != nil {
			continue
		}
		if isSwitch(line) {
			s.rules.Switch = one.Switch
		}
		s.rules.Wires = append(s.rules.Wires, one.Wires...)
		s.rules.Statics = append(s.rules.Statics, one.Statics...)
		s.rules.Guards = append(s.rules.Guards, one.Guards...)
		s.rules.Quarantined = append(s.rules.Quarantined, one.Quarantined...)
		if one.Sample.OneIn != 0 {
			s.rules.Sample = one.Sample
		}
	}
	s.rules = s.rules.Canonical()
}

func isSwitch(line string) bool { return strings.HasPrefix(line, "switch ") }

// noteEntries sorts the static entries into ours and foreign ones.
func (s *installed) noteEntries() {
	for _, want := range s.rules.Statics {
		s.ours[want.Locator] = true
		if e, ok := s.entries[want.Locator]; ok {
			s.pieces.Add(want.String(), e.piece())
		}
	}
	for mac, e := range s.entries {
		if !s.ours[mac] {
			s.foreign = append(s.foreign, fmt.Sprintf("static entry %s at %s", mac, e.device))
		}
	}
}

func (e entry) piece() string { return fmt.Sprintf("entry at %s sticky %t", e.device, e.sticky) }

// pieces says what of the kernel's state realises each line of the plan.
func (p *plan) pieces(index func(string) uint32) (redirect.Pieces, error) {
	out := redirect.Pieces{}
	for _, c := range p.chains {
		as := installedChain{name: c.name, hook: hookOf(c.direction, c.device)}
		for _, r := range c.rules {
			expressions, err := describeRule(r, index)
			if err != nil {
				return nil, err
			}
			as.rules = append(as.rules, installedRule{r.comment, expressions})
		}
		notePieces(out, as)
	}
	for _, s := range p.statics {
		out.Add(s.line, entry{s.device, true}.piece())
	}
	return out, nil
}

// describeRule gives a rule the form that it has when it is read back.
func describeRule(r rule, index func(string) uint32) (string, error) {
	encoded, err := encode(r, index)
	if err != nil {
		return "", err
	}
	return describeAll(encoded)
}

// Render implements [redirect.Driver].
func (d *Driver) Render(r redirect.Rules) (string, error) { return Render(r, d.config) }

// Apply implements [redirect.Driver].
func (d *Driver) Apply(ctx context.Context, rules redirect.Rules) (redirect.Change, error) {
	p, err := newPlan(rules, d.config)
	if err != nil {
		return redirect.Change{}, err
	}
	now, err := d.load()
	if err != nil {
		return redirect.Change{}, err
	}
	missing := now.bridge.absent(d.config, p)
	var absent *redirect.Absent
	if errors.As(missing, &absent) {
		if p, err = newPlan(rules.Without(absent.Ports), d.config.without(absent.Ports)); err != nil {
			return redirect.Change{}, err
		}
	}
	if err := errors.Join(ctx.Err(), now.conflicts(p), now.bridge.apart(d.config, rules)); err != nil {
		return redirect.Change{}, err
	}
	pieces, err := p.pieces(now.bridge.number)
	if err != nil {
		return redirect.Change{}, err
	}
	change := redirect.Compare(now.pieces, pieces)
	change.Foreign = redirect.Foreign(now.foreign)
	if change.Nothing() {
		return change, missing
	}
	if err := d.install(now, p); err != nil {
		return redirect.Change{Foreign: change.Foreign}, errors.Join(err, missing)
	}
	return withoutSwitch(change), missing
}

// number is an interface's, 0 if it is not on the bridge.
func (b *bridge) number(device string) uint32 { return b.ports[device] }

// conflicts refuses to take over somebody else's static entry.
func (s *installed) conflicts(p *plan) error {
	var errs []error
	for _, want := range p.statics {
		if e, ok := s.entries[want.mac]; ok && !s.ours[want.mac] {
			errs = append(errs, fmt.Errorf("bridge %s: %s: somebody else made a static entry of %s at %s: remove that first", s.bridge.name, want.line, want.mac, e.device))
		}
	}
	return errors.Join(errs...)
}

// install goes from now to the plan: first the table, whose records then name
// the static entries of before and after, then the entries, then the records
// of those that are gone.
func (d *Driver) install(now *installed, p *plan) error {
	wanted := map[redirect.MAC]bool{}
	for _, s := range p.statics {
		wanted[s.mac] = true
	}
	var stale []redirect.Static
	for _, s := range now.rules.Statics {
		if _, there := now.entries[s.Locator]; there && !wanted[s.Locator] {
			stale = append(stale, s)
		}
	}
	if err := d.replace(now.bridge, p, stale); err != nil {
		return err
	}
	for _, s := range p.statics {
		if now.entries[s.mac] == (entry{s.device, true}) {
			continue
		}
		if err := now.bridge.put(d.links, s); err != nil {
			return err
		}
	}
	if err := d.sticky(now.bridge, p.statics); err != nil || len(stale) == 0 {
		return err
	}
	for _, s := range stale {
		if err := now.bridge.remove(d.links, s.Locator, now.entries[s.Locator].device); err != nil {
			return err
		}
	}
	return d.replace(now.bridge, p, nil)
}

// replace puts the plan's table into the kernel, with more records.
func (d *Driver) replace(b *bridge, p *plan, more []redirect.Static) error {
	chains := slices.Clone(p.chains)
	for i, c := range chains {
		if c.name == records {
			chains[i].rules = slices.Clone(c.rules)
			for _, s := range more {
				chains[i].rules = append(chains[i].rules, recordOf(s.String()))
			}
		}
	}
	requests, err := replaceTable(p.table, chains, b.number)
	if err != nil {
		return err
	}
	if err := d.tables.transaction(requests); err != nil {
		if missing := d.tables.missing(); missing != nil {
			return fmt.Errorf("bridge %s: %w", b.name, missing)
		}
		return fmt.Errorf("bridge %s: nftables refused table %s: %w", b.name, p.table, err)
	}
	return nil
}

// sticky checks that the kernel knows sticky entries: an older one takes the
// flag and forgets it.
func (d *Driver) sticky(b *bridge, statics []static) error {
	if len(statics) == 0 {
		return nil
	}
	entries, err := b.entries(d.links)
	if err != nil {
		return err
	}
	for _, s := range statics {
		if e, ok := entries[s.mac]; !ok || !e.sticky {
			return fmt.Errorf("bridge %s: %s: %w", b.name, s.line, &redirect.Unsupported{
				What: "static entries of a bridge that stay where they are (sticky)", Since: "Linux 4.20", Remedy: "use a newer kernel",
			})
		}
	}
	return nil
}

// Read implements [redirect.Driver].
func (d *Driver) Read(ctx context.Context) (redirect.State, error) {
	if err := ctx.Err(); err != nil {
		return redirect.State{}, err
	}
	now, err := d.load()
	if err != nil {
		return redirect.State{}, err
	}
	state := redirect.State{Rules: now.rules, Foreign: redirect.Foreign(now.foreign)}
	if now.rules.Switch == "" {
		return state, nil
	}
	p, err := newPlan(now.rules, d.config)
	if err != nil { // the ports are others now: nothing can be vouched for
		state.Broken = now.rules.Lines()
		return state, nil
	}
	want, err := p.pieces(now.bridge.number)
	if err != nil {
		return redirect.State{}, err
	}
	for _, line := range now.rules.Lines() {
		if !now.pieces.Equal(want, line) {
			state.Broken = append(state.Broken, line)
		}
	}
	return state, nil
}

// Remove implements [redirect.Driver].
func (d *Driver) Remove(ctx context.Context) (redirect.Change, error) {
	now, err := d.load()
	if err := errors.Join(err, ctx.Err()); err != nil {
		return redirect.Change{}, err
	}
	change := redirect.Compare(now.pieces, nil)
	change.Foreign = redirect.Foreign(now.foreign)
	if !now.table {
		return change, nil
	}
	for _, s := range now.rules.Statics {
		if e, ok := now.entries[s.Locator]; ok {
			if err := now.bridge.remove(d.links, s.Locator, e.device); err != nil {
				return redirect.Change{Foreign: change.Foreign}, err
			}
		}
	}
	if err := d.tables.transaction(deleteTable(tablePrefix + d.config.Bridge)); err != nil {
		return redirect.Change{Foreign: change.Foreign}, fmt.Errorf("bridge %s: nftables: removing the table: %w", d.config.Bridge, err)
	}
	return withoutSwitch(change), nil
}

// withoutSwitch drops the line that names the switch: it is no rule.
func withoutSwitch(c redirect.Change) redirect.Change {
	for _, lines := range []*[]string{&c.Added, &c.Removed, &c.Repaired} {
		if *lines = slices.DeleteFunc(*lines, isSwitch); len(*lines) == 0 {
			*lines = nil
		}
	}
	return c
}
