package compiler

import (
	"encoding/binary"
	"slices"
	"strings"

	"pillion/compiler/match"
	"pillion/compiler/number"
)

// contribution is one rule's part in a pair, in one direction.
type contribution struct {
	class  ruleClass
	shape  int32
	rule   int32
	answer bool
	local  int32 // distinct rules of the pair are counted from 0, in order of precedence
}

// decision is what a list of contributions comes to. Pairs with the same list share it.
type decision struct {
	permit bool // everything; otherwise by the ports
	set    *ruleSet
	counts int32   // with permit: the local rule whose packets these are
	from   []int32 // local rules without which the pair's row would be another
	needs  int32   // the local rule without which nothing is permitted, or -1
	slots  []slotVerdict
	after  []afterwards // rule sets that the pair would have without one of its rules

	undenied []bool // by contribution
	decides  []bool
	permits  []match.Box // all that allows permit
	denied   []match.Box
}

// afterwards is the rule set of a pair without a local rule.
type afterwards struct {
	local int32
	text  string
}

type slotVerdict struct {
	shape  int32
	deny   bool
	counts int32
	from   []int32
}

// ruleSet is an ordered list of shapes.
type ruleSet struct {
	shapes []int32
	text   string
	number uint32
}

// decide orders d.list and returns what it comes to.
func (d *decider) decide() *decision {
	if len(d.list) == 1 && d.list[0].class == classImplicit {
		// The most frequent list by far; its key is short anyway, but this is the hot path.
		d.list[0].local = 0
	} else {
		slices.SortFunc(d.list, func(a, b contribution) int {
			if a.class != b.class {
				return int(a.class) - int(b.class)
			}
			if a.shape != b.shape {
				return int(a.shape) - int(b.shape)
			}
			if a.rule != b.rule {
				return int(a.rule) - int(b.rule)
			}
			if a.answer == b.answer {
				return 0
			} else if a.answer {
				return 1
			}
			return -1
		})
		d.numberLocals()
	}
	d.key = d.key[:0]
	for i := range d.list {
		c := &d.list[i]
		flag := byte(c.class) << 1
		if c.answer {
			flag |= 1
		}
		d.key = binary.LittleEndian.AppendUint32(append(d.key, flag), uint32(c.local))
		d.key = binary.LittleEndian.AppendUint32(d.key, uint32(c.shape))
	}
	if dec, ok := d.cache[string(d.key)]; ok {
		return dec
	}
	dec := d.work(d.list)
	d.cache[string(d.key)] = dec
	return dec
}

func (d *decider) numberLocals() {
	n := int32(0)
	for i := range d.list {
		c := &d.list[i]
		c.local = n
		for j := range d.list[:i] {
			if d.list[j].rule == c.rule {
				c.local = d.list[j].local
				break
			}
		}
		if c.local == n {
			n++
		}
	}
}

// outcome is the bare result for a list of contributions: what tables will hold.
type outcome struct {
	permitted bool // something is
	permitAll bool
	shapes    []int32
	deny      []bool
	counts    []int32
}

// reduce finds the outcome of the list without the local rule skip (-1: of all).
func (m *model) reduce(list []contribution, skip int) (o outcome) {
	for i := range list {
		c := &list[i]
		if int(c.local) == skip {
			continue
		}
		if c.class != classDeny {
			o.permitted = true
		}
		if slices.Contains(o.shapes, c.shape) {
			continue
		}
		o.shapes = append(o.shapes, c.shape)
		o.deny = append(o.deny, c.class == classDeny)
		o.counts = append(o.counts, c.local)
	}
	if !o.permitted {
		return outcome{}
	}
	o.permitAll = len(o.shapes) == 1 && !o.deny[0] && slices.Equal(m.shapes[o.shapes[0]].boxes, []match.Box{match.All})
	return o
}

func (o *outcome) verdict(shape int32) (deny, there bool) {
	if o.permitAll {
		return false, false
	}
	i := slices.Index(o.shapes, shape)
	return i >= 0 && o.deny[i], i >= 0
}

// work finds the outcome, and by taking every rule away once, what depends on it.
func (m *model) work(list []contribution) *decision {
	whole := m.reduce(list, -1)
	dec := &decision{permit: whole.permitAll, needs: -1}
	if whole.permitAll {
		dec.counts = whole.counts[0]
	} else {
		dec.set = &ruleSet{shapes: whole.shapes, text: m.setText(whole.shapes)}
		for i, s := range whole.shapes {
			dec.slots = append(dec.slots, slotVerdict{shape: s, deny: whole.deny[i], counts: whole.counts[i]})
		}
	}
	locals := int32(0)
	for i := range list {
		locals = max(locals, list[i].local)
	}
	for l := 0; l <= int(locals); l++ {
		without := m.reduce(list, l)
		if !without.permitted {
			dec.needs = int32(l)
		}
		if !without.permitted || without.permitAll != whole.permitAll || !slices.Equal(without.shapes, whole.shapes) {
			dec.from = append(dec.from, int32(l))
			if without.permitted && !without.permitAll {
				dec.after = append(dec.after, afterwards{local: int32(l), text: m.setText(without.shapes)})
			}
		}
		for i := range dec.slots {
			v := &dec.slots[i]
			if deny, there := without.verdict(v.shape); !there || deny != v.deny {
				v.from = append(v.from, int32(l))
			}
		}
	}
	m.findEffects(dec, list)
	return dec
}

// findEffects says which contributions decide over any packet.
func (m *model) findEffects(dec *decision, list []contribution) {
	dec.undenied = make([]bool, len(list))
	dec.decides = make([]bool, len(list))
	var before []match.Box
	for i := range list {
		boxes := m.shapes[list[i].shape].boxes
		dec.decides[i] = !match.CoversAll(before, boxes)
		before = append(before, boxes...)
		if list[i].class == classDeny {
			dec.denied = append(dec.denied, boxes...)
			dec.undenied[i] = true
		} else {
			dec.undenied[i] = !match.CoversAll(dec.denied, boxes)
			dec.permits = append(dec.permits, boxes...)
		}
	}
}

func (m *model) setText(shapes []int32) string {
	var w strings.Builder
	for i, s := range shapes {
		if i > 0 {
			w.WriteString(" / ")
		}
		w.WriteString(m.shapes[s].text)
	}
	return w.String()
}

// uniteDecisions numbers rule sets and slots. Workers have made equal rule sets
// of their own; equal texts get equal numbers.
func (m *model) uniteDecisions(sources []source) {
	sets := map[string]bool{}
	seen := map[*decision]bool{}
	var decisions []*decision
	for i := range sources {
		for j := range sources[i].pairs {
			dec := sources[i].pairs[j].decision
			if dec.set == nil || seen[dec] {
				continue
			}
			seen[dec] = true
			decisions = append(decisions, dec)
			sets[dec.set.text] = true
		}
	}
	numbers, err := number.Allocate(number.Space{What: "rule set", Low: 1, High: 1<<32 - 1}, keys(sets))
	if err != nil {
		panic(err) // fewer than 2^32 pairs
	}
	for _, dec := range decisions {
		dec.set.number = numbers.Of(dec.set.text)
	}
	texts := make([]string, len(m.shapes))
	for i := range m.shapes {
		texts[i] = m.shapes[i].text
	}
	slots, err := number.Allocate(number.Space{What: "slot", Low: 1, High: 1<<32 - 1}, texts)
	if err != nil {
		panic(err)
	}
	for i := range m.shapes {
		m.shapes[i].slot = slots.Of(m.shapes[i].text)
	}
}
