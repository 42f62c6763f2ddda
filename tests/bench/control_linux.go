package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/runtime/p4rt"
	"pillion/tests/lab"
)

type update = p4v1.Update

func insertion(e *p4v1.Entity) *update {
	return &p4v1.Update{Type: p4v1.Update_INSERT, Entity: e}
}

// stationEntity is an entry of the plain L2 program.
func stationEntity(info *p4config.P4Info, mac []byte, port byte) *p4v1.Entity {
	value := mac
	for len(value) > 1 && value[0] == 0 {
		value = value[1:]
	}
	return &p4v1.Entity{Entity: &p4v1.Entity_TableEntry{TableEntry: &p4v1.TableEntry{
		TableId: info.Tables[0].Preamble.Id,
		Match:   []*p4v1.FieldMatch{{FieldId: 1, FieldMatchType: &p4v1.FieldMatch_Exact_{Exact: &p4v1.FieldMatch_Exact{Value: value}}}},
		Action: &p4v1.TableAction{Type: &p4v1.TableAction_Action{Action: &p4v1.Action{
			ActionId: info.Actions[0].Preamble.Id, Params: []*p4v1.Action_Param{{ParamId: 1, Value: []byte{port}}}}}},
	}}}
}

// control is what the control plane of a switch did.
type control struct {
	answers, pipeline        time.Duration
	one, hundred, thousand   float64 // inserts per second in batches of so many
	reads                    float64 // entries per second
	bytesPerEntry, startSize float64
}

// benchControl measures start, inserts, reads and memory, over P4Runtime on a Unix socket,
// with four batches in flight. Memory per entry is what the process grew by, garbage and all.
func benchControl(t *table) error {
	peers, programs, clean, err := setUp(t)
	if err != nil {
		t.row("control", "skipped: %v", err)
		return nil
	}
	defer clean()
	results := make([]control, len(peers))
	for i := range peers {
		c, err := measureControl(&peers[i], &programs[0], &programs[1])
		if err != nil {
			return fmt.Errorf("%s: %w", peers[i].name, err)
		}
		results[i] = *c
	}
	lines := []struct {
		name  string
		unit  string
		value func(*control) float64
		lower bool // is better
	}{
		{"start to first answer", "ms", func(c *control) float64 { return c.answers.Seconds() * 1000 }, true},
		{"loading pillion.p4", "ms", func(c *control) float64 { return c.pipeline.Seconds() * 1000 }, true},
		{"inserts, one by one", "/s", func(c *control) float64 { return c.one }, false},
		{"inserts, batches of 100", "/s", func(c *control) float64 { return c.hundred }, false},
		{"inserts, batches of 1,000", "/s", func(c *control) float64 { return c.thousand }, false},
		{"reading 211,000 entries", "/s", func(c *control) float64 { return c.reads }, false},
		{"memory per entry", "B", func(c *control) float64 { return c.bytesPerEntry }, true},
		{"memory with pillion.p4, no entries", "MB", func(c *control) float64 { return c.startSize / 1e6 }, true},
	}
	for _, l := range lines {
		var values []float64
		for i := range results {
			values = append(values, l.value(&results[i]))
		}
		t.row(l.name, "%s", compared(peers, values, l.unit, l.lower))
	}
	return nil
}

// compared writes the values side by side, and how many times better the first is than the second.
func compared(peers []peer, values []float64, unit string, lower bool) string {
	var out []string
	for i, v := range values {
		out = append(out, fmt.Sprintf("%s %s %s", peers[i].name, grouped(v), unit))
	}
	if len(values) > 1 && values[0] > 0 && values[1] > 0 {
		ratio := values[0] / values[1]
		if lower {
			ratio = 1 / ratio
		}
		out = append(out, fmt.Sprintf("ratio %.2f", ratio))
	}
	return strings.Join(out, ", ")
}

// grouped writes a number with commas between thousands.
func grouped(v float64) string {
	if v < 100 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	s := strconv.FormatInt(int64(v), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func measureControl(p *peer, program, plain *switchProgram) (*control, error) {
	l, err := lab.New()
	if err != nil {
		return nil, err
	}
	defer l.Close()
	ns, err := l.Box("switch")
	if err != nil {
		return nil, err
	}
	// With one port: bmv2 wants one.
	if err := l.Connect(lab.End{Namespace: ns, Interface: "p1"}, lab.End{Namespace: ns, Interface: "p2"}); err != nil {
		return nil, err
	}
	ctx, c := context.Background(), &control{}
	var starts []time.Duration
	for range 5 {
		r, err := p.start(l, ns, []lab.SwitchPort{{Number: 1, Interface: "p1"}})
		if err != nil {
			return nil, err
		}
		starts = append(starts, r.answers)
		r.stop()
		os.Remove(l.Dir() + "/grpc.sock")
	}
	slices.Sort(starts)
	c.answers = starts[len(starts)/2]
	r, err := p.start(l, ns, []lab.SwitchPort{{Number: 1, Interface: "p1"}})
	if err != nil {
		return nil, err
	}
	defer r.stop()
	began := time.Now()
	if err := r.client.SetPipeline(ctx, program.pipeline, 1); err != nil {
		return nil, err
	}
	c.pipeline = time.Since(began)
	if c.startSize, err = resident(r.process.PID()); err != nil {
		return nil, err
	}
	if err := r.client.SetPipeline(ctx, plain.pipeline, 2); err != nil {
		return nil, err
	}
	load, err := dialLoader(r.socket)
	if err != nil {
		return nil, err
	}
	defer load.Close()
	election := &p4v1.Uint128{High: r.election.High, Low: r.election.Low}
	next := uint32(0)
	insert := func(n, batch int) (float64, error) {
		updates := make([]*update, n)
		for i := range updates {
			mac := make([]byte, 6)
			mac[0] = 6
			binary.BigEndian.PutUint32(mac[2:], next)
			next++
			updates[i] = insertion(stationEntity(plain.pipeline.P4Info, mac, 3))
		}
		requests, err := encodeWrites(updates, batch, election)
		if err != nil {
			return 0, err
		}
		took, err := load.write(requests)
		if err != nil {
			return 0, err
		}
		return float64(n) / took.Seconds(), nil
	}
	before, err := resident(r.process.PID())
	if err != nil {
		return nil, err
	}
	if _, err := insert(1000, 1); err != nil { // warm
		return nil, err
	}
	// Three times each: others use the machine too.
	for _, m := range []struct {
		median   *float64
		n, batch int
	}{{&c.one, 10_000, 1}, {&c.hundred, 20_000, 100}, {&c.thousand, 40_000, 1000}} {
		var speeds []float64
		for range 3 {
			v, err := insert(m.n, m.batch)
			if err != nil {
				return nil, err
			}
			speeds = append(speeds, v)
		}
		slices.Sort(speeds)
		*m.median = speeds[1]
	}
	after, err := resident(r.process.PID())
	if err != nil {
		return nil, err
	}
	c.bytesPerEntry = max(0, after-before) / float64(next)
	answers, took, err := readEncoded(ctx, r.socket, &p4v1.ReadRequest{DeviceId: 1, Entities: p4rt.Everything()[:1]})
	if err != nil {
		return nil, err
	}
	read, err := entitiesIn(answers)
	if err != nil {
		return nil, err
	}
	if read != int(next) {
		return nil, fmt.Errorf("%d entries were read of %d", read, next)
	}
	c.reads = float64(read) / took.Seconds()
	return c, nil
}

// resident is the memory of a process in bytes.
func resident(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			return float64(kb) * 1024, err
		}
	}
	return 0, fmt.Errorf("no VmRSS of process %d", pid)
}
