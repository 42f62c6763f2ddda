package compiler

import (
	"fmt"
	"slices"

	"pillion/compiler/number"
	"pillion/compiler/plan"
)

// path is a chain in one direction: its gates in the order in which packets pass them.
// Position k has the service index 255-k; the index after the last gate is the destination's.
type path []position

type position struct {
	kind    *boxType
	reverse bool // enters two-armed instances by `out`
}

func (c *chain) makePaths() {
	for _, g := range c.gates {
		c.paths[0] = append(c.paths[0], position{kind: g.kind, reverse: g.reversed})
		c.paths[1] = append(c.paths[1], position{kind: g.kind, reverse: !g.reversed})
	}
	slices.Reverse(c.paths[1])
}

func serviceIndex(k int) uint8 { return uint8(255 - k) }

// step is what happens to a packet that has come to position k.
type step struct {
	kind plan.GateKind
	next int   // the position of the gate that it goes to, or the path's length
	taps []int // positions of the taps that get a copy on the way
}

// from finds the next gate from position k on: taps with an instance up get a copy, gates without one are
// passed by if they fail open.
func (p path) from(k int) step {
	var s step
	for j := k; j < len(p); j++ {
		t := p[j].kind
		switch {
		case t.tap && len(t.up) > 0:
			s.taps = append(s.taps, j)
		case t.tap:
		case len(t.up) > 0:
			s.kind, s.next = plan.GatePass, j
			return s
		case !t.open:
			s.kind, s.next = plan.GateClosed, j
			return s
		}
	}
	s.kind, s.next = plan.GateFinish, len(p)
	return s
}

// leg is one position of one chain in one direction.
type leg struct {
	chain  *chain
	answer int // 0 forward, 1 answers
	k      int
}

func (l leg) path() path { return l.chain.paths[l.answer] }

func (l leg) spi() uint32 { return l.chain.spi[l.answer] }

var direction = [2]string{"forward", "answer"}

// tapSet names the copies that are made at this leg, or at the edges of their taps.
func (l leg) tapSet(arrival bool) string {
	if arrival {
		return fmt.Sprintf("chain %s %s %d arrival", l.chain.name, direction[l.answer], l.k)
	}
	return fmt.Sprintf("chain %s %s %d", l.chain.name, direction[l.answer], l.k)
}

// run is a range of buckets that one instance serves.
type run struct {
	lo, hi   int
	instance *instance
	from     []stmt
}

const buckets = 256

// runs shares the buckets among the instances that are up, by rendezvous hashing: a new instance takes buckets
// from the others, and what a lost one had is shared among those left; nothing else moves.
func (t *boxType) runs() []run {
	if len(t.up) == 0 {
		return nil
	}
	var first, second [buckets]*instance
	for b := range buckets {
		var best, next uint64
		for _, in := range t.up {
			w := number.Mix(number.Hash(t.name+"/"+in.Name) + uint64(b)*0x9E3779B97F4A7C15)
			switch {
			case first[b] == nil || w > best:
				second[b], next = first[b], best
				first[b], best = in, w
			case second[b] == nil || w > next:
				second[b], next = in, w
			}
		}
	}
	var out []run
	for b := range buckets {
		if n := len(out); n > 0 && out[n-1].instance == first[b] {
			out[n-1].hi = b
			continue
		}
		out = append(out, run{lo: b, hi: b, instance: first[b]})
	}
	for i := range out {
		r := &out[i]
		r.from = []stmt{r.instance.stmt}
		for _, b := range []int{r.lo - 1, r.hi + 1} {
			// Without the neighbour, would its bucket fall to this run?
			if b >= 0 && b < buckets && second[b] == r.instance && !slices.Contains(r.from, first[b].stmt) {
				r.from = append(r.from, first[b].stmt)
			}
		}
	}
	return out
}

// checkArms reports endpoints that a learning middlebox would see on both of its arms.
func (m *model) checkArms(sources []source) {
	type seen struct{ at, out map[int32]*chain }
	arms := map[*boxType]*seen{}
	learning := func(t *boxType) bool {
		return slices.ContainsFunc(t.up, func(in *instance) bool { return in.Out.Number != 0 && !in.NonLearning })
	}
	for s := range sources {
		for i := range sources[s].pairs {
			p := &sources[s].pairs[i]
			if p.steering == nil {
				continue
			}
			for _, w := range p.steering.ways {
				for _, g := range w.chain.paths[dir(w.answer)] {
					if g.kind.tap || !learning(g.kind) {
						continue
					}
					a := arms[g.kind]
					if a == nil {
						a = &seen{at: map[int32]*chain{}, out: map[int32]*chain{}}
						arms[g.kind] = a
					}
					side := a.at
					if g.reverse {
						side = a.out
					}
					for _, e := range m.identities[s].members {
						if _, ok := side[e]; !ok {
							side[e] = w.chain
						}
					}
				}
			}
		}
	}
	for _, t := range m.types {
		a := arms[t]
		if a == nil {
			continue
		}
		worst := int32(-1)
		for e := range a.at {
			if a.out[e] != nil && (worst < 0 || m.endpoints[e].Name < m.endpoints[worst].Name) {
				worst = e
			}
		}
		if worst < 0 {
			continue
		}
		c, other := a.at[worst], a.out[worst]
		m.addError(c.span, "C033", fmt.Sprintf("middlebox %s would see endpoint %s on both arms, through %s", t.name, m.endpoints[worst].Name, chainNames(c, other)),
			"a middlebox that learns addresses cannot tell its sides apart then: turn it round in one of the chains (reversed), select less, or say nonlearning: true in the network file")
	}
}

func chainNames(a, b *chain) string {
	if a == b {
		return "chain " + a.name
	}
	return "chains " + min(a.name, b.name) + " and " + max(a.name, b.name)
}

// dir is the index of a direction: 0 forward, 1 answers.
func dir(b bool) int {
	if b {
		return 1
	}
	return 0
}
