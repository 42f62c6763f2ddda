package compiler

import (
	"cmp"
	"slices"
	"sort"
	"strconv"

	"pillion/compiler/plan"
)

// middleboxes makes the rows for what comes back from the instances here.
func (p *placer) middleboxes() {
	if len(p.instances[p.at]) == 0 {
		return
	}
	for _, c := range p.chains {
		p.returns(c)
	}
	for _, st := range p.returning[p.at] {
		src := &p.sources[st.from]
		pr := &src.pairs[st.pair]
		rules := src.rules[pr.first : pr.first+pr.count]
		why := p.whyReturning(pr)
		sole := p.sole(st.from, -1)
		needs := p.needs(pr, rules)
		p.pairRows(st.from, pr, rules, true, slices.Concat(why, sole))
		p.dests.add(pr.to, why, sole, needs)
		u := p.froms[st.from]
		if u == nil {
			u = &users{}
			p.froms[st.from] = u
		}
		u.add(why, needs, p.sole(pr.to, -1))
	}
}

// whyReturning is what makes frames of a pair return here: the chain and the instance, where
// there is but one.
func (p *placer) whyReturning(pr *pair) []stmt {
	var u users
	for _, w := range pr.steering.ways {
		for _, in := range p.instances[p.at] {
			if slices.ContainsFunc(w.chain.gates, func(g gate) bool { return g.kind == in.kind && !in.kind.tap }) {
				u.add([]stmt{w.chain.stmt, in.stmt})
			}
		}
	}
	return u.needs
}

// returns makes the rows that say how far a chain has come, and asks for what follows.
func (p *placer) returns(c *chain) {
	for answer, path := range c.paths {
		for j, pos := range path {
			if pos.kind.tap {
				continue
			}
			for _, in := range p.instances[p.at] {
				if in.kind != pos.kind {
					continue
				}
				leaves := in.At.Number
				if in.Out.Number != 0 && !pos.reverse {
					leaves = in.Out.Number
				}
				why := []stmt{c.stmt, in.stmt}
				p.sw.Returns = append(p.sw.Returns, plan.Return{
					Origin: p.o.row(c.stmt, []stmt{in.stmt}, p.numbers.spiFrom[c.spi[answer]]), Port: leaves, SPI: c.spi[answer], SI: serviceIndex(j + 1),
				})
				p.leg(leg{chain: c, answer: answer, k: j}).add(why)
				p.leg(leg{chain: c, answer: answer, k: j + 1}).add(why)
			}
		}
	}
}

// gateRows say what comes next at every leg that frames here can be on.
func (p *placer) gateRows() {
	for _, l := range p.sortedLegs() {
		u := p.legs[l]
		s := l.path().from(l.k)
		why := slices.Concat(u.needs, p.numbers.spiFrom[l.spi()], p.lone(l, s))
		row := plan.Gate{
			Origin: p.o.row(l.chain.stmt, why), SPI: l.spi(), SI: serviceIndex(l.k), Kind: s.kind, NextSI: serviceIndex(s.next),
		}
		if len(s.taps) > 0 && s.kind != plan.GateClosed {
			row.TapSet = p.numbers.tapSets.Of(l.tapSet(false))
			p.tapRows(l, s, u.needs)
		}
		if s.kind == plan.GatePass {
			pos := l.path()[s.next]
			row.Type, row.Reverse = pos.kind.number, pos.reverse
			if p.gates[pos] == nil {
				p.gates[pos] = &users{}
			}
			p.gates[pos].add([]stmt{l.chain.stmt}, u.needs)
		}
		p.sw.Gates = append(p.sw.Gates, row)
	}
	p.arrivingCopies()
	p.instanceRows()
}

// lone are the single instances that decide about a step: without them it would be another.
func (p *placer) lone(l leg, s step) []stmt {
	var out []stmt
	path := l.path()
	for j := l.k; j < len(path) && j <= s.next; j++ {
		if up := path[j].kind.up; len(up) == 1 {
			out = append(out, up[0].stmt)
		}
	}
	return out
}

// instanceRows say where the buckets of each type go.
func (p *placer) instanceRows() {
	uses := make([]position, 0, len(p.gates))
	for u := range p.gates {
		uses = append(uses, u)
	}
	sort.Slice(uses, func(i, j int) bool {
		if uses[i].kind != uses[j].kind {
			return uses[i].kind.name < uses[j].kind.name
		}
		return !uses[i].reverse && uses[j].reverse
	})
	for _, use := range uses {
		for _, r := range p.boxRuns[use.kind] {
			row := plan.Instance{
				Origin: p.o.row(r.instance.stmt, r.from, p.gates[use].needs), Type: use.kind.number, Reverse: use.reverse, Lo: uint8(r.lo), Hi: uint8(r.hi),
			}
			if r.instance.edge == p.at {
				row.Port = r.instance.At.Number
				if use.reverse && r.instance.Out.Number != 0 {
					row.Port = r.instance.Out.Number
				}
			} else {
				row.Locator, row.Tree = p.locators[r.instance.edge], p.treeFor(r.instance.Name)
				row.Origin = p.o.row(r.instance.stmt, r.from, p.gates[use].needs, p.from[r.instance.edge])
			}
			p.sw.Instances = append(p.sw.Instances, row)
		}
	}
}

// segment is a range of buckets in which the taps of a step have the same instances.
type segment struct {
	lo, hi    int
	instances []*instance
	from      []stmt
}

// segments cuts the buckets where any of the taps changes its instance.
func (p *placer) segments(l leg, s step) []segment {
	var out []segment
	for b := range buckets {
		var cut segment
		cut.lo, cut.hi = b, b
		for _, j := range s.taps {
			runs := p.boxRuns[l.path()[j].kind]
			i := sort.Search(len(runs), func(i int) bool { return runs[i].hi >= b })
			cut.instances = append(cut.instances, runs[i].instance)
			cut.from = append(cut.from, runs[i].from...)
		}
		if n := len(out); n > 0 && slices.Equal(out[n-1].instances, cut.instances) {
			out[n-1].hi = b
			continue
		}
		out = append(out, cut)
	}
	return out
}

// tapRows copy to taps, here and at other edges, what passes a leg.
func (p *placer) tapRows(l leg, s step, needs []stmt) {
	for _, seg := range p.segments(l, s) {
		var replicas []plan.Replica
		for _, in := range seg.instances {
			r := plan.Replica{Port: in.At.Number}
			if in.edge != p.at {
				tree := p.treeFor(p.nodes[in.edge].name) // one for all taps there, which get one copy
				r = plan.Replica{Port: p.towards(p.at, in.edge, tree), Instance: p.copyTo(in.edge, tree, append([]stmt{l.chain.stmt, in.stmt}, needs...))}
			}
			if !slices.Contains(replicas, r) {
				replicas = append(replicas, r)
			}
		}
		p.tapRow(l, false, seg, replicas, needs)
	}
}

func (p *placer) tapRow(l leg, arrival bool, seg segment, replicas []plan.Replica, needs []stmt) {
	row := plan.Tap{
		Origin: p.o.row(l.chain.stmt, seg.from, needs), TapSet: p.numbers.tapSets.Of(l.tapSet(arrival)), Lo: uint8(seg.lo), Hi: uint8(seg.hi),
	}
	use := shareReplicas(p.sessions, replicas)
	use.users.add(row.From)
	use.rows = append(use.rows, len(p.sw.Taps))
	p.sw.Taps = append(p.sw.Taps, row)
}

// shareReplicas finds the set of replicas, so that equal ones are held once.
func shareReplicas(uses map[string]*sessionUse, replicas []plan.Replica) *sessionUse {
	text := replicaText(replicas)
	use := uses[text]
	if use == nil {
		use = &sessionUse{replicas: replicas}
		uses[text] = use
	}
	return use
}

// replicaText sorts a set of replicas, and names it.
func replicaText(replicas []plan.Replica) string {
	slices.SortFunc(replicas, func(a, b plan.Replica) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Instance, b.Instance))
	})
	var text []byte
	for _, r := range replicas {
		text = strconv.AppendUint(text, uint64(r.Port), 10)
		text = append(text, '/')
		text = strconv.AppendUint(text, uint64(r.Instance), 10)
		text = append(text, ' ')
	}
	return string(text)
}

// arrivingCopies hand copies from other edges to the taps here.
func (p *placer) arrivingCopies() {
	if !slices.ContainsFunc(p.instances[p.at], func(in *instance) bool { return in.kind.tap }) {
		return
	}
	for _, c := range p.chains {
		for answer, path := range c.paths {
			starts := []int{0}
			for j, pos := range path {
				if !pos.kind.tap {
					starts = append(starts, j+1)
				}
			}
			for _, k := range starts {
				p.arrivingCopy(leg{chain: c, answer: answer, k: k})
			}
		}
	}
}

func (p *placer) arrivingCopy(l leg) {
	s := l.path().from(l.k)
	if s.kind == plan.GateClosed {
		return
	}
	var here []stmt
	for _, seg := range p.segments(l, s) {
		var replicas []plan.Replica
		for _, in := range seg.instances {
			if in.edge != p.at {
				continue
			}
			replicas = append(replicas, plan.Replica{Port: in.At.Number})
			if !slices.Contains(here, in.stmt) {
				here = append(here, in.stmt)
			}
		}
		if len(replicas) > 0 {
			p.tapRow(l, true, seg, replicas, nil)
		}
	}
	if len(here) == 0 {
		return
	}
	if len(here) > 1 {
		here = nil
	}
	p.sw.Gates = append(p.sw.Gates, plan.Gate{
		Origin: p.o.row(l.chain.stmt, here, p.numbers.spiFrom[l.spi()], p.lone(l, s)), SPI: l.spi(), SI: serviceIndex(s.next), Copy: true, Kind: plan.GateTap,
		TapSet: p.numbers.tapSets.Of(l.tapSet(true)),
	})
}
