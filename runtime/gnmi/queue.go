package gnmi

import (
	"cmp"
	"strings"
	"sync"
	"time"
)

// key is one leaf of one interface. Its node is the schema's.
type key struct {
	name string // of the interface
	node *node
}

// change is a value to send; value nil: the leaf is gone.
type change struct {
	key
	value      any
	at         time.Time
	duplicates uint32 // values before this one that were not sent
}

// queue holds what a stream has yet to send: of each leaf only the newest value, so
// that it is never longer than there are leaves. The first that came goes first.
type queue struct {
	mu      sync.Mutex
	pending map[key]*change
	order   []key
	ready   chan struct{} // holds one when something is pending
}

func newQueue() *queue {
	return &queue{pending: map[key]*change{}, ready: make(chan struct{}, 1)}
}

// put adds a value, or replaces the one that waits and counts it.
func (q *queue) put(c change) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if old := q.pending[c.key]; old != nil {
		// Two subscriptions that saw the same moment are no loss.
		c.duplicates = old.duplicates
		if !old.at.Equal(c.at) {
			c.duplicates++
		}
		*old = c
		return
	}
	q.pending[c.key] = &c
	q.order = append(q.order, c.key)
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take removes the first value; false if there is none.
func (q *queue) take() (change, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.order) == 0 {
		q.order = nil // let the memory of a burst go
		return change{}, false
	}
	k := q.order[0]
	q.order = q.order[1:]
	c := q.pending[k]
	delete(q.pending, k)
	return *c, true
}

// compare orders keys by their paths.
func (k key) compare(o key) int {
	return cmp.Or(strings.Compare(k.name, o.name), strings.Compare(FormatPath(pathOf(k.node, "")), FormatPath(pathOf(o.node, ""))))
}
