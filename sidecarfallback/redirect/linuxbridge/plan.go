package linuxbridge

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pillion/sidecarfallback/redirect"
)

// tablePrefix begins the name of every table of this package.
const tablePrefix = "pillion_redirect_"

// records is the chain that no frame meets: its rules do nothing, but their
// comments say what is ours.
const records = "records"

// priority of the chains: before conntrack's and other people's filters, so
// that those see only what the bridge is to have.
const priority = -300

// Mark is the packet mark of a frame on its way along a virtual wire or to the
// sidecar as a sample, within this machine only.
const Mark = 0x70696c6c

// Config says which bridge and which of its interfaces the ports are.
type Config struct {
	Bridge string
	// Ports names the interface of each port number of the network file. Each
	// must be on the bridge when rules name it. Frames are sampled on all of
	// them but those that a wire or the samples use, and quarantined ones.
	Ports map[uint32]string
}

// check says what is wrong with the configuration itself.
func (c Config) check() error {
	var errs []error
	if err := checkInterface(c.Bridge); err != nil {
		errs = append(errs, fmt.Errorf("the bridge: %w", err))
	}
	seen := map[string]uint32{}
	for _, number := range slices.Sorted(maps.Keys(c.Ports)) {
		name := c.Ports[number]
		if err := checkInterface(name); err != nil {
			errs = append(errs, fmt.Errorf("port %d: %w", number, err))
		}
		if other, ok := seen[name]; ok {
			errs = append(errs, fmt.Errorf("ports %d and %d are both interface %s: each needs its own", other, number, name))
		}
		seen[name] = number
	}
	return errors.Join(errs...)
}

// without leaves ports out.
func (c Config) without(ports []uint32) Config {
	c.Ports = maps.Clone(c.Ports)
	for _, p := range ports {
		delete(c.Ports, p)
	}
	return c
}

func checkInterface(name string) error {
	if name == "" || len(name) > 15 || strings.ContainsAny(name, "/ \t\r\n\x00\"") {
		return fmt.Errorf("%q is no interface's name: 1 to 15 bytes without blanks, quotes and slashes", name)
	}
	return nil
}

// direction of a chain: which hook calls it, and when.
type direction uint8

const (
	none  direction = iota // a chain that no hook calls
	early                  // the ingress hook, before the chains of ingress
	ingress
	egress
)

// String is the hook's name.
func (d direction) String() string { return [...]string{"none", "ingress", "ingress", "egress"}[d] }

// priority says when the hook calls the chain: the lower, the earlier.
func (d direction) priority() int32 {
	if d == early {
		return priority - 10
	}
	return priority
}

// chain is one chain of the table, before anything is looked up in the kernel.
type chain struct {
	name      string
	direction direction
	device    string
	rules     []rule
}

// rule is one rule of a chain. Its comment is the line of the rules' text form
// that it realises.
type rule struct {
	comment string
	steps   []step
}

// plan is what the rules come to on this bridge: deterministic, and
// independent of the machine's state.
type plan struct {
	table   string
	chains  []chain // sorted by name
	statics []static
	devices []string // every interface that must be on the bridge, sorted
}

// static is one entry of the bridge's MAC table.
type static struct {
	mac    redirect.MAC
	device string
	line   string
}

// newPlan translates the rules.
func newPlan(r redirect.Rules, config Config) (*plan, error) {
	if err := errors.Join(config.check(), r.Check()); err != nil {
		return nil, fmt.Errorf("bridge %s: %w", config.Bridge, err)
	}
	if err := supported(r, config); err != nil {
		return nil, fmt.Errorf("bridge %s: %w", config.Bridge, err)
	}
	r = r.Canonical()
	b := &builder{ports: config.Ports, chains: map[string]*chain{}}
	for _, number := range r.Quarantined {
		b.quarantine(number)
	}
	for _, w := range r.Wires {
		b.wire(w)
	}
	b.sample(r)
	b.guards(r.Guards)
	record := &chain{name: records, rules: []rule{recordOf(switchLine(r.Switch))}}
	b.chains[records] = record
	p := &plan{table: tablePrefix + config.Bridge}
	for _, s := range r.Statics {
		line := s.String()
		record.rules = append(record.rules, recordOf(line))
		p.statics = append(p.statics, static{s.Locator, config.Ports[s.Port], line})
	}
	for _, number := range r.Ports() {
		p.devices = append(p.devices, config.Ports[number])
	}
	for _, c := range b.chains {
		p.chains = append(p.chains, *c)
		if c.device != "" {
			p.devices = append(p.devices, c.device)
		}
	}
	slices.SortFunc(p.chains, func(a, b chain) int { return cmp.Compare(a.name, b.name) })
	slices.Sort(p.devices)
	p.devices = slices.Compact(p.devices)
	return p, nil
}

// recordOf is a rule of the chain records: it does nothing there, but the nft
// program reads no rule without a statement.
func recordOf(line string) rule { return rule{line, []step{accept{}}} }

// switchLine is the first line of the text form of the switch's rules.
func switchLine(name string) string {
	line, _, _ := strings.Cut(redirect.Rules{Switch: name}.Text(), "\n")
	return line
}

// supported refuses what a Linux bridge cannot do.
func supported(r redirect.Rules, config Config) error {
	var errs []error
	if len(switchLine(r.Switch)) > maxComment {
		errs = append(errs, fmt.Errorf("the switch's name %q is too long for a comment of nftables (%d bytes): choose a shorter one", r.Switch, maxComment))
	}
	for _, w := range r.Wires {
		if w.Tag != 0 {
			errs = append(errs, &redirect.Unsupported{
				What:   fmt.Sprintf("%q: nftables cannot write VLAN tags", w),
				Remedy: fmt.Sprintf("put an 802.1Q interface for VLAN %d of a link that is not itself on bridge %s there, and give it as the wire's port without a tag", w.Tag, config.Bridge),
			})
		}
	}
	if r.Sample.Collector.IsValid() {
		errs = append(errs, &redirect.Unsupported{
			What:   fmt.Sprintf("%q: a Linux bridge has no sFlow agent", r.Sample),
			Remedy: "sample to a port: a sidecar interface on the bridge that serves nothing else",
		})
	}
	unknown := slices.DeleteFunc(r.Ports(), func(number uint32) bool { return config.Ports[number] != "" })
	return errors.Join(append(errs, redirect.UnknownPorts(unknown, config.Ports))...)
}

// builder collects the chains. What it adds first is what a frame meets first.
type builder struct {
	ports  map[uint32]string
	chains map[string]*chain
}

// add appends a rule to the chain of a port and direction.
func (b *builder) add(port uint32, d direction, comment string, steps ...step) {
	device := b.ports[port]
	name := map[direction]string{early: "early_", ingress: "in_", egress: "out_"}[d] + device
	c := b.chains[name]
	if c == nil {
		c = &chain{name: name, direction: d, device: device}
		b.chains[name] = c
	}
	c.rules = append(c.rules, rule{comment, steps})
}

func (b *builder) quarantine(port uint32) {
	line := redirect.QuarantineLine(port)
	b.add(port, ingress, line, drop{})
	b.add(port, egress, line, drop{})
}

func (b *builder) wire(w redirect.Wire) {
	line := w.String()
	for _, way := range [][2]uint32{{w.Box, w.Sidecar}, {w.Sidecar, w.Box}} {
		from, to := way[0], way[1]
		b.add(from, ingress, line, setMark(Mark), forward{b.ports[to]})
		b.keepOut(to, line)
	}
}

// keepOut lets nothing out of a port but what carries the mark.
func (b *builder) keepOut(port uint32, line string) {
	b.add(port, egress, line, ifMark(Mark), setMark(0), accept{})
	b.add(port, egress, line, drop{})
}

func (b *builder) sample(r redirect.Rules) {
	if r.Sample.Port == 0 {
		return
	}
	line := r.Sample.String()
	apart := map[uint32]bool{r.Sample.Port: true}
	for _, w := range r.Wires {
		apart[w.Box], apart[w.Sidecar] = true, true
	}
	for _, number := range r.Quarantined {
		apart[number] = true
	}
	for _, number := range slices.Sorted(maps.Keys(b.ports)) {
		if !apart[number] {
			// The original loses the mark that only its copy needs.
			b.add(number, ingress, line, oneIn(r.Sample.OneIn), setMark(Mark), duplicate{b.ports[r.Sample.Port]}, setMark(0))
		}
	}
	b.keepOut(r.Sample.Port, line)
	b.add(r.Sample.Port, ingress, line, drop{}) // it is a way out only
}

// guards have a chain before the others, as what they accept has still to be
// sampled. Every guard ends with a drop of its own, of which the first decides:
// so each is whole by itself, and stays as it is when others of its port come
// and go.
func (b *builder) guards(guards []redirect.Guard) {
	for _, g := range guards {
		b.add(g.Port, early, g.String(), ifSource(g.MAC), accept{})
	}
	for _, g := range guards {
		b.add(g.Port, early, g.String(), drop{})
	}
}
