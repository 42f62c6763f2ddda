package mirror

import (
	"bytes"
	"unsafe"

	"github.com/cilium/ebpf"

	"pillion/sidecarfallback/shim/bpf"
)

// renumber keeps rule sets whole while they change from how they lie in the maps to how they are wanted. The rules of a set may be the same, and lie in
// other blocks, as that depends on the order in which they came; were the blocks written one by one, rules would be missing for a
// moment, a deny among them. So blocks get numbers that the set does not have yet, but for the first, which leads to them and is
// changed last.
func (m *Mirror) renumber(chains bool, have map[*ebpf.Map]map[string][]byte, wanted collection) error {
	target := m.maps.Rules
	if chains {
		target = m.maps.ChainRules
	}
	there := map[uint32]map[uint32][]byte{} // blocks by number, by set
	for name, value := range have[target] {
		key := *(*bpf.ShimBlockKey)(unsafe.Pointer(&[]byte(name)[0]))
		if there[key.Set] == nil {
			there[key.Set] = map[uint32][]byte{}
		}
		there[key.Set][key.Block] = value
	}
	for k, set := range m.sets {
		old := there[k.id]
		if k.chains != chains || len(set.blocks) < 2 || len(old) == 0 || same(wanted[target], k.id, set, old) {
			continue
		}
		w := setWriter{out: wanted, target: target, set: k.id, blocks: set}
		for _, b := range set.blocks {
			w.remove(b.id)
		}
		next := uint32(1)
		for _, b := range set.blocks[1:] {
			for old[next] != nil {
				next++
			}
			b.id = next
			next++
		}
		set.next = max(set.next, next)
		for b := range set.blocks {
			w.put(b)
		}
		if w.err != nil {
			return w.err
		}
		if len(have[target])+len(set.blocks) > int(target.MaxEntries()) {
			if err := m.shut(target, k.id, old, have[target]); err != nil {
				return err
			}
		}
	}
	return nil
}

// same says whether the blocks of a set lie as they are wanted.
func same(wanted map[string][]byte, id uint32, set *ruleSet, old map[uint32][]byte) bool {
	if len(set.blocks) != len(old) {
		return false
	}
	for _, b := range set.blocks {
		key := bpf.ShimBlockKey{Set: id, Block: b.id}
		if !bytes.Equal(wanted[string(raw(&key))], old[b.id]) {
			return false
		}
	}
	return true
}

// shut makes room in a map that cannot hold a set twice. Until it is changed, the set leads nowhere, so what is to be judged by it is dropped.
func (m *Mirror) shut(target *ebpf.Map, set uint32, old map[uint32][]byte, have map[string][]byte) error {
	first := bpf.ShimBlockKey{Set: set}
	nowhere := bpf.ShimBlock{Next: 1<<32 - 1}
	if err := put(m.live, target, &first, &nowhere); err != nil {
		return err
	}
	have[string(raw(&first))] = raw(&nowhere)
	for number := range old {
		if number == 0 {
			continue
		}
		key := bpf.ShimBlockKey{Set: set, Block: number}
		if err := remove(m.live, target, &key); err != nil {
			return err
		}
		delete(have, string(raw(&key)))
	}
	return nil
}
