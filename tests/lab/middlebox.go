//go:build linux

package lab

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Middlebox is a namespace that passes frames on, or swallows copies of them,
// and keeps a record of what came in on each arm.
type Middlebox struct {
	Namespace *Namespace
	arms      []arm

	mu   sync.Mutex
	seen map[sightingKey]*Sighting
}

type arm struct {
	name        string
	port        *Port
	drain, wait func()
}

// Sighting is what a middlebox saw of one direction of one flow on one arm.
type Sighting struct {
	Arm    string // the interface that the frames came in by
	Header Header
	Frames int
	Bytes  int       // from the destination address on, without the check sequence
	First  time.Time // when the first came, by this machine's clock
	Last   time.Time // when the last came
}

type sightingKey struct {
	arm    string
	header Header
}

// Pass says whether a middlebox lets a frame through that came in by an arm. It
// may change the frame's bytes.
type Pass func(arm string, frame []byte) bool

// All is the Pass of a middlebox that drops nothing.
func All(string, []byte) bool { return true }

// bridgeName is the bridge's interface within a middlebox of that kind.
const bridgeName = "bridge"

// Bridge makes the namespace a middlebox that is a real, learning Linux bridge
// between its two arms.
func (ns *Namespace) Bridge(in, out string) (*Middlebox, error) {
	if err := ns.AddBridge(bridgeName, in, out); err != nil {
		return nil, err
	}
	return ns.middlebox([]string{in, out}, nil)
}

// Transparent makes the namespace a bump in the wire: it passes the frames
// that pass agrees to from either arm to the other.
func (ns *Namespace) Transparent(in, out string, pass Pass) (*Middlebox, error) {
	other := map[string]int{in: 1, out: 0}
	return ns.middlebox([]string{in, out}, func(m *Middlebox, from string, frame []byte) error {
		if !pass(from, frame) {
			return nil
		}
		return m.arms[other[from]].port.Send(frame)
	})
}

// OneArmed makes the namespace a middlebox that returns the frames that pass
// agrees to by the port that they came in by.
func (ns *Namespace) OneArmed(port string, pass Pass) (*Middlebox, error) {
	return ns.middlebox([]string{port}, func(m *Middlebox, from string, frame []byte) error {
		if !pass(from, frame) {
			return nil
		}
		return m.arms[0].port.Send(frame)
	})
}

// Tap makes the namespace a middlebox that records and passes nothing on.
func (ns *Namespace) Tap(port string) (*Middlebox, error) {
	return ns.middlebox([]string{port}, nil)
}

// middlebox opens all arms before it serves any, as forward may use them all.
func (ns *Namespace) middlebox(names []string, forward func(m *Middlebox, from string, frame []byte) error) (*Middlebox, error) {
	m := &Middlebox{Namespace: ns, seen: map[sightingKey]*Sighting{}}
	for _, name := range names {
		port, err := ns.OpenPort(name, Incoming)
		if err != nil {
			return nil, errors.Join(err, m.closePorts())
		}
		m.arms = append(m.arms, arm{name: name, port: port})
	}
	for i := range m.arms {
		a := &m.arms[i]
		a.drain, a.wait = a.port.serve(func(frame Frame) {
			// The record comes before the frame leaves: whoever has received
			// it finds it recorded.
			m.record(a.name, frame)
			if forward != nil {
				// A frame that cannot leave (wire down, too long) is lost, as
				// on any wire.
				_ = forward(m, a.name, frame.Data)
			}
		})
	}
	if _, err := ns.lab.onClose(m.Close); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Middlebox) record(arm string, frame Frame) {
	key := sightingKey{arm: arm, header: ParseHeader(frame.Data)}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.seen[key]
	if s == nil {
		s = &Sighting{Arm: arm, Header: key.header, First: frame.Time}
		m.seen[key] = s
	}
	s.Frames++
	s.Bytes += len(frame.Data)
	s.Last = frame.Time
}

// Sightings lists all that came in since the start or the last Reset, ordered
// by the time of the first frame.
func (m *Middlebox) Sightings() []Sighting {
	for _, a := range m.arms {
		a.drain()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]Sighting, 0, len(m.seen))
	for _, s := range m.seen {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Sighting) int {
		return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Arm, b.Arm),
			cmp.Compare(a.Header.EtherType, b.Header.EtherType),
			compareFlows(a.Header.Flow(), b.Header.Flow()),
			a.Header.Source.Compare(b.Header.Source))
	})
	return list
}

// Flows lists the flows of all IP packets that came in, each once, sorted.
func (m *Middlebox) Flows() []Flow {
	var flows []Flow
	for _, s := range m.Sightings() {
		if s.Header.IP() {
			flows = append(flows, s.Header.Flow())
		}
	}
	slices.SortFunc(flows, compareFlows)
	return slices.Compact(flows)
}

// Saw counts the frames of a flow, of both directions and on all arms.
func (m *Middlebox) Saw(flow Flow) int {
	frames := 0
	for _, s := range m.Sightings() {
		if s.Header.IP() && s.Header.Flow() == flow {
			frames += s.Frames
		}
	}
	return frames
}

// Await waits until the middlebox saw the flow, and says whether it did in
// time. A tap needs it: the copy may arrive after the original.
func (m *Middlebox) Await(flow Flow, within time.Duration) bool {
	for deadline := time.Now().Add(within); ; time.Sleep(time.Millisecond) {
		if m.Saw(flow) > 0 {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// Reset forgets all that came in so far.
func (m *Middlebox) Reset() {
	for _, a := range m.arms {
		a.drain()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.seen)
}

// Lost counts the frames, since the last call, that came in and are not in the
// record because it was not kept quickly enough. If it is not zero, absence
// from the record proves nothing.
func (m *Middlebox) Lost() (int, error) {
	total := 0
	for _, a := range m.arms {
		lost, err := a.port.Lost()
		if err != nil {
			return 0, err
		}
		total += lost
	}
	return total, nil
}

// Close ends forwarding by user space and the record; a Linux bridge stays
// until the namespace goes.
func (m *Middlebox) Close() error {
	err := m.closePorts()
	for _, a := range m.arms {
		a.wait()
	}
	if err != nil {
		return fmt.Errorf("lab: middlebox %s: %w", m.Namespace.Name, err)
	}
	return nil
}

func (m *Middlebox) closePorts() error {
	var errs []error
	for _, a := range m.arms {
		errs = append(errs, a.port.Close())
	}
	return errors.Join(errs...)
}
