package port

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net"
	"sync"
)

const (
	// addresses is how long the part of a frame is that stands before a VLAN tag, in bytes.
	addresses = 12
	// tagLen is the length of a VLAN tag, in bytes (IEEE 802.1Q, 9.3).
	tagLen = 4
	// tpidVLAN is the EtherType that a tag begins with. Service tags (0x88a8) are no business of a trunk.
	tpidVLAN = 0x8100
	// maxVLAN is the largest VLAN id that may be used (IEEE 802.1Q, 9.6).
	maxVLAN = 4094
)

var errUnknownVLAN = errors.New("a frame came with a VLAN tag that stands for no port")

// vlan is a port that shares the device of another one, its trunk, where a VLAN tag stands for it. The goroutine
// that reads the trunk reads for it.
type vlan struct {
	trunk  *member
	id     uint16 // 1 to maxVLAN
	once   sync.Once
	closed chan struct{}
}

// AddVLAN makes the VLAN id (1 to 4094) of a trunk the port with this number. The trunk is a port too, of the frames without a
// tag and those of VLAN id 0; from the first AddVLAN on, frames with other tags are dropped and counted as its discards.
// The trunk's removal removes the port.
func (s *Set) AddVLAN(number, trunk uint32, id uint16) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	what := fmt.Sprintf("port %d (VLAN %d on port %d)", number, id, trunk)
	if s.closed {
		return fmt.Errorf("%s: the switch is closed: %w", what, net.ErrClosed)
	}
	if id < 1 || id > maxVLAN {
		return fmt.Errorf("%s: a VLAN id is 1 to %d", what, maxVLAN)
	}
	if old, ok := s.ports[number]; ok {
		return fmt.Errorf("%s: port %d is %s already: give it another number", what, number, old.dev.Name())
	}
	on, ok := s.ports[trunk]
	if !ok {
		return fmt.Errorf("%s: there is no port %d: add the trunk first", what, trunk)
	}
	if _, ok := on.dev.(*vlan); ok {
		return fmt.Errorf("%s: port %d is a VLAN itself: name its trunk", what, trunk)
	}
	table := map[uint16]*member{}
	if t := on.vlans.Load(); t != nil {
		maps.Copy(table, *t)
	}
	if old, ok := table[id]; ok {
		return fmt.Errorf("%s: the VLAN stands for port %d already", what, old.number)
	}
	table[id] = s.add(number, &vlan{trunk: on, id: id, closed: make(chan struct{})})
	on.vlans.Store(&table)
	s.watchers.tell()
	return nil
}

// dropVLANs takes a port that goes out of its trunk's table, or with a trunk the ports that share its device. The table
// of a trunk stays, empty, as tags go on meaning something there. Callers hold s.mu.
func (s *Set) dropVLANs(m *member) {
	if v, ok := m.dev.(*vlan); ok {
		table := maps.Clone(*v.trunk.vlans.Load())
		delete(table, v.id)
		v.trunk.vlans.Store(&table)
		return
	}
	if table := m.vlans.Load(); table != nil {
		for _, v := range *table {
			delete(s.ports, v.number)
			_ = v.dev.Close() // never fails
		}
	}
}

// untag takes the VLAN tag off a frame, in place.
func untag(frame []byte) (id uint16, inner []byte, tagged bool) {
	// What is shorter has no EtherType behind the tag.
	if len(frame) < addresses+tagLen+2 || binary.BigEndian.Uint16(frame[addresses:]) != tpidVLAN {
		return 0, frame, false
	}
	id = binary.BigEndian.Uint16(frame[addresses+2:]) & 0xfff
	copy(frame[tagLen:], frame[:addresses])
	return id, frame[tagLen:], true
}

// appendTagged appends a frame with a VLAN tag of priority 0. The frame has at least both its addresses.
func appendTagged(b []byte, id uint16, frame []byte) []byte {
	b = append(b, frame[:addresses]...)
	b = binary.BigEndian.AppendUint16(b, tpidVLAN)
	b = binary.BigEndian.AppendUint16(b, id)
	return append(b, frame[addresses:]...)
}

// Name is the trunk's with the VLAN id behind a dot, as Linux names VLAN interfaces.
func (v *vlan) Name() string { return fmt.Sprintf("%s.%d", v.trunk.dev.Name(), v.id) }

// Read waits for Close: frames come by the trunk.
func (v *vlan) Read([]byte) ([]byte, error) {
	<-v.closed
	return nil, net.ErrClosed
}

// taggedFrames are buffers for frames that are sent one by one.
var taggedFrames = sync.Pool{New: func() any {
	b := make([]byte, 0, BufferSize+tagLen)
	return &b
}}

func (v *vlan) Write(frame []byte) error {
	select {
	case <-v.closed:
		return net.ErrClosed
	default:
	}
	if len(frame) < addresses {
		return fmt.Errorf("port %s: a frame of %d bytes cannot be tagged", v.Name(), len(frame))
	}
	if v.trunk.disabled.Load() {
		return ErrLinkDown
	}
	b := taggedFrames.Get().(*[]byte)
	defer taggedFrames.Put(b)
	*b = appendTagged((*b)[:0], v.id, frame)
	return v.trunk.dev.Write(*b)
}

// Link is the trunk's: there is no other. It has an address and an index for itself only.
func (v *vlan) Link() Link {
	l := linkOf(v.trunk.dev)
	l.AdminUp = l.AdminUp && !v.trunk.disabled.Load()
	return l
}

func (v *vlan) Close() error {
	v.once.Do(func() { close(v.closed) })
	return nil
}
