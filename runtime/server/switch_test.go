package server

import (
	"bytes"
	"context"
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
