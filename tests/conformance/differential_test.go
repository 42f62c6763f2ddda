package conformance

import (
	"bytes"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/runtime/server"
)

var (
	packetCount = flag.Int("packets", 1000, "packets for each program of the differential test")
	firstSeed   = flag.Uint64("seed", 1, "seed of the differential test")
)

// burst is how many frames the reference has at a time: its egress queues hold 64.
const burst = 16

// oneByOne are the programs whose packets go through the reference one at a time, with
// the reason. All others go in bursts.
var oneByOne = map[string]string{
	"replication": "packets that come again overtake others in bmv2's input queue",
	"counting":    "four egress threads of bmv2 share the registers of egress",
	"telemetry":   "clones overtake packets in bmv2's egress queues",
	"pillion":     "packets that come again overtake others in bmv2's input queue",
}

// anyOrder are the programs of which the frames that one packet sends to one port may
// come in any order, with the reason.
var anyOrder = map[string]string{
	"replication": "in bmv2 clones made in egress race with the copies that ingress still makes",
	"pillion":     "in bmv2 clones made in egress race with the copies that ingress still makes",
}

// TestDifferential runs the same entries and packets through our switch and through
// bmv2: what leaves for each packet, each port's frames in order, and all counters
// must be the same.
//
// Left out, because bmv2 itself does not decide them: the order of frames on different
// ports; which of two entries with the same priority wins. Left out, because we count
// more: the default entry's direct counter, which bmv2 does not have.
func TestDifferential(t *testing.T) {
	cases := map[string]string{"pillion": "../../p4/pillion"}
	for _, name := range programNames(t) {
		cases[name] = filepath.Join(programs, name)
	}
	for _, name := range slices.Sorted(maps(cases)) {
		t.Run(name, func(t *testing.T) {
			d := newDifference(t, committed(t, cases[name]), *firstSeed)
			size := burst
			if reason, ok := oneByOne[name]; ok {
				t.Logf("one packet at a time: %s", reason)
				size = 1
			}
			if reason, ok := anyOrder[name]; ok {
				t.Logf("frames of one packet on one port in any order: %s", reason)
				d.again = true
			}
			d.write(d.updates)
			d.run(*packetCount/2, size)
			d.counters()
			var again []*p4.Update
			again, d.tables = d.churn(d.tables)
			d.write(again)
			d.run(*packetCount/2, size)
			d.counters()
			t.Logf("%d entries; %d packets in, %d out, %d of them dropped", len(d.tables), *packetCount, d.sent, d.dropped)
		})
	}
}

func maps[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// difference is one program on both switches.
type difference struct {
	t         testing.TB
	ours      *ours
	reference *bmv2
	us, them  *session
	*entries
	packets       *packets
	sent, dropped int
}

func newDifference(t testing.TB, cfg *p4.ForwardingPipelineConfig, seed uint64) *difference {
	t.Helper()
	d := &difference{t: t, ours: newOurs(t, func(o *server.Options) { o.CPUPort = cpuPort }), reference: startBMv2(t)}
	d.us, d.them = primary(t, d.ours.conn, 1), primary(t, d.reference.p4rt, 1)
	us, them := d.us.configure(cfg), d.them.configure(cfg)
	switch {
	case us != nil && them != nil:
		t.Skipf("both refuse the program\nour switch: %v\n%s: %v", us, bmv2Program, them)
	case us != nil || them != nil:
		t.Fatalf("one refuses the program\nour switch: %v\n%s: %v", us, bmv2Program, them)
	}
	shape := readShape(t, cfg)
	v := newValues(seed, shape)
	d.entries = generate(v, cfg.P4Info)
	d.packets = &packets{v, shape}
	return d
}

// cpuPort is one that no generated value is.
const cpuPort = 509

// write writes every update to both. They must take the same.
func (d *difference) write(updates []*p4.Update) {
	d.t.Helper()
	for _, u := range updates {
		us, them := d.us.write(u), d.them.write(u)
		if (us == nil) != (them == nil) {
			d.t.Fatalf("%s\nour switch says %v\nbmv2 says %v", prototext.Format(u), us, them)
		}
		if e := u.Entity.GetTableEntry(); e != nil && us == nil && u.Type == insert {
			d.tables = append(d.tables, e)
		}
	}
}

// run sends generated packets, in bursts.
func (d *difference) run(count, size int) {
	d.t.Helper()
	for done := 0; done < count; done += size {
		var in []input
		for range min(size, count-done) {
			in = append(in, input{uint32(1 + d.IntN(ports)), d.packets.frame()})
		}
		d.burst(done, in)
	}
}

// replay sends given packets, in bursts.
func (d *difference) replay(frames []input, size int) {
	d.t.Helper()
	for done := 0; done < len(frames); done += size {
		d.burst(done, frames[done:min(done+size, len(frames))])
	}
}

// burst sends a few packets, of which the first is number first.
func (d *difference) burst(first int, in []input) {
	d.t.Helper()
	theirs := d.reference.processAll(in)
	for i, f := range in {
		got := d.ours.process(f.port, f.frame)
		if diff := d.compare(got, theirs[i]); diff != "" {
			d.t.Fatalf("packet %d, port %d, %x:\n%s%s", first+i, f.port, f.frame, diff, d.trace(f))
		}
		d.sent += len(got)
		if len(got) == 0 {
			d.dropped++
		}
	}
}

// sorted is for packets of which several copies went to one port, where bmv2's order
// is no one's choice (see anyOrder and generate).
func sorted(list []output) []output {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b output) int { return bytes.Compare(a.frame, b.frame) })
	return list
}

// compare compares what left because of one packet.
func (d *difference) compare(got, want []output) string {
	diff := compareOutputs(got, want)
	if diff != "" && d.again && compareOutputs(sorted(got), sorted(want)) == "" {
		return ""
	}
	return diff
}

// compareOutputs compares what left each port, in order.
func compareOutputs(got, want []output) string {
	by := func(list []output) []output {
		list = slices.Clone(list)
		slices.SortStableFunc(list, func(a, b output) int { return int(a.port) - int(b.port) })
		return list
	}
	got, want = by(got), by(want)
	if slices.EqualFunc(got, want, func(a, b output) bool { return a.port == b.port && bytes.Equal(a.frame, b.frame) }) {
		return ""
	}
	var b strings.Builder
	for _, o := range got {
		fmt.Fprintf(&b, "our switch: port %d %x\n", o.port, o.frame)
	}
	for _, o := range want {
		fmt.Fprintf(&b, "bmv2:       port %d %x\n", o.port, o.frame)
	}
	return b.String()
}

// counters compares every direct and indirect counter.
func (d *difference) counters() {
	d.t.Helper()
	var wanted []*p4.Entity
	for _, e := range d.tables {
		for _, c := range d.DirectCounters {
			// An entry without a match cannot be asked for alone.
			if c.DirectTableId == e.TableId && len(e.Match) > 0 {
				wanted = append(wanted, &p4.Entity{Entity: &p4.Entity_DirectCounterEntry{DirectCounterEntry: &p4.DirectCounterEntry{
					TableEntry: &p4.TableEntry{TableId: e.TableId, Match: e.Match, Priority: e.Priority}}}})
			}
		}
	}
	for _, c := range d.Counters {
		for i := range c.Size {
			wanted = append(wanted, &p4.Entity{Entity: &p4.Entity_CounterEntry{CounterEntry: &p4.CounterEntry{
				CounterId: c.Preamble.Id, Index: &p4.Index{Index: i}}}})
		}
	}
	for _, w := range wanted {
		us, err := d.us.read(w)
		them, err2 := d.them.read(w)
		if err != nil || err2 != nil || len(us) != 1 || len(them) != 1 {
			d.t.Fatalf("%v\nour switch: %v %v\nbmv2: %v %v", w, us, err, them, err2)
		}
		if !proto.Equal(data(us[0]), data(them[0])) {
			d.t.Errorf("%v\nour switch counts %v\nbmv2 counts      %v", w, data(us[0]), data(them[0]))
		}
	}
}

func data(e *p4.Entity) *p4.CounterData {
	if c := e.GetCounterEntry(); c != nil {
		return c.Data
	}
	return e.GetDirectCounterEntry().GetData()
}

// traceLines bounds a trace in an error.
const traceLines = 60

// trace is what our switch does with the frame if it comes again.
func (d *difference) trace(f input) string {
	var b strings.Builder
	for i, e := range d.ours.Engine().Trace(f.port, f.frame).Events {
		if i == traceLines {
			b.WriteString("  …\n")
			break
		}
		fmt.Fprintf(&b, "  #%d %s %s port %d hit %v ran %s %x\n", e.Packet, e.Kind, e.Name, e.Port, e.Hit, e.Action, e.Args)
	}
	return b.String()
}
