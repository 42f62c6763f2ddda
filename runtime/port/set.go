package port

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
)

// Handler receives every frame that arrives. The frame is the handler's only
// until it returns; it may change it. Handlers of different ports run at the
// same time.
type Handler func(port uint32, frame []byte)

// Counters of one port since it was added, as the switch sees it.
type Counters struct {
	InFrames, InBytes   uint64
	OutFrames, OutBytes uint64
	// InErrors counts frames lost on arrival (truncated, super-frames), OutErrors
	// frames that could not be sent (queue full, too long, link down).
	InErrors, OutErrors uint64
}

// Set is the ports of one switch by their numbers, with one reading goroutine
// for each.
type Set struct {
	handle Handler

	mu     sync.RWMutex
	ports  map[uint32]*member
	closed bool
	wg     sync.WaitGroup
}

type member struct {
	dev                 Device
	inFrames, inBytes   atomic.Uint64
	outFrames, outBytes atomic.Uint64
	inErrors, outErrors atomic.Uint64
	lastErr             atomic.Pointer[error]
}

// maxReadErrors is how many reads in a row may fail before a port is given up.
const maxReadErrors = 10_000

// NewSet returns an empty set whose frames go to h.
func NewSet(h Handler) *Set {
	return &Set{handle: h, ports: map[uint32]*member{}}
}

// Add makes dev the port with this number and starts to read from it. The set
// owns the device from here on and closes it.
func (s *Set) Add(number uint32, dev Device) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fmt.Errorf("port %d (%s): the switch is closed: %w", number, dev.Name(), net.ErrClosed)
	}
	if old, ok := s.ports[number]; ok {
		return fmt.Errorf("port %d is %s already; it cannot be %s too: give it another number", number, old.dev.Name(), dev.Name())
	}
	m := &member{dev: dev}
	s.ports[number] = m
	s.wg.Go(func() { s.read(number, m) })
	return nil
}

func (s *Set) read(number uint32, m *member) {
	buf := make([]byte, BufferSize)
	for failed := 0; failed < maxReadErrors; {
		frame, err := m.dev.Read(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			failed++
			m.lastErr.Store(&err)
			if !errors.Is(err, ErrLinkDown) {
				m.inErrors.Add(1)
			}
			continue
		}
		failed = 0
		m.inFrames.Add(1)
		m.inBytes.Add(uint64(len(frame)))
		s.handle(number, frame)
	}
}

// Remove closes the port with this number. A port that does not exist is an error.
func (s *Set) Remove(number uint32) error {
	s.mu.Lock()
	m, ok := s.ports[number]
	delete(s.ports, number)
	s.mu.Unlock()
	if !ok {
		return s.unknown(number)
	}
	return m.dev.Close()
}

// Send writes one frame to the port with this number.
func (s *Set) Send(number uint32, frame []byte) error {
	s.mu.RLock()
	m, ok := s.ports[number]
	s.mu.RUnlock()
	if !ok {
		return s.unknown(number)
	}
	if err := m.dev.Write(frame); err != nil {
		m.outErrors.Add(1)
		m.lastErr.Store(&err)
		return fmt.Errorf("port %d: %w", number, err)
	}
	m.outFrames.Add(1)
	m.outBytes.Add(uint64(len(frame)))
	return nil
}

func (s *Set) unknown(number uint32) error {
	return fmt.Errorf("port %d does not exist; the ports are %v", number, s.Numbers())
}

// Numbers returns the ports' numbers in order.
func (s *Set) Numbers() []uint32 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]uint32, 0, len(s.ports))
	for n := range s.ports {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Device returns the device that is the port with this number, or nil.
func (s *Set) Device(number uint32) Device {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if m := s.ports[number]; m != nil {
		return m.dev
	}
	return nil
}

// Counters returns the counters of the port with this number.
func (s *Set) Counters(number uint32) (Counters, error) {
	s.mu.RLock()
	m, ok := s.ports[number]
	s.mu.RUnlock()
	if !ok {
		return Counters{}, s.unknown(number)
	}
	c := Counters{
		InFrames: m.inFrames.Load(), InBytes: m.inBytes.Load(), InErrors: m.inErrors.Load(),
		OutFrames: m.outFrames.Load(), OutBytes: m.outBytes.Load(), OutErrors: m.outErrors.Load(),
	}
	return c, nil
}

// LastError returns the last frame-level error on the port with this number, or
// nil if there was none. It explains what InErrors and OutErrors count.
func (s *Set) LastError(number uint32) error {
	s.mu.RLock()
	m, ok := s.ports[number]
	s.mu.RUnlock()
	if !ok {
		return s.unknown(number)
	}
	if e := m.lastErr.Load(); e != nil {
		return *e
	}
	return nil
}

// Close closes every port and waits until no handler runs any more.
func (s *Set) Close() error {
	s.mu.Lock()
	s.closed = true
	var errs []error
	for _, m := range s.ports {
		errs = append(errs, m.dev.Close())
	}
	s.mu.Unlock()
	s.wg.Wait()
	return errors.Join(errs...)
}
