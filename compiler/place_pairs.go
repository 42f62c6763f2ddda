package compiler

import (
	"slices"
	"sort"

	"pillion/compiler/match"
	"pillion/compiler/plan"
)

// setUse is a rule set or chain set that pairs of this switch use, or would use.
type setUse[S any] struct {
	set   *S
	users users    // the origins of the rows of pairs that use it, as ranks
	keeps []uint32 // statements, as ranks, without which another pair would use it
}

// used finds the use of a set in uses.
func used[S any](uses map[string]*setUse[S], text string) *setUse[S] {
	u := uses[text]
	if u == nil {
		u = &setUse[S]{}
		uses[text] = u
	}
	return u
}

// origin is what the set's rows would disappear without.
func (u *setUse[S]) origin() plan.Origin {
	from := slices.DeleteFunc(slices.Clone(u.users.needs), func(s uint32) bool { return slices.Contains(u.keeps, s) })
	slices.Sort(from)
	return plan.Origin{From: slices.Compact(from), Counts: -1}
}

// sends makes the rows for everything that an identity here may send.
func (p *placer) sends(s int32) {
	id := p.identities[s]
	sole := p.sole(s, p.at)
	src := &p.sources[s]
	for i := range src.pairs {
		pr := &src.pairs[i]
		rules := src.rules[pr.first : pr.first+pr.count]
		needs := p.needs(pr, rules)
		p.dests.add(pr.to, needs, sole, id.membership())
		for _, gateway := range p.gatewaysOf(pr.to) {
			// Who sends to what is behind a gateway has to find the gateway.
			p.dests.add(gateway, needs, sole, id.membership())
		}
		p.pairRows(s, pr, rules, false, sole)
		if pr.steering == nil {
			continue
		}
		for _, w := range pr.steering.ways {
			p.leg(leg{chain: w.chain, answer: dir(w.answer)}).add([]stmt{w.chain.stmt}, needs, sole, id.membership())
		}
	}
}

// needs is the rule without which nothing of the pair is permitted.
func (p *placer) needs(pr *pair, rules []int32) []stmt {
	if n := pr.decision.needs; n >= 0 {
		return []stmt{p.model.rules[rules[n]].stmt}
	}
	return nil
}

func (p *placer) leg(l leg) *users {
	u := p.legs[l]
	if u == nil {
		u = &users{}
		p.legs[l] = u
	}
	return u
}

// stmtsOf are the statements of local rules.
func (p *placer) stmtsOf(locals []int32, rules []int32) []stmt {
	out := make([]stmt, 0, 4)
	for _, l := range locals {
		out = append(out, p.model.rules[rules[l]].stmt)
	}
	return out
}

// pairRows makes the policy and chain rows of one pair. extra is what the rows need besides: the only
// endpoint that sends here, or what makes the frames return here.
func (p *placer) pairRows(s int32, pr *pair, rules []int32, returning bool, extra []stmt) {
	from, to := p.identities[s], p.identities[pr.to]
	dec := pr.decision
	key := plan.Pair{Source: from.number, Destination: to.number, Returning: returning}
	lists := [][]stmt{nil, from.from, to.from, extra, p.sole(pr.to, -1)}
	counts := func(main stmt) int32 {
		if returning {
			return -1 // counted where it entered
		}
		return int32(p.o.rank[main])
	}
	origin := func(front []stmt) plan.Origin {
		lists[0] = front
		return p.o.of(lists...)
	}
	row := plan.Policy{Origin: origin(p.stmtsOf(dec.from, rules)), Pair: key, Kind: plan.PolicyPermit}
	if dec.permit {
		row.Counts = counts(p.model.rules[rules[dec.counts]].stmt)
	} else {
		row.Kind, row.RuleSet = plan.PolicyByPorts, dec.set.number
		use := used(p.rules, dec.set.text)
		use.set = dec.set
		use.users.add(row.From)
	}
	for _, a := range dec.after {
		use := used(p.rules, a.text)
		use.keeps = append(use.keeps, p.o.rank[p.model.rules[rules[a.local]].stmt])
	}
	p.sw.Policies = append(p.sw.Policies, row)
	for i := range dec.slots {
		v := &dec.slots[i]
		o := origin(p.stmtsOf(v.from, rules))
		o.Counts = counts(p.model.rules[rules[v.counts]].stmt)
		p.sw.Verdicts = append(p.sw.Verdicts, plan.Verdict{Origin: o, Pair: key, Slot: p.shapes[v.shape].slot, Deny: v.deny})
	}
	if pr.steering != nil {
		lists = append(lists, p.needs(pr, rules))
		p.chainRows(pr.steering, key, origin, counts, extra)
	}
}

func (p *placer) chainRows(st *steering, key plan.Pair, origin func([]stmt) plan.Origin, counts func(stmt) int32, extra []stmt) {
	stmts := func(chains []*chain) (out []stmt) {
		for _, c := range chains {
			out = append(out, c.stmt)
		}
		return out
	}
	row := plan.ChainPolicy{Origin: origin(stmts(st.from)), Pair: key, ChainSet: st.set.number}
	p.sw.ChainPolicies = append(p.sw.ChainPolicies, row)
	use := used(p.chainRules, st.set.text)
	use.set = st.set
	use.users.add(row.From)
	for _, a := range st.after {
		if slices.Contains(extra, a.chain.stmt) {
			continue // the pair would not be here at all
		}
		other := used(p.chainRules, a.text)
		other.keeps = append(other.keeps, p.o.rank[a.chain.stmt])
	}
	for _, slot := range st.slots {
		spi := slot.way.chain.spi[dir(slot.way.answer)]
		o := origin(slices.Concat(stmts(slot.from), p.numbers.spiFrom[spi]))
		o.Counts = counts(slot.way.chain.stmt)
		p.sw.ChainSelects = append(p.sw.ChainSelects, plan.ChainSelect{Origin: o, Pair: key, Slot: p.numbers.chainSlots.Of(slot.text), SPI: spi})
	}
}

// ruleRows are the rule sets and chain sets that pairs here use.
func (p *placer) ruleRows() {
	for _, text := range keys(p.rules) {
		use := p.rules[text]
		if use.set == nil {
			continue // only what might be
		}
		origin := use.origin()
		n := 0
		for _, s := range use.set.shapes {
			n += len(p.shapes[s].boxes)
		}
		for _, s := range use.set.shapes {
			for _, b := range p.shapes[s].boxes {
				p.sw.Rules = append(p.sw.Rules, plan.Rule{
					Origin: origin, RuleSet: use.set.number, Priority: int32(n) * prioritySpacing, Ports: portsOf(b), Slot: p.shapes[s].slot,
				})
				n--
			}
		}
	}
	for _, text := range keys(p.chainRules) {
		use := p.chainRules[text]
		if use.set == nil {
			continue
		}
		origin := use.origin()
		n := len(use.set.rules)
		for _, r := range use.set.rules {
			row := plan.ChainRule{
				Origin: origin, ChainSet: use.set.number, Priority: int32(n) * prioritySpacing, Ports: portsOf(r.box), Order: r.order, Fragment: r.fragment,
			}
			if !r.fragment {
				row.Slot = p.numbers.chainSlots.Of(r.slot)
			}
			p.sw.ChainRules = append(p.sw.ChainRules, row)
			n--
		}
	}
}

// prioritySpacing leaves room between the rules of a set for somebody who debugs a switch by hand.
const prioritySpacing = 16

// sharedRow is the origin of a row whose users are known by the origins of their own rows.
func sharedRow(u *users) plan.Origin {
	from := slices.Clone(u.needs)
	slices.Sort(from)
	return plan.Origin{From: slices.Compact(from), Counts: -1}
}

func portsOf(b match.Box) plan.Ports {
	return plan.Ports{
		AnyProto: b.AnyProto, Proto: b.Proto, KnownPorts: b.Ports, NoStart: b.NoStart, SLo: b.SLo, SHi: b.SHi, DLo: b.DLo, DHi: b.DHi,
	}
}

// finishes are the ends of chains at this switch.
func (p *placer) finishes() {
	for _, st := range p.finishing[p.at] {
		src := &p.sources[st.from]
		pr := &src.pairs[st.pair]
		needs := p.needs(pr, src.rules[pr.first:pr.first+pr.count])
		for _, w := range pr.steering.ways {
			l := leg{chain: w.chain, answer: dir(w.answer)}
			l.k = len(l.path())
			p.leg(l).add([]stmt{w.chain.stmt}, needs, p.sole(st.from, -1), p.sole(pr.to, p.at))
		}
	}
}

// sortedLegs lists the legs that matter here in a fixed order.
func (p *placer) sortedLegs() []leg {
	out := make([]leg, 0, len(p.legs))
	for l := range p.legs {
		out = append(out, l)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.chain != b.chain {
			return a.chain.rank < b.chain.rank
		}
		if a.answer != b.answer {
			return a.answer < b.answer
		}
		return a.k < b.k
	})
	return out
}
