//go:build linux

package drivertest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"pillion/sidecarfallback/redirect"
	"pillion/tests/lab"
)

// The ports of the switch under test. Host, Other and Third are endpoints.
const (
	Host, Other, Third uint32 = 1, 2, 3
	Box, Side          uint32 = 4, 5 // a middlebox port, and a sidecar interface for it
	Samples            uint32 = 6    // a sidecar interface for samples
	Box2, Trunk        uint32 = 7, 8 // a middlebox port, and a sidecar's trunk
)

var allPorts = []uint32{Host, Other, Third, Box, Side, Samples, Box2, Trunk}

// Interface names the switch's interface of a port.
func Interface(port uint32) string { return fmt.Sprintf("p%d", port) }

// Network is a switch with something on each port that sends and sees raw
// frames.
type Network struct {
	Lab    *lab.Lab
	Switch *lab.Namespace // has the switch's interfaces
	Ports  map[uint32]string

	ends map[uint32]*lab.Port
	next uint32
}

// NewNetwork makes the namespaces and wires; no switch yet.
func NewNetwork(t *testing.T) *Network {
	t.Helper()
	l, err := lab.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	n := &Network{Lab: l, Ports: map[uint32]string{}, ends: map[uint32]*lab.Port{}}
	if n.Switch, err = l.Box("switch"); err != nil {
		t.Fatal(err)
	}
	for _, port := range allPorts {
		n.attach(t, port)
	}
	return n
}

func (n *Network) attach(t *testing.T, port uint32) {
	t.Helper()
	end, err := n.Lab.Box(fmt.Sprintf("end%d", port))
	if err != nil {
		t.Fatal(err)
	}
	n.Ports[port] = Interface(port)
	err = n.Lab.Connect(
		lab.End{Namespace: n.Switch, Interface: Interface(port)},
		lab.End{Namespace: end, Interface: "eth0"},
	)
	if err != nil {
		t.Fatal(err)
	}
	if n.ends[port], err = end.OpenPort("eth0", lab.Incoming); err != nil {
		t.Fatal(err)
	}
}

// etherType of all test frames: for local experiments (IEEE 802).
const etherType = 0x88b5

var broadcast = redirect.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// address is the MAC address of what hangs on a port.
func address(port uint32) redirect.MAC { return redirect.MAC{2, 0, 0, 0, 1, byte(port)} }

// frame is one test frame; its number tells it from all others.
type frame struct {
	to, from redirect.MAC
	tag      uint16 // 0: none
	number   uint32
}

func (f frame) bytes() []byte {
	b := append(f.to[:], f.from[:]...)
	if f.tag != 0 {
		b = binary.BigEndian.AppendUint16(b, 0x8100)
		b = binary.BigEndian.AppendUint16(b, f.tag)
	}
	b = binary.BigEndian.AppendUint16(b, etherType)
	b = binary.BigEndian.AppendUint32(b, f.number)
	return append(b, make([]byte, 60)...)
}

// readFrame says no to whatever is not of this test.
func readFrame(b []byte) (frame, bool) {
	var f frame
	if len(b) < 22 {
		return f, false
	}
	f.to, f.from = redirect.MAC(b[:6]), redirect.MAC(b[6:12])
	b = b[12:]
	if binary.BigEndian.Uint16(b) == 0x8100 {
		f.tag = binary.BigEndian.Uint16(b[2:]) & 0xfff
		b = b[4:]
	}
	f.number = binary.BigEndian.Uint32(b[2:])
	return f, binary.BigEndian.Uint16(b) == etherType
}

// new numbers a frame.
func (n *Network) new(to, from redirect.MAC, tag uint16) frame {
	n.next++
	return frame{to, from, tag, n.next}
}

func (n *Network) send(t *testing.T, port uint32, f frame) {
	t.Helper()
	if err := n.ends[port].Send(f.bytes()); err != nil {
		t.Fatal(err)
	}
}

// seen collects the test frames that came to a port until the given one.
func (n *Network) seen(t *testing.T, port uint32, last frame) []frame {
	t.Helper()
	var frames []frame
	_, err := n.ends[port].Receive(lab.Expected, func(raw lab.Frame) bool {
		f, ours := readFrame(raw.Data)
		if ours {
			frames = append(frames, f)
		}
		return ours && f.number == last.number
	})
	if err != nil {
		t.Fatalf("port %d: frame %d did not come: %v", port, last.number, err)
	}
	return frames
}

// drain collects what has come to a port so far and whatever still comes while
// nothing else is sent.
func (n *Network) drain(port uint32) []frame {
	var frames []frame
	n.ends[port].Receive(lab.Unexpected, func(raw lab.Frame) bool {
		if f, ours := readFrame(raw.Data); ours {
			frames = append(frames, f)
		}
		return false
	})
	return frames
}

// expect sends a frame into a port, and checks that it comes out of exactly
// these, with these tags (none given: no tags).
func (n *Network) expect(t *testing.T, into uint32, f frame, out map[uint32]uint16) {
	t.Helper()
	n.send(t, into, f)
	for port, tag := range out {
		frames := n.seen(t, port, f)
		got := frames[len(frames)-1]
		if want := (frame{f.to, f.from, tag, f.number}); got != want {
			t.Errorf("port %d: frame %s came as %s", port, show(want), show(got))
		}
		if count := len(frames); count > 1 {
			t.Errorf("port %d: before frame %d came %d that should not: the first is %s", port, f.number, count-1, show(frames[0]))
		}
	}
	for _, port := range allPorts {
		if _, ok := out[port]; ok {
			continue
		}
		for _, got := range n.drainNow(port) {
			t.Errorf("port %d: frame %s, sent into port %d, came out here", port, show(got), into)
		}
	}
}

// never sends a frame into a port, and checks that nothing comes out of the
// given ones. Whether it does elsewhere is left open.
func (n *Network) never(t *testing.T, into uint32, f frame, out ...uint32) {
	t.Helper()
	n.send(t, into, f)
	n.drain(into) // waits
	for _, port := range allPorts {
		for _, got := range n.drainNow(port) {
			if slices.Contains(out, port) {
				t.Errorf("port %d: frame %s, sent into port %d, came out here", port, show(got), into)
			}
		}
	}
}

// reaches sends a frame into a port, and waits for it at another. Whether it
// comes out elsewhere too is left open: a switch may flood for a while after it
// has learned.
func (n *Network) reaches(t *testing.T, into uint32, f frame, out uint32) {
	t.Helper()
	n.send(t, into, f)
	n.seen(t, out, f)
	n.drain(into) // waits
	for _, port := range allPorts {
		n.drainNow(port)
	}
}

// drainNow collects what has come to a port, waiting a millisecond for more. What the
// switch has not sent by now shows up before the next frame that is expected
// there, or in the final look at all ports.
func (n *Network) drainNow(port uint32) []frame {
	var frames []frame
	n.ends[port].Receive(time.Millisecond, func(raw lab.Frame) bool {
		if f, ours := readFrame(raw.Data); ours {
			frames = append(frames, f)
		}
		return false
	})
	return frames
}

// silent checks that nothing more comes out anywhere.
func (n *Network) silent(t *testing.T) {
	t.Helper()
	for i, port := range allPorts {
		look := n.drainNow
		if i == 0 {
			look = n.drain // waits once for stragglers, everywhere
		}
		for _, got := range look(port) {
			t.Errorf("port %d: frame %s came out here", port, show(got))
		}
	}
}

func show(f frame) string {
	return fmt.Sprintf("%d (%s to %s tag %d)", f.number, f.from, f.to, f.tag)
}

// plain says that a frame comes out of these ports without a tag.
func plain(ports ...uint32) map[uint32]uint16 {
	out := map[uint32]uint16{}
	for _, p := range ports {
		out[p] = 0
	}
	return out
}

// others are all ports but these.
func others(ports ...uint32) []uint32 {
	return slices.DeleteFunc(slices.Clone(allPorts), func(p uint32) bool { return slices.Contains(ports, p) })
}

// Locator is a locator that the tests use.
func Locator(number byte) redirect.MAC { return redirect.MAC{2, 0, 0, 0, 0xaa, number} }

// burst is how many frames a switch in user space takes at once: its sockets
// hold a few hundred.
const burst = 50

// Flood sends so many frames from Host to Other, which all arrive, and returns
// how to recognise the beginning of any of them.
func (n *Network) Flood(t *testing.T, count int) (sent func(header []byte) bool) {
	t.Helper()
	first := n.next + 1
	arrived := 0
	for i := range count {
		f := n.new(address(Other), address(Host), 0)
		n.send(t, Host, f)
		if (i+1)%burst == 0 || i+1 == count {
			arrived += len(n.seen(t, Other, f))
		}
	}
	if arrived != count {
		t.Errorf("of %d frames %d came", count, arrived)
	}
	last := n.next
	return func(header []byte) bool {
		f, ours := readFrame(header)
		return ours && f.number >= first && f.number <= last
	}
}

// Forge sends so many frames from Host with the source address of Other, none
// of which arrives anywhere, and returns how to recognise the beginning of any
// of them.
func (n *Network) Forge(t *testing.T, count int) (sent func(header []byte) bool) {
	t.Helper()
	first := n.next + 1
	for range count {
		n.send(t, Host, n.new(broadcast, address(Other), 0))
	}
	n.silent(t)
	last := n.next
	return func(header []byte) bool {
		f, ours := readFrame(header)
		return ours && f.number >= first && f.number <= last
	}
}

// Guard is a guard for Host's own address.
func Guard() redirect.Guard { return redirect.Guard{Port: Host, MAC: address(Host)} }
