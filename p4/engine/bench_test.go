package engine

import (
	"encoding/hex"
	"fmt"
	"testing"
)

func mustHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// routerSwitch is the router with n host routes beside the one that the frame takes.
func routerSwitch(t testing.TB, n int) (*Switch, []byte) {
	sw := New(loadProgram(t, "router"), Options{})
	insert := func(table string, e Entry) {
		t.Helper()
		if err := sw.Table(table).Insert(e); err != nil {
			t.Fatal(err)
		}
	}
	insert("Forward.routes", Entry{Key: []KeyField{{Value: []byte{10, 0, 0, 0}, PrefixLen: 8}}, Action: "Forward.route", Args: [][]byte{{10, 0, 0, 1}, {3}}})
	insert("Forward.neighbours", Entry{Key: []KeyField{{Value: []byte{10, 0, 0, 1}}, {Value: []byte{3}}}, Action: "Forward.set_mac", Args: [][]byte{{2}, {3}}})
	for i := range n {
		insert("Forward.neighbours", Entry{Key: []KeyField{{Value: []byte{11, 0, byte(i >> 8), byte(i)}}, {Value: []byte{1}}}, Action: "Forward.set_mac", Args: [][]byte{{2}, {3}}})
	}
	return sw, mustHex(t, "00112233445566778899aabb08004500001c0001000040116cc2010203040a0000091111222200080000")
}

func TestNoAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool forget at random")
	}
	sw, frame := routerSwitch(t, 10)
	sent := 0
	emit := func(uint32, []byte) { sent++ }
	sw.Process(1, frame, emit)
	if n := testing.AllocsPerRun(100, func() { sw.Process(1, frame, emit) }); n != 0 {
		t.Errorf("%v allocations per packet", n)
	}
	if sent < 100 {
		t.Errorf("only %d packets left the switch", sent)
	}
}

func BenchmarkProcess(b *testing.B) {
	sw, frame := routerSwitch(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		sw.Process(1, frame, func(uint32, []byte) {})
	}
}

func BenchmarkProcessParallel(b *testing.B) {
	sw, frame := routerSwitch(b, 1000)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			sw.Process(1, frame, func(uint32, []byte) {})
		}
	})
}

func BenchmarkMulticast8(b *testing.B) {
	sw := New(loadProgram(b, "copies"), Options{})
	var replicas []Replica
	for i := range 8 {
		replicas = append(replicas, Replica{Port: uint32(20 + i)})
	}
	if err := sw.SetMulticast(7, replicas); err != nil {
		b.Fatal(err)
	}
	frame := mustHex(b, "010007cafe")
	b.ReportAllocs()
	for b.Loop() {
		sw.Process(1, frame, func(uint32, []byte) {})
	}
}

func BenchmarkWide(b *testing.B) {
	for _, op := range []byte{0x00, 0x0a, 0x10, 0x11, 0x80} {
		b.Run(fmt.Sprintf("op%02x", op), func(b *testing.B) {
			sw := New(loadProgram(b, "wide"), Options{})
			frame := make([]byte, 128)
			frame[0] = op
			b.ReportAllocs()
			for b.Loop() {
				sw.Process(1, frame, func(uint32, []byte) {})
			}
		})
	}
}

func BenchmarkInsertExact(b *testing.B) {
	sw, _ := routerSwitch(b, 0)
	t := sw.Table("Forward.neighbours")
	t.def.size = 1 << 30
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		e := Entry{
			Key:    []KeyField{{Value: []byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}}, {Value: []byte{7}}},
			Action: "Forward.set_mac", Args: [][]byte{{2}, {3}},
		}
		if err := t.Insert(e); err != nil {
			b.Fatal(err)
		}
	}
}
