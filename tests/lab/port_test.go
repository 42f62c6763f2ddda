//go:build linux

package lab

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// rawType is an EtherType for experiments (IEEE 802, "local experimental").
const rawType = 0x88b5

func rawFrame(body string) []byte {
	frame := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, rawType >> 8, rawType & 0xff}
	return append(frame, body...)
}

func isRaw(f Frame) bool { return ParseHeader(f.Data).EtherType == rawType }

// wire makes two boxes with a wire from a/p to b/p.
func wire(t *testing.T, l *Lab) (a, b *Namespace) {
	t.Helper()
	a, b = box(t, l, "a"), box(t, l, "b")
	connect(t, l, End{Namespace: a, Interface: "p", MTU: 1600}, End{Namespace: b, Interface: "p", MTU: 1600})
	return a, b
}

func openPort(t *testing.T, ns *Namespace, direction Direction) *Port {
	t.Helper()
	port, err := ns.OpenPort("p", direction)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestPortCarriesFramesUnchanged(t *testing.T) {
	l := newLab(t)
	a, b := wire(t, l)
	from, to := openPort(t, a, Both), openPort(t, b, Incoming)
	tagged := slices.Insert(rawFrame("tagged"), 12, 0x81, 0x00, 0x60, 0x2a) // priority 3, VLAN 42
	doubly := slices.Insert(slices.Clone(tagged), 12, 0x88, 0xa8, 0x00, 0x07)
	for name, frame := range map[string][]byte{
		"plain":       rawFrame("plain"),
		"empty":       rawFrame(""),
		"VLAN":        tagged,
		"two VLANs":   doubly,
		"full length": rawFrame(string(make([]byte, 1600))),
	} {
		if err := from.Send(frame); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := to.Receive(Expected, isRaw)
		if err != nil || !bytes.Equal(got.Data, frame) || got.Outgoing {
			t.Errorf("%s: got % x outgoing %t, %v; want % x", name, got.Data, got.Outgoing, err, frame)
		}
		if age := time.Since(got.Time); age < 0 || age > time.Minute {
			t.Errorf("%s: the frame's time is %v ago", name, age)
		}
	}
	if _, err := from.Receive(50*time.Millisecond, isRaw); !errors.Is(err, ErrQuiet) {
		t.Errorf("a port receives what it sent itself: %v", err)
	}
	if err := from.Send(rawFrame(string(make([]byte, 1700)))); err == nil {
		t.Error("a frame longer than the MTU was sent")
	}
}

func TestPortDirections(t *testing.T) {
	l := newLab(t)
	a, _ := wire(t, l)
	sender, both, incoming := openPort(t, a, Incoming), openPort(t, a, Both), openPort(t, a, Incoming)
	if err := sender.Send(rawFrame("out")); err != nil {
		t.Fatal(err)
	}
	if got, err := both.Receive(Expected, isRaw); err != nil || !got.Outgoing {
		t.Errorf("outgoing %t, %v", got.Outgoing, err)
	}
	if _, err := incoming.Receive(50*time.Millisecond, isRaw); !errors.Is(err, ErrQuiet) {
		t.Errorf("an incoming port hears what this end sends: %v", err)
	}
}

func TestReceiveMatches(t *testing.T) {
	l := newLab(t)
	a, b := wire(t, l)
	from, to := openPort(t, a, Incoming), openPort(t, b, Incoming)
	for _, body := range []string{"chatter", "more chatter", "wanted", "later"} {
		if err := from.Send(rawFrame(body)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := to.Receive(Expected, func(f Frame) bool { return bytes.HasSuffix(f.Data, []byte("wanted")) })
	if err != nil || !bytes.Equal(got.Data, rawFrame("wanted")) {
		t.Errorf("%q, %v", got.Data, err)
	}
	got, err = to.Receive(Expected, nil)
	if err != nil || !bytes.Equal(got.Data, rawFrame("later")) {
		t.Errorf("%q, %v", got.Data, err)
	}
}

func TestPortCountsWhatItLost(t *testing.T) {
	l := newLab(t)
	a, b := wire(t, l)
	from, to := openPort(t, a, Incoming), openPort(t, b, Incoming)
	if err := setReceiveBuffer(to, 4096); err != nil {
		t.Fatal(err)
	}
	frame := rawFrame(string(make([]byte, 1500)))
	for range 100 {
		if err := from.Send(frame); err != nil {
			t.Fatal(err)
		}
	}
	if lost, err := to.Lost(); err != nil || lost == 0 {
		t.Errorf("lost %d, %v; want most of 100", lost, err)
	}
	if lost, err := to.Lost(); err != nil || lost != 0 {
		t.Errorf("then lost %d, %v; want none since", lost, err)
	}
}

func setReceiveBuffer(p *Port, size int) (err error) {
	p.raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, size) })
	return err
}

// TestCaptureDecodesInTshark sends a frame with NSH, TCP and VLAN within, and
// lets tshark, not us, say what it is.
func TestCaptureDecodesInTshark(t *testing.T) {
	l := newLab(t, Tshark)
	a, b := wire(t, l)
	file := filepath.Join(l.Dir(), "wire.pcap")
	capture, err := b.Capture("p", file)
	if err != nil {
		t.Fatal(err)
	}
	here, there := openPort(t, a, Incoming), openPort(t, b, Incoming)
	if err := here.Send(nshFrame(0x1234, 255)); err != nil {
		t.Fatal(err)
	}
	if err := there.Send(nshFrame(0x1235, 254)); err != nil {
		t.Fatal(err)
	}
	frames, err := capture.Stop()
	if err != nil || frames < 2 {
		t.Fatalf("%d frames, %v", frames, err)
	}
	if again, err := capture.Stop(); again != frames || err != nil {
		t.Errorf("stopped again: %d frames, %v", again, err)
	}

	rows, err := TsharkFields(t.Context(), file, "nsh", "nsh.spi", "nsh.si", "eth.type", "ip.src", "udp.dstport")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"4660", "255", "0x894f,0x0800", "10.0.0.1", "53"},
		{"4661", "254", "0x894f,0x0800", "10.0.0.1", "53"},
	}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("got %q, want %q", rows, want)
	}
	objects, err := TsharkJSON(t.Context(), file, "nsh.spi == 0x1235")
	if err != nil || len(objects) != 1 {
		t.Errorf("%d objects, %v", len(objects), err)
	}
	if _, err := TsharkFields(t.Context(), file, "no such filter", "nsh.spi"); err == nil {
		t.Error("a wrong filter is no error")
	}
}

// nshFrame is an Ethernet frame with NSH (RFC 8300, MD type 1) around an
// Ethernet frame with a UDP datagram.
func nshFrame(spi uint32, si byte) []byte {
	frame := slices.Concat(
		[]byte{2, 0, 0, 0, 1, 2, 2, 0, 0, 0, 1, 1, 0x89, 0x4f},
		[]byte{0x0f, 0xc6, 0x01, 0x03}, // TTL 63, length 6 words, MD type 1, next protocol Ethernet
		binary.BigEndian.AppendUint32(nil, spi<<8|uint32(si)),
		make([]byte, 16),
		rawFrame(""),
	)
	binary.BigEndian.PutUint16(frame[len(frame)-2:], etherIPv4)
	return append(frame, ipv4UDP(28, 0, 1000, 53)...)
}

// ipv4UDP is an IPv4 packet from 10.0.0.1 to 10.0.0.2 with a UDP header.
func ipv4UDP(length uint16, fragment uint16, source, destination uint16) []byte {
	p := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 0, 0, 0, 0, 8, 0, 0}
	binary.BigEndian.PutUint16(p[2:], length)
	binary.BigEndian.PutUint16(p[6:], fragment)
	binary.BigEndian.PutUint16(p[20:], source)
	binary.BigEndian.PutUint16(p[22:], destination)
	return p
}
