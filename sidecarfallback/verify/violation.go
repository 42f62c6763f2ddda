package verify

import (
	"bytes"
	"slices"
	"strings"

	"pillion/backends/bundle"
	"pillion/p4"
	"pillion/p4/engine"
	"pillion/runtime/packet"
)

// Reasons besides those for which a shim drops frames (p4.DropReasons).
const (
	// A shim sends the frame otherwise.
	ForgedIdentity = "forged identity" // of the source, or its tenant
	ForgedPath     = "forged path"     // service path or index
	ForgedBucket   = "forged bucket"
	ForgedLocator  = "forged locator" // of the next edge, or the tree there
	ForgedHeader   = "forged header"  // anything else in front of the original frame
	ForgedCapsule  = "encapsulated where a shim does not"
	MissingCapsule = "not encapsulated where a shim does"
	NotSent        = "kept by the shim" // it answers, or makes no copy
	unknownEdge    = "encapsulated by no known edge"
)

var (
	malformed        = p4.DropReasons[0]
	unknownPort      = p4.DropReasons[1]
	sourceNotAllowed = p4.DropReasons[5]
)

// violation is one by this host that needs no execution.
func (h *host) violation(f *Frame, reason string) *Violation {
	return &Violation{Endpoint: h.name, Port: h.blamed(f), Reason: reason, Statement: DefaultDeny, Packet: describe(f)}
}

// blamed is the port where the sender of a frame is.
func (h *host) blamed(f *Frame) uint32 {
	if f.Port == 0 {
		return h.port
	}
	if h.rules.ports[f.Port].kind == atOrdinary {
		return 0 // it is at another switch
	}
	return f.Port
}

// explain says what is wrong with a frame that the shim does not send; nil if too little of it is there.
func (h *host) explain(f *Frame, sw *engine.Switch, inner []byte) *Violation {
	drops := sw.Counter("ingress.drops")
	var before [32]uint64
	count := min(len(before), drops.Size())
	for i := range count {
		c, _ := drops.Read(i) // i is in range
		before[i] = c.Packets
	}
	trace := sw.Trace(p4.ShimHost, inner)
	for i := range trace.Events {
		if trace.Events[i].Kind == engine.EventParserError && f.cut() {
			return nil
		}
	}
	v := h.violation(f, "")
	for i := range count {
		if c, _ := drops.Read(i); c.Packets > before[i] && i < len(p4.DropReasons) {
			v.Reason = p4.DropReasons[i]
		}
	}
	v.Statement = h.statement(trace, v.Reason != "")
	if v.Reason == "" {
		v.Reason = forged(f.Data, trace.Outputs)
	}
	return v
}

// forged says in what a frame differs from those that the shim sends.
func forged(seen []byte, outputs []engine.Output) string {
	reason, fewest := NotSent, len(fields)+2
	for i := range outputs {
		out := outputs[i].Frame
		if outputs[i].Port != p4.ShimNetwork {
			continue
		}
		if r, n := compareHeaders(seen, out); n < fewest {
			reason, fewest = r, n
		}
	}
	return reason
}

// field is a part of what encapsulation puts in front of a frame.
type field struct {
	from, to int // bytes
	reason   string
}

// fields are in the order in which they are reported.
var fields = []field{
	{26, 34, ForgedIdentity}, {18, 22, ForgedPath}, {34, 36, ForgedBucket}, {0, 6, ForgedLocator}, {24, 26, ForgedLocator}, {0, packet.EncapsulationSize, ForgedHeader},
}

// compareHeaders names the first field that differs, and counts them.
func compareHeaders(seen, sent []byte) (reason string, n int) {
	if packet.IsEncapsulated(seen) != packet.IsEncapsulated(sent) {
		if packet.IsEncapsulated(sent) {
			return MissingCapsule, len(fields)
		}
		return ForgedCapsule, len(fields)
	}
	for _, f := range fields {
		if len(seen) >= f.to && len(sent) >= f.to && !bytes.Equal(seen[f.from:f.to], sent[f.from:f.to]) {
			if n++; reason == "" {
				reason = f.reason
			}
		}
	}
	return reason, n
}

// statement is whose decision a trace shows. For a frame that is dropped that is the entity that it came to last; for others,
// of the entities that count for a statement the last.
func (h *host) statement(trace *engine.Trace, dropped bool) string {
	last, counted := DefaultDeny, DefaultDeny
	for i := range trace.Events {
		e := &trace.Events[i]
		if e.Kind != engine.EventTable || e.Packet != 0 || !h.rules.shim.Public(e.Name) {
			continue
		}
		last = DefaultDeny
		if !e.Hit || e.Entry == nil {
			continue
		}
		if index, ok := e.Entry.Opaque.(int32); ok {
			entity := &h.target.Entities[index]
			last = h.rules.statementOf(entity)
			if entity.Counts >= 0 {
				counted = last
			}
		}
	}
	if dropped || counted == DefaultDeny {
		return last
	}
	return counted
}

// statementOf names the statement that an entity counts for, or the rules that it came from.
func (r *rules) statementOf(e *bundle.Entity) string {
	if e.Counts >= 0 {
		return r.statements[e.Counts]
	}
	var names []string
	for _, s := range e.From {
		kind, _, _ := strings.Cut(r.statements[s], " ")
		if slices.Contains(ruleKinds, kind) {
			names = append(names, r.statements[s])
		}
	}
	if len(names) == 0 {
		return DefaultDeny
	}
	return strings.Join(names, ", ")
}

// ruleKinds are the statements that decide about frames; the others say what there is.
var ruleKinds = []string{"allow", "deny", "chain", "multicast"}

// maxDescribed bounds what is looked at for the one line about a frame, in bytes.
const maxDescribed = 2048

func describe(f *Frame) string {
	if f.Brief {
		return ""
	}
	return packet.Describe(f.Data[:min(len(f.Data), maxDescribed)])
}
