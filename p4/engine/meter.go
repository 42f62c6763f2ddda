package engine

import (
	"fmt"
	"sync"
	"time"
)

// meterCell is one configured meter: a two-rate three-colour marker, RFC 2698,
// colour-blind. Its buckets are full at the start.
type meterCell struct {
	cfg   MeterConfig
	start time.Duration

	mu                  sync.Mutex
	committed, peak     uint64 // tokens in the buckets
	committedAt, peakAt uint64 // tokens ever issued
}

func newMeterCell(c *MeterConfig, now time.Duration) (*meterCell, error) {
	if c == nil {
		return nil, nil
	}
	if c.PIR < c.CIR {
		return nil, invalidf("meter: the peak rate %d is below the committed rate %d", c.PIR, c.CIR)
	}
	return &meterCell{cfg: *c, start: now, committed: c.CBurst, peak: c.PBurst}, nil
}

func (m *meterCell) config() *MeterConfig {
	if m == nil {
		return nil
	}
	c := m.cfg
	return &c
}

// execute colours one packet of this size (1 for meters of packets).
func (m *meterCell) execute(now time.Duration, size uint64) MeterColor {
	if m == nil {
		return Green
	}
	// Tokens are counted from the start, as bmv2 does, so that roundings do not add up.
	issued := func(rate uint64) uint64 {
		us := (now - m.start).Microseconds()
		return uint64(float64(us) * (float64(rate) / 1e6))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	refill := func(tokens, at *uint64, rate, burst uint64) {
		total := issued(rate)
		if total > *at {
			*tokens = min(*tokens+(total-*at), burst)
			*at = total
		}
	}
	refill(&m.peak, &m.peakAt, m.cfg.PIR, m.cfg.PBurst)
	if m.peak < size {
		return Red
	}
	m.peak -= size
	refill(&m.committed, &m.committedAt, m.cfg.CIR, m.cfg.CBurst)
	if m.committed < size {
		return Yellow
	}
	m.committed -= size
	return Green
}

type meterDef struct {
	name   string
	size   int
	bytes  bool          // bytes, else packets
	direct bool          // belongs to a table's entries
	target optionalField // direct: where the colour goes
}

// MeterArray is an indexed meter of a [Switch].
type MeterArray struct {
	def *meterDef
	sw  *Switch

	mu    sync.RWMutex
	cells []*meterCell
}

// Size returns the number of meters.
func (m *MeterArray) Size() int { return len(m.cells) }

// CountsBytes reports whether rates are in bytes per second, else packets per second.
func (m *MeterArray) CountsBytes() bool { return m.def.bytes }

func (m *MeterArray) check(i int) error {
	if i < 0 || i >= len(m.cells) {
		return fmt.Errorf("meter %q: index %d of %d is %w", m.def.name, i, len(m.cells), ErrNotFound)
	}
	return nil
}

// Config returns the configuration of the meter at index i; nil if it has none.
func (m *MeterArray) Config(i int) (*MeterConfig, error) {
	if err := m.check(i); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.cells[i].config(), nil
}

// SetConfig configures the meter at index i and fills its buckets; nil makes every
// packet green.
func (m *MeterArray) SetConfig(i int, c *MeterConfig) error {
	if err := m.check(i); err != nil {
		return err
	}
	cell, err := newMeterCell(c, m.sw.now())
	if err != nil {
		return fmt.Errorf("meter %q: %w", m.def.name, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cells[i] = cell
	return nil
}

// execute returns false if there is no such index: then nothing happens.
func (m *MeterArray) execute(i uint64, now time.Duration, frameLen uint64) (MeterColor, bool) {
	if i >= uint64(len(m.cells)) {
		return 0, false
	}
	m.mu.RLock()
	cell := m.cells[i]
	m.mu.RUnlock()
	size := uint64(1)
	if m.def.bytes {
		size = frameLen
	}
	return cell.execute(now, size), true
}
