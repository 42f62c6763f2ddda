package engine

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestTracedWay runs the scripts twice, by Process and by Trace: these take different
// forms of the control flow, which must do the same.
func TestTracedWay(t *testing.T) {
	files, err := filepath.Glob("testdata/*.script")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		program, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".script"), "-")
		plain, traced := newScript(t, program), newScript(t, program)
		// Both give what leaves at the end, behind what was logged.
		plain.process = func(port uint32, frame []byte, emit func(uint32, []byte)) {
			var outs []Output
			plain.sw.Process(port, frame, func(p uint32, f []byte) { outs = append(outs, Output{p, bytes.Clone(f)}) })
			for _, o := range outs {
				emit(o.Port, o.Frame)
			}
		}
		traced.process = func(port uint32, frame []byte, emit func(uint32, []byte)) {
			for _, o := range traced.sw.Trace(port, frame).Outputs {
				emit(o.Port, o.Frame)
			}
		}
		if a, b := plain.run(string(text)), traced.run(string(text)); a != b {
			t.Errorf("%s:\nprocessed:\n%s\ntraced:\n%s", file, a, b)
		}
	}
}

// TestTracedWayOfAnyEntries does so with random entries and frames, for pillion.p4 too. The
// traced program also takes every header apart and puts it together again, where the
// other one copies from the frame what stays as it is.
func TestTracedWayOfAnyEntries(t *testing.T) {
	programs, takenApart := map[string]*Program{}, map[string]*Program{}
	for _, file := range []string{"testdata/router.json", "testdata/stateful.json", "testdata/copies.json", "testdata/stacks.json", "testdata/strip.json", "../pillion.json"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if programs[file], err = Load(b); err != nil {
			t.Fatal(err)
		}
		if takenApart[file], err = Load(b); err != nil {
			t.Fatal(err)
		}
		lay := takenApart[file].lay
		lay.writeAll(lay.headers...)
		for _, h := range lay.headers {
			h.take = nil
		}
		lay.finish()
	}
	var names []string
	for name := range programs {
		names = append(names, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "program")
		prog := programs[name]
		o := Options{Seed: 1, MaxPasses: 4, MaxCopies: 16, Now: func() time.Duration { return 0 }}
		a, b := New(prog, o), New(takenApart[name], o)
		for range rapid.IntRange(0, 60).Draw(t, "entries") {
			d := prog.tables[rapid.IntRange(0, len(prog.tables)-1).Draw(t, "table")]
			if d.isConst || len(d.keys) == 0 || d.profile >= 0 {
				continue
			}
			e := anyEntry(t, d)
			if errA, errB := a.Table(d.name).Insert(e), b.Table(d.name).Insert(e); (errA == nil) != (errB == nil) {
				t.Fatal(errA, errB)
			}
		}
		for range 20 {
			frame := anyFrame(t)
			port := uint32(rapid.IntRange(0, 3).Draw(t, "port"))
			var outs []Output
			a.Process(port, frame, func(p uint32, f []byte) { outs = append(outs, Output{p, bytes.Clone(f)}) })
			trace := b.Trace(port, frame)
			if got, want := fmt.Sprintf("%x", outs), fmt.Sprintf("%x", trace.Outputs); got != want {
				t.Fatalf("port %d, frame %x: processed %s, traced %s\n%+v", port, frame, got, want, trace.Events)
			}
		}
		for i, d := range prog.counters {
			for j := range d.size {
				if x, y := a.counters[i].cells[j].packets.Load(), b.counters[i].cells[j].packets.Load(); x != y {
					t.Fatalf("counter %s[%d]: %d and %d", d.name, j, x, y)
				}
			}
		}
	})
}

// anyEntry has small values, so that packets meet them.
func anyEntry(t *rapid.T, d *tableDef) Entry {
	small := func(width int) []byte {
		v := rapid.ByteRange(0, 3).Draw(t, "value")
		if width < 2 {
			v &= 1
		}
		return []byte{v}
	}
	e := Entry{}
	if d.needsPriority {
		e.Priority = int32(rapid.IntRange(1, 5).Draw(t, "priority"))
	}
	for _, k := range d.keys {
		f := KeyField{Value: small(k.width)}
		switch wild := rapid.Bool().Draw(t, "wild"); k.kind {
		case LPM:
			f.PrefixLen = k.width
			if wild {
				f = KeyField{}
			}
		case Ternary, Range:
			if wild {
				f = KeyField{}
			} else if k.kind == Range {
				f.High = f.Value
			}
		}
		e.Key = append(e.Key, f)
	}
	action := d.actions.list[rapid.IntRange(0, len(d.actions.list)-1).Draw(t, "action")]
	e.Action = action.name
	for _, p := range action.params {
		e.Args = append(e.Args, small(p.width))
	}
	return e
}

// anyFrame is of any kind that the programs look into, of small values, and sometimes cut.
func anyFrame(t *rapid.T) []byte {
	f := make([]byte, 120)
	for i := range f {
		f[i] = rapid.SampledFrom([]byte{0, 0, 0, 1, 2}).Draw(t, "byte")
	}
	start := 0
	if rapid.Bool().Draw(t, "nsh") {
		copy(f[12:], "\x89\x4f\x0f\xc6\x01\x03") // NSH with a TTL of 63, MD type 1, next protocol Ethernet
		start = 38
	}
	switch rapid.IntRange(0, 3).Draw(t, "type") {
	case 0:
		copy(f[start+12:], "\x08\x00\x45")
		f[start+23] = rapid.SampledFrom([]byte{1, 2, 6, 17}).Draw(t, "protocol")
	case 1:
		copy(f[start+12:], "\x86\xdd\x60")
		f[start+20] = rapid.SampledFrom([]byte{6, 17, 44, 58}).Draw(t, "next header")
	case 2:
		copy(f[start+12:], "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01")
	}
	return f[:rapid.IntRange(0, len(f)).Draw(t, "length")]
}

// What is known of words after an action.
func TestFactsAfter(t *testing.T) {
	before := facts{1: {true, 10}, 2: {false, 20}, 3: {true, 30}}
	nothing := func(*packet) {}
	for _, c := range []struct {
		name string
		ops  []op
		want facts
	}{
		{"nothing", nil, before},
		{"set", []op{{kind: opSet, dst: 1, words: 1, value: 7}, {kind: opSet, dst: 9, words: 1, value: 8}}, facts{1: {true, 7}, 2: {false, 20}, 3: {true, 30}, 9: {true, 8}}},
		{"copy", []op{{kind: opCopy, dst: 1, src: 2, words: 1}, {kind: opCopy, dst: 2, src: 5, words: 1}}, facts{1: {false, 20}, 3: {true, 30}}},
		{"copy of two", []op{{kind: opCopy, dst: 2, src: 5, words: 2}}, facts{1: {true, 10}}},
		{"argument", []op{{kind: opArgument, dst: 3, words: 1}}, facts{1: {true, 10}, 2: {false, 20}}},
		{"a call that writes", []op{{run: nothing, known: true, writes: []wordRun{{1, 2}}}}, facts{3: {true, 30}}},
		{"a call that may write anything", []op{{kind: opSet, dst: 9, words: 1}, {run: nothing}}, facts{}},
		{"a jump past a set", []op{{kind: opJump, target: 2}, {kind: opSet, dst: 1, words: 1, value: 7}}, facts{2: {false, 20}, 3: {true, 30}}},
	} {
		if got := before.after(&actionDef{ops: c.ops}); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// The clock is read for programs that look at the time, or meter.
func TestTimed(t *testing.T) {
	b, err := os.ReadFile("testdata/strip.json")
	if err != nil {
		t.Fatal(err)
	}
	looks := bytes.Replace(b, []byte(`["standard_metadata", "egress_spec"]`), []byte(`["standard_metadata", "ingress_global_timestamp"]`), 1)
	if bytes.Equal(looks, b) {
		t.Fatal("strip.json does not name egress_spec")
	}
	for _, c := range []struct {
		name   string
		config []byte
		want   bool
	}{{"strip", b, false}, {"with a timestamp", looks, true}} {
		p, err := Load(c.config)
		if err != nil {
			t.Fatal(err)
		}
		if p.timed != c.want {
			t.Errorf("%s: %v, want %v", c.name, p.timed, c.want)
		}
	}
	if !loadProgram(t, "stateful").timed {
		t.Error("a program with meters does without the time")
	}
}
