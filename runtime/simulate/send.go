package simulate

import (
	"fmt"
)

// MaxHops bounds the hops of one frame and its copies together.
const MaxHops = 4096

// arrival is a frame that is about to enter a switch.
type arrival struct {
	place
	frame   []byte
	from    int
	output  int
	through string
}

// Send puts a frame on the wire as an endpoint would, and follows it and all that comes of it.
func (n *Network) Send(endpoint string, frame []byte) (*Journey, error) {
	e := n.Inventory.Endpoint(endpoint)
	if e == nil {
		return nil, fmt.Errorf("the network has no endpoint %s", endpoint)
	}
	j := &Journey{Endpoint: endpoint, Frame: frame}
	return j, n.run(j, arrival{place: n.endpointPlace(e), frame: frame, from: -1})
}

// Inject puts a frame on the wire at any port, towards the switch.
func (n *Network) Inject(node string, port uint32, frame []byte) (*Journey, error) {
	j := &Journey{Frame: frame}
	return j, n.run(j, arrival{place: place{node, port}, frame: frame, from: -1})
}

// run moves frames, those that came first first.
func (n *Network) run(j *Journey, first arrival) error {
	queue := []arrival{first}
	for len(queue) > 0 {
		if len(j.Hops) >= MaxHops {
			j.Unbounded = true
			return nil
		}
		a := queue[0]
		queue = queue[1:]
		hop, err := n.hop(a)
		if err != nil {
			return err
		}
		index := len(j.Hops)
		j.Hops = append(j.Hops, *hop)
		for k := range hop.Outputs {
			queue = append(queue, n.leave(a.node, &hop.Outputs[k], index, k)...)
		}
	}
	return nil
}

// leave follows a frame out of a port, and returns what enters switches because of it.
func (n *Network) leave(node string, o *Output, hop, output int) []arrival {
	for _, c := range n.captures {
		c(node, o.Port, false, o.Frame)
	}
	to := n.places[place{node, o.Port}]
	if to == nil {
		o.Peer = Peer{Kind: PeerNothing}
		return nil
	}
	o.Peer = to.Peer
	switch to.Kind {
	case PeerSwitch:
		o.Link = to.link.port
		var out []arrival
		for _, p := range n.through(to.link, o.Frame) {
			out = append(out, arrival{place: p, frame: o.Frame, from: hop, output: output})
		}
		return out
	case PeerMiddlebox:
		box := n.boxes[to.Name]
		var out []arrival
		for _, s := range n.visit(Visit{Instance: to.Name, Arm: to.Arm, TwoArmed: box.Out.Number != 0, Copy: o.Copy, Frame: o.Frame}) {
			out = append(out, arrival{place: n.at(box, s.Arm), frame: s.Frame, from: hop, output: output, through: to.Name})
		}
		return out
	}
	return nil
}
