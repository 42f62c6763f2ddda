package engine

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzLoad: no config makes Load or a packet panic.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no configs: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, []byte("\x10\x00\x00\x00\x01"))
	}
	f.Fuzz(func(t *testing.T, config, frame []byte) {
		p, err := Load(config)
		if err != nil {
			return
		}
		for _, r := range p.registers {
			if r.size*wordsFor(r.width) > 1<<16 {
				t.Skip("registers too large to make for each input")
			}
		}
		for _, c := range p.counters {
			if c.size > 1<<16 {
				t.Skip("counters too large to make for each input")
			}
		}
		for _, m := range p.meters {
			if m.size > 1<<16 {
				t.Skip("meters too large to make for each input")
			}
		}
		if p.lay.words > 1<<16 {
			t.Skip("state too large to make for each input")
		}
		New(p, Options{MaxPasses: 4, MaxCopies: 64}).Process(1, frame, func(uint32, []byte) {})
	})
}

// FuzzProcess: no frame makes any of the programs panic.
func FuzzProcess(f *testing.F) {
	var switches []*Switch
	for _, name := range []string{"router", "wide", "copies", "stateful", "stacks", "strip"} {
		sw := New(loadProgram(f, name), Options{MaxPasses: 4, MaxCopies: 64})
		for i := range uint32(16) {
			if err := sw.SetCloneSession(i, CloneSession{Replicas: []Replica{{Port: 1, Rid: 1}, {Port: 2}}}); err != nil {
				f.Fatal(err)
			}
			if err := sw.SetMulticast(i+1, []Replica{{Port: 1}, {Port: 2}}); err != nil {
				f.Fatal(err)
			}
		}
		switches = append(switches, sw)
	}
	f.Add([]byte("\x11\x00\x01\xff\xff"))
	f.Add(mustHex(f, "00112233445566778899aabb08004500001c0001000040116cc2010203040a0000091111222200080000"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		for _, sw := range switches {
			sw.Process(1, frame, func(uint32, []byte) {})
			sw.Trace(1, frame)
		}
	})
}
