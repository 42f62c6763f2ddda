package compiler

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"pillion/compiler/match"
)

// pair is an ordered pair of identities between which something is permitted.
type pair struct {
	to       int32
	first    uint32 // rules[first:first+count] of its source: the statements about it, in order of precedence
	count    uint32
	decision *decision
	steering *steering // nil: no chain selects anything of it
}

// source is all that an identity may send to.
type source struct {
	pairs []pair // by identity, ascending
	rules []int32
}

// about is what one rule says about a pair.
type about struct {
	to   int32
	rule int32 // index<<1, and 1 for the answers
}

// maxPairs bounds the memory that a policy such as `any -> any` can ask for, which
// no table could hold.
const maxPairs = 64 << 20

// findPairs lists what may be sent, from every identity, and decides each pair.
func (m *model) findPairs() []source {
	denies := newSelectorIndex(len(m.identities))
	counts := make([]int64, len(m.identities))
	var total int64
	for i, r := range m.rules {
		if r.class == classDeny {
			denies.add(int32(i), r.from, r.to)
			continue
		}
		n := int64(len(r.from.ids)) * int64(len(r.to.ids))
		if r.answer >= 0 {
			n *= 2
		}
		if total += n; total > maxPairs {
			m.addError(r.span, "C040", fmt.Sprintf("rule %s alone joins %d identities with %d: with it the policy has more than %d pairs",
				r.name, len(r.from.ids), len(r.to.ids), maxPairs), "narrow one side; every pair costs a table entry")
			return nil
		}
		for _, s := range r.from.ids {
			counts[s] += int64(len(r.to.ids))
		}
		if r.answer >= 0 {
			for _, s := range r.to.ids {
				counts[s] += int64(len(r.from.ids))
			}
		}
	}
	said := m.collect(counts, total)
	steerings := m.newSteeringIndex()
	sources := make([]source, len(m.identities))
	effects := make([]effect, len(m.rules))
	inParallel(len(m.identities), func() func(int) {
		d := &decider{model: m, denies: denies, cache: map[string]*decision{}, effects: effects, steerings: steerings, steered: map[string]*steering{}}
		return func(s int) { sources[s] = d.source(int32(s), said[s]) }
	})
	m.reportEffects(effects)
	m.uniteDecisions(sources)
	return sources
}

// collect sorts what the rules say by source.
func (m *model) collect(counts []int64, total int64) [][]about {
	all := make([]about, total)
	said := make([][]about, len(counts))
	at := int64(0)
	for s, n := range counts {
		said[s] = all[at : at : at+n]
		at += n
	}
	for i, r := range m.rules {
		if r.class == classDeny {
			continue
		}
		for _, s := range r.from.ids {
			for _, d := range r.to.ids {
				said[s] = append(said[s], about{to: d, rule: int32(i) << 1})
			}
		}
		if r.answer < 0 {
			continue
		}
		for _, s := range r.to.ids {
			for _, d := range r.from.ids {
				said[s] = append(said[s], about{to: d, rule: int32(i)<<1 | 1})
			}
		}
	}
	return said
}

// inParallel calls fn for 0 to n-1 on all cores. Each worker asks newWorker once for its own fn.
func inParallel(n int, newWorker func() func(int)) {
	workers := runtime.GOMAXPROCS(0)
	chunk := min(64, max(1, n/(8*workers)))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, (n+chunk-1)/chunk) {
		wg.Go(func() {
			fn := newWorker()
			for {
				from := int(next.Add(int64(chunk))) - chunk
				if from >= n {
					return
				}
				for i := from; i < min(from+chunk, n); i++ {
					fn(i)
				}
			}
		})
	}
	wg.Wait()
}

// selectorIndex finds the rules or chains that speak of a pair without looking at all of them.
type selectorIndex struct {
	byFrom [][]int32
	byTo   [][]int32 // from any
	rest   []int32   // from any to any
	to     map[int32]*set
}

func newSelectorIndex(identities int) *selectorIndex {
	return &selectorIndex{byFrom: make([][]int32, identities), byTo: make([][]int32, identities), to: map[int32]*set{}}
}

func (x *selectorIndex) add(n int32, from, to *set) {
	x.to[n] = to
	switch {
	case !from.any:
		for _, s := range from.ids {
			x.byFrom[s] = append(x.byFrom[s], n)
		}
	case !to.any:
		for _, d := range to.ids {
			x.byTo[d] = append(x.byTo[d], n)
		}
	default:
		x.rest = append(x.rest, n)
	}
}

// each calls fn with everything added that speaks of (s, d).
func (x *selectorIndex) each(s, d int32, fn func(int32)) {
	for _, n := range x.byFrom[s] {
		if x.to[n].has(d) {
			fn(n)
		}
	}
	for _, n := range x.byTo[d] {
		fn(n)
	}
	for _, n := range x.rest {
		fn(n)
	}
}

// decider works out the pairs of one source after another.
type decider struct {
	*model
	denies    *selectorIndex
	cache     map[string]*decision
	effects   []effect
	steerings *steeringIndex
	steered   map[string]*steering
	list      []contribution
	key       []byte
}

// sameEndpoint says whether both identities are one single endpoint, which does not talk to itself.
func (m *model) sameEndpoint(s, d int32) bool {
	a, b := m.identities[s], m.identities[d]
	return len(a.members) == 1 && len(b.members) == 1 && a.members[0] == b.members[0]
}

func (d *decider) source(s int32, said []about) source {
	slices.SortFunc(said, func(a, b about) int {
		if a.to != b.to {
			return int(a.to) - int(b.to)
		}
		return int(a.rule) - int(b.rule)
	})
	var out source
	for len(said) > 0 {
		to, n := said[0].to, 1
		for n < len(said) && said[n].to == to {
			n++
		}
		if !d.sameEndpoint(s, to) {
			d.pair(&out, s, to, said[:n])
		}
		said = said[n:]
	}
	return out
}

func (d *decider) pair(out *source, s, to int32, said []about) {
	d.list = d.list[:0]
	for _, a := range said {
		d.contribute(a.rule>>1, a.rule&1 == 1)
	}
	d.denies.each(s, to, func(r int32) { d.contribute(r, false) })
	p := pair{to: to, first: uint32(len(out.rules)), decision: d.decide()}
	for i := range d.list {
		if c := &d.list[i]; int(c.local) == len(out.rules)-int(p.first) {
			out.rules = append(out.rules, c.rule)
		}
	}
	p.count = uint32(len(out.rules)) - p.first
	d.noteEffects(p.decision)
	p.steering = d.steer(s, to, p.decision)
	out.pairs = append(out.pairs, p)
}

func (d *decider) contribute(rule int32, answer bool) {
	r := d.rules[rule]
	c := contribution{class: r.class, shape: r.forward, rule: rule, answer: answer}
	if answer {
		c.shape = r.answer
	}
	d.list = append(d.list, c)
}

// effect is what is known of a rule from the pairs that it speaks of.
type effect struct {
	undenied atomic.Bool  // some packet of it is not denied
	decides  atomic.Bool  // some packet is decided by it
	stops    atomic.Int64 // of a deny: the allow whose answers it stops, as its index and 1; 0: none
}

// noteStopped remembers that a deny without ports stops the answers of an allow; of several the one whose
// name comes first, whichever worker finds it.
func (d *decider) noteStopped() {
	for i := range d.list {
		deny := &d.list[i]
		if deny.class != classDeny {
			return // denies come first
		}
		for j := range d.list {
			a := &d.list[j]
			if !a.answer || a.class != classAllow || !d.stopsAll(deny, a) {
				continue
			}
			stops := &d.effects[deny.rule].stops
			for old := stops.Load(); old == 0 || old > int64(a.rule)+1; old = stops.Load() {
				if stops.CompareAndSwap(old, int64(a.rule)+1) {
					break
				}
			}
		}
	}
}

// stopsAll says whether a deny without ports covers the answers.
func (d *decider) stopsAll(deny, answer *contribution) bool {
	boxes := d.shapes[deny.shape].boxes
	return !slices.ContainsFunc(boxes, func(b match.Box) bool { return b.Ports }) && match.CoversAll(boxes, d.shapes[answer.shape].boxes)
}

func (d *decider) noteEffects(dec *decision) {
	d.noteStopped()
	for i := range d.list {
		c := &d.list[i]
		if c.answer {
			continue
		}
		e := &d.effects[c.rule]
		if dec.undenied[i] && !e.undenied.Load() {
			e.undenied.Store(true)
		}
		if dec.decides[i] && !e.decides.Load() {
			e.decides.Store(true)
		}
	}
}

// reportEffects tells of rules that do nothing.
func (m *model) reportEffects(effects []effect) {
	for i, r := range m.rules {
		e := &effects[i]
		if n := e.stops.Load(); n > 0 {
			a := m.rules[n-1]
			m.addWarning(r.span, "C043", "deny "+r.name+" is without ports, so it also stops the answers to what allow "+a.name+" permits the other way",
				"name the services that it is to deny (on …), or make the allow one-way if no answers are wanted")
		}
		switch {
		case r.class == classImplicit:
		case r.class == classAllow && !e.undenied.Load() && m.anyPair(r):
			m.addError(r.span, "C041", "allow "+r.name+" permits nothing: denies cover it entirely", "remove it, or narrow the denies: a deny is stronger than any allow")
		case r.class == classAllow && !e.decides.Load():
			m.addError(r.span, "C042", "allow "+r.name+" never matches: other rules, or the fact that an endpoint does not talk to itself, leave it no packet", "remove it, or narrow the others")
		case r.class == classDeny && m.coveredDeny(r):
			m.addError(r.span, "C042", "deny "+r.name+" never matches: other denies cover it", "remove it, or narrow the others")
		}
	}
}

func (m *model) anyPair(r *rule) bool {
	for _, s := range r.from.ids {
		for _, d := range r.to.ids {
			if !m.sameEndpoint(s, d) {
				return true
			}
		}
	}
	return false
}

// coveredDeny says whether other denies cover this one wherever it speaks. A deny of what nothing
// permits anyway is a safeguard, not a mistake.
func (m *model) coveredDeny(r *rule) bool {
	for _, o := range m.rules {
		if o == r || o.class != classDeny || !match.CoversAll(o.boxes, r.boxes) || !r.from.within(o.from) || !r.to.within(o.to) {
			continue
		}
		same := match.CoversAll(r.boxes, o.boxes) && o.from.within(r.from) && o.to.within(r.to)
		if !same || o.name < r.name {
			return true
		}
	}
	return false
}
