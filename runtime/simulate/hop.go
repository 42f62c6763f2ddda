package simulate

import (
	"fmt"
	"strings"

	"pillion/p4"
	"pillion/p4/engine"
)

// dropCounter is where pillion.p4 counts drops by their reason.
const dropCounter = "ingress.drops"

// cloneInstance is standard_metadata.instance_type of a copy that ingress made.
const cloneInstance = 1

// hop runs a frame through a switch.
func (n *Network) hop(a arrival) (*Hop, error) {
	d, err := n.device(a.node)
	if err != nil {
		return nil, err
	}
	for _, c := range n.captures {
		c(a.node, a.port, true, a.frame)
	}
	before := drops(d.engine)
	trace := d.engine.Trace(a.port, a.frame)
	h := &Hop{From: a.from, Output: a.output, Through: a.through, Switch: a.node, Port: a.port, Frame: a.frame}
	for i, after := range drops(d.engine) {
		if after > before[i] {
			h.Dropped = reason(i)
		}
	}
	n.read(h, d, trace)
	if h.Dropped == "" && len(h.Outputs) == 0 {
		h.Dropped = "no copy was due here"
	}
	return h, nil
}

func drops(sw *engine.Switch) []uint64 {
	c := sw.Counter(dropCounter)
	if c == nil {
		return nil
	}
	out := make([]uint64, c.Size())
	for i := range out {
		v, _ := c.Read(i) // i is in range
		out[i] = v.Packets
	}
	return out
}

func reason(i int) string {
	if i < len(p4.DropReasons) {
		return p4.DropReasons[i]
	}
	return fmt.Sprintf("reason %d", i)
}

// read makes lookups and outputs of a trace.
func (n *Network) read(h *Hop, d *device, trace *engine.Trace) {
	copied := map[int]bool{}   // packets that are copies for taps
	waiting := map[int][]int{} // by packet: its lookups in egress
	egress := map[int]bool{}
	for i := range trace.Events {
		e := &trace.Events[i]
		switch e.Kind {
		case engine.EventEgress:
			egress[e.Packet] = true
			copied[e.Packet] = e.Instance == cloneInstance
		case engine.EventTable:
			if !d.program.Public(e.Name) {
				continue // p4c made it of plain code
			}
			if egress[e.Packet] {
				waiting[e.Packet] = append(waiting[e.Packet], len(h.Lookups))
			}
			h.Lookups = append(h.Lookups, d.lookup(e))
		case engine.EventOutput:
			for _, l := range waiting[e.Packet] {
				h.Lookups[l].Output = len(h.Outputs)
			}
			h.Outputs = append(h.Outputs, Output{Port: e.Port, Copy: copied[e.Packet], Frame: trace.Outputs[len(h.Outputs)].Frame})
		}
	}
}

func (d *device) lookup(e *engine.Event) Lookup {
	l := Lookup{Table: short(e.Name), Action: short(e.Action), Output: -1}
	if !e.Hit || e.Entry == nil {
		return l
	}
	if i, ok := e.Entry.Opaque.(int32); ok {
		l.Entity = &d.target.Entities[i]
		l.Action, l.Match = d.program.Names.Action(l.Entity), d.program.Names.Match(l.Entity)
	}
	return l
}

// short is the last part of a name: P4Info's alias.
func short(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
