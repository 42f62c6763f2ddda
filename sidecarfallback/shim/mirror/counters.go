package mirror

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cilium/ebpf"

	"pillion/p4/engine"
	"pillion/sidecarfallback/shim/bpf"
)

// missCounter are the cells of default entries, as bpf/maps.h numbers them.
var missCounter = map[string]uint32{
	"ingress.policy":       0,
	"ingress.verdict":      1,
	"ingress.chain_select": 2,
	"ingress.multicast":    3,
}

const (
	firstCounter = 4
	counterSize  = 16
	dropCounters = "ingress.drops"
)

type counterKey struct{ table, key string }

// counters deals out the cells of the map counters.
type counters struct {
	cells *ebpf.Memory // shared with the kernel: packets and bytes, 64 bits each, in the host's byte order
	of    map[counterKey]uint32
	used  map[uint32]bool
	free  []uint32
	next  uint32
	// While the maps of an earlier run are taken over, entries keep the cells that they have.
	taking bool
}

// start begins a takeover, which forgets who has which cell; or ends it.
func (c *counters) start(taking bool) {
	c.taking = taking
	if taking {
		c.of, c.used, c.free, c.next = map[counterKey]uint32{}, map[uint32]bool{}, nil, firstCounter
	}
}

// acquire gives an entry its cell. A new one starts with the given count; one that is
// known from before the takeover goes on.
func (c *counters) acquire(table string, key engine.Entry, initial engine.CounterData, old uint32, known bool) (uint32, error) {
	k := counterKey{table, keyText(key)}
	if at, ok := c.of[k]; ok {
		return at, nil
	}
	size := uint32(c.cells.Size() / counterSize)
	if known && old >= firstCounter && old < size && !c.used[old] {
		c.of[k], c.used[old] = old, true
		return old, nil
	}
	at, err := c.unused(size)
	if err != nil {
		return 0, err
	}
	c.of[k], c.used[at] = at, true
	c.set(at, initial)
	return at, nil
}

func (c *counters) unused(size uint32) (uint32, error) {
	for len(c.free) > 0 {
		at := c.free[len(c.free)-1]
		c.free = c.free[:len(c.free)-1]
		if !c.used[at] {
			return at, nil
		}
	}
	for ; c.next < size; c.next++ {
		if !c.used[c.next] {
			c.next++
			return c.next - 1, nil
		}
	}
	return 0, refuse("all %d counters are in use", size)
}

func (c *counters) release(table string, key engine.Entry) {
	k := counterKey{table, keyText(key)}
	if at, ok := c.of[k]; ok {
		delete(c.of, k)
		delete(c.used, at)
		c.free = append(c.free, at)
	}
}

func (c *counters) set(at uint32, v engine.CounterData) {
	var b [counterSize]byte
	binary.NativeEndian.PutUint64(b[:], v.Packets)
	binary.NativeEndian.PutUint64(b[8:], v.Bytes)
	_, _ = c.cells.WriteAt(b[:], int64(at)*counterSize) // at is within the map
}

func (c *counters) get(at uint32) engine.CounterData {
	var b [counterSize]byte
	_, _ = c.cells.ReadAt(b[:], int64(at)*counterSize)
	return engine.CounterData{Packets: binary.NativeEndian.Uint64(b[:]), Bytes: binary.NativeEndian.Uint64(b[8:])}
}

// Count brings the engine's counters up to what the data plane has counted.
func (m *Mirror) Count() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, at := range missCounter {
		if err := m.sw.Table(name).SetCounter(engine.Entry{}, m.counters.get(at)); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if !t.counted {
			continue
		}
		table := m.sw.Table(t.name)
		var failed error
		table.Each(func(e engine.EntryInfo) bool {
			key := engine.Entry{Key: e.Key, Priority: e.Priority}
			if at, ok := m.counters.of[counterKey{t.name, keyText(key)}]; ok {
				if err := table.SetCounter(key, m.counters.get(at)); err != nil && !errors.Is(err, engine.ErrNotFound) {
					failed = err
				}
			}
			return failed == nil
		})
		if failed != nil {
			return failed
		}
	}
	return m.countDrops()
}

// countDrops brings the engine's counter of drops up to date.
func (m *Mirror) countDrops() error {
	drops := m.sw.Counter(dropCounters)
	cells, err := m.Dropped()
	if err != nil {
		return err
	}
	for i := range min(len(cells), drops.Size()) {
		if err := drops.Write(i, cells[i]); err != nil {
			return err
		}
	}
	return nil
}

// Dropped adds up what each processor has dropped, for each cell of the program's counter of drops.
func (m *Mirror) Dropped() ([]engine.CounterData, error) {
	out := make([]engine.CounterData, m.maps.Drops.MaxEntries())
	for i := range out {
		var each []bpf.ShimCounter
		if err := m.maps.Drops.Lookup(uint32(i), &each); err != nil {
			return nil, fmt.Errorf("map %s: %w", m.maps.Drops, err)
		}
		for _, c := range each {
			out[i].Packets += c.Packets
			out[i].Bytes += c.Bytes
		}
	}
	return out, nil
}

// Drops is to be called when cells of the counter of drops were written, or taken back.
func (m *Mirror) Drops(first, end int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	processors, err := ebpf.PossibleCPU()
	if err != nil {
		return err
	}
	for i := first; i < end; i++ {
		v, err := m.sw.Counter(dropCounters).Read(i)
		if err != nil {
			return err
		}
		each := make([]bpf.ShimCounter, processors)
		each[0] = bpf.ShimCounter{Packets: v.Packets, Bytes: v.Bytes}
		if err := m.maps.Drops.Put(uint32(i), each); err != nil {
			return fmt.Errorf("map %s: %w", m.maps.Drops, err)
		}
	}
	return nil
}

// Recount makes the data plane's counters go on from what the engine has counted.
func (m *Mirror) Recount() error {
	m.mu.Lock()
	for name, at := range missCounter {
		m.counters.set(at, m.sw.Table(name).Default().Counter)
	}
	for _, t := range tables {
		if t.counted {
			m.sw.Table(t.name).Each(func(e engine.EntryInfo) bool {
				if at, ok := m.counters.of[counterKey{t.name, keyText(engine.Entry{Key: e.Key, Priority: e.Priority})}]; ok {
					m.counters.set(at, e.Counter)
				}
				return true
			})
		}
	}
	size := m.sw.Counter(dropCounters).Size()
	m.mu.Unlock()
	return m.Drops(0, size)
}
