package engine

// step is a node of the control flow in the form that packets run: conditions are taken
// apart into comparisons of words, tables without key are the action that they run, and
// where a comparison is decided already, the way goes past it (facts.go). A traced
// packet runs the ctlNodes of the config instead, to name them.
type step struct {
	kind stepKind
	a, b int    // state words
	want uint64 // stepEqual
	cond fnBool
	// yes follows a comparison that holds, or an action.
	yes, no *step
	call    *actionCall
	table   *tableDef
}

type stepKind uint8

const (
	stepEqual  stepKind = iota // is the word a == want?
	stepSame                   // is the word a == the word b?
	stepCond                   // is cond true?
	stepAction                 // run call
	stepTable                  // apply table, and go on as the entry says
)

// edge is where control goes on, for packets that are traced and for the others.
type edge struct {
	node *ctlNode
	step *step
}

// run runs a pipeline from its first step.
func (p *packet) run(s *step) {
	st := p.st
	for s != nil {
		var yes bool
		switch s.kind {
		case stepEqual:
			yes = st[s.a] == s.want
		case stepSame:
			yes = st[s.a] == st[s.b]
		case stepCond:
			yes = s.cond(p)
		case stepAction:
			p.execute(s.call.action, s.call.args)
			if p.exit || p.dead {
				return
			}
			yes = true
		case stepTable:
			next := p.applyTable(s.table)
			if p.exit || p.dead || next == nil {
				return
			}
			s = next.step
			continue
		}
		if yes {
			s = s.yes
		} else {
			s = s.no
		}
	}
}

// flowBuilder makes steps of the nodes of a control flow.
type flowBuilder struct{ done map[*ctlNode]*step }

func (b *flowBuilder) step(n *ctlNode) *step {
	if n == nil {
		return nil
	}
	if s, ok := b.done[n]; ok {
		return s
	}
	var s *step
	switch {
	case n.table != nil:
		s = b.table(n.table)
	case n.cond != nil:
		s = b.branch(n.expr, b.step(n.ifTrue), b.step(n.ifFalse))
	default:
		s = &step{kind: stepAction, call: &actionCall{action: n.action}, yes: b.step(n.next)}
	}
	b.done[n] = s
	return s
}

func (b *flowBuilder) table(d *tableDef) *step {
	if len(d.keys) == 0 && d.constDefault && d.profile < 0 && !d.counters && !d.timeout && d.meter < 0 && d.defaultCall != nil {
		return &step{kind: stepAction, call: d.defaultCall, yes: b.step(d.after(d.defaultCall.action, false).node)}
	}
	for _, e := range d.edges() {
		e.step = b.step(e.node)
	}
	return &step{kind: stepTable, table: d}
}

// branch makes steps of a condition that go on at yes or no. Go's && and || are control
// flow too: the right side does not run where the left one decides.
func (b *flowBuilder) branch(e *expr, yes, no *step) *step {
	switch e.op {
	case opBool:
		if e.truth {
			return yes
		}
		return no
	case opLNot:
		return b.branch(e.r, no, yes)
	case opLAnd:
		return b.branch(e.l, b.branch(e.r, yes, no), no)
	case opLOr:
		return b.branch(e.l, yes, b.branch(e.r, yes, no))
	case opValid:
		if e.r.op == opHeader {
			return &step{kind: stepEqual, a: e.r.hdr.valid, yes: no, no: yes}
		}
	case opDataToBool:
		if s := equal(e.r, constant(zeroBig), no, yes); s != nil {
			return s
		}
	case opEq:
		if s := equal(e.l, e.r, yes, no); s != nil {
			return s
		}
	case opNe:
		if s := equal(e.l, e.r, no, yes); s != nil {
			return s
		}
	}
	return &step{kind: stepCond, cond: compileBool(e), yes: yes, no: no}
}

// equal compares two expressions half by half; nil if they cannot be taken apart.
func equal(l, r *expr, yes, no *step) *step {
	lh, ll, ok := halves(l)
	rh, rl, ok2 := halves(r)
	if !ok || !ok2 {
		return nil
	}
	return equalHalf(lh, rh, equalHalf(ll, rl, yes, no), no)
}

func equalHalf(l, r half, yes, no *step) *step {
	if l.kind == constHalf {
		l, r = r, l
	}
	switch {
	case l.kind == constHalf && l.value == r.value:
		return yes
	case l.kind == constHalf, r.kind == constHalf && r.value&^l.can != 0:
		return no
	case l.kind == wordHalf && r.kind == constHalf:
		return &step{kind: stepEqual, a: l.word, want: r.value, yes: yes, no: no}
	case l.kind == wordHalf && r.kind == wordHalf:
		return &step{kind: stepSame, a: l.word, b: r.word, yes: yes, no: no}
	case r.kind == constHalf:
		f, k := l.load(), r.value
		return &step{kind: stepCond, cond: func(p *packet) bool { return f(p) == k }, yes: yes, no: no}
	}
	f, g := l.load(), r.load()
	return &step{kind: stepCond, cond: func(p *packet) bool { return f(p) == g(p) }, yes: yes, no: no}
}

// wordField says whether the value of e is that of the state's words as they are.
func wordField(e *expr) bool {
	return e.typ == typeData && e.op == opField && !e.loc.signed && !e.loc.varbit && e.loc.width > 0
}
