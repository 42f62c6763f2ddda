package trace

import (
	"fmt"
	"slices"
	"strings"

	"pillion/backends/bundle"
	"pillion/p4"
	"pillion/runtime/packet"
	"pillion/runtime/simulate"
)

// Result is the way of a packet.
type Result struct {
	Packet    string `json:"packet"`
	From      string `json:"from"`
	To        string `json:"to"`
	Delivered bool   `json:"delivered"`
	// Verdict is one line: "delivered to web1 via fw1", "dropped at leaf1: policy".
	Verdict string `json:"verdict"`
	// Next is what to do about a drop; empty if the packet was delivered.
	Next  string `json:"next,omitempty"`
	Steps []Step `json:"steps"`
}

// Step is one hop of the packet or of a copy of it.
type Step struct {
	Switch  string   `json:"switch"`
	Port    uint32   `json:"port"`
	From    string   `json:"from"`           // who sent the frame over the last wire
	After   int      `json:"after"`          // the number of the step before, from 1; 0: none
	Copy    bool     `json:"copy,omitempty"` // for a tap
	Frame   string   `json:"frame"`
	Lookups []Lookup `json:"lookups"`
	Dropped string   `json:"dropped,omitempty"` // the reason
	Sends   []Sent   `json:"sends,omitempty"`
}

// Lookup is one table that a hop asked.
type Lookup struct {
	Table   string   `json:"table"`
	Match   string   `json:"match,omitempty"` // of the entity that was hit; empty: the default action
	Action  string   `json:"action,omitempty"`
	Because []string `json:"because,omitempty"` // the entity's provenance
	Counts  string   `json:"counts,omitempty"`  // the statement whose packets it counts
}

// Sent is one frame that a hop sent.
type Sent struct {
	Port  uint32 `json:"port"`
	To    string `json:"to"` // "spine1:2", "endpoint web1", "middlebox fw1 (at)"
	Copy  bool   `json:"copy,omitempty"`
	Frame string `json:"frame"`
}

// Run follows the packet of a request through a bundle whose targets run the program.
func Run(b *bundle.Bundle, program *p4.Program, r Request) (*Result, error) {
	n, err := simulate.New(b, program)
	if err != nil {
		return nil, err
	}
	p, err := r.packet(n.Inventory)
	if err != nil {
		return nil, err
	}
	j, err := n.Send(r.From, p.Bytes())
	if err != nil {
		return nil, err
	}
	out := &Result{Packet: p.String(), From: r.From, To: r.To}
	for i := range j.Hops {
		out.Steps = append(out.Steps, step(n, j, i))
	}
	out.judge(n, j, p)
	return out, nil
}

func step(n *simulate.Network, j *simulate.Journey, i int) Step {
	h := &j.Hops[i]
	s := Step{
		Switch: h.Switch, Port: h.Port, From: j.Endpoint, After: h.From + 1, Copy: j.Copied(i),
		Frame: packet.Describe(h.Frame), Dropped: h.Dropped, Lookups: []Lookup{},
	}
	switch {
	case h.Through != "":
		s.From = h.Through
	case h.From >= 0:
		s.From = j.Hops[h.From].Switch
	}
	for k := range h.Lookups {
		l := &h.Lookups[k]
		out := Lookup{Table: l.Table, Match: l.Match, Action: l.Action}
		if l.Entity != nil {
			out.Because = statements(n.Bundle, l.Entity)
			if l.Entity.Counts >= 0 {
				out.Counts = n.Bundle.Statements[l.Entity.Counts]
			}
		}
		s.Lookups = append(s.Lookups, out)
	}
	for k := range h.Outputs {
		o := &h.Outputs[k]
		s.Sends = append(s.Sends, Sent{Port: o.Port, To: peer(o), Copy: o.Copy, Frame: packet.Describe(o.Frame)})
	}
	return s
}

func statements(b *bundle.Bundle, e *bundle.Entity) []string {
	out := make([]string, len(e.From))
	for i, s := range e.From {
		out[i] = b.Statements[s]
	}
	return out
}

func peer(o *simulate.Output) string {
	switch o.Peer.Kind {
	case simulate.PeerSwitch:
		return fmt.Sprintf("%s:%d", o.Peer.Name, o.Link)
	case simulate.PeerNothing:
		return "nothing is attached there"
	case simulate.PeerMiddlebox:
		return fmt.Sprintf("middlebox %s (%v)", o.Peer.Name, o.Peer.Arm)
	}
	return "endpoint " + o.Peer.Name
}

// judge says how it ended.
func (r *Result) judge(n *simulate.Network, j *simulate.Journey, p *packet.Packet) {
	var to, taps []string
	var via []string
	for _, d := range j.Deliveries() {
		if !slices.Contains(to, d.Endpoint) {
			to = append(to, d.Endpoint)
		}
		via = j.Gates(d.Hop)
	}
	for _, pass := range j.Passes() {
		if pass.Copy {
			taps = append(taps, pass.Instance)
		}
	}
	tail := ""
	if len(taps) > 0 {
		slices.Sort(taps)
		tail = ", copied to " + strings.Join(taps, ", ")
	}
	owner := n.Inventory.Owner(p.Dst)
	r.Delivered = len(to) > 0 && (owner == nil || slices.Contains(to, owner.Name))
	if len(to) > 0 {
		slices.Sort(to)
		r.Verdict = "delivered to " + strings.Join(to, ", ")
		if len(via) > 0 {
			r.Verdict += " via " + strings.Join(via, " -> ")
		}
		r.Verdict += tail
		if !r.Delivered {
			r.Next = "the bundle contradicts its network: compile again"
		}
		return
	}
	for _, i := range j.Drops() {
		if j.Copied(i) {
			continue
		}
		h := &j.Hops[i]
		r.Verdict = fmt.Sprintf("dropped at %s: %s%s", h.Switch, h.Dropped, tail)
		r.Next = r.next(i, h.Dropped, p)
		return
	}
	r.Verdict, r.Next = "lost"+tail, "a frame left by a port where nothing is attached, or ran in a circle: compile again from the network as it is"
}
