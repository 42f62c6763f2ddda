package mirror

import (
	"errors"
	"slices"
	"sort"

	"github.com/cilium/ebpf"

	"pillion/p4/engine"
	"pillion/sidecarfallback/shim/bpf"
)

const (
	ruleSlot, ruleNone                      = 1, 2
	chainSlot, chainFragment, chainNothing  = 1, 2, 3
	bitPorts, bitSyn, bitFragment, bitLower = 1, 2, 4, 8
	rulesPerBlock                           = 16
	ruleProto, ruleBits                     = 1, 2 // first fields of the key behind the set
)

// setKey names a rule set: one of the table chain_rules, or of rules.
type setKey struct {
	chains bool
	id     uint32
}

// ruleSet is a list of blocks, as the data plane has it: the first to be asked first. No block is empty.
type ruleSet struct {
	blocks []*block
	next   uint32            // block number
	home   map[string]*block // by the rule's key
}

type block struct {
	id    uint32
	rules []ruleEntry // 1 to rulesPerBlock
}

type ruleEntry struct {
	key      string
	priority int32
	rule     bpf.ShimRule
}

func (m *Mirror) rule(key engine.Entry, e *engine.EntryInfo) error {
	var r *bpf.ShimRule
	if e != nil {
		r = &bpf.ShimRule{}
		matchProto(r, key.Key[1])
		matchBit(r, key.Key[2], bitPorts)
		matchBit(r, key.Key[3], bitSyn)
		matchPorts(r, key.Key[4], key.Key[5])
		switch e.Action {
		case "ingress.match_slot":
			r.Action, r.Slot = ruleSlot, num32(arg(&e.Entry, 0))
		case "ingress.no_slot":
			r.Action = ruleNone
		default:
			return unknownAction(e)
		}
	}
	return m.changeSet(m.maps.Rules, setKey{false, num32(key.Key[0].Value)}, key, r)
}

func (m *Mirror) chainRule(key engine.Entry, e *engine.EntryInfo) error {
	var r *bpf.ShimRule
	if e != nil {
		r = &bpf.ShimRule{}
		matchProto(r, key.Key[1])
		matchBit(r, key.Key[2], bitPorts)
		matchBit(r, key.Key[3], bitFragment)
		matchBit(r, key.Key[4], bitLower)
		matchPorts(r, key.Key[5], key.Key[6])
		switch e.Action {
		case "ingress.chain_slot":
			r.Action, r.Slot = chainSlot, num32(arg(&e.Entry, 0))
		case "ingress.chain_fragment":
			r.Action = chainFragment
		case "NoAction":
			r.Action = chainNothing
		default:
			return unknownAction(e)
		}
	}
	return m.changeSet(m.maps.ChainRules, setKey{true, num32(key.Key[0].Value)}, key, r)
}

// mask of a ternary field: left out, it matches everything.
func mask(f engine.KeyField) uint64 {
	if f.Mask == nil && f.Value != nil {
		return 1<<64 - 1
	}
	return number(f.Mask)
}

func matchProto(r *bpf.ShimRule, f engine.KeyField) {
	r.ProtoMask = uint8(mask(f))
	r.Proto = uint8(number(f.Value)) & r.ProtoMask
}

func matchBit(r *bpf.ShimRule, f engine.KeyField, bit uint8) {
	if mask(f)&1 != 0 {
		r.BitsMask |= bit
		if number(f.Value)&1 != 0 {
			r.Bits |= bit
		}
	}
}

func matchPorts(r *bpf.ShimRule, source, destination engine.KeyField) {
	high := func(f engine.KeyField) uint16 {
		if f.High == nil {
			return 1<<16 - 1
		}
		return uint16(number(f.High))
	}
	r.SportLow, r.SportHigh = uint16(number(source.Value)), high(source)
	r.DportLow, r.DportHigh = uint16(number(destination.Value)), high(destination)
}

// changeSet brings one rule of a set up to date; r is nil if it is gone. The data plane always sees a whole
// set: a block that is new is written before the one that leads to it, and goes after it.
func (m *Mirror) changeSet(target *ebpf.Map, k setKey, key engine.Entry, r *bpf.ShimRule) error {
	name := keyText(key)
	set := m.sets[k]
	if set == nil {
		if r == nil {
			return nil
		}
		set = &ruleSet{home: map[string]*block{}}
		m.sets[k] = set
	}
	w := setWriter{out: m.out, target: target, set: k.id, blocks: set}
	b, i := set.find(name)
	switch {
	case b >= 0 && r != nil:
		set.blocks[b].rules[i].rule = *r
		w.put(b)
	case b >= 0:
		w.delete(b, i)
	case r != nil:
		w.insert(ruleEntry{name, key.Priority, *r})
	}
	if len(set.blocks) == 0 {
		delete(m.sets, k)
	}
	return w.err
}

func (s *ruleSet) find(name string) (int, int) {
	home := s.home[name]
	if home == nil {
		return -1, -1
	}
	return slices.Index(s.blocks, home), slices.IndexFunc(home.rules, func(r ruleEntry) bool { return r.key == name })
}

// place is where a rule of this priority goes: behind all that are asked before it.
func (s *ruleSet) place(priority int32) (int, int) {
	if len(s.blocks) == 0 {
		return -1, 0
	}
	// The first block whose last rule is asked later, or the last block.
	b := sort.Search(len(s.blocks)-1, func(b int) bool {
		rules := s.blocks[b].rules
		return rules[len(rules)-1].priority < priority
	})
	rules := s.blocks[b].rules
	return b, sort.Search(len(rules), func(i int) bool { return rules[i].priority < priority })
}

// settle notes where the rules of a block are.
func (s *ruleSet) settle(b *block) {
	for _, r := range b.rules {
		s.home[r.key] = b
	}
}

// setWriter changes a set here and there. After an error it goes on, so that what is here stays whole.
type setWriter struct {
	out    sink
	target *ebpf.Map
	set    uint32
	blocks *ruleSet
	err    error
}

func (w *setWriter) put(b int) {
	s := w.blocks
	v := bpf.ShimBlock{Count: uint32(len(s.blocks[b].rules))}
	if b+1 < len(s.blocks) {
		v.Next = s.blocks[b+1].id
	}
	for i, r := range s.blocks[b].rules {
		v.Rules[i] = r.rule
	}
	w.err = errors.Join(w.err, put(w.out, w.target, &bpf.ShimBlockKey{Set: w.set, Block: s.blocks[b].id}, &v))
}

func (w *setWriter) remove(id uint32) {
	w.err = errors.Join(w.err, remove(w.out, w.target, &bpf.ShimBlockKey{Set: w.set, Block: id}))
}

func (w *setWriter) insert(r ruleEntry) {
	s := w.blocks
	b, i := s.place(r.priority)
	if b < 0 {
		s.blocks = []*block{{rules: []ruleEntry{r}}}
		s.next = 1
		s.settle(s.blocks[0])
		w.put(0)
		return
	}
	at := s.blocks[b]
	if len(at.rules) < rulesPerBlock {
		at.rules = slices.Insert(at.rules, i, r)
		s.settle(at)
		w.put(b)
		return
	}
	// Half of the block moves to a new one; behind the end of the set only the new rule does.
	keep := rulesPerBlock / 2
	if i == rulesPerBlock {
		keep = rulesPerBlock
	}
	fresh := &block{id: s.next, rules: slices.Clone(at.rules[keep:])}
	s.next++
	at.rules = at.rules[:keep:keep]
	if i > keep || keep == rulesPerBlock {
		fresh.rules = slices.Insert(fresh.rules, i-keep, r)
	} else {
		at.rules = slices.Insert(at.rules, i, r)
	}
	s.blocks = slices.Insert(s.blocks, b+1, fresh)
	s.settle(at)
	s.settle(fresh)
	w.put(b + 1)
	w.put(b)
}

func (w *setWriter) delete(b, i int) {
	s := w.blocks
	at := s.blocks[b]
	delete(s.home, at.rules[i].key)
	at.rules = slices.Delete(at.rules, i, i+1)
	switch {
	case len(at.rules) > 0:
		w.put(b)
	case b > 0:
		s.blocks = slices.Delete(s.blocks, b, b+1)
		w.put(b - 1)
		w.remove(at.id)
	case len(s.blocks) > 1:
		// The first block has the number that the set is found by.
		gone := s.blocks[1]
		at.rules = gone.rules
		s.blocks = slices.Delete(s.blocks, 1, 2)
		s.settle(at)
		w.put(0)
		w.remove(gone.id)
	default:
		s.blocks = nil
		w.remove(at.id)
	}
}
