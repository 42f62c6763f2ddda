package port

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// tagged puts a VLAN tag into a frame.
func tagged(tpid, tci uint16, frame []byte) []byte {
	return insertVLAN(append(make([]byte, Headroom), frame...), tpid, tci)
}

// Whatever is tagged is untagged again, and only that.
func TestUntag(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frame := rapid.SliceOfN(rapid.Byte(), 14, 200).Draw(t, "frame")
		id := rapid.Uint16Range(0, 4095).Draw(t, "id")
		if got := appendTagged(nil, id, frame); !bytes.Equal(got, tagged(0x8100, id, frame)) {
			t.Fatalf("tagged: %x", got)
		}
		priority := rapid.Uint16Range(0, 15).Draw(t, "priority")
		gotID, got, ok := untag(tagged(0x8100, priority<<12|id, frame))
		if !ok || gotID != id || !bytes.Equal(got, frame) {
			t.Fatalf("%d, %x, %t", gotID, got, ok)
		}
		if frame[12] == 0x81 && frame[13] == 0 {
			return
		}
		if _, got, ok := untag(bytes.Clone(frame)); ok || !bytes.Equal(got, frame) {
			t.Fatalf("without a tag: %x, %t", got, ok)
		}
	})
	for n := range 18 {
		if _, got, ok := untag(tagged(0x8100, 7, make([]byte, 14))[:n]); ok || len(got) != n {
			t.Errorf("a frame of %d bytes has a tag", n)
		}
	}
}

// arrived is what a set's handler got.
type arrived struct {
	port  uint32
	frame string
}

// trunkSet is a set with a trunk, port 9, whose VLANs 7 and 8 are ports 7 and 8, and port 1.
func trunkSet(t *testing.T, dev, plain Device, handle func(send func(uint32, []byte)) Handler) *Set {
	t.Helper()
	s := NewBurstSet(handle)
	t.Cleanup(func() { s.Close() })
	if err := errors.Join(s.Add(9, dev), s.Add(1, plain), s.AddVLAN(7, 9, 7), s.AddVLAN(8, 9, 8)); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestVLANs(t *testing.T) {
	inner, outer := Pipe("trunk")
	plain, _ := Pipe("plain")
	got := make(chan arrived, 10)
	s := trunkSet(t, inner, plain, func(send func(uint32, []byte)) Handler {
		return func(port uint32, frame []byte) { got <- arrived{port, string(frame)} }
	})
	frame := testFrame("inside")
	for _, c := range []struct {
		name string
		sent []byte
		port uint32 // 0: dropped
		want []byte
	}{
		{"without a tag", frame, 9, frame},
		{"VLAN 7", tagged(0x8100, 7, frame), 7, frame},
		{"VLAN 8, with a priority", tagged(0x8100, 0xe008, frame), 8, frame},
		{"priority only", tagged(0x8100, 0xe000, frame), 9, frame},
		{"a VLAN of nobody's", tagged(0x8100, 77, frame), 0, nil},
		{"a service tag", tagged(0x88a8, 7, frame), 9, tagged(0x88a8, 7, frame)},
		{"a tag within", tagged(0x8100, 7, tagged(0x8100, 8, frame)), 7, tagged(0x8100, 8, frame)},
	} {
		if err := outer.Write(c.sent); err != nil {
			t.Fatal(err)
		}
		if c.port == 0 {
			continue
		}
		if a := <-got; a.port != c.port || a.frame != string(c.want) {
			t.Errorf("%s: at port %d: %x", c.name, a.port, a.frame)
		}
	}
	buf := make([]byte, BufferSize)
	for port, want := range map[uint32][]byte{9: frame, 7: tagged(0x8100, 7, frame), 8: tagged(0x8100, 8, frame)} {
		if err := s.Send(port, frame); err != nil {
			t.Fatal(err)
		}
		if f, err := outer.Read(buf); err != nil || !bytes.Equal(f, want) {
			t.Errorf("sent by port %d: %x, %v", port, f, err)
		}
	}
	if err := s.Send(7, frame[:11]); err == nil {
		t.Error("less than two addresses were sent with a tag")
	}
	// A port that is stopped takes nothing and sends nothing; its trunk and the others go on.
	if err := s.SetEnabled(7, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(7, frame); !errors.Is(err, ErrDisabled) {
		t.Errorf("sent by a stopped port: %v", err)
	}
	for _, id := range []uint16{7, 8} {
		if err := outer.Write(tagged(0x8100, id, frame)); err != nil {
			t.Fatal(err)
		}
	}
	if a := <-got; a.port != 8 {
		t.Errorf("a stopped port got a frame: %v", a)
	}
	for port, want := range map[uint32]Counters{
		// Bytes are those that the switch sees, without the tag.
		7: {InFrames: 2, InBytes: 20 + 24, OutFrames: 1, OutBytes: 20, InDiscards: 1, OutDiscards: 1, OutErrors: 1},
		8: {InFrames: 2, InBytes: 40, OutFrames: 1, OutBytes: 20},
		9: {InFrames: 3, InBytes: 64, OutFrames: 1, OutBytes: 20, InDiscards: 1},
	} {
		if c, err := s.Counters(port); err != nil || c != want {
			t.Errorf("port %d: %+v, %v; want %+v", port, c, err, want)
		}
	}
	if err := s.LastError(9); err != errUnknownVLAN {
		t.Errorf("the trunk's last error: %v", err)
	}
}

func TestVLANPorts(t *testing.T) {
	inner, _ := Pipe("trunk")
	plain, _ := Pipe("plain")
	s := trunkSet(t, inner, plain, func(func(uint32, []byte)) Handler { return func(uint32, []byte) {} })
	for want, err := range map[string]error{
		"a VLAN id is 1 to 4094":               s.AddVLAN(5, 9, 0),
		"(VLAN 4095 on port 9): a VLAN id":     s.AddVLAN(5, 9, 4095),
		"port 1 is plain/a already":            s.AddVLAN(1, 9, 5),
		"the VLAN stands for port 7 already":   s.AddVLAN(5, 9, 7),
		"there is no port 3: add the trunk":    s.AddVLAN(5, 3, 5),
		"port 7 is a VLAN itself: name its tr": s.AddVLAN(5, 7, 5),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	if st, err := s.Status(7); err != nil || st.Name != "trunk/a.7" || !st.Up() {
		t.Errorf("%+v, %v", st, err)
	}
	// With its trunk a port goes down, up and away.
	for _, up := range []bool{false, true} {
		if err := s.SetEnabled(9, up); err != nil {
			t.Fatal(err)
		}
		if st, err := s.Status(7); err != nil || st.Up() != up {
			t.Errorf("with the trunk up %t: %+v, %v", up, st, err)
		}
		if err := s.Send(7, testFrame("")); (err == nil) != up {
			t.Errorf("with the trunk up %t: %v", up, err)
		}
	}
	if err := s.Remove(7); err != nil {
		t.Fatal(err)
	}
	if err := s.AddVLAN(5, 9, 7); err != nil {
		t.Error(err)
	}
	if err := s.Remove(9); err != nil {
		t.Fatal(err)
	}
	if got := s.Numbers(); len(got) != 1 || got[0] != 1 {
		t.Errorf("without the trunk there are %v", got)
	}
	s.Close()
	if err := s.AddVLAN(5, 9, 7); !errors.Is(err, net.ErrClosed) {
		t.Errorf("added to a closed set: %v", err)
	}
}

func TestVLANsDoNotAllocate(t *testing.T) {
	inner, _ := Pipe("trunk")
	s := NewSet(func(uint32, []byte) {})
	defer s.Close()
	if err := errors.Join(s.Add(9, inner), s.AddVLAN(7, 9, 7)); err != nil {
		t.Fatal(err)
	}
	m := s.ports[9]
	frame, buf := tagged(0x8100, 7, testFrame("inside")), make([]byte, 100)
	if n := testing.AllocsPerRun(100, func() {
		if to, f := m.sort(buf[:copy(buf, frame)]); to != s.ports[7] || len(f) != len(frame)-4 {
			t.Fatalf("%v, %x", to, f)
		}
	}); n != 0 {
		t.Errorf("%v allocations for a frame that comes in", n)
	}
}
