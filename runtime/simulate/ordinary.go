package simulate

import (
	"slices"

	"pillion/compiler/network"
)

// ordinary is an ordinary switch: it learns where MAC addresses are, and floods what it has not learned. Only its links and
// its sidecar are on it; its other ports are joined to the sidecar by virtual wires.
type ordinary struct {
	learned map[network.MAC]uint32
	ports   []uint32 // ascending
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

// wireOrdinary finds the ordinary switches, and joins them with their sidecars.
func (n *Network) wireOrdinary(net *network.Network) {
	for i := range net.Switches {
		if s := &net.Switches[i]; s.Target == network.Legacy {
			n.ordinary[s.Name] = &ordinary{learned: map[network.MAC]uint32{}}
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
		o.ports = append(o.ports, c.At.Number)
		there, here := place{beside, c.At.Number}, place{c.Name, c.At.Number}
		n.places[here] = &attachment{Peer: Peer{Kind: PeerSwitch, Name: beside}, link: there}
		n.places[there] = &attachment{Peer: Peer{Kind: PeerSwitch, Name: c.Name}, link: here}
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
	if from[0]&1 == 0 {
		o.learned[from] = at.port
	}
	out := o.ports
	if port, known := o.learned[to]; known && to[0]&1 == 0 {
		out = []uint32{port}
	}
	var places []place
	for _, port := range out {
		if port != at.port {
			places = append(places, n.through(n.places[place{at.node, port}].link, frame)...)
		}
	}
	return places
}
