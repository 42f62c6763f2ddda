package engine

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type counterDef struct {
	name string
	size int
}

// CounterArray is an indexed counter of a [Switch]. It counts packets and bytes
// whatever the program declared.
type CounterArray struct {
	def   *counterDef
	cells []counterCell
}

type counterCell struct{ packets, bytes atomic.Uint64 }

// Size returns the number of counters.
func (c *CounterArray) Size() int { return len(c.cells) }

func (c *CounterArray) check(i int) error {
	if i < 0 || i >= len(c.cells) {
		return fmt.Errorf("counter %q: index %d of %d is %w", c.def.name, i, len(c.cells), ErrNotFound)
	}
	return nil
}

// Read returns the counter at index i.
func (c *CounterArray) Read(i int) (CounterData, error) {
	if err := c.check(i); err != nil {
		return CounterData{}, err
	}
	return CounterData{Packets: c.cells[i].packets.Load(), Bytes: c.cells[i].bytes.Load()}, nil
}

// Write sets the counter at index i.
func (c *CounterArray) Write(i int, v CounterData) error {
	if err := c.check(i); err != nil {
		return err
	}
	c.cells[i].packets.Store(v.Packets)
	c.cells[i].bytes.Store(v.Bytes)
	return nil
}

func (c *CounterArray) count(i, frameLen uint64) {
	if i < uint64(len(c.cells)) {
		c.cells[i].packets.Add(1)
		c.cells[i].bytes.Add(frameLen)
	}
}

type registerDef struct {
	name  string
	size  int
	width int // bits
}

// RegisterArray is a register of a [Switch].
type RegisterArray struct {
	def *registerDef
	// mu is held for the length of an action that uses the register, as in bmv2.
	mu    sync.Mutex
	words []uint64 // size runs of wordsFor(width)
}

// Size returns the number of cells.
func (r *RegisterArray) Size() int { return r.def.size }

// Width returns the width of a cell in bits.
func (r *RegisterArray) Width() int { return r.def.width }

// cell returns the words of a cell, or nil if there is no such index.
func (r *RegisterArray) cell(i uint64) []uint64 {
	if i >= uint64(r.def.size) {
		return nil
	}
	n := uint64(wordsFor(r.def.width))
	return r.words[i*n : (i+1)*n]
}

// Read returns the cell at index i, big-endian.
func (r *RegisterArray) Read(i int) ([]byte, error) {
	if i < 0 || i >= r.def.size {
		return nil, fmt.Errorf("register %q: index %d of %d is %w", r.def.name, i, r.def.size, ErrNotFound)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return appendWords(nil, r.cell(uint64(i)), r.def.width), nil
}

// Write sets the cell at index i; v is big-endian and must fit the width.
func (r *RegisterArray) Write(i int, v []byte) error {
	if i < 0 || i >= r.def.size {
		return fmt.Errorf("register %q: index %d of %d is %w", r.def.name, i, r.def.size, ErrNotFound)
	}
	words := make([]uint64, wordsFor(r.def.width))
	if !wordsFromBytes(words, v, r.def.width) {
		return invalidf("register %q: %x does not fit %d bits", r.def.name, v, r.def.width)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	copy(r.cell(uint64(i)), words)
	return nil
}
