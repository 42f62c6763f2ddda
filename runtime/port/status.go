package port

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Status of one port: what was asked of it, and what it is.
type Status struct {
	// Number is the port's number in the P4 program.
	Number uint32
	// Name is the device's.
	Name string
	// Enabled is what SetEnabled said last; true at first. A port that is not
	// enabled neither takes nor sends frames.
	Enabled bool
	// Link is the state of the interface behind the port.
	Link Link
	// Since is when Up changed last, or when the port was added.
	Since time.Time
	// Transitions counts how often Up has changed since the port was added.
	Transitions uint64
}

// AdminUp says whether the port is meant to pass frames: by SetEnabled, and by
// whoever else may switch the interface off.
func (s Status) AdminUp() bool { return s.Enabled && s.Link.AdminUp }

// Up says whether frames can pass.
func (s Status) Up() bool {
	return s.Enabled && s.Link.Present && s.Link.AdminUp && s.Link.Carrier
}

// state is the part of a member that changes with its link.
type state struct {
	set    sync.Mutex // held while the port is switched on or off
	mu     sync.Mutex
	status Status
}

// change does something to the status, and reports whether that changed it.
func (st *state) change(do func(*Status)) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	before := st.status
	do(&st.status)
	if st.status.Up() != before.Up() {
		st.status.Since = time.Now()
		st.status.Transitions++
	}
	return st.status != before
}

func (st *state) read() Status {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.status
}

// follow keeps the status of a port as its link is, until the device is closed.
func (s *Set) follow(m *member, dev Linked) {
	for failed := 0; failed < maxReadErrors; {
		err := dev.WaitLink()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			failed++ // a notice was lost; the state itself is still there to read
		} else {
			failed = 0
		}
		s.refresh(m)
	}
}

// refresh reads the link and tells the watchers if it is not as it was.
func (s *Set) refresh(m *member) {
	if m.state.change(func(st *Status) { st.Link = linkOf(m.dev) }) {
		s.watchers.tell()
	}
	if table := m.vlans.Load(); table != nil {
		for _, v := range *table {
			s.refresh(v)
		}
	}
}

// Status returns the state of the port with this number.
func (s *Set) Status(number uint32) (Status, error) {
	m, err := s.member(number)
	if err != nil {
		return Status{}, err
	}
	return m.state.read(), nil
}

// SetEnabled lets a port pass frames, or stops it: then frames in both directions
// are lost and counted as discards, and the interface (if there is one) is
// switched off, so that the other end loses its carrier. On an error nothing has
// changed.
func (s *Set) SetEnabled(number uint32, enabled bool) error {
	m, err := s.member(number)
	if err != nil {
		return err
	}
	m.state.set.Lock()
	defer m.state.set.Unlock()
	if m.state.read().Enabled == enabled {
		return nil
	}
	if l, ok := m.dev.(Linked); ok {
		if err := l.SetLinkUp(enabled); err != nil {
			return fmt.Errorf("port %d: %w", number, err)
		}
	}
	m.disabled.Store(!enabled)
	if m.state.change(func(st *Status) { st.Enabled, st.Link = enabled, linkOf(m.dev) }) {
		s.watchers.tell()
	}
	s.refresh(m) // and the ports that share its device
	return nil
}

// Watch calls changed after every change of the ports and their states, until
// stop is called. changed must not wait and must not call the set. It is called
// from several goroutines, also once more while stop runs.
func (s *Set) Watch(changed func()) (stop func()) { return s.watchers.add(changed) }

// watchers are functions to call.
type watchers struct {
	mu   sync.Mutex
	next uint64
	list map[uint64]func()
}

func (w *watchers) add(f func()) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.list == nil {
		w.list = map[uint64]func(){}
	}
	id := w.next
	w.next++
	w.list[id] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.list, id)
	}
}

func (w *watchers) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.list {
		f()
	}
}
