package network

import (
	"fmt"

	"pillion/lang/diag"
)

// What a key says if it is not there.
const (
	defaultSeed        = 1
	defaultTrees       = 2
	defaultCPUPort     = 510
	defaultLinkMTU     = 1600
	defaultEndpointMTU = 1500
)

// How many there may be.
const (
	maxSwitches    = 1 << 16
	maxSidecars    = 1 << 16
	maxLinks       = 1 << 20
	maxEndpoints   = 1 << 20
	maxMiddleboxes = 1 << 16
	maxAddresses   = 64      // of one endpoint
	maxPrefixes    = 1 << 16 // of one gateway
	maxTrees       = 64
	maxWires       = maxSidecarPort // of one sidecar
)

// fileFields are read in this order, whatever the order of the file is: what is
// attached comes after what it is attached to.
var fileFields = []field[Network]{
	{"seed", false, func(r *reader, v ref, n *Network) {
		if i, ok := r.number(v, 0, 1<<64-1); ok {
			n.Seed = i
		}
	}},
	{"trees", false, func(r *reader, v ref, n *Network) {
		if i, ok := r.number(v, 1, maxTrees); ok {
			n.Trees = int(i)
		}
	}},
	{"switches", true, func(r *reader, v ref, n *Network) { r.elements(v, maxSwitches, r.readSwitch) }},
	{"sidecars", false, func(r *reader, v ref, n *Network) { r.elements(v, maxSidecars, r.readSidecar) }},
	{"links", false, func(r *reader, v ref, n *Network) { r.elements(v, maxLinks, r.readLink) }},
	{"endpoints", false, func(r *reader, v ref, n *Network) { r.elements(v, maxEndpoints, r.readEndpoint) }},
	{"middleboxes", false, func(r *reader, v ref, n *Network) { r.elements(v, maxMiddleboxes, r.readMiddlebox) }},
}

// read reads the whole file.
func (r *reader) read(root ref) {
	r.switches = map[string]int32{}
	r.seen.make(len(r.doc.nodes) / 16)
	if root == 0 {
		r.failAt(diag.Span{File: r.net.File}, codeMissing, "", "the network file is empty")
		return
	}
	readObject(r, "a network", fileFields, root, r.net)
	r.check()
}

var switchFields = []field[Switch]{
	{"name", true, func(r *reader, v ref, s *Switch) { s.Name, s.Span = r.name(v) }},
	{"target", false, func(r *reader, v ref, s *Switch) {
		if i, ok := r.choice(v, targets...); ok {
			s.Target = Target(i)
		}
	}},
	{"address", false, func(r *reader, v ref, s *Switch) { s.Address = r.address(v) }},
	{"device-id", false, func(r *reader, v ref, s *Switch) {
		if r.onlyFor(v, s, P4Runtime) {
			s.DeviceID, _ = r.number(v, 0, 1<<64-1)
		}
	}},
	{"cpu-port", false, func(r *reader, v ref, s *Switch) {
		if i, ok := r.number(v, 1, maxP4Port); r.onlyFor(v, s, P4Runtime) && ok {
			s.CPUPort = uint32(i)
		}
	}},
	{"locator", false, func(r *reader, v ref, s *Switch) {
		if mac, ok := r.mac(v); r.onlyFor(v, s, P4Runtime) && ok {
			s.Locator = mac
			r.claimMAC(v, mac)
		}
	}},
	{"driver", false, func(r *reader, v ref, s *Switch) {
		if i, ok := r.choice(v, drivers...); r.onlyFor(v, s, Legacy) && ok {
			s.Driver = drivers[i]
		}
	}},
	{"sidecar", false, func(r *reader, v ref, s *Switch) {
		if name, ok := r.text(v); r.onlyFor(v, s, Legacy) && ok {
			s.Sidecar = name
			r.seen.sidecars = append(r.seen.sidecars, sidecarRef{int32(len(r.net.Switches)), r.doc.span(v)})
		}
	}},
}

var (
	targets = []string{P4Runtime: "p4runtime", Legacy: "legacy"}
	drivers = []string{"ovs", "linux-bridge"}
)

// onlyFor refuses a key that does not go with the switch's target.
func (r *reader) onlyFor(v ref, s *Switch, t Target) bool {
	if s.Target != t {
		r.fail(v, codeTarget, fmt.Sprintf("remove it, or write target: %s", targets[t]),
			"%s is for switches with target %s; this one has target %s", r.key, targets[t], targets[s.Target])
	}
	return s.Target == t
}

func (r *reader) readSwitch(v ref) {
	s := Switch{CPUPort: defaultCPUPort, Span: r.doc.span(v)}
	given, ok := readObject(r, "a switch", switchFields, v, &s)
	if !ok {
		return
	}
	if s.Target == Legacy {
		s.CPUPort = 0
		if !given.has("driver") {
			r.failAt(s.Span, codeMissing, "its driver is one of ovs, linux-bridge", "a switch with target legacy needs the key driver")
		}
	} else {
		r.claimDevice(s.Span, s.Address, s.DeviceID, given.has("device-id"))
	}
	if s.Name != "" {
		if _, twice := r.switches[s.Name]; !twice {
			r.switches[s.Name] = int32(len(r.net.Switches))
		}
	}
	r.net.Switches = append(r.net.Switches, s)
}

var linkFields = []field[Link]{
	{"ends", true, func(r *reader, v ref, l *Link) { r.readEnds(v, l) }},
	{"mtu", false, func(r *reader, v ref, l *Link) {
		if i, ok := r.number(v, minMTU+EncapsulationBytes, maxMTU); ok {
			l.MTU, l.Span = int(i), r.doc.span(v)
		}
	}},
}

// readLink reads [leaf1:1, leaf2:1] or {ends: [leaf1:1, leaf2:1], mtu: 9000}.
func (r *reader) readLink(v ref) {
	l := Link{Ends: [2]Port{nowhere, nowhere}, MTU: defaultLinkMTU}
	at := r.doc.span(v)
	switch r.node(v).kind {
	case array:
		r.key = "a link"
		r.readEnds(v, &l)
	case object:
		readObject(r, "a link", linkFields, v, &l)
	default:
		r.fail(v, codeKind, "write [leaf1:1, leaf2:1] or {ends: [leaf1:1, leaf2:1], mtu: 9000}", "a link must be a list or a set of keys, not %v", r.node(v).kind)
		return
	}
	own := !l.Span.IsZero()
	if !own {
		l.Span = at
	}
	r.seen.linkMTU(&l, own)
	l.Span = at
	if l.Ends[0].Switch >= 0 && l.Ends[0].Switch == l.Ends[1].Switch {
		r.failAt(at, codeSelf, "the ends of a link are on two switches", "this link joins %s to itself", r.net.Switches[l.Ends[0].Switch].Name)
	}
	r.net.Links = append(r.net.Links, l)
}

func (r *reader) readEnds(v ref, l *Link) {
	count := 0
	key := r.key
	r.elements(v, 1<<16, func(e ref) {
		if count < len(l.Ends) {
			l.Ends[count] = r.port(e, "link", "")
		}
		count++
	})
	if r.node(v).kind == array && count != len(l.Ends) {
		r.fail(v, codeKind, "write [leaf1:1, leaf2:1]", "%s must have two elements, not %d", key, count)
	}
}

var endpointFields = []field[Endpoint]{
	{"name", true, func(r *reader, v ref, e *Endpoint) { e.Name, e.Span = r.name(v) }},
	{"mac", true, func(r *reader, v ref, e *Endpoint) {
		if mac, ok := r.mac(v); ok {
			e.MAC = mac
			r.claimMAC(v, mac)
		}
	}},
	{"ip", true, func(r *reader, v ref, e *Endpoint) {
		r.oneOrMore(v, maxAddresses, func(v ref) {
			if ip, ok := r.ip(v); ok {
				e.IPs = append(e.IPs, ip)
				r.claimIP(v, ip)
			}
		})
	}},
	{"prefixes", false, func(r *reader, v ref, e *Endpoint) {
		r.oneOrMore(v, maxPrefixes, func(v ref) {
			if p, ok := r.prefix(v); ok {
				e.Prefixes = append(e.Prefixes, p)
				r.claimPrefix(v, p)
			}
		})
	}},
	{"at", true, func(r *reader, v ref, e *Endpoint) { e.At = r.port(v, "endpoint", e.Name) }},
	{"mtu", false, func(r *reader, v ref, e *Endpoint) { r.readEndpointMTU(v, e) }},
	{"shim", false, func(r *reader, v ref, e *Endpoint) {
		readObject(r, "a shim", shimFields, v, e)
		if e.At.Switch >= 0 && r.net.Switches[e.At.Switch].Target != Legacy {
			r.fail(v, codeShim, "remove it: the switch does a shim's work", "a shim is for endpoints behind a legacy switch, and %s is none", r.net.Switches[e.At.Switch].Name)
		}
	}},
}

var shimFields = []field[Endpoint]{
	{"address", true, func(r *reader, v ref, e *Endpoint) {
		e.Shim = r.address(v)
		r.claimDevice(r.doc.span(v), e.Shim, 0, true)
	}},
}

func (r *reader) readEndpointMTU(v ref, e *Endpoint) {
	low := uint64(minMTU)
	for _, ip := range e.IPs {
		if ip.Is6() {
			low = minMTU6
		}
	}
	if i, ok := r.number(v, low, maxMTU-EncapsulationBytes); ok {
		e.MTU = int(i)
		r.seen.endpointMTU(e.MTU, e.Name, r.doc.span(v))
	}
}

func (r *reader) readEndpoint(v ref) {
	e := Endpoint{At: nowhere, MTU: defaultEndpointMTU, Span: r.doc.span(v)}
	if given, ok := readObject(r, "an endpoint", endpointFields, v, &e); ok {
		if !given.has("mtu") {
			r.seen.endpointMTU(e.MTU, e.Name, e.Span)
		}
		r.net.Endpoints = append(r.net.Endpoints, e)
	}
}

var middleboxFields = []field[Middlebox]{
	{"name", true, func(r *reader, v ref, m *Middlebox) { m.Name, m.Span = r.name(v) }},
	{"at", true, func(r *reader, v ref, m *Middlebox) { m.At = r.port(v, "middlebox", m.Name) }},
	{"out", false, func(r *reader, v ref, m *Middlebox) {
		m.Out = r.port(v, "middlebox", m.Name)
		if m.At.Switch >= 0 && m.Out.Switch >= 0 && m.At.Switch != m.Out.Switch {
			r.fail(v, codeArms, "move one arm, or make it two one-armed instances",
				"both arms of a middlebox must be on one switch; at is on %s", r.net.Switches[m.At.Switch].Name)
		}
	}},
	{"state", false, func(r *reader, v ref, m *Middlebox) {
		i, _ := r.choice(v, "up", "down")
		m.Down = i == 1
	}},
	{"nonlearning", false, func(r *reader, v ref, m *Middlebox) { m.NonLearning = r.boolean(v) }},
}

func (r *reader) readMiddlebox(v ref) {
	m := Middlebox{At: nowhere, Out: Port{Switch: -1}, Span: r.doc.span(v)}
	if _, ok := readObject(r, "a middlebox", middleboxFields, v, &m); ok {
		r.net.Middleboxes = append(r.net.Middleboxes, m)
	}
}
