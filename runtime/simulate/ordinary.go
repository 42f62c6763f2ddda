package simulate

import (
	"fmt"
	"slices"
	"strings"

	"pillion/compiler/network"
	"pillion/p4"
	"pillion/runtime/program"
	"pillion/sidecarfallback/redirect"
)

// ordinary is an ordinary switch: it learns where MAC addresses are, and floods what it has not learned. Its links,
// its sidecar and the hosts with shims are on it; its other ports are joined to the sidecar by virtual wires.
type ordinary struct {
	learned map[network.MAC]uint32
	static  map[network.MAC]uint32   // stronger than what is learned
	guards  map[uint32][]network.MAC // by port: the only source addresses
	ports   []uint32                 // ascending
	sidecar string
}

// place is where the frames of a port come to: the switch, or for an ordinary one its sidecar.
func (n *Network) place(p network.Port) place {
	name := n.Inventory.Network.Switches[p.Switch].Name
	if o := n.ordinary[name]; o != nil {
		name = o.sidecar
	}
	return place{name, p.Number}
}

// endpointPlace is where the frames of an endpoint come to: its port, or the host's side of its shim.
func (n *Network) endpointPlace(e *network.Endpoint) place {
	if n.shimmed(e) {
		return place{e.Name, p4.ShimHost}
	}
	return n.place(e.At)
}

// shimmed says whether an endpoint is behind an ordinary switch with a shim of its own.
func (n *Network) shimmed(e *network.Endpoint) bool {
	return e.Shim != "" && n.ordinary[n.Inventory.Network.Switches[e.At.Switch].Name] != nil
}

// shimKind is the kind of targets that run p4.Shim.
const shimKind = "shim"

// shimProgram loads the program of shims, once.
func (n *Network) shimProgram() (*program.Program, error) {
	if n.shim != nil {
		return n.shim, nil
	}
	p, err := p4.Shim()
	if err != nil {
		return nil, err
	}
	n.shim, err = program.Load(p)
	return n.shim, err
}

// redirect has the ordinary switches do what the bundle says of them; samples are not taken.
func (n *Network) redirect() error {
	for i := range n.Bundle.Redirects {
		r := &n.Bundle.Redirects[i]
		rules, err := redirect.Parse(strings.NewReader(r.Text()))
		if err != nil {
			return fmt.Errorf("the redirect rules of %s: %w", r.Switch, err)
		}
		o := n.ordinary[r.Switch]
		if o == nil {
			return fmt.Errorf("the bundle has redirect rules of %s, which is no ordinary switch in its network.json; compile again", r.Switch)
		}
		for _, s := range rules.Statics {
			o.static[network.MAC(s.Locator)] = s.Port
		}
		for _, g := range rules.Guards {
			o.guards[g.Port] = append(o.guards[g.Port], network.MAC(g.MAC))
		}
	}
	return nil
}

// wireOrdinary finds the ordinary switches, and joins them with their sidecars.
func (n *Network) wireOrdinary(net *network.Network) {
	for i := range net.Switches {
		if s := &net.Switches[i]; s.Target == network.Legacy {
			n.ordinary[s.Name] = &ordinary{learned: map[network.MAC]uint32{}, static: map[network.MAC]uint32{}, guards: map[uint32][]network.MAC{}}
		}
	}
	for i := range net.Sidecars {
		c := &net.Sidecars[i]
		beside := net.Switches[c.At.Switch].Name
		o := n.ordinary[beside]
		if o == nil {
			continue // reported by the compiler
		}
		o.sidecar = c.Name
		n.hang(o, place{beside, c.At.Number}, place{c.Name, c.At.Number})
	}
	for i := range net.Endpoints {
		if e := &net.Endpoints[i]; n.shimmed(e) {
			beside := net.Switches[e.At.Switch].Name
			n.hang(n.ordinary[beside], place{beside, e.At.Number}, place{e.Name, p4.ShimNetwork})
		}
	}
	for i := range net.Links {
		for _, end := range net.Links[i].Ends {
			if o := n.ordinary[net.Switches[end.Switch].Name]; o != nil {
				o.ports = append(o.ports, end.Number)
			}
		}
	}
	for _, o := range n.ordinary {
		slices.Sort(o.ports)
	}
}

// hang joins a port of an ordinary switch with a target beside it.
func (n *Network) hang(o *ordinary, there, here place) {
	o.ports = append(o.ports, there.port)
	n.places[here] = &attachment{Peer: Peer{Kind: PeerSwitch, Name: there.node}, link: there}
	n.places[there] = &attachment{Peer: Peer{Kind: PeerSwitch, Name: here.node}, link: here}
}

// through takes a frame that comes to a place through ordinary switches, as far as there are any, and lists the places
// where it comes out.
func (n *Network) through(at place, frame []byte) []place {
	o := n.ordinary[at.node]
	if o == nil {
		return []place{at}
	}
	if len(frame) < 14 {
		return nil
	}
	to, from := network.MAC(frame[:6]), network.MAC(frame[6:12])
	if guard, guarded := o.guards[at.port]; guarded && !slices.Contains(guard, from) {
		return nil
	}
	if from[0]&1 == 0 {
		o.learned[from] = at.port
	}
	out := o.ports
	if port, known := o.where(to); known {
		out = []uint32{port}
	}
	var places []place
	for _, port := range out {
		if port != at.port {
			for _, c := range n.captures {
				c(at.node, port, false, frame)
			}
			places = append(places, n.through(n.places[place{at.node, port}].link, frame)...)
		}
	}
	return places
}

// where is the port that leads to an address, if that is known.
func (o *ordinary) where(to network.MAC) (port uint32, known bool) {
	if port, known = o.static[to]; !known && to[0]&1 == 0 {
		port, known = o.learned[to]
	}
	return port, known
}
