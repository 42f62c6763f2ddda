package mirror

import (
	"bytes"
	"errors"
	"fmt"
	"unsafe"

	"github.com/cilium/ebpf"
)

// sink takes map elements: the kernel, or while everything is compared a collection.
type sink interface {
	put(m *ebpf.Map, key, value []byte) error
	remove(m *ebpf.Map, key []byte) error
}

// raw is the memory of a key or value. None of them has padding that is not a field.
func raw[T any](v *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v))
}

func put[K, V any](s sink, m *ebpf.Map, key *K, value *V) error {
	return s.put(m, raw(key), raw(value))
}

func remove[K any](s sink, m *ebpf.Map, key *K) error { return s.remove(m, raw(key)) }

// kernel writes at once.
type kernel struct{}

func (kernel) put(m *ebpf.Map, key, value []byte) error {
	if err := m.Update(key, value, ebpf.UpdateAny); err != nil {
		return fmt.Errorf("map %s: %w", m, err)
	}
	return nil
}

func (kernel) remove(m *ebpf.Map, key []byte) error {
	if err := m.Delete(key); err != nil && !errors.Is(err, ebpf.ErrKeyNotExist) {
		return fmt.Errorf("map %s: %w", m, err)
	}
	return nil
}

// collection gathers what the maps should hold.
type collection map[*ebpf.Map]map[string][]byte

func (c collection) put(m *ebpf.Map, key, value []byte) error {
	if c[m] == nil {
		c[m] = map[string][]byte{}
	}
	c[m][string(key)] = bytes.Clone(value)
	return nil
}

func (c collection) remove(m *ebpf.Map, key []byte) error {
	delete(c[m], string(key))
	return nil
}

// content is what a map holds.
func content(m *ebpf.Map) (map[string][]byte, error) {
	out := map[string][]byte{}
	var key, value []byte
	all := m.Iterate()
	for all.Next(&key, &value) {
		out[string(key)] = bytes.Clone(value)
	}
	if err := all.Err(); err != nil {
		return nil, fmt.Errorf("map %s: %w", m, err)
	}
	return out, nil
}

// complete puts into a map what is wanted and not there. Elements that are right are not touched; first come those that are new, then those
// that change, as these may lead to new ones.
func complete(out sink, m *ebpf.Map, have, want map[string][]byte) error {
	for _, changed := range []bool{false, true} {
		for name, value := range want {
			old, there := have[name]
			if there != changed || bytes.Equal(old, value) {
				continue
			}
			if err := out.put(m, []byte(name), value); err != nil {
				return err
			}
		}
	}
	return nil
}

// clear takes out of a map what is not wanted.
func clear(out sink, m *ebpf.Map, have, want map[string][]byte) error {
	for name := range have {
		if _, wanted := want[name]; wanted {
			continue
		}
		var err error
		if m.Type() == ebpf.Array {
			err = out.put(m, []byte(name), make([]byte, m.ValueSize()))
		} else {
			err = out.remove(m, []byte(name))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
