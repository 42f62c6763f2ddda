package survey

import (
	"cmp"
	"fmt"
	"slices"

	"pillion/compiler/network"
)

// need is what the network file wants of one port.
type need struct {
	number uint32
	uses   []string // "link to leaf2:1", "endpoint web1"
	mtu    int      // bytes of Ethernet payload that must pass; 0: nothing is said
}

// needsOf collects the needs of every switch, by its index, each in the order of the
// port numbers.
func needsOf(net *network.Network) [][]need {
	byPort := make([]map[uint32]*need, len(net.Switches))
	add := func(p network.Port, mtu int, format string, a ...any) {
		if p.Switch < 0 || int(p.Switch) >= len(net.Switches) {
			return
		}
		ports := byPort[p.Switch]
		if ports == nil {
			ports = map[uint32]*need{}
			byPort[p.Switch] = ports
		}
		n := ports[p.Number]
		if n == nil {
			n = &need{number: p.Number}
			ports[p.Number] = n
		}
		n.uses = append(n.uses, fmt.Sprintf(format, a...))
		n.mtu = max(n.mtu, mtu)
	}
	for _, l := range net.Links {
		for i, end := range l.Ends {
			add(end, l.MTU, "link to %s", portName(net, l.Ends[1-i]))
		}
	}
	for _, e := range net.Endpoints {
		kind := "endpoint"
		if e.Gateway() {
			kind = "gateway"
		}
		add(e.At, e.MTU, "%s %s", kind, e.Name)
	}
	for _, m := range net.Middleboxes {
		add(m.At, 0, "middlebox %s", m.Name)
		if m.Out.Number != 0 {
			add(m.Out, 0, "middlebox %s, out", m.Name)
		}
	}
	for _, s := range net.Sidecars {
		add(s.At, 0, "sidecar %s", s.Name)
	}
	out := make([][]need, len(byPort))
	for i, ports := range byPort {
		for _, n := range ports {
			slices.Sort(n.uses)
			out[i] = append(out[i], *n)
		}
		slices.SortFunc(out[i], func(a, b need) int { return cmp.Compare(a.number, b.number) })
	}
	return out
}

func portName(net *network.Network, p network.Port) string {
	if p.Switch < 0 || int(p.Switch) >= len(net.Switches) {
		return fmt.Sprintf("?:%d", p.Number)
	}
	return fmt.Sprintf("%s:%d", net.Switches[p.Switch].Name, p.Number)
}
