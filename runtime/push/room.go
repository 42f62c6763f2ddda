package push

import "sync"

// How much goes on side by side, unless Options.Parallel says otherwise. A target that does not answer takes one of the
// connections until it is given up, and none of the room to work in: so it holds up nobody who answers.
const (
	maxOpen     = 256     // connections
	maxWorking  = 64      // targets that are read or written
	maxEntities = 1 << 20 // of the bundle, at those targets: what is read back is in memory beside them
)

// room is where targets are worked on: a number of them, whose entities are no more than so many. One target
// always fits.
type room struct {
	mu       sync.Mutex
	left     sync.Cond
	targets  int // that more fit
	entities int
	inside   int
}

func newRoom(targets, entities int) *room {
	r := &room{targets: targets, entities: entities}
	r.left.L = &r.mu
	return r
}

func (r *room) enter(entities int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.inside > 0 && (r.targets == 0 || r.entities < entities) {
		r.left.Wait()
	}
	r.inside++
	r.targets--
	r.entities -= entities
}

func (r *room) leave(entities int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inside--
	r.targets++
	r.entities += entities
	r.left.Broadcast()
}
