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

// reconcile makes a map hold exactly what is wanted. Elements that are right are not touched; first come the new ones, then
// those that are too many go.
func reconcile(m *ebpf.Map, want map[string][]byte) error {
	have := map[string]bool{}
	var extra [][]byte
	different := make(map[string]bool)
	var key, value []byte
	for all := m.Iterate(); all.Next(&key, &value); {
		name := string(key)
		right, wanted := want[name]
		switch {
		case !wanted:
			extra = append(extra, []byte(name))
		case bytes.Equal(right, value):
			have[name] = true
		default:
			different[name] = true
		}
	}
	for name, value := range want {
		if !have[name] {
			if err := (kernel{}).put(m, []byte(name), value); err != nil {
				return err
			}
		}
	}
	for _, name := range extra {
		if m.Type() == ebpf.Array {
			if err := (kernel{}).put(m, name, make([]byte, m.ValueSize())); err != nil {
				return err
			}
		} else if err := (kernel{}).remove(m, name); err != nil {
			return err
		}
	}
	return nil
}
