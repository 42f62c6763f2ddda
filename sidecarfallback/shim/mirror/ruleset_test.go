package mirror

import (
	"fmt"
	"slices"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"pillion/p4/engine"
	"pillion/sidecarfallback/shim/bpf"
)

// walk gives the slots of a set in the order in which the data plane asks them.
func walk(t *rapid.T, blocks map[string][]byte, set uint32) (slots []uint32) {
	for block, steps := uint32(0), 0; ; steps++ {
		key := bpf.ShimBlockKey{Set: set, Block: block}
		value, ok := blocks[string(raw(&key))]
		switch {
		case !ok && steps == 0:
			return nil
		case !ok:
			t.Fatalf("block %d of set %d is not there", block, set)
		case steps > len(blocks):
			t.Fatalf("set %d goes round in circles", set)
		}
		b := (*bpf.ShimBlock)(unsafe.Pointer(&value[0]))
		if b.Count == 0 || b.Count > rulesPerBlock {
			t.Fatalf("block %d of set %d has %d rules", block, set, b.Count)
		}
		for _, r := range b.Rules[:b.Count] {
			slots = append(slots, r.Slot)
		}
		if block = b.Next; block == 0 {
			return slots
		}
	}
}

// After any changes the data plane asks the rules by priority, and those of one priority in the order in which they
// came; and no block is left over.
func TestRuleSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type rule struct {
			slot     uint32
			priority int32
		}
		out := collection{}
		m := &Mirror{out: out, sets: map[setKey]*ruleSet{}}
		want := map[uint32][]rule{}
		for i := range rapid.IntRange(1, 120).Draw(t, "changes") {
			set := rapid.Uint32Range(1, 2).Draw(t, "set")
			list := want[set]
			key := func(r rule) engine.Entry {
				return engine.Entry{Priority: r.priority, Key: []engine.KeyField{{Value: fmt.Append(nil, r.slot)}}}
			}
			if len(list) > 0 && rapid.IntRange(0, 2).Draw(t, "delete") == 0 {
				at := rapid.IntRange(0, len(list)-1).Draw(t, "which")
				if err := m.changeSet(nil, setKey{id: set}, key(list[at]), nil); err != nil {
					t.Fatal(err)
				}
				want[set] = slices.Delete(list, at, at+1)
			} else {
				r := rule{uint32(i), int32(rapid.IntRange(1, 6).Draw(t, "priority"))}
				if err := m.changeSet(nil, setKey{id: set}, key(r), &bpf.ShimRule{Slot: r.slot}); err != nil {
					t.Fatal(err)
				}
				at := slices.IndexFunc(list, func(o rule) bool { return o.priority < r.priority })
				if at < 0 {
					at = len(list)
				}
				want[set] = slices.Insert(list, at, r)
			}
			for set, list := range want {
				var slots []uint32
				for _, r := range list {
					slots = append(slots, r.slot)
				}
				if got := walk(t, out[nil], set); !slices.Equal(got, slots) {
					t.Fatalf("set %d is asked in the order %v, want %v", set, got, slots)
				}
			}
		}
		for set, list := range want {
			for _, r := range slices.Clone(list) {
				if err := m.changeSet(nil, setKey{id: set}, engine.Entry{Priority: r.priority, Key: []engine.KeyField{{Value: fmt.Append(nil, r.slot)}}}, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(out[nil]) != 0 || len(m.sets) != 0 {
			t.Fatalf("%d blocks and %d sets are left over", len(out[nil]), len(m.sets))
		}
	})
}
