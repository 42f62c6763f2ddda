package compiler

import (
	"fmt"
	"strings"

	"pillion/compiler/network"
	"pillion/compiler/plan"
	"pillion/lang/diag"
)

// node is a place in the network that forwards frames. Switches come first, in the order of the
// inventory, so that the index of a switch is that of its node; sidecars follow.
type node struct {
	kind     nodeKind
	name     string
	address  string
	deviceID uint64
	cpuPort  uint32
	locator  network.MAC // zero: the compiler derives one from the name
	span     diag.Span
	stmt     stmt
	trunk    network.Port // of a sidecar or shim: where it is attached
	sidecar  int32        // of an ordinary switch: the node of its sidecar, or -1
	domain   int32        // of an ordinary switch or a shim: its layer-2 domain, named by one of its switches
}

type nodeKind uint8

const (
	nodeP4 nodeKind = iota
	nodeLegacy
	nodeSidecar
	nodeShim // on an end host behind an ordinary switch
)

// targets says whether the node takes rules.
func (n *node) targets() bool { return n.kind != nodeLegacy }

// planKind is what the back end calls it.
func (n *node) planKind() plan.TargetKind {
	switch n.kind {
	case nodeSidecar:
		return plan.Sidecar
	case nodeShim:
		return plan.Shim
	}
	return plan.P4Switch
}

// makeNodes lists the nodes of the inventory.
func (m *model) makeNodes() {
	for i := range m.net.Switches {
		s := &m.net.Switches[i]
		n := node{
			name: s.Name, address: s.Address, deviceID: s.DeviceID, cpuPort: s.CPUPort, locator: s.Locator, span: s.Span,
			stmt: m.statements.of("switch", s.Name), sidecar: -1,
		}
		if s.Target == network.Legacy {
			n.kind = nodeLegacy
			m.legacy = true
		}
		m.nodes = append(m.nodes, n)
	}
	for i := range m.net.Sidecars {
		c := &m.net.Sidecars[i]
		beside := c.At.Switch
		if c.At.Number > maxSidecarPort {
			m.addError(c.Span, "C050", fmt.Sprintf("sidecar %s is attached to %s, and has no port of that number itself", c.Name, m.portName(c.At)),
				fmt.Sprintf("use one of the ports 1 to %d: a sidecar numbers its ports as its switch does", maxSidecarPort))
		}
		m.nodes[beside].sidecar = int32(len(m.nodes))
		m.nodes = append(m.nodes, node{
			kind: nodeSidecar, name: c.Name, address: c.Address, deviceID: c.DeviceID, cpuPort: defaultCPUPort, span: c.Span,
			stmt: m.statements.of("sidecar", c.Name), trunk: c.At, sidecar: -1,
		})
	}
}

// The ports of a shim (p4/shim.p4).
const (
	shimHostPort    = 1
	shimNetworkPort = 2
)

// shimDevice is the P4Runtime device id of a shim; each has an address of its own.
const shimDevice = 1

// endpointEdge is the node that takes the rules for an endpoint, and its port there. An endpoint behind an ordinary switch has a
// node of its own if it has a shim.
func (m *model) endpointEdge(e *network.Endpoint) (edge int32, port uint32) {
	if m.nodes[e.At.Switch].kind != nodeLegacy || e.Shim == "" {
		return m.edgeAt(e.At, "endpoint "+e.Name, e.Span), e.At.Number
	}
	m.nodes = append(m.nodes, node{
		kind: nodeShim, name: e.Name, address: e.Shim, deviceID: shimDevice, cpuPort: defaultCPUPort, locator: e.MAC, span: e.Span,
		stmt: m.statements.of("endpoint", e.Name), trunk: e.At, sidecar: -1,
	})
	return int32(len(m.nodes) - 1), shimHostPort
}

// native says whether two nodes are shims in one layer-2 domain, which send each other frames without encapsulation.
func (m *model) native(a, b int32) bool {
	return a != b && m.nodes[a].kind == nodeShim && m.nodes[b].kind == nodeShim && m.nodes[a].domain == m.nodes[b].domain
}

// defaultCPUPort is where a sidecar's controller would be; its ports are numbered as those of its switch.
const defaultCPUPort = 510

// edgeAt is the node that takes the rules for a port: the switch, or for an ordinary switch the sidecar beside it,
// to which the port is joined by a virtual wire and where it has the same number. -1, and an error, if there is none.
func (m *model) edgeAt(p network.Port, what string, span diag.Span) int32 {
	n := &m.nodes[p.Switch]
	if n.kind != nodeLegacy {
		return p.Switch
	}
	if n.sidecar < 0 {
		hint := "put a sidecar beside the switch (sidecars: in the network file), or a shim on the endpoint (shim:)"
		if strings.HasPrefix(what, "middlebox ") {
			hint = "put a sidecar beside the switch (sidecars: in the network file), or move the middlebox to a P4 switch or to one with a sidecar: shims are for endpoints only"
		}
		m.addError(span, "C050", fmt.Sprintf("%s is attached to %s, an ordinary switch without a sidecar", what, n.name), hint)
		return -1
	}
	if p.Number > maxSidecarPort {
		m.addError(span, "C050", fmt.Sprintf("%s is attached to %s:%d, and its sidecar has no port of that number", what, n.name, p.Number),
			fmt.Sprintf("use one of the ports 1 to %d: a sidecar numbers its ports as its switch does", maxSidecarPort))
		return -1
	}
	return n.sidecar
}

// maxSidecarPort is the largest port of v1model that is neither the controller's nor the drop port.
const maxSidecarPort = 509

// findDomains joins ordinary switches into layer-2 domains, and reports loops: such switches flood what they do not know,
// and the compiler does not know which of their links a spanning tree protocol would block.
func (m *model) findDomains() {
	root := make([]int32, len(m.nodes))
	for i := range root {
		root[i] = int32(i)
	}
	find := func(n int32) int32 {
		for root[n] != n {
			n = root[n]
		}
		return n
	}
	for i := range m.net.Links {
		l := &m.net.Links[i]
		a, b := l.Ends[0].Switch, l.Ends[1].Switch
		if m.nodes[a].kind != nodeLegacy || m.nodes[b].kind != nodeLegacy {
			continue
		}
		ra, rb := find(a), find(b)
		if ra == rb {
			m.addError(l.Span, "C054", fmt.Sprintf("the link %s %s closes a loop of ordinary switches", m.portName(l.Ends[0]), m.portName(l.Ends[1])),
				"remove it: ordinary switches flood, and Pillion does not run a spanning tree protocol on them")
			continue
		}
		root[ra] = rb
	}
	for i := range m.nodes {
		switch n := &m.nodes[i]; n.kind {
		case nodeLegacy:
			n.domain = find(int32(i))
		case nodeShim:
			n.domain = find(n.trunk.Switch)
		}
	}
}
