package network

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// String is the address in lower case with colons: 02:00:00:00:00:01.
func (m MAC) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// JSON writes the network in canonical form: objects sorted by name and links
// by their ends, one on each line, keys in a fixed order, defaults written out.
// Two networks with the same content give the same bytes, and Parse reads them
// back. The network must be one that was read without errors.
func (n *Network) JSON() []byte {
	w := &writer{net: n, b: make([]byte, 0, 1024+160*(len(n.Endpoints)+len(n.Links)+len(n.Switches)+len(n.Middleboxes)))}
	w.b = append(w.b, "{\n\"seed\": "...)
	w.b = strconv.AppendUint(w.b, n.Seed, 10)
	w.b = append(w.b, ",\n\"trees\": "...)
	w.b = strconv.AppendInt(w.b, int64(n.Trees), 10)
	list(w, "switches", n.Switches, func(a, b *Switch) int { return cmp.Compare(a.Name, b.Name) }, w.writeSwitch)
	list(w, "sidecars", n.Sidecars, func(a, b *Sidecar) int { return cmp.Compare(a.Name, b.Name) }, w.writeSidecar)
	list(w, "links", n.Links, func(a, b *Link) int {
		x, y := w.ends(a), w.ends(b)
		return cmp.Or(w.comparePorts(x[0], y[0]), w.comparePorts(x[1], y[1]))
	}, w.writeLink)
	list(w, "endpoints", n.Endpoints, func(a, b *Endpoint) int { return cmp.Compare(a.Name, b.Name) }, w.writeEndpoint)
	list(w, "middleboxes", n.Middleboxes, func(a, b *Middlebox) int { return cmp.Compare(a.Name, b.Name) }, w.writeMiddlebox)
	return append(w.b, "\n}\n"...)
}

type writer struct {
	net *Network
	b   []byte
}

// list writes the objects of a section in their order. n's own order stays.
func list[T any](w *writer, name string, all []T, compare func(a, b *T) int, write func(*T)) {
	if len(all) == 0 && name != "switches" {
		return
	}
	order := make([]*T, len(all))
	for i := range all {
		order[i] = &all[i]
	}
	slices.SortFunc(order, compare)
	w.b = append(append(append(w.b, ",\n\""...), name...), "\": ["...)
	for i, e := range order {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, "\n  {"...)
		write(e)
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, "\n]"...)
}

// key writes a key, after a comma if it is not an object's first.
func (w *writer) key(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ", "...)
	}
	w.b = append(append(append(w.b, '"'), name...), "\": "...)
}

// text writes a string. Those of a network have no control characters, but
// nothing breaks if they do.
func (w *writer) text(s string) {
	w.b = append(w.b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			w.b = append(w.b, '\\', c)
		case c < 0x20:
			w.b = fmt.Appendf(w.b, "\\u%04x", c)
		default:
			w.b = append(w.b, c)
		}
	}
	w.b = append(w.b, '"')
}

// member writes a key and a string, if the string is not empty.
func (w *writer) member(name, value string) {
	if value != "" {
		w.key(name)
		w.text(value)
	}
}

func (w *writer) number(name string, value uint64) {
	w.key(name)
	w.b = strconv.AppendUint(w.b, value, 10)
}

func (w *writer) place(p Port) string {
	return w.net.Switches[p.Switch].Name + ":" + strconv.FormatUint(uint64(p.Number), 10)
}

func (w *writer) comparePorts(a, b Port) int {
	return cmp.Or(strings.Compare(w.net.Switches[a.Switch].Name, w.net.Switches[b.Switch].Name), cmp.Compare(a.Number, b.Number))
}

// ends are a link's ends in order.
func (w *writer) ends(l *Link) [2]Port {
	if w.comparePorts(l.Ends[0], l.Ends[1]) > 0 {
		return [2]Port{l.Ends[1], l.Ends[0]}
	}
	return l.Ends
}

func (w *writer) writeSwitch(s *Switch) {
	w.member("name", s.Name)
	w.member("target", targets[s.Target])
	w.member("address", s.Address)
	if s.Target == P4Runtime {
		w.number("device-id", s.DeviceID)
		w.number("cpu-port", uint64(s.CPUPort))
	}
	if s.Locator != (MAC{}) {
		w.member("locator", s.Locator.String())
	}
	w.member("driver", s.Driver)
	w.member("sidecar", s.Sidecar)
}

func (w *writer) writeLink(l *Link) {
	ends := w.ends(l)
	w.key("ends")
	w.b = append(w.b, '[')
	w.text(w.place(ends[0]))
	w.b = append(w.b, ", "...)
	w.text(w.place(ends[1]))
	w.b = append(w.b, ']')
	w.number("mtu", uint64(l.MTU))
}

func (w *writer) writeEndpoint(e *Endpoint) {
	w.member("name", e.Name)
	w.member("mac", e.MAC.String())
	w.key("ip")
	texts(w, slices.SortedFunc(slices.Values(e.IPs), netip.Addr.Compare))
	if e.Gateway() {
		w.key("prefixes")
		texts(w, slices.SortedFunc(slices.Values(e.Prefixes), netip.Prefix.Compare))
	}
	w.member("at", w.place(e.At))
	w.number("mtu", uint64(e.MTU))
	if e.Shim != "" {
		w.key("shim")
		w.b = append(w.b, '{')
		w.member("address", e.Shim)
		w.b = append(w.b, '}')
	}
}

// texts writes a list of strings.
func texts[T fmt.Stringer](w *writer, values []T) {
	w.b = append(w.b, '[')
	for i, v := range values {
		if i > 0 {
			w.b = append(w.b, ", "...)
		}
		w.text(v.String())
	}
	w.b = append(w.b, ']')
}

func (w *writer) writeMiddlebox(m *Middlebox) {
	w.member("name", m.Name)
	w.member("at", w.place(m.At))
	if m.Out.Number != 0 {
		w.member("out", w.place(m.Out))
	}
	if m.Down {
		w.member("state", "down")
	}
	if m.NonLearning {
		w.key("nonlearning")
		w.b = append(w.b, "true"...)
	}
}
