package main

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
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
	b, err := webBundle()
	if err != nil {
		return nil, err
	}
	return simulate.New(b, program)
}

// whileWriting compares the throughput of one core while another writes 100,000 entries to the same switch, with that
// while it writes them to a switch of its own: cores share more than the switch.
func whileWriting(t *table, sw *engine.Switch) error {
	if runtime.NumCPU() < 2 {
		t.row("while 100,000 entries are written", "skipped: it takes two cores")
		return nil
	}
	other, err := plainSwitch()
	if err != nil {
		return err
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
	defer func() { stop.Store(true); <-finished }()
	round := uint32(0)
	write := func(to *engine.Switch) (rate float64, took time.Duration, err error) {
		round++
		before, start := done.Load(), time.Now()
		mac := make([]byte, 6)
		for i := range uint32(writtenEntries) {
			binary.BigEndian.PutUint32(mac[2:], round<<20|i)
			if err := to.Table("ingress.stations").Insert(station(mac, 3)); err != nil {
				return 0, 0, err
			}
		}
		took = time.Since(start)
		return float64(done.Load()-before) / took.Seconds(), took, nil
	}
	var kept, rates []float64
	for range 9 {
		apart, _, err := write(other)
		if err != nil {
			return err
		}
		same, _, err := write(sw)
		if err != nil {
			return err
		}
		kept, rates = append(kept, same/apart), append(rates, same)
	}
	slices.Sort(kept)
	slices.Sort(rates)
	t.row("while 100,000 entries are written", "%.1f million packets/s, %.0f%% of those beside writes to another switch (medians)",
		rates[len(rates)/2]/1e6, 100*kept[len(kept)/2])
	return nil
}

const writtenEntries = 100_000
