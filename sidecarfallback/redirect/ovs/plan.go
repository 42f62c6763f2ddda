package ovs

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pillion/sidecarfallback/redirect"
)

// Config says which bridge and which of its interfaces the ports are.
type Config struct {
	Bridge string
	// Ports names the interface of each port number of the network file. Nil:
	// the numbers are the bridge's own OpenFlow port numbers.
	Ports map[uint32]string
	// Agent is the interface whose address sFlow datagrams name as their
	// sender. Empty leaves it to Open vSwitch.
	Agent string
	// Run runs the programs. Nil is Programs("").
	Run Runner
}

// maxPort is OpenFlow 1.0's largest port number, which Open vSwitch keeps to.
const maxPort = 0xfeff

func (c Config) check() error {
	var errs []error
	if !plainName(c.Bridge) {
		errs = append(errs, fmt.Errorf("%q is no bridge's name: 1 to 15 letters, digits, dots, dashes and underscores", c.Bridge))
	}
	if c.Agent != "" && !plainName(c.Agent) {
		errs = append(errs, fmt.Errorf("sFlow's agent: %q is no interface's name: 1 to 15 letters, digits, dots, dashes and underscores", c.Agent))
	}
	seen := map[string]uint32{}
	for _, port := range slices.Sorted(maps.Keys(c.Ports)) {
		name := c.Ports[port]
		if !plainName(name) {
			errs = append(errs, fmt.Errorf("port %d: %q is no interface's name: 1 to 15 letters, digits, dots, dashes and underscores", port, name))
		}
		if other, ok := seen[name]; ok {
			errs = append(errs, fmt.Errorf("ports %d and %d are both interface %s: each needs its own", other, port, name))
		}
		seen[name] = port
	}
	return errors.Join(errs...)
}

// plainName keeps names to what no program takes for an option or a connection.
func plainName(name string) bool {
	ok := name != "" && len(name) <= 15 && name[0] != '-' && name[0] != '.'
	for _, r := range name {
		letter := r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9'
		ok = ok && (letter || r == '.' || r == '-' || r == '_')
	}
	return ok
}

// kind says what a flow is for; it is the low half of its cookie.
type kind uint32

const (
	fromBox kind = iota + 1
	fromSidecar
	tagGuard
	toLocator
	cutOff
	sourceKnown
	sourceOther
)

// cookie marks our flows: this in the high half.
const cookie uint64 = 0x70696c6c << 32

// priorities leave room between each other, and below for everybody else.
var priorities = map[kind]int{
	cutOff: 65000, fromBox: 64000, fromSidecar: 64000, tagGuard: 63000, sourceKnown: 62501, sourceOther: 62500, toLocator: 62000,
}

// flow is one flow, in the form that ovs-ofctl prints for OpenFlow 1.4.
type flow struct {
	kind           kind
	match, actions string
}

// String is what both adding and dumping the flow say.
func (f flow) String() string {
	return fmt.Sprintf("%s actions=%s", f.key(), f.actions)
}

// key is what tells the flow from others: two flows with one key replace each
// other.
func (f flow) key() string {
	return fmt.Sprintf("cookie=0x%x, priority=%d,%s", cookie|uint64(f.kind), priorities[f.kind], f.match)
}

// setting is one setting of a port, by the name that ovs-ofctl mod-port takes.
type setting struct {
	port string // number or name
	what string // noFlood or noForward
}

const (
	noFlood   = "no-flood"
	noForward = "no-forward"
)

func (s setting) String() string { return s.port + "=" + s.what }

// plan is what the rules come to on this bridge.
type plan struct {
	switchName string
	flows      map[flow][]string    // and the lines that need each
	settings   map[setting][]string // likewise
	sample     redirect.Sample
}

// newPlan translates the rules; port gives a port number's form in flows.
func newPlan(r redirect.Rules, config Config, port func(uint32) string) *plan {
	p := &plan{switchName: r.Switch, flows: map[flow][]string{}, settings: map[setting][]string{}, sample: r.Sample}
	for _, w := range r.Canonical().Wires {
		p.wire(w, port)
	}
	for _, s := range r.Statics {
		line := s.String()
		p.flow(line, flow{toLocator, "dl_dst=" + s.Locator.String(), "output:" + port(s.Port)})
	}
	for _, g := range r.Guards {
		p.guard(g, port)
	}
	for _, number := range r.Quarantined {
		line := redirect.QuarantineLine(number)
		p.flow(line, flow{cutOff, "in_port=" + port(number), "drop"})
		p.set(line, port(number), noForward)
	}
	return p
}

func (p *plan) flow(line string, f flow) { p.flows[f] = append(p.flows[f], line) }

func (p *plan) set(line, port, what string) {
	s := setting{port, what}
	p.settings[s] = append(p.settings[s], line)
}

func (p *plan) wire(w redirect.Wire, port func(uint32) string) {
	line, box, side := w.String(), port(w.Box), port(w.Sidecar)
	p.set(line, box, noFlood)
	if w.Tag == 0 {
		p.flow(line, flow{fromBox, "in_port=" + box, "output:" + side})
		p.flow(line, flow{fromSidecar, "in_port=" + side, "output:" + box})
		p.set(line, side, noFlood)
		return
	}
	// OpenFlow's VLAN field counts the "tag is there" bit, 0x1000, in.
	push := fmt.Sprintf("push_vlan:0x8100,set_field:%d->vlan_vid,output:%s", 0x1000|uint32(w.Tag), side)
	p.flow(line, flow{fromBox, "in_port=" + box, push})
	tag := fmt.Sprintf("dl_vlan=%d", w.Tag)
	p.flow(line, flow{fromSidecar, "in_port=" + side + "," + tag, "pop_vlan,output:" + box})
	p.flow(line, flow{tagGuard, tag, "drop"})
}

// unseen matches what no guard has let through yet. A flow cannot hand a frame
// to the flows below it, so a guard that lets one through notes this in a bit of
// a register, which lives as long as the frame is looked up, and has it looked
// up again; the guards then pass it by.
const (
	unseen = "reg15=0/0x1"
	look   = "load:0x1->NXM_NX_REG15[0],resubmit(,0)"
)

func (p *plan) guard(g redirect.Guard, port func(uint32) string) {
	line, from := g.String(), unseen+",in_port="+port(g.Port)
	p.flow(line, flow{sourceKnown, from + ",dl_src=" + g.MAC.String(), look})
	p.flow(line, flow{sourceOther, from, "drop"})
}

// sortedFlows lists the flows by falling priority, then text.
func (p *plan) sortedFlows() []flow {
	return slices.SortedFunc(maps.Keys(p.flows), compareFlows)
}

func compareFlows(a, b flow) int {
	return cmp.Or(cmp.Compare(priorities[b.kind], priorities[a.kind]), cmp.Compare(a.kind, b.kind),
		cmp.Compare(len(a.match), len(b.match)), strings.Compare(a.match, b.match), strings.Compare(a.actions, b.actions))
}

func sortedSettings(settings []setting) []setting {
	slices.SortFunc(settings, func(a, b setting) int {
		return cmp.Or(cmp.Compare(len(a.port), len(b.port)), cmp.Compare(a.port, b.port), cmp.Compare(a.what, b.what))
	})
	return settings
}

// supported refuses what Open vSwitch cannot do.
func supported(r redirect.Rules, config Config) error {
	var errs []error
	if r.Sample.Port != 0 {
		errs = append(errs, &redirect.Unsupported{
			What:   fmt.Sprintf("%q: Open vSwitch has no action that copies one frame in N to a port", r.Sample),
			Remedy: "sample to sflow ADDRESS:PORT, where the sidecar listens",
		})
	}
	var unknown []uint32
	for _, number := range r.Ports() {
		switch {
		case config.Ports == nil && number > maxPort:
			errs = append(errs, fmt.Errorf("port %d: Open vSwitch numbers its ports from 1 to %d: say which interface this is", number, maxPort))
		case config.Ports != nil && config.Ports[number] == "":
			unknown = append(unknown, number)
		}
	}
	return errors.Join(append(errs, redirect.UnknownPorts(unknown, config.Ports))...)
}
