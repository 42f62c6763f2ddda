package compiler

import (
	"fmt"
	"slices"
	"strings"

	"pillion/compiler/network"
	"pillion/compiler/plan"
	"pillion/lang/diag"
)

// wired is a port of an ordinary switch that is joined to the sidecar by a virtual wire: what is attached there has
// no shim, so the sidecar is its edge.
type wired struct {
	port network.Port
	what string // "endpoint b1"
	stmt stmt
	span diag.Span
}

// wiredPorts lists the wired ports of all ordinary switches.
func (m *model) wiredPorts() []wired {
	var out []wired
	add := func(p network.Port, what string, s stmt, span diag.Span) {
		if m.nodes[p.Switch].kind == nodeLegacy {
			out = append(out, wired{p, what, s, span})
		}
	}
	for i := range m.endpoints {
		if e := &m.endpoints[i]; e.Shim == "" {
			add(e.At, "endpoint "+e.Name, e.stmt, e.Span)
		}
	}
	for i := range m.net.Middleboxes {
		b := &m.net.Middleboxes[i]
		s := m.statements.of("instance", b.Name)
		add(b.At, "middlebox "+b.Name, s, b.Span)
		if b.Out.Number != 0 {
			add(b.Out, "middlebox "+b.Name, s, b.Span)
		}
	}
	return out
}

// sidecarOf is the sidecar of an ordinary switch, or nil.
func (m *model) sidecarOf(sw int32) *network.Sidecar {
	if n := m.nodes[sw].sidecar; n >= 0 {
		return &m.net.Sidecars[int(n)-len(m.net.Switches)] // the nodes of sidecars come after those of switches
	}
	return nil
}

// The drivers of ordinary switches, as the network file names them.
const (
	driverOVS    = "ovs"
	driverBridge = "linux-bridge"
)

// checkRedirects reports what the driver of an ordinary switch cannot do.
func (m *model) checkRedirects() {
	for _, w := range m.wiredPorts() {
		sw, c := &m.net.Switches[w.port.Switch], m.sidecarOf(w.port.Switch)
		if c == nil || sw.Driver != driverBridge || wireOf(c, w.port.Number) != 0 {
			continue
		}
		m.addError(w.span, "C056", fmt.Sprintf("%s at %s needs a wire of its own to %s: a Linux bridge cannot tag frames for the sidecar's trunk", w.what, m.portName(w.port), c.Name),
			fmt.Sprintf("give the sidecar another interface on the bridge, at port P say, and write wires: [[%d, P]] at %s", w.port.Number, c.Name))
	}
	for i := range m.net.Sidecars {
		c := &m.net.Sidecars[i]
		sw := &m.net.Switches[c.At.Switch]
		switch {
		case c.Sample.OneIn == 0:
		case sw.Driver == driverOVS && c.Sample.Via != 0:
			m.addError(c.Span, "C057", fmt.Sprintf("%s, an Open vSwitch, cannot sample frames to a port", sw.Name), "write sflow: and the address of the collector in place of via:")
		case sw.Driver == driverBridge && c.Sample.Via == 0:
			m.addError(c.Span, "C057", fmt.Sprintf("%s, a Linux bridge, cannot sample by sFlow", sw.Name), "write via: and a port where an interface of the sidecar is in place of sflow:")
		}
	}
}

// wireOf is the port for the wire of a port, or 0.
func wireOf(c *network.Sidecar, port uint32) uint32 {
	for _, w := range c.Wires {
		if w.Port == port {
			return w.Via
		}
	}
	return 0
}

// redirect says how an ordinary switch must forward and sample.
func (l *layout) redirect(at int32, o *origins) plan.Redirect {
	n, sw := &l.nodes[at], &l.net.Switches[at]
	r := plan.Redirect{Origin: o.row(n.stmt), Switch: n.name, Driver: sw.Driver, Sidecar: sw.Sidecar}
	routes := l.routes(at, o)
	r.Statics = make([]plan.Static, len(routes))
	for i := range routes {
		r.Statics[i] = plan.Static{Origin: routes[i].Origin, Locator: routes[i].Locator, Port: routes[i].Port}
	}
	if c := l.sidecarOf(at); c != nil && c.Sample.OneIn != 0 {
		r.Samples = []plan.Sample{{Origin: o.row(l.nodes[n.sidecar].stmt), OneIn: c.Sample.OneIn, Port: c.Sample.Via, Collector: c.Sample.Collector}}
	}
	return r
}

// redirects says what each ordinary switch must do.
//
// Every locator that frames are sent to by way of the switch has a static entry, although all trees are one here, so that no
// address would come in by two ports: a frame to an
// edge that has been silent would be flooded otherwise, and where P4 switches close a loop of ordinary
// switches, one of them would take a flooded frame for its own to forward. So it would arrive twice.
func (l *layout) redirects() []plan.Redirect {
	var ordinary []int32
	place := map[int32]int{}
	for i := range l.net.Switches {
		if l.nodes[i].kind == nodeLegacy {
			place[int32(i)] = len(ordinary)
			ordinary = append(ordinary, int32(i))
		}
	}
	if len(ordinary) == 0 {
		return nil
	}
	out := make([]plan.Redirect, len(ordinary))
	inParallel(len(ordinary), func() func(int) {
		o := &origins{rank: l.rank}
		return func(i int) { out[i] = l.redirect(ordinary[i], o) }
	})
	o := origins{rank: l.rank}
	for _, w := range l.wiredPorts() {
		c := l.sidecarOf(w.port.Switch)
		wire := plan.Wire{Origin: o.row(w.stmt, []stmt{l.nodes[l.nodes[w.port.Switch].sidecar].stmt}), Port: w.port.Number, Sidecar: wireOf(c, w.port.Number)}
		if wire.Sidecar == 0 {
			wire.Sidecar, wire.Tag = c.At.Number, uint16(w.port.Number) // at most maxSidecarPort
		}
		r := &out[place[w.port.Switch]]
		r.Wires = append(r.Wires, wire)
	}
	for i := range l.endpoints {
		if e := &l.endpoints[i]; l.nodes[e.edge].kind == nodeShim {
			r := &out[place[e.At.Switch]]
			r.Guards = append(r.Guards, plan.Guard{Origin: o.row(e.stmt), Port: e.At.Number, MAC: e.MAC})
		}
	}
	slices.SortFunc(out, func(a, b plan.Redirect) int { return strings.Compare(a.Switch, b.Switch) })
	return out
}
