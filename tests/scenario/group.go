package scenario

import (
	"errors"
	"sync"
)

// group runs functions side by side.
type group struct {
	running sync.WaitGroup
	mu      sync.Mutex
	errs    []error
}

func (g *group) run(f func() error) {
	g.running.Go(func() {
		if err := f(); err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.errs = append(g.errs, err)
		}
	})
}

// wait waits for all of them, and joins their errors.
func (g *group) wait() error {
	g.running.Wait()
	return errors.Join(g.errs...)
}
