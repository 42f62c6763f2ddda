package main

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"pillion/p4"
	"pillion/p4/engine"
	"pillion/runtime/simulate"
	"pillion/tests/bench/l2"
)

// benchEngine measures the engine without ports: time and allocations of a packet, and what writers cost packets.
func benchEngine(t *table) error {
	plain, err := plainSwitch()
	if err != nil {
		return err
	}
	measure := func(name string, sw *engine.Switch, port uint32, frame []byte) error {
		sent := 0
		emit := func(uint32, []byte) { sent++ }
		r := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sw.Process(port, frame, emit)
			}
		})
		if sent == 0 {
			return fmt.Errorf("%s: nothing left the switch", name)
		}
		t.row(name, "%d ns, %d allocations a packet", r.NsPerOp(), r.AllocsPerOp())
		return nil
	}
	if err := measure("plain L2", plain, 1, udp(web1, db1, 64)); err != nil {
		return err
	}
	net, err := webNetwork()
	if err != nil {
		return err
	}
	hops, err := webHops(net)
	if err != nil {
		return err
	}
	for _, h := range hops {
		sw, err := net.Engine(h.node)
		if err != nil {
			return err
		}
		if err := measure("pillion.p4, "+h.name, sw, h.port, h.frame); err != nil {
			return err
		}
	}
	return whileWriting(t, plain)
}

// plainSwitch runs the plain L2 program and knows where db1 is.
func plainSwitch() (*engine.Switch, error) {
	program, err := l2.Program()
	if err != nil {
		return nil, err
	}
	code, err := engine.Load(program.Config)
	if err != nil {
		return nil, err
	}
	sw := engine.New(code, engine.Options{})
	return sw, sw.Table("ingress.stations").Insert(station(db1.mac[:], 2))
}

func station(mac []byte, port byte) engine.Entry {
	return engine.Entry{Key: []engine.KeyField{{Value: mac}}, Action: "ingress.forward", Args: [][]byte{{port}}}
}

func webNetwork() (*simulate.Network, error) {
	program, err := p4.Pillion()
	if err != nil {
		return nil, err
	}
	b, err := webBundle(program)
	if err != nil {
		return nil, err
	}
	return simulate.New(b, program)
}

// whileWriting compares the throughput of one core with and without another that writes 100,000 entries.
func whileWriting(t *table, sw *engine.Switch) error {
	if runtime.NumCPU() < 2 {
		t.row("while 100,000 entries are written", "skipped: it takes two cores")
		return nil
	}
	frame := udp(web1, db1, 64)
	var done atomic.Uint64
	var stop atomic.Bool
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		emit := func(uint32, []byte) {}
		for !stop.Load() {
			for range 100 {
				sw.Process(1, frame, emit)
			}
			done.Add(100)
		}
	}()
	rate := func(work func() error) (float64, time.Duration, error) {
		before, start := done.Load(), time.Now()
		err := work()
		took := time.Since(start)
		return float64(done.Load()-before) / took.Seconds(), took, err
	}
	idle := func() error { time.Sleep(300 * time.Millisecond); return nil }
	round := uint32(0)
	write := func() error {
		round++
		mac := make([]byte, 6)
		for i := range uint32(100_000) {
			binary.BigEndian.PutUint32(mac[2:], round<<20|i)
			if err := sw.Table("ingress.stations").Insert(station(mac, 3)); err != nil {
				return err
			}
		}
		return nil
	}
	var best float64
	for range 5 {
		alone, _, err := rate(idle)
		if err != nil {
			return err
		}
		busy, took, err := rate(write)
		if err != nil {
			return err
		}
		after, _, _ := rate(idle)
		kept := busy / ((alone + after) / 2)
		t.row("while 100,000 entries are written", "%.2f of %.2f million packets/s kept (%.0f%%), for %.0f ms",
			busy/1e6, (alone+after)/2e6, 100*kept, took.Seconds()*1000)
		best = max(best, kept)
	}
	stop.Store(true)
	<-finished
	t.row("while writing, at best", "%.0f%%", 100*best)
	return nil
}
