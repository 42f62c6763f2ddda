package sidecar

import (
	"log/slog"
	"net/netip"
	"slices"
	"testing"

	"pillion/backends/bundle"
	"pillion/p4"
	"pillion/runtime/packet"
	"pillion/runtime/program"
	"pillion/sidecarfallback/verify"
)

// shimFrame is what b's shim sends to a.
func shimFrame(t testing.TB, b *bundle.Bundle) []byte {
	t.Helper()
	shim, err := p4.Shim()
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := program.Load(shim)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(b.Targets, func(t bundle.Target) bool { return t.Name == "b" })
	sw, err := loaded.Engine(&b.Targets[at])
	if err != nil {
		t.Fatal(err)
	}
	p := packet.Packet{SrcMAC: packet.MAC{2, 0, 0, 0, 0, 2}, DstMAC: packet.MAC{2, 0, 0, 0, 0, 1}, Proto: packet.UDP, SPort: 1, DPort: 2,
		Src: netip.MustParseAddr("10.0.0.2"), Dst: netip.MustParseAddr("10.0.0.1"), Payload: make([]byte, 100)}
	var out []byte
	sw.Process(p4.ShimHost, p.Bytes(), func(port uint32, frame []byte) {
		if port == p4.ShimNetwork {
			out = slices.Clone(frame)
		}
	})
	if !packet.IsEncapsulated(out) {
		t.Fatalf("b's shim sends %x", out)
	}
	return out
}

// Checking a frame that comes by the trunk makes no garbage.
func TestInspectionDoesNotAllocate(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: short runs are those of the race detector, under which pools of memory leak on purpose")
	}
	b := compile(t, inventory)
	v, err := verify.New(b, "leaf")
	if err != nil {
		t.Fatal(err)
	}
	i := newInspector(v, slog.New(slog.DiscardHandler), func() bool { return false }, func(v *verify.Violation, _ func() *verify.Violation) { t.Fatal(v) })
	frame := shimFrame(t, b)
	if n := testing.AllocsPerRun(100, func() { i.good(verify.Frame{Data: frame, Length: len(frame)}, byTrunk) }); n != 0 {
		t.Errorf("%v allocations for a frame", n)
	}
}

// BenchmarkInspection is what the check costs a frame that comes by the trunk.
func BenchmarkInspection(b *testing.B) {
	compiled := compile(b, inventory)
	v, err := verify.New(compiled, "leaf")
	if err != nil {
		b.Fatal(err)
	}
	i := newInspector(v, slog.New(slog.DiscardHandler), func() bool { return false }, func(v *verify.Violation, _ func() *verify.Violation) { b.Fatal(v) })
	frame := shimFrame(b, compiled)
	b.ReportAllocs()
	for b.Loop() {
		i.good(verify.Frame{Data: frame, Length: len(frame)}, byTrunk)
	}
}
