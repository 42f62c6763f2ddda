package conformance

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"

	"pillion/tests/conformance/stf"
)

// target is a switch under test: a P4Runtime server, and a way to put a frame in and
// get what leaves because of it, each port's frames in order.
type target interface {
	client() grpc.ClientConnInterface
	process(port uint32, frame []byte) []output
}

func (o *ours) client() grpc.ClientConnInterface { return o.conn }

// script runs the statements of one .stf file on one target.
type script struct {
	*session
	names
	target  target
	expects map[uint32][]*stf.Pattern
	got     map[uint32][][]byte
	alone   bool // no_packet: nothing else may come out
	errs    []string
	labels  map[string]*p4.TableEntry
	written []*p4.TableEntry
	nodes   []node
	groups  map[uint32][]int    // multicast group: nodes
	mirrors map[uint32][]uint64 // clone sessions to groups: group
}

// node is a mc_node_create.
type node struct {
	rid   uint32
	ports []uint32
}

// runScript configures the target and runs the statements; it returns what went wrong.
func runScript(t testing.TB, on target, cfg *p4.ForwardingPipelineConfig, statements []stf.Statement) []string {
	t.Helper()
	s := &script{session: primary(t, on.client(), 1), names: names{cfg.P4Info}, target: on,
		expects: map[uint32][]*stf.Pattern{}, got: map[uint32][][]byte{}, labels: map[string]*p4.TableEntry{},
		groups: map[uint32][]int{}, mirrors: map[uint32][]uint64{}}
	if err := s.configure(cfg); err != nil {
		return []string{fmt.Sprintf("the pipeline: %v", err)}
	}
	for _, st := range statements {
		if err := s.run(st); err != nil {
			s.errs = append(s.errs, fmt.Sprintf("line %d: %v", st.Line, err))
		}
	}
	s.compare()
	return s.errs
}

func (s *script) run(st stf.Statement) error {
	switch {
	case st.Packet != nil:
		for _, o := range s.target.process(st.Packet.Port, st.Packet.Frame) {
			s.got[o.port] = append(s.got[o.port], o.frame)
		}
		// A port on which frames go in is looked at, too.
		if _, ok := s.expects[st.Packet.Port]; !ok {
			s.expects[st.Packet.Port] = nil
		}
	case st.Expect != nil:
		s.expects[st.Expect.Port] = append(s.expects[st.Expect.Port], st.Expect.Pattern)
	case st.NoPacket:
		s.alone = true
	case st.Add != nil:
		return s.add(st.Add)
	case st.Default != nil:
		return s.setDefault(st.Default)
	case st.Remove:
		return s.removeAll()
	case st.Check != nil:
		return s.check(st.Check)
	case st.Command != nil:
		return s.command(st.Command)
	}
	return nil
}

// compare compares what came out with what should, port by port, in order.
func (s *script) compare() {
	for port, frames := range s.got {
		if _, ok := s.expects[port]; !ok && s.alone {
			s.errs = append(s.errs, fmt.Sprintf("port %d: %d frames came out, and none should", port, len(frames)))
		}
	}
	for port, want := range s.expects {
		got := s.got[port]
		for i := range min(len(got), len(want)) {
			if want[i] == nil {
				continue
			}
			if diff := want[i].Match(got[i]); diff != "" {
				s.errs = append(s.errs, fmt.Sprintf("port %d, frame %d: %s\n  got  %x\n  want %v", port, i, diff, got[i], want[i]))
			}
		}
		if len(got) != len(want) {
			var list strings.Builder
			for _, f := range got {
				list.WriteString("\n  got " + hex.EncodeToString(f))
			}
			s.errs = append(s.errs, fmt.Sprintf("port %d: %d frames came out, want %d%s", port, len(got), len(want), &list))
		}
	}
}

// entry makes the message of an add.
func (s *script) entry(a *stf.Add) (*p4.TableEntry, error) {
	t, err := s.table(a.Table)
	if err != nil {
		return nil, err
	}
	e := &p4.TableEntry{TableId: t.Preamble.Id}
	given := map[uint32]stf.Value{}
	for _, f := range a.Key {
		m, err := matchField(t, f.Name)
		if err != nil {
			return nil, err
		}
		given[m.Id] = f.Value
	}
	prioritised := false
	for _, m := range t.MatchFields {
		v, ok := given[m.Id]
		f, needs := fieldMatch(m, v, ok)
		prioritised = prioritised || needs
		if f != nil {
			e.Match = append(e.Match, f)
		}
	}
	if prioritised {
		e.Priority = 1
		if a.Priority != nil {
			// P4Runtime has no priority 0.
			e.Priority = int32(*a.Priority) + 1
		}
	}
	e.Action, err = s.call(a)
	return e, err
}

// call makes a table action.
func (s *script) call(a *stf.Add) (*p4.TableAction, error) {
	t, err := s.table(a.Table)
	if err != nil {
		return nil, err
	}
	act, err := s.action(t, a.Action)
	if err != nil {
		return nil, err
	}
	out := &p4.Action{ActionId: act.Preamble.Id}
	for _, p := range act.Params {
		found := false
		for _, f := range a.Args {
			if f.Name == p.Name {
				out.Params = append(out.Params, &p4.Action_Param{ParamId: p.Id, Value: bytesOf(f.Value.Number)})
				found = true
			}
		}
		if !found {
			return nil, fmt.Errorf("action %s: argument %s is missing", act.Preamble.Name, p.Name)
		}
	}
	if len(out.Params) != len(a.Args) {
		return nil, fmt.Errorf("action %s has %d parameters, and %d arguments are given", act.Preamble.Name, len(act.Params), len(a.Args))
	}
	return &p4.TableAction{Type: &p4.TableAction_Action{Action: out}}, nil
}

func tableEntity(e *p4.TableEntry) *p4.Entity {
	return &p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: e}}
}

func (s *script) add(a *stf.Add) error {
	e, err := s.entry(a)
	if err != nil {
		return err
	}
	if err := s.write(change(insert, tableEntity(e))); err != nil {
		return err
	}
	s.written = append(s.written, e)
	if a.Label != "" {
		s.labels[a.Label] = e
	}
	return nil
}

func (s *script) setDefault(a *stf.Add) error {
	t, err := s.table(a.Table)
	if err != nil {
		return err
	}
	call, err := s.call(a)
	if err != nil {
		return err
	}
	return s.write(change(modify, tableEntity(&p4.TableEntry{TableId: t.Preamble.Id, IsDefaultAction: true, Action: call})))
}

func (s *script) removeAll() error {
	for _, e := range s.written {
		if err := s.write(change(remove, tableEntity(e))); err != nil {
			return err
		}
	}
	s.written = nil
	return nil
}

// check does check_counter.
func (s *script) check(c *stf.Check) error {
	var wanted *p4.Entity
	if c.Label != "" {
		e, ok := s.labels[c.Label]
		if !ok {
			return fmt.Errorf("no entry is labelled %s", c.Label)
		}
		wanted = &p4.Entity{Entity: &p4.Entity_DirectCounterEntry{DirectCounterEntry: &p4.DirectCounterEntry{TableEntry: e}}}
	} else {
		counter, err := find(s.Counters, "counter", c.Counter)
		if err != nil {
			return err
		}
		wanted = &p4.Entity{Entity: &p4.Entity_CounterEntry{CounterEntry: &p4.CounterEntry{
			CounterId: counter.Preamble.Id, Index: &p4.Index{Index: int64(c.Index)}}}}
	}
	got, err := s.read(wanted)
	if err != nil || len(got) != 1 {
		return fmt.Errorf("reading the counter: %d entities, %v", len(got), err)
	}
	data := got[0].GetCounterEntry().GetData()
	if c.Label != "" {
		data = got[0].GetDirectCounterEntry().GetData()
	}
	n := data.GetPacketCount()
	if c.Unit == stf.Bytes {
		n = data.GetByteCount()
	}
	holds := map[string]bool{"": true, "==": n == c.Number, "!=": n != c.Number, "<": n < c.Number,
		"<=": n <= c.Number, ">": n > c.Number, ">=": n >= c.Number}
	if !holds[c.Compare] {
		return fmt.Errorf("the counter is %d, want %s %d", n, c.Compare, c.Number)
	}
	return nil
}

// scaled is a rate per second.
func scaled(r stf.Rate) int64 { return int64(math.Round(r.PerMicrosecond * 1e6)) }

func meterConfig(rates []stf.Rate) (*p4.MeterConfig, error) {
	if len(rates) != 2 {
		return nil, fmt.Errorf("%d rates, want 2", len(rates))
	}
	return &p4.MeterConfig{Cir: scaled(rates[0]), Cburst: int64(rates[0].Burst), Pir: scaled(rates[1]), Pburst: int64(rates[1].Burst)}, nil
}
