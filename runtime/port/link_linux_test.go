package port

import (
	"encoding/binary"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// until waits for notices of a set until a port is as wanted.
func until(t *testing.T, s *Set, c <-chan struct{}, number uint32, what string, ok func(Status) bool) Status {
	t.Helper()
	for {
		st, err := s.Status(number)
		if err != nil {
			t.Fatal(err)
		}
		if ok(st) {
			return st
		}
		select {
		case <-c:
		case <-time.After(30 * time.Second):
			t.Fatalf("port %d is never %s: %+v", number, what, st)
		}
	}
}

func TestLinkOfVeth(t *testing.T) {
	ns, h := namespace(t)
	vethPair(t, h, "sw1", "h1")
	inside, err := h.LinkByName("sw1")
	if err != nil {
		t.Fatal(err)
	}
	host, err := h.LinkByName("h1")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan []byte, 100)
	s := NewSet(func(_ uint32, f []byte) { got <- append([]byte(nil), f...) })
	c := told(s)
	dev, err := Open("sw1", Options{NamespaceFD: ns})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add(1, dev); err != nil {
		t.Fatal(err)
	}
	st := until(t, s, c, 1, "up", Status.Up)
	if want := inside.Attrs(); st.Link.Index != uint32(want.Index) || st.Link.MTU != want.MTU || net.HardwareAddr(st.Link.MAC[:]).String() != want.HardwareAddr.String() {
		t.Errorf("%+v; the kernel says index %d, MTU %d, %v", st.Link, want.Index, want.MTU, want.HardwareAddr)
	}
	if st.Link.Speed != 0 && st.Link.Speed%1_000_000 != 0 {
		t.Errorf("a speed of %d bit/s", st.Link.Speed)
	}

	// What others do to the link is seen, whatever the interface is called by then.
	for _, err := range []error{h.LinkSetMTU(inside, 9000), h.LinkSetDown(host)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	until(t, s, c, 1, "without carrier", func(st Status) bool { return !st.Up() && st.AdminUp() && st.Link.MTU == 9000 })
	for _, err := range []error{h.LinkSetUp(host), h.LinkSetDown(inside), h.LinkSetName(inside, "renamed"), h.LinkSetUp(inside)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	until(t, s, c, 1, "up again", Status.Up)

	// Switching the port off takes the other end's carrier, and on again frames flow.
	if err := s.SetEnabled(1, false); err != nil {
		t.Fatal(err)
	}
	if host, err = h.LinkByName("h1"); err != nil || host.Attrs().RawFlags&unix.IFF_RUNNING != 0 {
		t.Errorf("the other end still runs (%v)", err)
	}
	if err := s.SetEnabled(1, true); err != nil {
		t.Fatal(err)
	}
	until(t, s, c, 1, "up after SetEnabled", Status.Up)
	operational(t, h, "renamed", "h1")
	peer, err := Open("h1", Options{NamespaceFD: ns})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	want := testFrame("through a port that was off")
	if err := peer.Write(want); err != nil {
		t.Fatal(err)
	}
	for string(<-got) != string(want) {
	}

	if err := h.LinkDel(host); err != nil {
		t.Fatal(err)
	}
	until(t, s, c, 1, "gone", func(st Status) bool { return !st.Link.Present })
	if err := s.SetEnabled(1, false); err == nil {
		t.Error("an interface that is gone was switched off")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestCloseLeavesTheInterfaceAsItWas(t *testing.T) {
	ns, h := namespace(t)
	vethPair(t, h, "sw1", "h1")
	for _, c := range []struct {
		name string
		do   func(l netlink.Link, d Linked) error
		up   bool
	}{
		{"switched off by the port", func(_ netlink.Link, d Linked) error { return d.SetLinkUp(false) }, true},
		{"off and on", func(_ netlink.Link, d Linked) error { return errors.Join(d.SetLinkUp(false), d.SetLinkUp(true)) }, true},
		{"switched off by somebody else", func(l netlink.Link, d Linked) error { return errors.Join(h.LinkSetDown(l), d.SetLinkUp(false)) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dev, err := Open("sw1", Options{NamespaceFD: ns})
			if err != nil {
				t.Fatal(err)
			}
			l, err := h.LinkByName("sw1")
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(c.do(l, dev.(Linked)), dev.Close()); err != nil {
				t.Fatal(err)
			}
			if err := dev.(Linked).WaitLink(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("waiting for the link of a closed port: %v", err)
			}
			l, err = h.LinkByName("sw1")
			if err != nil {
				t.Fatal(err)
			}
			if up := l.Attrs().Flags&net.FlagUp != 0; up != c.up {
				t.Errorf("the interface is up: %v, want %v", up, c.up)
			}
		})
	}
}

func FuzzConcerns(f *testing.F) {
	message := make([]byte, 32)
	binary.NativeEndian.PutUint32(message, 32)
	binary.NativeEndian.PutUint16(message[4:], unix.RTM_NEWLINK)
	binary.NativeEndian.PutUint32(message[20:], 7)
	if !concerns(message, 7) || concerns(message, 8) || !concerns(append(append([]byte(nil), message...), message...), 7) {
		f.Fatal("a notice about interface 7 is misread")
	}
	f.Add(message)
	f.Add(message[:17])
	f.Fuzz(func(t *testing.T, b []byte) { concerns(b, 7) })
}
