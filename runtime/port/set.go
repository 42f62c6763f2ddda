package port

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Handler receives every frame that arrives. The frame is the handler's only
// until it returns; it may change it. Handlers of different ports run at the
// same time.
type Handler func(port uint32, frame []byte)

// Counters of one port since it was added, as the switch sees it.
type Counters struct {
	// Frames that the switch got and sent. Bytes are without the frame check sequence.
	InFrames, InBytes   uint64
	OutFrames, OutBytes uint64
	// What of the frames went to a group address, and what of that to the broadcast address.
	InGroup, InBroadcast   uint64
	OutGroup, OutBroadcast uint64
	// InErrors counts frames lost on arrival (truncated, super-frames), OutErrors
	// frames that could not be sent (too long, empty).
	InErrors, OutErrors uint64
	// Discards are good frames that were lost: the port was not enabled, its queue
	// was full, its link was down.
	InDiscards, OutDiscards uint64
}

// Set is the ports of one switch by their numbers, with one reading goroutine
// for each.
type Set struct {
	newHandler func(send func(port uint32, frame []byte)) Handler

	mu    sync.RWMutex
	ports map[uint32]*member
	// byNumber is a copy of ports that is never changed, for the way of the frames.
	byNumber atomic.Pointer[map[uint32]*member]
	closed   bool
	wg       sync.WaitGroup

	watchers watchers
}

type member struct {
	number   uint32
	dev      Device
	disabled atomic.Bool // what status says, for the way of the frames
	state    state
	in, out  traffic
	lastErr  atomic.Pointer[error]
	// vlans are the ports that share the device, by VLAN id; nil: tags mean nothing here.
	vlans atomic.Pointer[map[uint16]*member]
}

// traffic counts one direction.
type traffic struct {
	frames, bytes, group, broadcast, errors, discards atomic.Uint64
}

// count counts a good frame.
func (t *traffic) count(frame []byte) {
	var one tally
	one.add(frame)
	t.addTally(&one)
}

var broadcast = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// maxReadErrors is how many reads in a row may fail before a port is given up. Frames that cannot be taken are no failures.
const maxReadErrors = 10_000

// NewSet returns an empty set whose frames go to h.
func NewSet(h Handler) *Set {
	return NewBurstSet(func(func(uint32, []byte)) Handler { return h })
}

// NewBurstSet returns an empty set that has a handler for each port, which is called by
// one goroutine only. A handler sends with the function that it was made with, from
// within its calls: frames wait there for those of the same burst, and then leave with one
// system call. Send does not wait.
func NewBurstSet(newHandler func(send func(port uint32, frame []byte)) Handler) *Set {
	s := &Set{newHandler: newHandler, ports: map[uint32]*member{}}
	s.publish()
	return s
}

// publish makes a change of ports known to the way of the frames.
func (s *Set) publish() {
	ports := maps.Clone(s.ports)
	s.byNumber.Store(&ports)
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
	m := s.add(number, dev)
	s.wg.Go(func() { s.read(number, m) })
	if l, ok := dev.(Linked); ok {
		s.wg.Go(func() { s.follow(m, l) })
	}
	s.watchers.tell()
	return nil
}

// add makes a member. Callers hold s.mu.
func (s *Set) add(number uint32, dev Device) *member {
	m := &member{number: number, dev: dev}
	m.state.status = Status{Number: number, Name: dev.Name(), Enabled: true, Link: linkOf(dev), Since: time.Now()}
	s.ports[number] = m
	s.publish()
	return m
}

// member is the port with this number.
func (s *Set) member(number uint32) (*member, error) {
	s.mu.RLock()
	m, ok := s.ports[number]
	s.mu.RUnlock()
	if !ok {
		return nil, s.unknown(number)
	}
	return m, nil
}

func (s *Set) read(number uint32, m *member) {
	if d, ok := m.dev.(burstDevice); ok {
		s.readBursts(number, m, d)
		return
	}
	out := &outbox{set: s}
	handle := s.newHandler(out.send)
	buf := make([]byte, BufferSize)
	for failed := 0; failed < maxReadErrors; {
		frame, err := m.dev.Read(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, ErrTruncated), errors.Is(err, ErrSuperFrame):
			failed = 0 // the device works, and whoever sends such frames must not end the port
			m.notReceived(err)
			continue
		case err != nil:
			failed++
			m.notReceived(err)
			continue
		}
		failed = 0
		if m.disabled.Load() {
			m.in.discards.Add(1)
			continue
		}
		if to, frame := m.sort(frame); to != nil {
			to.in.count(frame)
			handle(to.number, frame)
			out.flush()
		}
	}
}

// Remove closes the port with this number, and the ports that share its device. A port that does not
// exist is an error.
func (s *Set) Remove(number uint32) error {
	s.mu.Lock()
	m, ok := s.ports[number]
	if ok {
		s.dropVLANs(m)
	}
	delete(s.ports, number)
	s.publish()
	s.mu.Unlock()
	if !ok {
		return s.unknown(number)
	}
	s.watchers.tell()
	return m.dev.Close()
}

// Send writes one frame to the port with this number.
func (s *Set) Send(number uint32, frame []byte) error {
	m := (*s.byNumber.Load())[number]
	if m == nil {
		return s.unknown(number)
	}
	return m.send(number, frame)
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
	m, err := s.member(number)
	if err != nil {
		return Counters{}, err
	}
	c := Counters{
		InErrors: m.in.errors.Load(), OutErrors: m.out.errors.Load(),
		InDiscards: m.in.discards.Load(), OutDiscards: m.out.discards.Load(),
		InBytes: m.in.bytes.Load(), OutBytes: m.out.bytes.Load(),
	}
	// The part before the whole, so that a frame in between makes no part larger than its whole.
	c.InBroadcast, c.OutBroadcast = m.in.broadcast.Load(), m.out.broadcast.Load()
	c.InGroup, c.OutGroup = m.in.group.Load(), m.out.group.Load()
	c.InFrames, c.OutFrames = m.in.frames.Load(), m.out.frames.Load()
	if d, ok := m.dev.(interface{ bare() bool }); ok && d.bare() {
		// What was taken for an address is something else.
		c.InGroup, c.OutGroup, c.InBroadcast, c.OutBroadcast = 0, 0, 0, 0
	}
	return c, nil
}

// LastError returns the last frame-level error on the port with this number, or
// nil if there was none. It explains what errors and discards count.
func (s *Set) LastError(number uint32) error {
	m, err := s.member(number)
	if err != nil {
		return err
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
	// Side by side: the kernel takes its time with each.
	var closing sync.WaitGroup
	errs := make([]error, 0, len(s.ports))
	for _, m := range s.ports {
		errs = append(errs, nil)
		at := &errs[len(errs)-1]
		closing.Go(func() { *at = m.dev.Close() })
	}
	s.mu.Unlock()
	closing.Wait()
	s.wg.Wait()
	return errors.Join(errs...)
}
