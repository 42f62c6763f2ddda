package port

import (
	"errors"
	"fmt"
	"net"
)

// maxBurst is how many frames are received before those that they became are sent, and
// how many are sent at once.
const maxBurst = 64

// burstDevice is a Device that moves many frames with one system call, or with none.
type burstDevice interface {
	Device
	// readBurst waits for frames, and hands at most limit of them to handle, or the
	// error that a frame met. A frame is valid until handle returns. Errors are those
	// of Read.
	readBurst(limit int, handle func(frame []byte, err error)) error
	newSender() burstSender
}

// burstSender sends for one goroutine.
type burstSender interface {
	// sendBurst sends at most maxBurst frames, none of them empty, in order. It says how
	// many it sent, and why not the next one.
	sendBurst(frames [][]byte) (sent int, err error)
}

// burstBytes is the room for frames that wait to be sent to one port.
const burstBytes = maxBurst * 2048

// outbox collects the frames that one reading goroutine sends, for each port by itself.
type outbox struct {
	set    *Set
	queues []*queue // one for each port that was ever sent to
	filled []*queue // those with frames, in the order of their first
}

// queue is what waits for one port.
type queue struct {
	number uint32
	member *member
	sender burstSender // nil: the device takes one frame at a time
	tag    uint16      // the VLAN id that frames get; 0: none
	bytes  []byte      // what frames are slices of
	frames [][]byte
}

// send queues a copy of the frame. What cannot be queued is sent at once, and what was
// queued before it first.
func (o *outbox) send(number uint32, frame []byte) {
	q := o.queue(number)
	if q == nil {
		return
	}
	if q.sender == nil || len(frame) < addresses || len(frame)+tagLen > burstBytes || q.member.disabled.Load() {
		q.flush()
		// The port counts what is lost.
		_ = q.member.send(number, frame)
		return
	}
	if len(q.frames) == maxBurst || len(q.bytes)+len(frame)+tagLen > cap(q.bytes) {
		q.flush()
	}
	if len(q.frames) == 0 {
		o.filled = append(o.filled, q)
	}
	start := len(q.bytes)
	if q.tag != 0 {
		q.bytes = appendTagged(q.bytes, q.tag, frame)
	} else {
		q.bytes = append(q.bytes, frame...)
	}
	q.frames = append(q.frames, q.bytes[start:])
}

// queue finds the queue of a port; nil if there is no such port.
func (o *outbox) queue(number uint32) *queue {
	ports := *o.set.byNumber.Load()
	for _, q := range o.queues {
		if q.number == number {
			m := ports[number]
			if m == q.member {
				return q
			}
			// The port is gone, or another one has its number now.
			q.flush()
			if m == nil {
				return nil
			}
			q.attach(m)
			return q
		}
	}
	m := ports[number]
	if m == nil {
		return nil
	}
	q := &queue{number: number}
	q.attach(m)
	o.queues = append(o.queues, q)
	return q
}

func (q *queue) attach(m *member) {
	q.member, q.sender, q.tag = m, nil, 0
	dev := m.dev
	if v, ok := dev.(*vlan); ok {
		dev, q.tag = v.trunk.dev, v.id
	}
	if d, ok := dev.(burstDevice); ok {
		q.sender = d.newSender()
		q.bytes = make([]byte, 0, burstBytes)
	}
}

// flush sends what waits.
func (o *outbox) flush() {
	for _, q := range o.filled {
		q.flush()
	}
	o.filled = o.filled[:0]
}

func (q *queue) flush() {
	var sum tally
	for left := q.frames; len(left) > 0; {
		n, err := q.sender.sendBurst(left)
		for _, f := range left[:n] {
			sum.add(f)
		}
		if q.tag != 0 {
			sum.bytes -= uint64(n) * tagLen
		}
		left = left[n:]
		if err == nil {
			continue
		}
		// The next one is lost; with a full queue or without the link, so are all.
		lost := 1
		if errors.Is(err, ErrQueueFull) || errors.Is(err, ErrLinkDown) || errors.Is(err, net.ErrClosed) {
			lost = len(left)
		}
		q.member.notSent(err, lost)
		left = left[lost:]
	}
	q.member.out.addTally(&sum)
	q.frames, q.bytes = q.frames[:0], q.bytes[:0]
}

// tally counts the frames of a burst, so that the counters that goroutines share are
// written once for it.
type tally struct{ frames, bytes, group, broadcast uint64 }

func (s *tally) add(frame []byte) {
	s.frames++
	s.bytes += uint64(len(frame))
	// The group bit is the first on the wire: the lowest of the first byte (IEEE 802).
	if len(frame) >= 6 && frame[0]&1 != 0 {
		s.group++
		if [6]byte(frame) == broadcast {
			s.broadcast++
		}
	}
}

func (t *traffic) addTally(s *tally) {
	if s.frames == 0 {
		return
	}
	t.frames.Add(s.frames)
	t.bytes.Add(s.bytes)
	if s.group > 0 {
		t.group.Add(s.group)
		t.broadcast.Add(s.broadcast)
	}
}

// readBursts reads a port until it is closed or given up.
func (s *Set) readBursts(number uint32, m *member, dev burstDevice) {
	out := &outbox{set: s}
	handle := s.newHandler(out.send)
	var in tally
	failed := 0
	each := func(frame []byte, err error) {
		switch {
		case err != nil: // whoever sends what cannot be taken must not end the port
			m.notReceived(err)
		case m.disabled.Load():
			m.in.discards.Add(1)
		default:
			switch to, frame := m.sort(frame); {
			case to == m:
				in.add(frame)
				handle(number, frame)
			case to != nil:
				to.in.count(frame)
				handle(to.number, frame)
			}
		}
	}
	for failed < maxReadErrors {
		err := dev.readBurst(maxBurst, each)
		out.flush()
		m.in.addTally(&in)
		in = tally{}
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			failed++
			m.notReceived(err)
		default:
			failed = 0
		}
	}
}

// sort says which port a frame is for, and what it is there: a frame of a trunk may be another port's. It counts
// what is nobody's, and what is for a port that is not enabled; the member is nil then.
func (m *member) sort(frame []byte) (*member, []byte) {
	table := m.vlans.Load()
	if table == nil {
		return m, frame
	}
	id, frame, tagged := untag(frame)
	if !tagged || id == 0 { // a tag with VLAN id 0 says a priority only (IEEE 802.1Q, 9.6)
		return m, frame
	}
	to := (*table)[id]
	switch {
	case to == nil:
		m.in.discards.Add(1)
		m.lastErr.Store(&errUnknownVLAN)
	case to.disabled.Load():
		to.in.discards.Add(1)
		to = nil
	}
	return to, frame
}

// send writes one frame, and counts it.
func (m *member) send(number uint32, frame []byte) error {
	if m.disabled.Load() {
		m.out.discards.Add(1)
		return fmt.Errorf("port %d: %w", number, ErrDisabled)
	}
	if err := m.dev.Write(frame); err != nil {
		m.notSent(err, 1)
		return fmt.Errorf("port %d: %w", number, err)
	}
	m.out.count(frame)
	return nil
}

// notSent counts lost frames.
func (m *member) notSent(err error, frames int) {
	if errors.Is(err, ErrQueueFull) || errors.Is(err, ErrLinkDown) || errors.Is(err, net.ErrClosed) {
		m.out.discards.Add(uint64(frames))
	} else {
		m.out.errors.Add(uint64(frames))
	}
	m.lastErr.Store(&err)
}

// notReceived notes what went wrong with a read.
func (m *member) notReceived(err error) {
	m.lastErr.Store(&err)
	if !errors.Is(err, ErrLinkDown) {
		m.in.errors.Add(1)
	}
}
