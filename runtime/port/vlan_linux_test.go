package port

import (
	"testing"
)

// Bursts of tagged and untagged frames over a real trunk come out at their ports, whole and, of each port, in order; what the
// handler sends is tagged as its port is.
func TestVLANsOverVeth(t *testing.T) {
	far, trunk := openPair(t, 1500)
	plain, near := openPair(t, 1500)
	// A repeater: what comes by a VLAN's port goes out by the plain one, behind a byte that names the port, and back.
	s := trunkSet(t, trunk, near, func(send func(uint32, []byte)) Handler {
		return func(port uint32, frame []byte) {
			if len(frame) < 24 || string(frame[14:20]) != "number" {
				return // the kernel's own
			}
			if port == 1 {
				send(uint32(frame[0]), frame)
				return
			}
			frame[0] = byte(port)
			send(1, frame)
		}
	})
	const count = 300
	ports := []uint32{7, 8, 9}
	frame := func(i int) []byte { return numbered(i, 60+i*5%1440) }
	for i := range count {
		f := frame(i)
		if port := ports[i%3]; port != 9 {
			f = tagged(0x8100, uint16(port), f)
		}
		if err := far.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	for i := range count {
		want := frame(i)
		want[0] = byte(ports[i%3])
		readMatching(t, plain, want)
	}
	for i := range count {
		f := frame(i)
		f[0] = byte(ports[i%3])
		if err := plain.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	// Ports have queues of their own, so order holds within each.
	got := map[uint32]int{7: 0, 8: 1, 9: 2}
	buf := make([]byte, BufferSize)
	for seen := 0; seen < count; {
		f, err := far.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		id, inner, ok := untag(f)
		if !ok {
			id = 9
		}
		port := uint32(id)
		if len(inner) < 24 || string(inner[14:20]) != "number" {
			continue
		}
		want := frame(got[port])
		want[0] = byte(port)
		if string(inner) != string(want) {
			t.Fatalf("of port %d: %x, not number %d", port, inner[:24], got[port])
		}
		got[port] += 3
		seen++
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Counted as the handler saw them, without their tags.
	for i, port := range ports[:2] {
		var bytes uint64
		for n := i; n < count; n += 3 {
			bytes += uint64(len(frame(n)))
		}
		want := Counters{InFrames: count / 3, InBytes: bytes, OutFrames: count / 3, OutBytes: bytes}
		c, err := s.Counters(port)
		// A first byte of 7 has the group bit.
		c.InGroup, c.OutGroup = 0, 0
		if err != nil || c != want {
			t.Errorf("port %d: %+v, %v; want %+v", port, c, err, want)
		}
	}
}

// A full frame has its tag on top of what the MTU says, as on any Ethernet.
func TestFullFrameWithVLAN(t *testing.T) {
	far, trunk := openPair(t, 1500)
	plain, near := openPair(t, 1500)
	s := trunkSet(t, trunk, near, func(send func(uint32, []byte)) Handler {
		return func(port uint32, frame []byte) { send(8, frame) }
	})
	full := numbered(1, 1514)
	if err := plain.Write(full); err != nil {
		t.Fatal(err)
	}
	readMatching(t, far, tagged(0x8100, 8, full))
	if err := s.Send(7, full); err != nil {
		t.Fatal(err)
	}
	readMatching(t, far, tagged(0x8100, 7, full))
}

func TestTaggingDoesNotAllocate(t *testing.T) {
	_, trunk := openPair(t, 1500)
	plain, _ := Pipe("plain")
	s := trunkSet(t, trunk, plain, func(func(uint32, []byte)) Handler { return func(uint32, []byte) {} })
	out := &outbox{set: s}
	frame := testFrame("inside")
	run := func() {
		for range maxBurst + 3 {
			out.send(7, frame)
		}
		out.flush()
	}
	run()
	if n := testing.AllocsPerRun(20, run); n != 0 {
		t.Errorf("%v allocations for a burst that goes out", n)
	}
}
