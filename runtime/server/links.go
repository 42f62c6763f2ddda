package server

import "sync"

// followLinks tells the P4Runtime server which ports can pass frames, now and after
// every change, until stop is called.
func (s *Switch) followLinks() (stop func()) {
	changed, done := make(chan struct{}, 1), make(chan struct{})
	unwatch := s.Ports.Watch(func() {
		select {
		case changed <- struct{}{}:
		default: // a change is waiting already, and one look sees both
		}
	})
	var ended sync.WaitGroup
	ended.Go(func() {
		known := map[uint32]bool{}
		for {
			select {
			case <-changed:
			case <-done:
				return
			}
			present := map[uint32]bool{}
			for _, number := range s.Ports.Numbers() {
				status, err := s.Ports.Status(number)
				present[number], known[number] = true, true
				s.P4Runtime.SetPortUp(number, err == nil && status.Up())
			}
			for number := range known {
				if !present[number] {
					s.P4Runtime.SetPortUp(number, false)
				}
			}
		}
	})
	return func() {
		unwatch()
		close(done)
		ended.Wait()
	}
}
