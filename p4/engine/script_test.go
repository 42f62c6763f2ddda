package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// TestScripts runs testdata/*.script, each over the program of the first part of its
// name. A script's lines are commands; the lines that start with ">" are what the
// command before them prints.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.script")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".script")
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			program, _, _ := strings.Cut(name, "-")
			got := newScript(t, program).run(string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
			for i := range gotLines {
				if i >= len(wantLines) || wantLines[i] != gotLines[i] {
					t.Fatalf("%s:%d: got\n%s\nthe whole output is:\n%s", file, i+1, gotLines[i], got)
				}
			}
			if len(wantLines) != len(gotLines) {
				t.Fatalf("%s: expects %d lines more", file, len(wantLines)-len(gotLines))
			}
		})
	}
}

// loadProgram loads a program that p4c compiled from testdata.
func loadProgram(t testing.TB, name string) *Program {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSources fails when a P4 source was changed without compiling it again:
//
//	cd testdata && p4c-bm2-ss --std p4-16 NAME.p4 -o NAME.json && sha256sum *.p4 > sources.sum
func TestSources(t *testing.T) {
	sums, err := os.ReadFile("testdata/sources.sum")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("testdata/*.p4")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sources {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%x  %s\n", sha256.Sum256(b), filepath.Base(f))
		if !strings.Contains(string(sums), line) {
			t.Errorf("%s is not what its JSON was compiled from: compile it, and write sources.sum", f)
		}
	}
}

type script struct {
	sw *Switch
	// process runs packets: nil, Switch.Process.
	process func(port uint32, frame []byte, emit func(uint32, []byte))
	now     time.Duration
	out     strings.Builder
}

func newScript(t testing.TB, program string) *script {
	s := &script{}
	s.sw = New(loadProgram(t, program), Options{
		Seed:     1,
		Now:      func() time.Duration { return s.now },
		OnDigest: func(d Digest) { s.printf("digest %s %x", d.Name, d.Values) },
		OnLog:    func(m string) { s.printf("log %s", m) },
	})
	return s
}

func (s *script) printf(format string, args ...any) {
	fmt.Fprintf(&s.out, "> "+format+"\n", args...)
}

func (s *script) run(text string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, ">") {
			continue
		}
		s.out.WriteString(line)
		if words := strings.Fields(line); len(words) > 0 && words[0] != "#" {
			if err := s.command(words[0], words[1:]); err != nil {
				s.printf("error: %v", err)
			}
		}
	}
	return s.out.String()
}

func (s *script) command(name string, args []string) error {
	for len(args) < 3 {
		args = append(args, "")
	}
	id := func(text string) uint32 { n, _ := strconv.Atoi(text); return uint32(n) }
	switch name {
	case "packet", "trace":
		frame, err := hex.DecodeString(strings.Join(args[1:], ""))
		if err != nil {
			return err
		}
		if name == "trace" {
			s.trace(id(args[0]), frame)
			return nil
		}
		outputs := 0
		process := s.process
		if process == nil {
			process = s.sw.Process
		}
		process(id(args[0]), frame, func(port uint32, out []byte) {
			s.printf("%d %x", port, out)
			outputs++
		})
		if outputs == 0 {
			s.printf("nothing")
		}
		return nil
	case "insert", "modify", "delete", "default":
		return s.write(name, args)
	case "show":
		s.sw.Table(args[0]).Each(func(e EntryInfo) bool { s.printf("%s", describeEntry(&e)); return true })
		def := s.sw.Table(args[0]).Default()
		s.printf("%s", describeEntry(&def))
		return nil
	case "member":
		return s.sw.Profile(args[0]).InsertMember(Member{ID: id(args[1]), Action: args[2], Args: values(args[3:])})
	case "group":
		g := Group{ID: id(args[1])}
		for _, m := range args[2:] {
			n, w, _ := strings.Cut(m, "*")
			weight, _ := strconv.Atoi(w)
			g.Members = append(g.Members, GroupMember{Member: id(n), Weight: max(weight, 1)})
		}
		return s.sw.Profile(args[0]).InsertGroup(g)
	case "multicast":
		return s.sw.SetMulticast(id(args[0]), replicas(args[1:]))
	case "clone":
		return s.sw.SetCloneSession(id(args[0]), CloneSession{Truncate: id(args[1]), Replicas: replicas(args[2:])})
	case "vset":
		var members []ValueSetMember
		for _, a := range args[1:] {
			if a != "" {
				members = append(members, ValueSetMember{value(a)})
			}
		}
		return s.sw.ValueSet(args[0]).Replace(members)
	case "meter":
		return s.sw.Meter(args[0]).SetConfig(int(id(args[1])), meterConfig(args[2:]))
	case "entrymeter":
		return s.sw.Table(args[0]).SetMeter(Entry{Key: []KeyField{{Value: value(args[1])}}}, meterConfig(args[2:]))
	case "tick":
		d, err := time.ParseDuration(args[0])
		s.now += d
		return err
	case "counter":
		c, err := s.sw.Counter(args[0]).Read(int(id(args[1])))
		if err == nil {
			s.printf("%d packets %d bytes", c.Packets, c.Bytes)
		}
		return err
	case "register":
		v, err := s.sw.Register(args[0]).Read(int(id(args[1])))
		if err == nil {
			s.printf("%x", v)
		}
		return err
	case "idle":
		s.sw.Table(args[0]).EachIdle(func(e EntryInfo) bool { s.printf("%s", describeEntry(&e)); return true })
		return nil
	}
	return fmt.Errorf("no command %q", name)
}

func meterConfig(args []string) *MeterConfig {
	var n [4]uint64
	for i := range min(len(args), 4) {
		n[i], _ = strconv.ParseUint(args[i], 10, 64)
	}
	return &MeterConfig{CIR: n[0], CBurst: n[1], PIR: n[2], PBurst: n[3]}
}

func value(text string) []byte {
	n, ok := new(big.Int).SetString(text, 0)
	if !ok {
		return []byte("not a number: " + text)
	}
	if n.Sign() == 0 {
		return []byte{0}
	}
	return n.Bytes()
}

func values(texts []string) [][]byte {
	var out [][]byte
	for _, a := range texts {
		out = append(out, value(a))
	}
	return out
}

// replicas reads port:rid.
func replicas(args []string) []Replica {
	var out []Replica
	for _, a := range args {
		if p, r, ok := strings.Cut(a, ":"); ok {
			port, _ := strconv.Atoi(p)
			rid, _ := strconv.Atoi(r)
			out = append(out, Replica{Port: uint32(port), Rid: uint32(rid)})
		}
	}
	return out
}

// write reads: TABLE [@PRIORITY] KEY… -> ACTION ARG…; a key is V, V/LEN, V&MASK, LOW..HIGH
// or *; instead of the action member:ID or group:ID; idle:DURATION may stand before it.
func (s *script) write(name string, args []string) error {
	t := s.sw.Table(args[0])
	if t == nil {
		return fmt.Errorf("no table %q", args[0])
	}
	var e Entry
	i := 1
	for ; i < len(args) && args[i] != "->" && args[i] != ""; i++ {
		a := args[i]
		var f KeyField
		if p, ok := strings.CutPrefix(a, "@"); ok {
			n, _ := strconv.Atoi(p)
			e.Priority = int32(n)
			continue
		}
		if d, ok := strings.CutPrefix(a, "idle:"); ok {
			e.IdleTimeout, _ = time.ParseDuration(d)
			continue
		}
		if v, l, ok := strings.Cut(a, "/"); ok {
			f.Value = value(v)
			f.PrefixLen, _ = strconv.Atoi(l)
		} else if v, m, ok := strings.Cut(a, "&"); ok {
			f.Value, f.Mask = value(v), value(m)
		} else if lo, hi, ok := strings.Cut(a, ".."); ok {
			f.Value, f.High = value(lo), value(hi)
		} else if a != "*" {
			f.Value = value(a)
		}
		e.Key = append(e.Key, f)
	}
	if i+1 < len(args) {
		kind, rest, _ := strings.Cut(args[i+1], ":")
		n, _ := strconv.Atoi(rest)
		switch kind {
		case "member":
			e.Kind, e.Member = ViaMember, uint32(n)
		case "group":
			e.Kind, e.Group = ViaGroup, uint32(n)
		default:
			e.Action, e.Args = args[i+1], values(args[i+2:])
		}
	}
	switch name {
	case "insert":
		return t.Insert(e)
	case "modify":
		return t.Modify(e)
	case "delete":
		return t.Delete(e)
	}
	if e.Action == "reset" {
		t.ResetDefault()
		return nil
	}
	return t.SetDefault(e)
}

func describeEntry(e *EntryInfo) string {
	var b strings.Builder
	if e.Default {
		b.WriteString("default")
	}
	for i, k := range e.Key {
		if i > 0 {
			b.WriteByte(' ')
		}
		switch {
		case k.High != nil:
			fmt.Fprintf(&b, "%x..%x", k.Value, k.High)
		case k.Mask != nil:
			fmt.Fprintf(&b, "%x&%x", k.Value, k.Mask)
		case k.PrefixLen > 0:
			fmt.Fprintf(&b, "%x/%d", k.Value, k.PrefixLen)
		default:
			fmt.Fprintf(&b, "%x", k.Value)
		}
	}
	if e.Priority != 0 {
		fmt.Fprintf(&b, " @%d", e.Priority)
	}
	switch e.Kind {
	case ViaMember:
		fmt.Fprintf(&b, " -> member %d", e.Member)
	case ViaGroup:
		fmt.Fprintf(&b, " -> group %d", e.Group)
	default:
		fmt.Fprintf(&b, " -> %s %x", e.Action, e.Args)
	}
	if e.Counter.Packets > 0 {
		fmt.Fprintf(&b, " (%d packets, %d bytes)", e.Counter.Packets, e.Counter.Bytes)
	}
	return b.String()
}

func (s *script) trace(port uint32, frame []byte) {
	t := s.sw.Trace(port, frame)
	for _, e := range t.Events {
		line := fmt.Sprintf("#%d %s", e.Packet, e.Kind)
		if e.Name != "" {
			line += " " + e.Name
		}
		switch e.Kind {
		case EventIngress, EventEgress, EventOutput:
			line += fmt.Sprintf(" port %d", e.Port)
		case EventTable:
			line += fmt.Sprintf(" hit=%v {%s} ran %s %x", e.Hit, describeEntry(e.Entry), e.Action, e.Args)
		case EventCondition:
			line += fmt.Sprintf(" %v", e.Hit)
		case EventClone, EventMulticast:
			line += fmt.Sprintf(" session %d group %d copies %d", e.Session, e.Group, e.Copies)
		}
		s.printf("%s", strings.TrimSpace(line))
	}
	for _, o := range t.Outputs {
		s.printf("%d %x", o.Port, o.Frame)
	}
}
