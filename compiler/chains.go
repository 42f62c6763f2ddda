package compiler

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"

	"pillion/compiler/match"
	"pillion/compiler/number"
	"pillion/compiler/plan"
)

// way is a chain in one direction.
type way struct {
	chain  *chain
	answer bool
}

func (w way) shape() int32 {
	if w.answer {
		return w.chain.answer
	}
	return w.chain.forward
}

// slotText names the slot that a way takes in a chain set; ways of different chains with the same
// shape take the same slot, so that chain sets are shared.
func (m *model) slotText(w way) string {
	if w.answer {
		return "answer " + m.shapes[w.shape()].text
	}
	return "forward " + m.shapes[w.shape()].text
}

// steering is what the chains that speak of a pair come to.
type steering struct {
	set   *chainSet
	slots []waySlot
	from  []*chain           // chains without which the pair's chain set would be another
	after []chainsAfterwards // chain sets that the pair would have without one of its chains
	ways  []way
}

// chainsAfterwards is the chain set of a pair without one of its chains.
type chainsAfterwards struct {
	chain *chain
	text  string
}

type waySlot struct {
	text string
	way  way
	from []*chain
}

// chainSet is an ordered list of matches.
type chainSet struct {
	rules  []chainMatch
	text   string
	number uint32
}

type chainMatch struct {
	box      match.Box
	order    plan.Order
	fragment bool
	slot     string
}

// steeringIndex finds the chains that speak of a pair, and numbers chain sets.
type steeringIndex struct {
	*selectorIndex
	mu      sync.Mutex
	all     []*steering
	clashes map[string]bool
}

func (m *model) newSteeringIndex() *steeringIndex {
	x := &steeringIndex{selectorIndex: newSelectorIndex(len(m.identities)), clashes: map[string]bool{}}
	for i, c := range m.chains {
		x.add(int32(i), c.from, c.to)
	}
	m.steerings = x
	return x
}

// steer finds the chains of a pair. nil: none.
func (d *decider) steer(s, to int32, dec *decision) *steering {
	if len(d.chains) == 0 {
		return nil
	}
	var ways []way
	d.steerings.each(s, to, func(c int32) { ways = append(ways, way{chain: d.chains[c]}) })
	d.steerings.each(to, s, func(c int32) { ways = append(ways, way{chain: d.chains[c], answer: true}) })
	if len(ways) == 0 {
		return nil
	}
	for _, w := range ways {
		d.noteSelection(w, dec)
	}
	slices.SortFunc(ways, func(a, b way) int {
		if a.answer != b.answer {
			if a.answer {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.chain.rank, b.chain.rank)
	})
	key := make([]byte, 0, 5*len(ways))
	for _, w := range ways {
		flag := byte(0)
		if w.answer {
			flag = 1
		}
		key = binary.LittleEndian.AppendUint32(append(key, flag), uint32(w.chain.rank))
	}
	if known, ok := d.steered[string(key)]; ok {
		return known
	}
	st := d.workSteering(ways)
	d.steered[string(key)] = st
	d.steerings.mu.Lock()
	d.steerings.all = append(d.steerings.all, st)
	d.steerings.mu.Unlock()
	return st
}

// noteSelection remembers that something permitted is selected by a chain.
func (d *decider) noteSelection(w way, dec *decision) {
	if w.answer {
		return
	}
	d.steerings.mu.Lock()
	defer d.steerings.mu.Unlock()
	if w.chain.selects {
		return
	}
	for _, c := range w.chain.boxes {
		for _, p := range dec.permits {
			if both, ok := match.Intersect(c, p); ok && !match.Covers(dec.denied, both) {
				w.chain.selects = true
				return
			}
		}
	}
}

// workSteering orders the ways' matches, and by taking every chain away once finds what depends on it.
func (d *decider) workSteering(ways []way) *steering {
	set, slots := d.arrange(ways)
	st := &steering{set: set, slots: slots, ways: ways}
	var chains []*chain
	for _, w := range ways {
		if !slices.Contains(chains, w.chain) {
			chains = append(chains, w.chain)
		}
	}
	slices.SortFunc(chains, func(a, b *chain) int { return cmp.Compare(a.rank, b.rank) })
	for _, c := range chains {
		rest := slices.DeleteFunc(slices.Clone(ways), func(w way) bool { return w.chain == c })
		without, withoutSlots := d.arrange(rest)
		if without.text != set.text {
			st.from = append(st.from, c)
			if len(rest) > 0 {
				st.after = append(st.after, chainsAfterwards{chain: c, text: without.text})
			}
		}
		for i := range st.slots {
			v := &st.slots[i]
			k := slices.IndexFunc(withoutSlots, func(o waySlot) bool { return o.text == v.text })
			if k < 0 || withoutSlots[k].way != v.way {
				v.from = append(v.from, c)
			}
		}
	}
	return st
}

// arrange writes the matches of a pair in the order in which they are asked:
// later fragments, conversations in which both directions are selected, and then the rest.
func (d *decider) arrange(ways []way) (*chainSet, []waySlot) {
	forward := d.inOrder(ways, false)
	answer := d.inOrder(ways, true)
	var slots []waySlot
	slot := func(w way) string {
		text := d.slotText(w)
		if !slices.ContainsFunc(slots, func(s waySlot) bool { return s.text == text }) {
			slots = append(slots, waySlot{text: text, way: w})
		}
		return text
	}
	set := &chainSet{rules: d.fragments(ways)}
	for _, f := range forward {
		for _, a := range answer {
			for _, fb := range d.shapes[f.shape()].boxes {
				for _, ab := range d.shapes[a.shape()].boxes {
					both, ok := match.Intersect(fb, ab)
					if !ok {
						continue
					}
					if f.chain == a.chain {
						set.rules = append(set.rules,
							chainMatch{box: both, order: plan.SourceLower, slot: slot(f)},
							chainMatch{box: both, order: plan.SourceUpper, slot: slot(a)})
						continue
					}
					w := f
					if answerTakes(f, fb, a, ab) {
						w = a
					}
					set.rules = append(set.rules, chainMatch{box: both, slot: slot(w)})
				}
			}
		}
	}
	for _, w := range slices.Concat(forward, answer) {
		text := slot(w)
		for _, b := range d.shapes[w.shape()].boxes {
			set.rules = append(set.rules, chainMatch{box: b, slot: text})
		}
	}
	set.rules = withoutRepeats(set.rules)
	set.text = set.words()
	return set, slots
}

// answerTakes decides over packets that are forward for one chain and an answer for another. A port in a
// service says which direction is forward; where both or none are, the order of the chains' names does,
// for both directions of the conversation alike.
func answerTakes(f way, fb match.Box, a way, ab match.Box) bool {
	if fb.Ports != ab.Ports {
		return ab.Ports
	}
	return a.chain.name < f.chain.name
}

// inOrder sorts the ways of one direction so that the one that takes a packet comes first.
func (d *decider) inOrder(ways []way, answer bool) []way {
	var left, out []way
	for _, w := range ways {
		if w.answer == answer {
			left = append(left, w)
		}
	}
	for len(left) > 0 {
		next := slices.IndexFunc(left, func(w way) bool {
			return !slices.ContainsFunc(left, func(o way) bool { return o.chain != w.chain && beatsOnPorts(o.chain, w.chain) })
		})
		if next < 0 {
			d.noteClash(left)
			next = 0
		}
		out = append(out, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return out
}

// beatsOnPorts is beats where both are asked about the same packets at all.
func beatsOnPorts(a, b *chain) bool {
	if _, ok := match.Overlap(a.boxes, b.boxes); !ok {
		return false
	}
	return beats(a, b)
}

// noteClash remembers chains that beat each other in a circle.
func (d *decider) noteClash(ways []way) {
	names := make([]string, len(ways))
	for i, w := range ways {
		names[i] = w.chain.name
	}
	slices.Sort(names)
	d.steerings.mu.Lock()
	d.steerings.clashes[strings.Join(names, ", ")] = true
	d.steerings.mu.Unlock()
}

// fragments are the matches that drop later fragments of what a chain might select: they have no ports to
// select by, and would hash to another instance than the first.
func (d *decider) fragments(ways []way) []chainMatch {
	any := false
	protos := map[uint8]bool{}
	for _, w := range ways {
		for _, b := range w.chain.boxes {
			if b.AnyProto {
				any = true
			} else {
				protos[b.Proto] = true
			}
		}
	}
	if any {
		return []chainMatch{{box: match.All, fragment: true}}
	}
	var out []chainMatch
	for p := range 256 {
		if protos[uint8(p)] {
			out = append(out, chainMatch{box: match.OfProto(uint8(p)), fragment: true})
		}
	}
	return out
}

func withoutRepeats(rules []chainMatch) []chainMatch {
	out := rules[:0]
	for _, r := range rules {
		if !slices.ContainsFunc(out, func(o chainMatch) bool { return o.box == r.box && o.order == r.order && o.fragment == r.fragment }) {
			out = append(out, r)
		}
	}
	return out
}

func (s *chainSet) words() string {
	var w strings.Builder
	for _, r := range s.rules {
		fmt.Fprintf(&w, "%s order %d fragment %t: %s; ", r.box, r.order, r.fragment, r.slot)
	}
	return w.String()
}

// numberChains numbers chain sets and paths once all are known, and reports what can only be seen then.
func (m *model) numberChains() (slots *number.Allocation) {
	x := m.steerings
	if x == nil {
		return nil
	}
	for _, names := range keys(x.clashes) {
		m.addError(m.chains[0].span, "C031", "chains "+names+" beat each other in a circle: by part and whole one way, by priority the other", "change their priorities")
	}
	sets := map[string]bool{}
	texts := map[string]bool{}
	for _, st := range x.all {
		sets[st.set.text] = true
		for _, s := range st.slots {
			texts[s.text] = true
		}
	}
	numbers, err := number.Allocate(number.Space{What: "chain set", Low: 1, High: 1<<32 - 1}, keys(sets))
	if err != nil {
		panic(err)
	}
	for _, st := range x.all {
		st.set.number = numbers.Of(st.set.text)
	}
	slots, err = number.Allocate(number.Space{What: "chain slot", Low: 1, High: 1<<32 - 1}, keys(texts))
	if err != nil {
		panic(err)
	}
	for _, c := range m.chains {
		if !c.selects {
			m.addError(c.span, "C032", "chain "+c.name+" selects nothing that is permitted", "a chain routes and never permits: add an allow, or correct its selectors")
		}
	}
	return slots
}
