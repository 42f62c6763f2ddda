package compiler

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"pillion/compiler/match"
	"pillion/lang"
	"pillion/lang/diag"
)

func (r *resolver) middleboxes(list []*lang.Middlebox) {
	known := make(map[string]int, len(r.net.Middleboxes))
	for i := range r.net.Middleboxes {
		known[r.net.Middleboxes[i].Name] = i
	}
	r.types = map[string]*boxType{}
	seen := declared{}
	usedBy := map[string]lang.Name{}
	for _, l := range list {
		if !r.declare(seen, "middlebox", l.Name) {
			continue
		}
		t := &boxType{
			name: l.Name.Text, stmt: r.statements.of("middlebox", l.Name.Text), span: l.Name.Span,
			stateful: l.Stateful, tap: l.Tap, open: l.OnFailure == lang.FailOpen,
		}
		if l.Rewrites {
			r.addError(l.RewritesSpan, "C020", "middlebox "+t.name+": rewrites is not supported yet", "take a middlebox that leaves addresses and ports as they are")
		}
		if l.Tap && l.OnFailureSpan.File != nil {
			r.addError(l.OnFailureSpan, "C021", "middlebox "+t.name+" is a tap and cannot fail a chain", "remove on-failure: nothing passes through a tap")
		}
		if len(l.Instances) == 0 {
			r.addError(l.Name.Span, "C022", "middlebox "+t.name+" has no instance", "name at least one middlebox of the network file: instances fw1")
		}
		for _, name := range l.Instances {
			i, ok := known[name.Text]
			if !ok {
				r.addError(name.Span, "C023", fmt.Sprintf("instance %s of middlebox %s is not attached", name.Text, t.name), "declare it under middleboxes: in the network file"+suggestion(name.Text, keys(known)))
				continue
			}
			if first, dup := usedBy[name.Text]; dup {
				r.addError(name.Span, "C002", fmt.Sprintf("instance %s is used twice", name.Text), "an instance belongs to one middlebox type",
					diag.Note{Span: first.Span, Message: "first used here"})
				continue
			}
			usedBy[name.Text] = name
			box := &r.net.Middleboxes[i]
			if l.Tap && box.Out.Number != 0 {
				r.addError(name.Span, "C021", fmt.Sprintf("instance %s of the tap %s has two arms", name.Text, t.name), "a tap only receives: remove out: from it in the network file")
			}
			in := &instance{Middlebox: box, stmt: r.statements.of("instance", name.Text), edge: r.edgeAt(box.At, "middlebox "+box.Name, box.Span), kind: t}
			if box.Out.Number != 0 && box.Out.Switch != box.At.Switch {
				r.addError(name.Span, "C024", fmt.Sprintf("instance %s has its arms on two switches", name.Text), "attach both arms of a middlebox to one switch")
				continue
			}
			t.instances = append(t.instances, in)
		}
		sort.Slice(t.instances, func(i, j int) bool { return t.instances[i].Name < t.instances[j].Name })
		for _, in := range t.instances {
			if !in.Down {
				t.up = append(t.up, in)
			}
		}
		if len(t.instances) > 0 && len(t.up) == 0 && !t.open && !t.tap {
			r.addWarning(l.Name.Span, "C025", fmt.Sprintf("every instance of middlebox %s is down: chains through it drop everything (on-failure closed)", t.name),
				"bring an instance up, or say on-failure open if its packets may pass it by")
		}
		r.types[t.name] = t
		r.model.types = append(r.model.types, t)
	}
	sort.Slice(r.model.types, func(i, j int) bool { return r.model.types[i].name < r.model.types[j].name })
}

func suggestion(name string, candidates []string) string {
	if near := diag.Suggest(name, candidates); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

func (r *resolver) chains(list []*lang.Chain) {
	seen := declared{}
	for _, l := range list {
		if !r.declare(seen, "chain", l.Name) {
			continue
		}
		c := &chain{
			name: l.Name.Text, stmt: r.statements.of("chain", l.Name.Text), span: l.Name.Span,
			from: r.set(l.From), to: r.set(l.To), boxes: r.boxesOf(l.On, r.services), portless: len(l.On) == 0, priority: l.Priority,
		}
		ok := r.gates(c, l)
		if !ok || len(c.from.ids) == 0 || len(c.to.ids) == 0 || c.boxes == nil {
			continue
		}
		if !c.portless {
			c.portless = !slices.ContainsFunc(c.boxes, func(b match.Box) bool { return b.Ports })
		}
		c.forward, c.answer = r.shape(c.boxes), r.shape(swapped(c.boxes))
		r.model.chains = append(r.model.chains, c)
	}
	sort.Slice(r.model.chains, func(i, j int) bool { return r.model.chains[i].name < r.model.chains[j].name })
	for i, c := range r.model.chains {
		c.rank = int32(i)
	}
}

func (r *resolver) gates(c *chain, l *lang.Chain) bool {
	ok := true
	const most = 64 // service indexes count down from 255; far more than anybody chains
	if len(l.Via) > most {
		r.addError(l.Name.Span, "C026", fmt.Sprintf("chain %s has %d gates", c.name, len(l.Via)), fmt.Sprintf("a chain may have %d", most))
		return false
	}
	first := map[*boxType]diag.Span{}
	for _, v := range l.Via {
		t, found := r.types[v.Type.Text]
		if !found {
			r.unknown(v.Type.Span, "C027", "middlebox", v.Type.Text, func() []string { return keys(r.types) })
			ok = false
			continue
		}
		if t.tap && v.Reversed {
			r.addError(v.Span, "C021", fmt.Sprintf("tap %s cannot be reversed", t.name), "a tap has one arm; remove reversed")
			ok = false
		}
		if at, twice := first[t]; twice && !t.tap {
			r.addError(v.Span, "C028", fmt.Sprintf("chain %s passes middlebox %s twice, so what returns from it is ambiguous", c.name, t.name),
				"a frame that comes back is known by its port alone: use a second type with instances of its own", diag.Note{Span: at, Message: "first here"})
			ok = false
		}
		first[t] = v.Span
		c.gates = append(c.gates, gate{kind: t, reversed: v.Reversed, span: v.Span})
		if !slices.Contains(c.kinds, t.stmt) {
			c.kinds = append(c.kinds, t.stmt)
		}
	}
	return ok && len(c.gates) > 0
}

// checkOverlaps reports chains that select the same packet in the same direction without a decision between them.
func (m *model) checkOverlaps() {
	for i, a := range m.chains {
		for _, b := range m.chains[i+1:] {
			m.checkOverlap(a, b)
		}
	}
}

func (m *model) checkOverlap(a, b *chain) {
	box, ok := match.Overlap(a.boxes, b.boxes)
	if !ok {
		return
	}
	s := a.from.common(b.from)
	d := a.to.common(b.to)
	if s < 0 || d < 0 || beats(a, b) || beats(b, a) {
		return
	}
	m.addError(b.span, "C030", fmt.Sprintf("chains %s and %s both select %s", a.name, b.name, m.packet(s, d, box)),
		"give one of them a priority, or make one's selection part of the other's", diag.Note{Span: a.span, Message: "chain " + a.name + " is here"})
}

// beats says whether chain a takes the packets that both a and b select in the same direction.
func beats(a, b *chain) bool {
	ab := a.from.within(b.from) && a.to.within(b.to) && match.CoversAll(b.boxes, a.boxes)
	ba := b.from.within(a.from) && b.to.within(a.to) && match.CoversAll(a.boxes, b.boxes)
	if ab != ba {
		return ab
	}
	return a.priority > b.priority
}

// packet describes one packet of a box between members of two identities.
func (m *model) packet(s, d int32, b match.Box) string {
	var w strings.Builder
	fmt.Fprintf(&w, "%s -> %s on ", m.memberName(s), m.memberName(d))
	switch {
	case b.AnyProto:
		w.WriteString("any protocol")
	case b.Ports && b.DLo > 0:
		fmt.Fprintf(&w, "%s/%d", protoName(b.Proto), b.DLo)
	default:
		w.WriteString(protoName(b.Proto))
	}
	return w.String()
}

func protoName(p uint8) string {
	switch p {
	case lang.ProtoICMP:
		return "icmp"
	case lang.ProtoTCP:
		return "tcp"
	case lang.ProtoUDP:
		return "udp"
	}
	return fmt.Sprintf("proto/%d", p)
}

func (m *model) memberName(id int32) string {
	members := m.identities[id].members
	least := m.endpoints[members[0]].Name
	for _, e := range members[1:] {
		least = min(least, m.endpoints[e].Name)
	}
	return least
}
