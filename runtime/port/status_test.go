package port

import (
	"errors"
	"net"
	"sync"
	"testing"
)

// switchable is a pipe's end with a link that a test moves.
type switchable struct {
	Device
	notice chan error
	mu     sync.Mutex
	link   Link
	refuse error
}

func newSwitchable(d Device) *switchable {
	return &switchable{Device: d, notice: make(chan error), link: Link{Present: true, AdminUp: true, Carrier: true, MTU: 1500}}
}

func (s *switchable) Link() Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link
}

func (s *switchable) move(do func(*Link)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(&s.link)
}

func (s *switchable) WaitLink() error {
	if err, ok := <-s.notice; ok {
		return err
	}
	return net.ErrClosed
}

func (s *switchable) SetLinkUp(up bool) error {
	if s.refuse != nil {
		return s.refuse
	}
	s.move(func(l *Link) { l.AdminUp, l.Carrier = up, up })
	return nil
}

func (s *switchable) Close() error {
	close(s.notice)
	return s.Device.Close()
}

// told is a watcher that a test can wait for.
func told(s *Set) <-chan struct{} {
	c := make(chan struct{}, 100)
	s.Watch(func() { c <- struct{}{} })
	return c
}

func TestStatusFollowsTheLink(t *testing.T) {
	s := NewSet(func(uint32, []byte) {})
	c := told(s)
	inner, _ := Pipe("p")
	dev := newSwitchable(inner)
	if err := s.Add(4, dev); err != nil {
		t.Fatal(err)
	}
	<-c
	first, err := s.Status(4)
	if err != nil || first.Number != 4 || first.Name != "p/a" || !first.Up() || !first.AdminUp() || first.Since.IsZero() || first.Link.MTU != 1500 {
		t.Fatalf("at first %+v, %v", first, err)
	}
	for _, step := range []struct {
		name        string
		move        func(*Link)
		notice      error
		admin, up   bool
		transitions uint64
	}{
		{"carrier lost", func(l *Link) { l.Carrier = false }, nil, true, false, 1},
		{"carrier back, after a lost notice", func(l *Link) { l.Carrier = true }, errors.New("lost"), true, true, 2},
		{"another MTU", func(l *Link) { l.MTU = 9000 }, nil, true, true, 2},
		{"switched off by somebody", func(l *Link) { l.AdminUp, l.Carrier = false, false }, nil, false, false, 3},
		{"removed", func(l *Link) { *l = Link{} }, nil, false, false, 3},
	} {
		dev.move(step.move)
		dev.notice <- step.notice
		<-c
		st, err := s.Status(4)
		if err != nil || st.AdminUp() != step.admin || st.Up() != step.up || st.Transitions != step.transitions || !st.Enabled || st.Link != dev.Link() {
			t.Errorf("%s: %+v, %v", step.name, st, err)
		}
	}
	// A notice without a change is not passed on.
	dev.notice <- nil
	if err := s.Remove(4); err != nil {
		t.Fatal(err)
	}
	<-c
	if _, err := s.Status(4); err == nil {
		t.Error("a removed port has a status")
	}
	if len(c) != 0 {
		t.Errorf("%d notices too many", len(c))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestSetEnabled(t *testing.T) {
	got := make(chan string, 10)
	s := NewSet(func(_ uint32, f []byte) { got <- string(f) })
	inner, outer := Pipe("p")
	if err := s.Add(1, inner); err != nil {
		t.Fatal(err)
	}
	c := told(s)
	if err := s.SetEnabled(9, false); err == nil {
		t.Error("port 9 does not exist")
	}
	if err := s.SetEnabled(1, true); err != nil || len(c) != 0 {
		t.Errorf("enabling an enabled port: %v, %d notices", err, len(c))
	}
	if err := s.SetEnabled(1, false); err != nil {
		t.Fatal(err)
	}
	<-c
	if err := s.Send(1, []byte("out")); !errors.Is(err, ErrDisabled) {
		t.Errorf("send by a stopped port: %v", err)
	}
	if err := outer.Write([]byte("lost")); err != nil {
		t.Fatal(err)
	}
	// The pipe is in order and the counter comes last: when it moves, the frame is gone.
	for n := uint64(0); n == 0; {
		counters, err := s.Counters(1)
		if err != nil {
			t.Fatal(err)
		}
		n = counters.InDiscards
	}
	st, _ := s.Status(1)
	if st.Enabled || st.Up() || st.AdminUp() || st.Transitions != 1 {
		t.Errorf("stopped: %+v", st)
	}
	if err := s.SetEnabled(1, true); err != nil {
		t.Fatal(err)
	}
	if err := outer.Write([]byte("\xff\xff\xff\xff\xff\xffbroadcast")); err != nil {
		t.Fatal(err)
	}
	if f := <-got; f != "\xff\xff\xff\xff\xff\xffbroadcast" {
		t.Errorf("got %q", f)
	}
	if err := s.Send(1, []byte("\x01\x00\x5e\x00\x00\x01multicast")); err != nil {
		t.Error(err)
	}
	if err := s.Send(1, []byte("\x02\x00\x5e\x00\x00\x01unicast")); err != nil {
		t.Error(err)
	}
	counters, _ := s.Counters(1)
	if want := (Counters{InFrames: 1, InBytes: 15, InGroup: 1, InBroadcast: 1, InDiscards: 1, OutFrames: 2, OutBytes: 28, OutGroup: 1, OutDiscards: 1}); counters != want {
		t.Errorf("counters %+v, want %+v", counters, want)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestSetEnabledRefused(t *testing.T) {
	s := NewSet(func(uint32, []byte) {})
	inner, _ := Pipe("p")
	dev := newSwitchable(inner)
	dev.refuse = errors.New("no")
	if err := s.Add(1, dev); err != nil {
		t.Fatal(err)
	}
	if err := s.SetEnabled(1, false); !errors.Is(err, dev.refuse) {
		t.Errorf("%v", err)
	}
	if st, _ := s.Status(1); !st.Enabled || !st.Up() {
		t.Errorf("after a refusal: %+v", st)
	}
	if err := s.Send(1, []byte("x")); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestStopWatching(t *testing.T) {
	s := NewSet(func(uint32, []byte) {})
	n := 0
	stop := s.Watch(func() { n++ })
	inner, _ := Pipe("p")
	if err := s.Add(1, inner); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := s.Remove(1); err != nil {
		t.Fatal(err)
	}
	if n != 1 {
		t.Errorf("told %d times, want once", n)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
