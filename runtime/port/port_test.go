package port

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseSpec(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{in: "1@veth0", want: "1@veth0"},
		{in: "0@a", want: "0@a"},
		{in: "510@eth0.100", want: "510@eth0.100"},
		{in: "2@blue:eth0", want: "2@blue:eth0"},
		{in: "3@/proc/1/ns/net:eth0", want: "3@/proc/1/ns/net:eth0"},
		{in: "veth0", err: "want PORT@IFACE"},
		{in: "x@veth0", err: "not a port number"},
		{in: "511@veth0", err: "ports are 0 to 510"},
		{in: "-1@veth0", err: "not a port number"},
		{in: "1@", err: "not an interface name"},
		{in: "1@:eth0", err: "namespace before ':' is empty"},
		{in: "1@sixteen-letters-", err: "1 to 15 characters"},
		{in: "1@a/b", err: "not an interface name"},
	} {
		got, err := ParseSpec(c.in)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("ParseSpec(%q) = %v, %v; want an error with %q", c.in, got, err, c.err)
			}
			continue
		}
		if err != nil || got.String() != c.want {
			t.Errorf("ParseSpec(%q) = %v, %v; want %s", c.in, got, err, c.want)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	for _, s := range []string{"1@veth0", "2@blue:eth0", "3@/a/b:c", "@", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		spec, err := ParseSpec(s)
		if err != nil {
			return
		}
		again, err := ParseSpec(spec.String())
		if err != nil || again != spec {
			t.Fatalf("ParseSpec(%q) = %+v, which reads back as %+v, %v", s, spec, again, err)
		}
	})
}

func TestInsertVLAN(t *testing.T) {
	frame := []byte("DDDDDDSSSSSS\x08\x00payload")
	buf := append(make([]byte, Headroom), frame...)
	got := insertVLAN(buf, 0x8100, 0x2064)
	want := []byte("DDDDDDSSSSSS\x81\x00\x20\x64\x08\x00payload")
	if !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A finished checksum must verify: the sum over everything from start, the
// checksum included, is all ones.
func TestFinishChecksum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frame := rapid.SliceOfN(rapid.Byte(), 2, 200).Draw(t, "frame")
		start := rapid.IntRange(0, len(frame)-2).Draw(t, "start")
		// Protocols put their checksum at an even offset.
		offset := rapid.IntRange(0, (len(frame)-start-2)/2).Draw(t, "offset") * 2
		// The field must not stay in the sum as the pseudo header's, which nobody here added.
		binary.BigEndian.PutUint16(frame[start+offset:], 0)
		if !finishChecksum(frame, start, offset) {
			t.Fatal("refused a place inside the frame")
		}
		var sum uint32
		for i, b := range frame[start:] {
			if i%2 == 0 {
				sum += uint32(b) << 8
			} else {
				sum += uint32(b)
			}
		}
		for sum>>16 != 0 {
			sum = sum&0xffff + sum>>16
		}
		if sum != 0xffff {
			t.Fatalf("the sum is %#x, want 0xffff", sum)
		}
	})
	if finishChecksum(make([]byte, 10), 6, 3) {
		t.Error("a place outside the frame was accepted")
	}
}

func TestPipe(t *testing.T) {
	a, b := Pipe("link")
	for i := range pipeQueue {
		if err := a.Write([]byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Write([]byte{0}); !errors.Is(err, ErrQueueFull) {
		t.Errorf("write into a full queue: %v, want %v", err, ErrQueueFull)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, BufferSize)
	for i := range pipeQueue {
		f, err := b.Read(buf)
		if err != nil || len(f) != 1 || f[0] != byte(i) {
			t.Fatalf("read %d: %v, %v", i, f, err)
		}
	}
	if _, err := b.Read(buf); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read after close: %v, want %v", err, net.ErrClosed)
	}
	if err := b.Write([]byte{1}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write after close: %v, want %v", err, net.ErrClosed)
	}
}

func TestSet(t *testing.T) {
	var s *Set
	// A repeater from port 1 to port 2.
	s = NewSet(func(port uint32, frame []byte) {
		if port == 1 {
			_ = s.Send(2, frame)
		}
	})
	inner1, outer1 := Pipe("p1")
	inner2, outer2 := Pipe("p2")
	for n, d := range map[uint32]Device{1: inner1, 2: inner2} {
		if err := s.Add(n, d); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Add(1, inner2); err == nil || !strings.Contains(err.Error(), "another number") {
		t.Errorf("a second port 1: %v", err)
	}
	if err := s.Send(7, []byte("x")); err == nil || !strings.Contains(err.Error(), "the ports are [1 2]") {
		t.Errorf("send to port 7: %v", err)
	}
	if err := outer1.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	got, err := outer2.Read(make([]byte, BufferSize))
	if err != nil || string(got) != "hello" {
		t.Fatalf("read %q, %v", got, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c1, err1 := s.Counters(1)
	c2, err2 := s.Counters(2)
	if err1 != nil || err2 != nil || c1.InFrames != 1 || c1.InBytes != 5 || c2.OutFrames != 1 || c2.OutBytes != 5 {
		t.Errorf("counters %+v, %v and %+v, %v", c1, err1, c2, err2)
	}
	if err := s.Add(3, outer1); !errors.Is(err, net.ErrClosed) {
		t.Errorf("add to a closed set: %v", err)
	}
}
