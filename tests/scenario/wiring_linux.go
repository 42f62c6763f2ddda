package scenario

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"pillion/compiler/network"
	"pillion/tests/lab"
)

// hostPort is the interface of every host, and of a middlebox's first arm.
const (
	hostPort = "eth0"
	outPort  = "eth1"
)

// wiring is a network made of namespaces: one for each switch with its ports, one for each endpoint, and one for each
// middlebox.
type wiring struct {
	lab      *lab.Lab
	net      *network.Network
	switches []*lab.Namespace // in the order of the network
	ports    [][]lab.SwitchPort
	hosts    map[string]*lab.Namespace
	boxes    map[string]*lab.Middlebox
	behind   map[netip.Addr]bool // addresses behind gateways that have been given to them
	loose    []lab.End           // of wires between middleboxes and their switches: both ends of each
}

// portName is the interface of a switch's port.
func portName(number uint32) string { return fmt.Sprintf("port%d", number) }

// wire makes all namespaces and veth pairs of a network. The lab owns them.
func wire(l *lab.Lab, s *Site) (*wiring, error) {
	w := &wiring{lab: l, net: s.Net, hosts: map[string]*lab.Namespace{}, boxes: map[string]*lab.Middlebox{}, behind: map[netip.Addr]bool{},
		ports: make([][]lab.SwitchPort, len(s.Net.Switches))}
	for _, sw := range s.Net.Switches {
		ns, err := l.Box("switch " + sw.Name)
		if err != nil {
			return nil, err
		}
		w.switches = append(w.switches, ns)
	}
	for _, link := range s.Net.Links {
		a, b := w.end(link.Ends[0]), w.end(link.Ends[1])
		a.MTU, b.MTU = link.MTU, link.MTU
		if err := l.Connect(a, b); err != nil {
			return nil, err
		}
	}
	for i := range s.Net.Sidecars {
		if err := w.cable(&s.Net.Sidecars[i]); err != nil {
			return nil, err
		}
	}
	for i := range s.Net.Endpoints {
		if err := w.host(&s.Net.Endpoints[i]); err != nil {
			return nil, err
		}
	}
	if err := w.routes(); err != nil {
		return nil, err
	}
	for i := range s.Net.Middleboxes {
		box := &s.Net.Middleboxes[i]
		if err := w.middlebox(box, s.Boxes[box.Name]); err != nil {
			return nil, err
		}
	}
	for _, ports := range w.ports {
		slices.SortFunc(ports, func(a, b lab.SwitchPort) int { return cmp.Compare(a.Number, b.Number) })
	}
	return w, nil
}

// end is a switch's end of a wire.
func (w *wiring) end(p network.Port) lab.End {
	w.ports[p.Switch] = append(w.ports[p.Switch], lab.SwitchPort{Number: p.Number, Interface: portName(p.Number)})
	return lab.End{Namespace: w.switches[p.Switch], Interface: portName(p.Number)}
}

// host makes an endpoint with its addresses.
func (w *wiring) host(e *network.Endpoint) error {
	ns, err := w.lab.Host(e.Name)
	if err != nil {
		return err
	}
	w.hosts[e.Name] = ns
	near := lab.End{Namespace: ns, Interface: hostPort, MAC: net.HardwareAddr(e.MAC[:]), MTU: e.MTU}
	if w.shimmed(e) { // there must be room for what the shim puts around frames
		near.MTU, near.Offloads = e.MTU+network.EncapsulationBytes, w.offloads(e.At.Switch)
	}
	for _, ip := range e.IPs {
		near.Addresses = append(near.Addresses, netip.PrefixFrom(ip, ip.BitLen()))
	}
	far := w.end(e.At)
	far.MTU = near.MTU
	return w.lab.Connect(near, far)
}

// answersFor gives a gateway an address that is behind it, on its loopback.
func (w *wiring) answersFor(e *network.Endpoint, ip netip.Addr) error {
	if slices.Contains(e.IPs, ip) || w.behind[ip] {
		return nil
	}
	w.behind[ip] = true
	return w.hosts[e.Name].AddAddress("lo", netip.PrefixFrom(ip, ip.BitLen()))
}

// routes tells every host that all endpoints are on its wire, and that what is behind a gateway goes by way of it.
func (w *wiring) routes() error {
	for i := range w.net.Endpoints {
		me := &w.net.Endpoints[i]
		for j := range w.net.Endpoints {
			if i == j {
				continue
			}
			if err := w.route(me, &w.net.Endpoints[j]); err != nil {
				return err
			}
		}
		if !w.shimmed(me) {
			continue
		}
		if err := w.hosts[me.Name].LimitRoutes(hostPort, me.MTU); err != nil {
			return err
		}
	}
	return nil
}

func (w *wiring) route(from, to *network.Endpoint) error {
	ns := w.hosts[from.Name]
	for _, ip := range to.IPs {
		if !has(from.IPs, ip.Is4()) {
			continue
		}
		if err := ns.AddRoute(hostPort, netip.PrefixFrom(ip, ip.BitLen()), netip.Addr{}); err != nil {
			return err
		}
		for _, prefix := range to.Prefixes {
			if prefix.Addr().Is4() != ip.Is4() || slices.Contains(from.Prefixes, prefix) {
				continue
			}
			if err := ns.AddRoute(hostPort, prefix, ip); err != nil {
				return err
			}
		}
	}
	return nil
}

// has says whether there is an address of the family.
func has(ips []netip.Addr, four bool) bool {
	return slices.ContainsFunc(ips, func(ip netip.Addr) bool { return ip.Is4() == four })
}

func (w *wiring) middlebox(box *network.Middlebox, kind BoxKind) error {
	ns, err := w.lab.Box("middlebox " + box.Name)
	if err != nil {
		return err
	}
	if err := w.lab.Connect(lab.End{Namespace: ns, Interface: hostPort}, w.end(box.At)); err != nil {
		return err
	}
	if box.Out.Number != 0 {
		if err := w.lab.Connect(lab.End{Namespace: ns, Interface: outPort}, w.end(box.Out)); err != nil {
			return err
		}
	}
	switch kind {
	case BoxBridge:
		w.boxes[box.Name], err = ns.Bridge(hostPort, outPort)
	case BoxTransparent:
		w.boxes[box.Name], err = ns.Transparent(hostPort, outPort, lab.All)
	case BoxOneArmed:
		w.boxes[box.Name], err = ns.OneArmed(hostPort, lab.All)
	case BoxTap:
		w.boxes[box.Name], err = ns.Tap(hostPort)
	default:
		err = fmt.Errorf("middlebox %s: no such kind %v", box.Name, kind)
	}
	if err == nil && w.ordinary(int(box.At.Switch)) {
		err = w.unplug(box)
	}
	return err
}

// unplug takes a middlebox off an ordinary switch: with both arms on one that does not redirect yet, it would be a loop.
func (w *wiring) unplug(box *network.Middlebox) error {
	ns := w.boxes[box.Name].Namespace
	for i, p := range []network.Port{box.At, box.Out} {
		if p.Number == 0 {
			continue
		}
		arm := []string{hostPort, outPort}[i]
		near, far := lab.End{Namespace: ns, Interface: arm}, lab.End{Namespace: w.switches[p.Switch], Interface: portName(p.Number)}
		if err := far.Namespace.SetUp(far.Interface, false); err != nil {
			return err
		}
		w.loose = append(w.loose, near, far)
	}
	return nil
}

// plug puts middleboxes on their switches. Neither end of a wire sends before the kernel has noticed that it has a carrier.
func (w *wiring) plug() error {
	for _, e := range w.loose {
		if err := e.Namespace.SetUp(e.Interface, true); err != nil {
			return err
		}
	}
	for _, e := range w.loose {
		if err := e.Namespace.AwaitUp(e.Interface); err != nil {
			return err
		}
	}
	return nil
}
