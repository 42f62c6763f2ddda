package port

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// openPair opens both ends of a veth pair with this MTU.
func openPair(t *testing.T, mtu int) (a, b *raw) {
	t.Helper()
	ns, h := namespace(t)
	vethPair(t, h, "sw1", "h1")
	for _, name := range []string{"sw1", "h1"} {
		l, err := h.LinkByName(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.LinkSetMTU(l, mtu); err != nil {
			t.Fatal(err)
		}
	}
	open := func(name string) *raw {
		d, err := Open(name, Options{NamespaceFD: ns})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d.(*raw)
	}
	return open("sw1"), open("h1")
}

// numbered is a frame of n bytes that says its number.
func numbered(i, n int) []byte {
	f := append(testFrame("number"), make([]byte, max(0, n-20))...)
	binary.BigEndian.PutUint32(f[20:], uint32(i))
	for j := 24; j < len(f); j++ {
		f[j] = byte(i + j)
	}
	return f
}

// Frames of all lengths, some of them longer than a slot of the ring, arrive whole and in
// order, more than once around the ring.
func TestBurstsKeepOrder(t *testing.T) {
	a, b := openPair(t, 9000)
	const count = 3*ringSlots + 7
	length := func(i int) int { return 60 + i*37%1500 + 7000*((i%50)/49) }
	done := make(chan error, 1)
	progress := make(chan int, count)
	go func() {
		next := 0
		for next < count {
			err := b.readBurst(maxBurst, func(frame []byte, err error) {
				if err != nil {
					t.Errorf("frame %d: %v", next, err)
				}
				if len(frame) < 24 || string(frame[14:20]) != "number" {
					return // the kernel's own
				}
				if want := numbered(next, length(next)); !bytes.Equal(frame, want) {
					t.Errorf("frame %d is not what was sent: %d bytes, want %d, and it says %d", next, len(frame), len(want), binary.BigEndian.Uint32(frame[20:]))
				}
				next++
			})
			if err != nil && !errors.Is(err, ErrLinkDown) {
				done <- err
				return
			}
			progress <- next
		}
		done <- nil
	}()
	sender := a.newSender()
	for i := 0; i < count; {
		var burst [][]byte
		for len(burst) < maxBurst && i < count {
			burst = append(burst, numbered(i, length(i)))
			i++
		}
		if n, err := sender.sendBurst(burst); n != len(burst) || err != nil {
			t.Fatalf("sent %d of %d: %v", n, len(burst), err)
		}
		// Not more than the ring holds.
		for got := 0; i-got > ringSlots/4; {
			select {
			case got = <-progress:
			case <-time.After(30 * time.Second):
				t.Fatalf("nothing arrives after frame %d", got)
			}
		}
	}
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("not everything arrived")
	}
}

// A frame that cannot be sent costs only itself.
func TestBurstWithABadFrame(t *testing.T) {
	a, b := openPair(t, 1500)
	sender := a.newSender()
	burst := [][]byte{testFrame("first"), make([]byte, 3000), testFrame("third")}
	n, err := sender.sendBurst(burst)
	if n != 1 || err == nil || !strings.Contains(err.Error(), "3000 bytes is longer than the interface's MTU") {
		t.Fatalf("sent %d: %v", n, err)
	}
	if n, err := sender.sendBurst(burst[2:]); n != 1 || err != nil {
		t.Fatalf("after it, sent %d: %v", n, err)
	}
	readMatching(t, b, burst[0])
	readMatching(t, b, burst[2])
}

// A set forwards bursts through its handler and counts them; what a port cannot take is
// counted there and holds nothing up.
func TestBurstSet(t *testing.T) {
	a, inside1 := openPair(t, 1500)
	inside2, b := openPair(t, 1500)
	s := NewBurstSet(func(send func(uint32, []byte)) Handler {
		return func(port uint32, frame []byte) {
			if port == 1 && len(frame) > 24 && string(frame[14:20]) == "number" {
				send(2, make([]byte, 3000))
				send(7, frame) // there is no such port
				send(2, frame)
				send(1, frame)
			}
		}
	})
	for n, d := range map[uint32]Device{1: inside1, 2: inside2} {
		if err := s.Add(n, d); err != nil {
			t.Fatal(err)
		}
	}
	const count = 200
	for i := range count {
		if err := a.Write(numbered(i, 60+i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range count {
		readMatching(t, b, numbered(i, 60+i))
	}
	for i := range count {
		readMatching(t, a, numbered(i, 60+i))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c1, err1 := s.Counters(1)
	c2, err2 := s.Counters(2)
	if err1 != nil || err2 != nil || c1.InFrames < count || c1.OutFrames != count || c2.OutFrames != count || c2.OutErrors != count {
		t.Errorf("counters %+v, %v and %+v, %v", c1, err1, c2, err2)
	}
}

// The ring's memory goes with the last who uses it: Close may come while a frame is handled.
func TestCloseWhileReading(t *testing.T) {
	a, b := openPair(t, 1500)
	want := testFrame("a frame that stays readable")
	if err := a.Write(want); err != nil {
		t.Fatal(err)
	}
	for seen := false; !seen; {
		err := b.readBurst(1, func(frame []byte, err error) {
			if !bytes.Equal(frame, want) {
				return
			}
			seen = true
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			if !bytes.Equal(frame, want) {
				t.Error("the frame changed")
			}
		})
		if err != nil && !errors.Is(err, ErrLinkDown) {
			t.Fatal(err)
		}
	}
	if err := b.readBurst(1, func([]byte, error) {}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a read after close: %v, want %v", err, net.ErrClosed)
	}
}

// A VLAN tag goes back into a frame that does not fit a slot, too.
func TestLongFrameWithVLAN(t *testing.T) {
	a, b := openPair(t, 9000)
	frame := append([]byte("\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x81\x00\x00\x64\x88\xb5"), bytes.Repeat([]byte{7}, 5000)...)
	if err := a.Write(frame); err != nil {
		t.Fatal(err)
	}
	readMatching(t, b, frame)
}
