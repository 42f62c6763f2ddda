package verify

import (
	"sync"

	"pillion/backends/bundle"
	"pillion/p4/engine"
)

// MaxEntities bounds the entities in all engines of one rule set; the last engine that was made may exceed it
// alone. An entity takes about 350 bytes there, and 0.5 µs to put there.
const MaxEntities = 1 << 19

// emptyEngine is what an engine takes besides its entities, in entities.
const emptyEngine = 256

// cache makes the engines of hosts, and gives those up that have not been used for the longest time, by and large: it goes
// round, and spares each that was used since it came by last (the clock algorithm).
type cache struct {
	limit int
	build func(*bundle.Target) (*engine.Switch, error)

	mu   sync.Mutex
	full []*host // with an engine
	hand int
	size int // entities in them
}

// of returns the engine of a host.
func (c *cache) of(h *host) (*engine.Switch, error) {
	if sw := h.engine.Load(); sw != nil {
		if !h.lately.Load() {
			h.lately.Store(true)
		}
		return sw, nil
	}
	sw, err := c.build(&h.target)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size += h.cost()
	for c.size > c.limit && len(c.full) > 0 {
		c.giveUp()
	}
	c.full = append(c.full, h)
	h.lately.Store(true)
	h.engine.Store(sw)
	return sw, nil
}

func (h *host) cost() int { return len(h.target.Entities) + emptyEngine }

// giveUp takes the engine of one host. Who is using it keeps it for that frame.
func (c *cache) giveUp() {
	for {
		c.hand %= len(c.full)
		h := c.full[c.hand]
		if !h.lately.Swap(false) {
			h.engine.Store(nil)
			c.size -= h.cost()
			c.full = append(c.full[:c.hand], c.full[c.hand+1:]...)
			return
		}
		c.hand++
	}
}
