//go:build linux

package lab

import (
	"slices"
	"testing"
	"time"
)

func udpFlow(a, b station) Flow { return NewFlow(protocolUDP, a.v4(4000), b.v4(53)) }

// oneDatagram sends one datagram from a to b, answered, and says what came of it.
func oneDatagram(t *testing.T, a, b station, within time.Duration) UDPResult {
	t.Helper()
	got, err := UDP{From: a.Namespace, Source: a.v4(4000), To: b.Namespace, Destination: b.v4(53), Within: within}.Run()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// arms lists the arms that a flow's packets came in by, in the order of their
// first frames.
func arms(m *Middlebox, flow Flow) []string {
	var arms []string
	for _, s := range m.Sightings() {
		if s.Header.IP() && s.Header.Flow() == flow {
			arms = append(arms, s.Arm)
		}
	}
	return arms
}

func TestTwoArmedMiddleboxes(t *testing.T) {
	require(t, LinuxBridge)
	kinds := map[string]func(ns *Namespace) (*Middlebox, error){
		"bridge":      func(ns *Namespace) (*Middlebox, error) { return ns.Bridge("in", "out") },
		"transparent": func(ns *Namespace) (*Middlebox, error) { return ns.Transparent("in", "out", All) },
	}
	for name, turn := range kinds {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			h1, h2, middle := inLine(t, l)
			m, err := turn(middle)
			if err != nil {
				t.Fatal(err)
			}
			if got := oneDatagram(t, h1, h2, 0); got.Answered != 1 {
				t.Fatalf("%+v", got)
			}
			flow := udpFlow(h1, h2)
			if got := m.Saw(flow); got != 2 {
				t.Errorf("saw %d frames of the flow, want the datagram and its answer", got)
			}
			if got := arms(m, flow); !slices.Equal(got, []string{"in", "out"}) {
				t.Errorf("came in by %v, want in first, then out", got)
			}
			if !slices.Contains(m.Flows(), flow) {
				t.Errorf("flows %v, want %v among them", m.Flows(), flow)
			}
			m.Reset()
			if got := m.Saw(flow); got != 0 {
				t.Errorf("after Reset: %d frames", got)
			}
			tcp, err := TCP{From: h2.Namespace, To: h1.Namespace, Destination: h1.v6(80), Bytes: 1 << 20}.Run()
			if err != nil || !tcp.Intact {
				t.Errorf("%+v, %v", tcp, err)
			}
			if lost, err := m.Lost(); lost != 0 || err != nil {
				t.Errorf("lost %d, %v", lost, err)
			}
		})
	}
}

func TestBridgeLearns(t *testing.T) {
	l := newLab(t, LinuxBridge)
	h1, h2, middle := inLine(t, l)
	if _, err := middle.Bridge("in", "out"); err != nil {
		t.Fatal(err)
	}
	oneDatagram(t, h1, h2, 0)
	got, err := middle.Learned()
	want := []Learned{{MAC: h1.mac().String(), Port: "in"}, {MAC: h2.mac().String(), Port: "out"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestTransparentDrops(t *testing.T) {
	l := newLab(t)
	h1, h2, middle := inLine(t, l)
	m, err := middle.Transparent("in", "out", func(arm string, frame []byte) bool {
		return arm == "in" || ParseHeader(frame).Protocol != protocolUDP
	})
	if err != nil {
		t.Fatal(err)
	}
	got := oneDatagram(t, h1, h2, 200*time.Millisecond)
	if got.Delivered != 1 || got.Answered != 0 {
		t.Errorf("%+v, want the datagram to pass and its answer not", got)
	}
	if saw := m.Saw(udpFlow(h1, h2)); saw != 2 {
		t.Errorf("saw %d frames, want what it dropped too", saw)
	}
}

// TestOneArmedReturnsFrames uses a raw port as the switch that the middlebox
// hangs on.
func TestOneArmedReturnsFrames(t *testing.T) {
	l := newLab(t)
	sw, middle := box(t, l, "switch"), box(t, l, "middle")
	connect(t, l, End{Namespace: sw, Interface: "p1"}, End{Namespace: middle, Interface: "arm"})
	m, err := middle.OneArmed("arm", func(_ string, frame []byte) bool { return frame[14] != 'x' })
	if err != nil {
		t.Fatal(err)
	}
	port, err := sw.OpenPort("p1", Incoming)
	if err != nil {
		t.Fatal(err)
	}
	frames := []string{"a", "x", "b"}
	for _, body := range frames {
		if err := port.Send(rawFrame(body)); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"a", "b"} {
		got, err := port.Receive(Expected, isRaw)
		if err != nil || !slices.Equal(got.Data, rawFrame(want)) {
			t.Errorf("%q, %v; want %q", got.Data, err, rawFrame(want))
		}
	}
	if _, err := port.Receive(50*time.Millisecond, isRaw); err == nil {
		t.Error("a frame came back twice")
	}
	saw := 0
	for _, s := range m.Sightings() {
		if s.Header.EtherType == rawType {
			saw += s.Frames
		}
	}
	if saw != len(frames) {
		t.Errorf("saw %d frames, want %d: those sent, none of its own", saw, len(frames))
	}
}

func TestTapRecordsOnly(t *testing.T) {
	l := newLab(t)
	h1, h2 := host(t, l, 1), station{n: 2}
	middle := box(t, l, "tap")
	connect(t, l, h1.end(), End{Namespace: middle, Interface: "arm"})
	tap, err := middle.Tap("arm")
	if err != nil {
		t.Fatal(err)
	}
	port, err := h1.OpenPort("eth0", Incoming)
	if err != nil {
		t.Fatal(err)
	}
	if err := port.Send(ethernet(etherIPv4, ipv4UDP(28, 0, 4000, 53))); err != nil {
		t.Fatal(err)
	}
	flow := udpFlow(h1, h2)
	if !tap.Await(flow, Expected) {
		t.Errorf("the tap saw %v", tap.Flows())
	}
	if tap.Await(udpFlow(h2, station{n: 9}), time.Millisecond) {
		t.Error("the tap saw what was not sent")
	}
}
