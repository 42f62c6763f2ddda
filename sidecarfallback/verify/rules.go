package verify

import (
	"fmt"

	"pillion/backends/bundle"
	"pillion/compiler/network"
	"pillion/p4"
	"pillion/runtime/packet"
	"pillion/runtime/program"
)

// rules is one bundle as one ordinary switch sees it.
type rules struct {
	statements []string
	shim       *program.Program
	ports      map[uint32]attachment // what the inventory has at the switch
	hosts      map[network.MAC]*host // with shims, in the layer-2 domain
	edges      map[network.MAC]bool  // locators of all targets
	engines    cache
}

// attachment is what a port of the ordinary switch leads to.
type attachment struct {
	kind attachmentKind
	host *host // of atShim
}

type attachmentKind uint8

const (
	atNothing  attachmentKind = iota
	atShim                    // an endpoint with a shim
	atOrdinary                // a link to an ordinary switch
	atTrusted                 // anything else
)

func newRules(b *bundle.Bundle, ordinarySwitch string) (*rules, error) {
	net, here, err := find(b, ordinarySwitch)
	if err != nil {
		return nil, err
	}
	shim, err := p4.Shim()
	if err != nil {
		return nil, err
	}
	r := &rules{statements: b.Statements, ports: map[uint32]attachment{}, hosts: map[network.MAC]*host{}, edges: map[network.MAC]bool{}}
	if r.shim, err = program.Load(shim); err != nil {
		return nil, err
	}
	r.engines = cache{limit: MaxEntities, build: r.shim.Engine}
	pillion, err := p4.Pillion()
	if err != nil {
		return nil, err
	}
	r.findEdges(b, newLocators(pillion), newLocators(shim))
	r.attach(net, here)
	return r, r.findHosts(b, net, here, bundle.P4InfoHash(shim.Info))
}

// find reads the network of a bundle, and finds an ordinary switch in it.
func find(b *bundle.Bundle, ordinarySwitch string) (net *network.Network, here int32, err error) {
	net, problems := network.Parse("network.json", b.Network)
	if problems.HasErrors() {
		return nil, 0, fmt.Errorf("the network.json of the bundle has errors, the first is: %s", problems.Sorted()[0].Message)
	}
	for i := range net.Switches {
		if s := &net.Switches[i]; s.Name == ordinarySwitch && s.Target == network.Legacy {
			return net, int32(i), nil
		}
	}
	return nil, 0, fmt.Errorf("the bundle has no ordinary switch %q; name one with target: legacy", ordinarySwitch)
}

// findEdges reads the locators out of the entities that give ports their roles.
func (r *rules) findEdges(b *bundle.Bundle, switches, shims locators) {
	for i := range b.Targets {
		t := &b.Targets[i]
		in := &switches
		if t.Kind == shimKind {
			in = &shims
		}
		for k := range t.Entities {
			if mac, ok := in.of(&t.Entities[k]); ok {
				r.edges[mac] = true
			}
		}
	}
}

// shimKind is the kind of targets that run p4.Shim.
const shimKind = "shim"

// locators says where a program's table of ports has the edge's locator: the parameter's id, by the action's.
type locators struct {
	table  uint32
	params map[uint32]uint32
}

func newLocators(p *p4.Program) locators {
	out := locators{params: map[uint32]uint32{}}
	for _, t := range p.Info.GetTables() {
		if t.GetPreamble().GetAlias() == "ports" {
			out.table = t.GetPreamble().GetId()
		}
	}
	for _, a := range p.Info.GetActions() {
		for _, param := range a.GetParams() {
			if param.GetName() == "locator" {
				out.params[a.GetPreamble().GetId()] = param.GetId()
			}
		}
	}
	return out
}

// says is whether an entity has a locator.
func (l *locators) says(e *bundle.Entity) bool { return e.Kind == bundle.TableEntry && e.ID == l.table }

func (l *locators) of(e *bundle.Entity) (network.MAC, bool) {
	var mac network.MAC
	if !l.says(e) {
		return mac, false
	}
	for _, p := range e.Params {
		if p.ID == l.params[e.Action] && len(p.Value) <= len(mac) {
			copy(mac[len(mac)-len(p.Value):], p.Value)
			return mac, true
		}
	}
	return mac, false
}

// attach says what the ports of the switch lead to.
func (r *rules) attach(net *network.Network, here int32) {
	trust := func(p network.Port) {
		if p.Switch == here && p.Number != 0 {
			r.ports[p.Number] = attachment{kind: atTrusted}
		}
	}
	for i := range net.Endpoints {
		trust(net.Endpoints[i].At)
	}
	for i := range net.Middleboxes {
		trust(net.Middleboxes[i].At)
		trust(net.Middleboxes[i].Out)
	}
	for i := range net.Sidecars {
		c := &net.Sidecars[i]
		trust(c.At)
		trust(network.Port{Switch: c.At.Switch, Number: c.Sample.Via})
		for _, w := range c.Wires {
			trust(network.Port{Switch: c.At.Switch, Number: w.Via})
		}
	}
	for i := range net.Links {
		for k, end := range net.Links[i].Ends {
			trust(end)
			if other := net.Links[i].Ends[1-k]; end.Switch == here && net.Switches[other.Switch].Target == network.Legacy {
				r.ports[end.Number] = attachment{kind: atOrdinary}
			}
		}
	}
}

// findHosts finds the endpoints with shims in the layer-2 domain of the switch, and their entities.
func (r *rules) findHosts(b *bundle.Bundle, net *network.Network, here int32, p4info string) error {
	targets := map[string]int{}
	for i := range b.Targets {
		if b.Targets[i].Kind == shimKind {
			targets[b.Targets[i].Name] = i
		}
	}
	domain := domainOf(net, here)
	for i := range net.Endpoints {
		e := &net.Endpoints[i]
		if e.Shim == "" || !domain[e.At.Switch] {
			continue
		}
		t, ok := targets[e.Name]
		if !ok {
			return fmt.Errorf("the bundle has no target %s, which its network.json has as a shim; compile again", e.Name)
		}
		if err := r.fits(&b.Targets[t], p4info); err != nil {
			return err
		}
		h := &host{rules: r, name: e.Name, target: b.Targets[t]}
		h.compare = h.compareOutput
		r.hosts[e.MAC] = h
		if e.At.Switch == here {
			h.port = e.At.Number
			r.ports[e.At.Number] = attachment{atShim, h}
		}
	}
	return nil
}

// fits says what keeps the program from running a target's entities.
func (r *rules) fits(t *bundle.Target, p4info string) error {
	if t.P4InfoHash != p4info {
		return fmt.Errorf("target %s is for another shim.p4 than this program's; compile again", t.Name)
	}
	for i := range t.Entities {
		if e := &t.Entities[i]; e.Kind == bundle.TableEntry {
			if _, _, err := r.shim.Key(e); err != nil {
				return fmt.Errorf("target %s: %w; compile again", t.Name, err)
			}
		}
	}
	return nil
}

// domainOf lists the ordinary switches that are joined with one by links between ordinary switches.
func domainOf(net *network.Network, here int32) map[int32]bool {
	neighbours := map[int32][]int32{}
	for i := range net.Links {
		a, b := net.Links[i].Ends[0].Switch, net.Links[i].Ends[1].Switch
		if net.Switches[a].Target == network.Legacy && net.Switches[b].Target == network.Legacy {
			neighbours[a], neighbours[b] = append(neighbours[a], b), append(neighbours[b], a)
		}
	}
	domain := map[int32]bool{here: true}
	for queue := []int32{here}; len(queue) > 0; queue = queue[1:] {
		for _, n := range neighbours[queue[0]] {
			if !domain[n] {
				domain[n] = true
				queue = append(queue, n)
			}
		}
	}
	return domain
}

// ethernetSize is that of an Ethernet header, in bytes.
const ethernetSize = 14

// check judges a frame by who sent it.
func (r *rules) check(f *Frame) *Violation {
	at := r.ports[f.Port]
	if at.kind == atTrusted {
		return nil
	}
	if len(f.Data) < ethernetSize {
		if at.kind != atShim || f.cut() {
			return nil
		}
		return at.host.violation(f, malformed)
	}
	source := network.MAC(f.Data[6:12])
	host := r.hosts[source]
	encapsulated := packet.IsEncapsulated(f.Data)
	switch {
	case at.kind == atShim && host != at.host:
		return at.host.violation(f, sourceNotAllowed)
	case f.Port != 0 && at.kind == atNothing:
		if host == nil && !encapsulated {
			return nil // a host that the inventory does not have may be none of our business
		}
		return &Violation{Port: f.Port, Reason: unknownPort, Statement: DefaultDeny, Packet: describe(f)}
	case host != nil:
		return host.check(f, at.kind != atShim)
	case encapsulated && !r.edges[source]:
		return &Violation{Reason: unknownEdge, Statement: DefaultDeny, Packet: describe(f)}
	}
	return nil
}
