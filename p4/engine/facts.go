package engine

import "maps"

// facts are what is known of words of the state at a point of the control flow.
type facts map[int]fact

// fact is what a word is, or if it is not known, one value that it is not.
type fact struct {
	known bool
	value uint64
}

// maxFacts bounds the work of loading a program.
const maxFacts = 64

func (f facts) with(word int, known bool, value uint64) facts {
	if old, ok := f[word]; ok && (old.known || !known) || !(ok || len(f) < maxFacts) {
		return f
	}
	f = maps.Clone(f)
	f[word] = fact{known, value}
	return f
}

// decides follows comparisons from s on as far as the facts decide them.
func (f facts) decides(s *step) *step {
	for s != nil && s.kind == stepEqual {
		k, ok := f[s.a]
		switch {
		case ok && k.known && k.value == s.want:
			s = s.yes
		case ok && (k.known || k.value == s.want):
			s = s.no
		default:
			return s
		}
	}
	return s
}

// meet keeps what holds in both.
func (f facts) meet(g facts) facts {
	out := facts{}
	for w, k := range f {
		if g[w] == k {
			if _, ok := g[w]; ok {
				out[w] = k
			}
		}
	}
	return out
}

// after is what holds when an action has run.
func (f facts) after(a *actionDef) facts {
	out := maps.Clone(f)
	straight := true
	for i := range a.ops {
		straight = straight && a.ops[i].kind != opJump && a.ops[i].kind != opJumpIfZero
	}
	for i := range a.ops {
		o := &a.ops[i]
		writes, known := o.effect()
		if !known {
			clear(out)
			continue
		}
		copied, ok := out[o.src]
		for _, r := range writes {
			out.forget(r)
		}
		switch {
		case !straight || len(out) >= maxFacts:
		case o.kind == opSet:
			out[o.dst] = fact{true, o.value}
		case o.kind == opCopy && o.words == 1 && ok:
			out[o.dst] = copied
		}
	}
	return out
}

func (f facts) forget(r wordRun) {
	for w := r.off; w < r.off+r.n; w++ {
		delete(f, w)
	}
}

// shorten lets every way that leads to a comparison which is decided on it go past, and
// returns the first step of the flow.
func shorten(first *step, prog *Program) *step {
	s := &shortener{prog: prog, in: map[*step]facts{}}
	if first == nil {
		return nil
	}
	s.order(first, map[*step]bool{})
	s.in[first] = facts{}
	for i := len(s.steps) - 1; i >= 0; i-- {
		if known, reached := s.in[s.steps[i]]; reached {
			s.leave(s.steps[i], known)
		}
	}
	return first
}

type shortener struct {
	prog  *Program
	steps []*step // each after those that it leads to
	in    map[*step]facts
}

func (s *shortener) order(t *step, seen map[*step]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	if t.kind == stepTable {
		for _, e := range t.table.edges() {
			s.order(e.step, seen)
		}
	}
	s.order(t.yes, seen)
	s.order(t.no, seen)
	s.steps = append(s.steps, t)
}

// way shortens one way out of a step, on which these facts hold.
func (s *shortener) way(to **step, known facts) {
	t := known.decides(*to)
	*to = t
	if t == nil {
		return
	}
	if before, ok := s.in[t]; ok {
		known = before.meet(known)
	}
	s.in[t] = known
}

func (s *shortener) leave(t *step, known facts) {
	switch t.kind {
	case stepEqual:
		s.way(&t.yes, known.with(t.a, true, t.want))
		s.way(&t.no, known.with(t.a, false, t.want))
	case stepAction:
		s.way(&t.yes, known.after(t.call.action))
	case stepTable:
		s.leaveTable(t.table, known)
	default:
		s.way(&t.yes, known)
		s.way(&t.no, known)
	}
}

func (s *shortener) leaveTable(d *tableDef, known facts) {
	if d.meter >= 0 {
		m := s.prog.meters[d.meter].target.loc
		known = maps.Clone(known)
		known.forget(wordRun{m.off, m.words()})
	}
	if !d.byHit {
		for a, e := range d.nextOf {
			s.way(&e.step, known.after(a))
		}
		s.way(&d.missNext.step, known)
		return
	}
	// Whatever action has run, or none.
	actions := d.actions.list
	if d.profile >= 0 {
		actions = s.prog.profiles[d.profile].actions.list
	}
	if d.defaultCall != nil {
		actions = append(actions[:len(actions):len(actions)], d.defaultCall.action)
	}
	any := known
	for _, a := range actions {
		any = any.meet(known.after(a))
	}
	s.way(&d.hit.step, any)
	s.way(&d.miss.step, any)
}
