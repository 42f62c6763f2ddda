package simulate

import "pillion/backends/bundle"

// Journey is everything that came of one frame. Hops are in the order of time; copies make it a
// tree, in which every hop knows where its frame came from.
type Journey struct {
	Endpoint string // that sent the frame
	Frame    []byte
	Hops     []Hop
	// Unbounded says that frames were still under way when MaxHops was reached.
	Unbounded bool
}

// Hop is one frame at one switch.
type Hop struct {
	From    int    // index in Journey.Hops of where the frame came from; -1: from the endpoint
	Output  int    // which of its outputs
	Through string // the middlebox in between, if there was one

	Switch  string
	Port    uint32
	Frame   []byte // as it came in
	Lookups []Lookup
	// Dropped is the reason for which the frame went no further; empty if it did. Copies for taps may have been made all the same.
	Dropped string
	Outputs []Output
}

// Lookup is one table that the frame was looked up in.
type Lookup struct {
	Table  string         // its name in P4Info's short form
	Entity *bundle.Entity // that was hit; nil: the default action ran
	Match  string         // of the entity, in words
	Action string         // in words: "to_port(port=3, …)"; the default action without arguments; "" for none
	Output int            // a lookup in egress: for which of Outputs; -1: in ingress, or the copy was dropped
}

// Output is one frame that left the switch.
type Output struct {
	Port  uint32
	Frame []byte
	Copy  bool // for a tap
	Peer  Peer
	Link  uint32 // the port at the other end, of PeerSwitch
}

// Delivery is a frame that came out at an endpoint.
type Delivery struct {
	Endpoint string
	Frame    []byte
	Hop      int // where it came out of the network
	Output   int
}

// Deliveries lists what came out at endpoints, in the order of time.
func (j *Journey) Deliveries() []Delivery {
	var out []Delivery
	j.each(PeerEndpoint, func(hop, output int, o *Output) {
		out = append(out, Delivery{Endpoint: o.Peer.Name, Frame: o.Frame, Hop: hop, Output: output})
	})
	return out
}

// Pass is a frame that came to a middlebox.
type Pass struct {
	Visit
	Hop    int
	Output int
}

// Passes lists what came to middleboxes, in the order of time.
func (j *Journey) Passes() []Pass {
	var out []Pass
	j.each(PeerMiddlebox, func(hop, output int, o *Output) {
		out = append(out, Pass{Visit{Instance: o.Peer.Name, Arm: o.Peer.Arm, Copy: o.Copy, Frame: o.Frame}, hop, output})
	})
	return out
}

// Lost lists the frames that left by a port where nothing is attached.
func (j *Journey) Lost() []Delivery {
	var out []Delivery
	j.each(PeerNothing, func(hop, output int, o *Output) {
		out = append(out, Delivery{Frame: o.Frame, Hop: hop, Output: output})
	})
	return out
}

func (j *Journey) each(kind PeerKind, f func(hop, output int, o *Output)) {
	for i := range j.Hops {
		for k := range j.Hops[i].Outputs {
			if o := &j.Hops[i].Outputs[k]; o.Peer.Kind == kind {
				f(i, k, o)
			}
		}
	}
}

// Gates lists the instances that the frame at a hop has come through, in order.
func (j *Journey) Gates(hop int) []string {
	var out []string
	for ; hop >= 0; hop = j.Hops[hop].From {
		if t := j.Hops[hop].Through; t != "" {
			out = append([]string{t}, out...)
		}
	}
	return out
}

// Drops lists the hops where a frame was dropped.
func (j *Journey) Drops() []int {
	var out []int
	for i := range j.Hops {
		if j.Hops[i].Dropped != "" {
			out = append(out, i)
		}
	}
	return out
}

// Copied says whether the frame at a hop is a copy for a tap.
func (j *Journey) Copied(hop int) bool {
	for ; hop >= 0 && j.Hops[hop].From >= 0; hop = j.Hops[hop].From {
		if j.Hops[j.Hops[hop].From].Outputs[j.Hops[hop].Output].Copy {
			return true
		}
	}
	return false
}
