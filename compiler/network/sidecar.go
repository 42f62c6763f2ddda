package network

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// maxSidecarPort is the largest port of an ordinary switch that its sidecar can stand in for: the two number their
// ports alike, and v1model's port numbers have 9 bits.
const maxSidecarPort = maxP4Port - 1

var sidecarFields = []field[Sidecar]{
	{"name", true, func(r *reader, v ref, s *Sidecar) { s.Name, s.Span = r.name(v) }},
	{"at", true, func(r *reader, v ref, s *Sidecar) { s.At = r.port(v, "sidecar", s.Name) }},
	{"address", false, func(r *reader, v ref, s *Sidecar) { s.Address = r.address(v) }},
	{"device-id", false, func(r *reader, v ref, s *Sidecar) { s.DeviceID, _ = r.number(v, 0, 1<<64-1) }},
	{"wires", false, func(r *reader, v ref, s *Sidecar) {
		r.elements(v, maxWires, func(e ref) { r.readWire(e, s) })
		slices.SortFunc(s.Wires, func(a, b Wire) int { return cmp.Compare(a.Port, b.Port) })
	}},
	{"sample", false, func(r *reader, v ref, s *Sidecar) { r.readSampling(v, s) }},
}

func (r *reader) readSidecar(v ref) {
	s := Sidecar{At: nowhere, Span: r.doc.span(v)}
	if given, ok := readObject(r, "a sidecar", sidecarFields, v, &s); ok {
		r.claimDevice(s.Span, s.Address, s.DeviceID, given.has("device-id"))
		r.net.Sidecars = append(r.net.Sidecars, s)
	}
}

// wireRef is where a sidecar, by its index, has the wire of a port.
type wireRef struct {
	sidecar int
	port    uint32
	at      ref
}

// readWire reads [7, 21]: port 7 of the ordinary switch, and the port that an interface of the sidecar is on for it.
func (r *reader) readWire(v ref, s *Sidecar) {
	r.key = "a wire"
	const hint = "write [7, 21]: the wired port, and the port of the same switch where the sidecar's interface for it is"
	var ends []ref
	r.elements(v, 1<<16, func(e ref) { ends = append(ends, e) })
	if r.node(v).kind != array {
		return
	}
	if len(ends) != 2 {
		r.fail(v, codeKind, hint, "a wire must have two elements, not %d", len(ends))
		return
	}
	for _, e := range ends {
		if r.node(e).kind == text && strings.Contains(r.node(e).text, ":") {
			r.fail(e, codeKind, "write the number alone: a wire joins ports of the switch that its sidecar is on", "%q is a place, and a wire has numbers of ports", clip(r.node(e).text))
			return
		}
	}
	r.key = "a wired port"
	port, ok := r.number(ends[0], 1, maxSidecarPort)
	r.key = "the sidecar's port of a wire"
	via, also := r.number(ends[1], 1, maxLegacyPort)
	if !ok || !also || s.At.Switch < 0 {
		return
	}
	w := Wire{Port: uint32(port), Via: uint32(via)}
	for _, other := range slices.Backward(r.seen.wires) {
		if other.sidecar != len(r.net.Sidecars) {
			break
		}
		if other.port == w.Port {
			r.again(v, other.at, codeWire, "a port has one wire; remove one of them", "port %d has two wires", port)
			return
		}
	}
	if !r.takePort(ends[1], Port{Switch: s.At.Switch, Number: w.Via}, "wire", fmt.Sprintf("of port %d", port)) {
		return
	}
	r.seen.wires = append(r.seen.wires, wireRef{len(r.net.Sidecars), w.Port, v})
	s.Wires = append(s.Wires, w)
}

var samplingFields = []field[Sidecar]{
	{"one-in", true, func(r *reader, v ref, s *Sidecar) {
		if n, ok := r.number(v, 1, maxOneIn); ok {
			s.Sample.OneIn = uint32(n)
		}
	}},
	{"via", false, func(r *reader, v ref, s *Sidecar) {
		via, ok := r.number(v, 1, maxLegacyPort)
		if ok && s.At.Switch >= 0 && r.takePort(v, Port{Switch: s.At.Switch, Number: uint32(via)}, "port for samples", "") {
			s.Sample.Via = uint32(via)
		}
	}},
	{"sflow", false, func(r *reader, v ref, s *Sidecar) { s.Sample.Collector = r.collector(v) }},
}

const maxOneIn = 1<<32 - 1

func (r *reader) readSampling(v ref, s *Sidecar) {
	given, ok := readObject(r, "a sample", samplingFields, v, s)
	if !ok {
		return
	}
	const hint = "write via: and a port that serves nothing else, or sflow: and the address of the collector"
	switch {
	case given.has("via") && given.has("sflow"):
		r.fail(v, codeSample, hint, "samples go either to a port or to a collector, not to both")
	case !given.has("via") && !given.has("sflow"):
		r.fail(v, codeSample, hint, "samples have nowhere to go")
	}
}

// collector reads the address that sFlow datagrams go to.
func (r *reader) collector(v ref) netip.AddrPort {
	s, ok := r.text(v)
	if !ok {
		return netip.AddrPort{}
	}
	a, err := netip.ParseAddrPort(s)
	ip := a.Addr()
	if err != nil || a.Port() == 0 || ip.Zone() != "" || ip.Is4In6() || ip.IsUnspecified() || ip.IsMulticast() {
		r.fail(v, codeAddress, "a collector is 192.0.2.1:6343 or [2001:db8::1]:6343", "%q is not the address of a collector", clip(s))
		return netip.AddrPort{}
	}
	return a
}

// checkWires reports wires of ports that nothing is attached to which needs one.
func (r *reader) checkWires() {
	if len(r.seen.wires) == 0 {
		return
	}
	shims := map[Port]string{}
	for i := range r.net.Endpoints {
		if e := &r.net.Endpoints[i]; e.Shim != "" {
			shims[e.At] = e.Name
		}
	}
	for _, w := range r.seen.wires {
		side := &r.net.Sidecars[w.sidecar]
		p := Port{Switch: side.At.Switch, Number: w.port}
		sw := &r.net.Switches[p.Switch]
		i, used := r.seen.ports[p]
		what := ""
		if used {
			what = r.seen.uses[i].what
		}
		switch {
		case shims[p] != "":
			r.fail(w.at, codeWire, "remove the wire, or the shim: frames of a host with a shim pass its ordinary switch as they are",
				"endpoint %s at %s:%d has a shim, so its port is not wired", shims[p], sw.Name, w.port)
		case what == "endpoint" || what == "middlebox":
		case used:
			r.fail(w.at, codeWire, "wires are for ports of endpoints and middleboxes", "port %s:%d cannot be wired: it is used by %s", sw.Name, w.port, thing(what, r.seen.uses[i].name))
		default:
			r.fail(w.at, codeWire, "remove the wire, or attach an endpoint or a middlebox to the port", "nothing is attached to port %s:%d", sw.Name, w.port)
		}
	}
}

func (w *writer) writeSidecar(s *Sidecar) {
	w.member("name", s.Name)
	w.member("at", w.place(s.At))
	w.member("address", s.Address)
	w.number("device-id", s.DeviceID)
	if len(s.Wires) > 0 {
		w.key("wires")
		sep := "["
		for _, wire := range s.Wires { // sorted by port
			w.b = fmt.Appendf(w.b, "%s[%d, %d]", sep, wire.Port, wire.Via)
			sep = ", "
		}
		w.b = append(w.b, ']')
	}
	if s.Sample == (Sampling{}) {
		return
	}
	w.key("sample")
	w.b = append(w.b, '{')
	w.number("one-in", uint64(s.Sample.OneIn))
	if s.Sample.Via != 0 {
		w.number("via", uint64(s.Sample.Via))
	} else {
		w.member("sflow", s.Sample.Collector.String())
	}
	w.b = append(w.b, '}')
}
