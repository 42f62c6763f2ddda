package server

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/runtime/port"
)

// writeAs arbitrates without a stream and writes: for tests of the switch itself.
func writeAs(t testing.TB, s *Server, lines ...string) {
	t.Helper()
	c := &controller{bench: &bench{t: t}}
	id := &p4.Uint128{Low: 1}
	first := &p4.MasterArbitrationUpdate{DeviceId: s.opt.DeviceID, ElectionId: id}
	if _, err := s.arb.update(nil, first, func(*p4.StreamMessageResponse) {}); err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if _, err := s.Write(context.Background(), &p4.WriteRequest{DeviceId: s.opt.DeviceID, ElectionId: id, Updates: []*p4.Update{c.parse(l)}}); err != nil {
			t.Fatalf("%s\n%v", l, updateErrors(err))
		}
	}
}

func TestSwitchForwards(t *testing.T) {
	sw, err := NewSwitch(SwitchOptions{Options: Options{DeviceID: 1}, Pipeline: featuresConfig(t)})
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[uint32]port.Device{}
	for _, n := range []uint32{1, 3} {
		inside, outside := port.Pipe("link")
		hosts[n] = outside
		if err := sw.AddPort(n, inside); err != nil {
			t.Fatal(err)
		}
	}
	writeAs(t, sw.P4Runtime, "INSERT "+te(macKey, fwd))
	frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
	if err := hosts[1].Write(frame); err != nil {
		t.Fatal(err)
	}
	got, err := hosts[3].Read(make([]byte, port.BufferSize))
	if err != nil || !bytes.Equal(got, frame) {
		t.Errorf("port 3 got %x, %v; want %x", got, err, frame)
	}
	if err := sw.Close(); err != nil {
		t.Error(err)
	}
}

// Frames that are not admitted do not meet the program; those of a VLAN's port are asked for as those of any port.
func TestSwitchAdmits(t *testing.T) {
	asked := make(chan uint32, 10)
	admit := func(number uint32, frame []byte) bool {
		asked <- number
		return frame[len(frame)-1] != 'x'
	}
	sw, err := NewSwitch(SwitchOptions{Options: Options{DeviceID: 1}, Pipeline: featuresConfig(t), Admit: admit})
	if err != nil {
		t.Fatal(err)
	}
	defer sw.Close()
	trunk, far := port.Pipe("trunk")
	out, host := port.Pipe("host")
	if err := errors.Join(sw.AddPort(9, trunk), sw.AddPort(3, out), sw.AddVLAN(1, 9, 100)); err != nil {
		t.Fatal(err)
	}
	if err := sw.AddVLAN(DefaultCPUPort, 9, 101); err == nil || !strings.Contains(err.Error(), "is the CPU port") {
		t.Errorf("a VLAN as the CPU port: %v", err)
	}
	writeAs(t, sw.P4Runtime, "INSERT "+te(macKey, fwd))
	frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
	for _, end := range []string{"x", "y"} {
		tagged := append(append(bytes.Clone(frame[:12]), 0x81, 0, 0, 100), frame[12:]...)
		if err := far.Write(append(tagged, end...)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := host.Read(make([]byte, port.BufferSize))
	if err != nil || !bytes.Equal(got, append(bytes.Clone(frame), 'y')) {
		t.Errorf("port 3 got %x, %v", got, err)
	}
	if a, b := <-asked, <-asked; a != 1 || b != 1 {
		t.Errorf("asked for ports %d and %d", a, b)
	}
}

func TestSwitchOptions(t *testing.T) {
	for _, c := range []struct {
		o    SwitchOptions
		want string
	}{
		{SwitchOptions{}, "device id 0"},
		{SwitchOptions{Options: Options{DeviceID: 1, CPUPort: 511}}, "CPU port 511"},
		{SwitchOptions{Options: Options{DeviceID: 1}, Pipeline: &p4.ForwardingPipelineConfig{}}, "p4info is not set"},
		{SwitchOptions{Options: Options{DeviceID: 1}, Ports: []port.Spec{{Number: 1, Interface: "no-such-iface"}}}, "1@no-such-iface"},
	} {
		sw, err := NewSwitch(c.o)
		if err == nil {
			sw.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want an error with %q", err, c.want)
		}
	}
	sw, err := NewSwitch(SwitchOptions{Options: Options{DeviceID: 1, CPUPort: 64}})
	if err != nil {
		t.Fatal(err)
	}
	defer sw.Close()
	dev, _ := port.Pipe("x")
	if err := sw.AddPort(64, dev); err == nil || !strings.Contains(err.Error(), "ports are 0 to 63") {
		t.Errorf("a port with the CPU port's number: %v", err)
	}
}

func TestLoadConfigErrors(t *testing.T) {
	for _, c := range []struct{ info, config, want string }{
		{"testdata/none", "testdata/features.json", "no such file"},
		{"testdata/features.p4", "testdata/features.json", "not a P4Info message"},
		{"testdata/features.json", "testdata/features.json", "not a P4Info message"},
		{"testdata/features.p4info.txtpb", "testdata/none", "no such file"},
	} {
		if _, err := LoadConfig(c.info, c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("LoadConfig(%s, %s): %v, want %q", c.info, c.config, err, c.want)
		}
	}
}
