package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"pillion/p4/engine"
)

// spy writes down what it is told, and refuses what it is told to.
type spy struct {
	log    []string
	eng    *engine.Switch
	refuse error
	counts func(*engine.Switch)
}

func (s *spy) Verify(*p4.ForwardingPipelineConfig) error { return nil }

func (s *spy) Committed(eng *engine.Switch, _ *p4.ForwardingPipelineConfig, state func() ([]*p4.Update, error)) error {
	written, err := state()
	entries := 0
	for _, u := range written {
		if u.GetEntity().GetTableEntry() != nil {
			entries++
		}
	}
	s.log = append(s.log, fmt.Sprintf("committed with %d", entries))
	s.eng = eng
	return errors.Join(err, s.refuse)
}

func (s *spy) Changed(c Change) error {
	what := fmt.Sprintf("%s %v", c.Table, c.Update.Type)
	if c.Group != 0 {
		what = fmt.Sprintf("group %d %v", c.Group, c.Update.Type)
	}
	if c.Undone {
		s.log = append(s.log, what+" undone")
		return nil
	}
	s.log = append(s.log, what)
	return s.refuse
}

func (s *spy) Done() error { s.log = append(s.log, "done"); return nil }

func (s *spy) Count() error {
	s.log = append(s.log, "count")
	if s.counts != nil {
		s.counts(s.eng)
	}
	return nil
}

func (s *spy) told(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(s.log, want) {
		t.Errorf("the follower was told %q, want %q", s.log, want)
	}
	s.log = nil
}

// Every change of the committed pipeline is told after it was made, and what is refused is taken back.
func TestFollower(t *testing.T) {
	s := &spy{}
	b, c := newReady(t, func(o *Options) { o.Follower = s })
	s.told(t, "committed with 0")

	insert := "INSERT " + te(macKey, fwd)
	c.mustWrite(insert, "INSERT packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 3 } }")
	s.told(t, "ingress.mac INSERT", "done", "group 3 INSERT", "done")

	s.refuse = status.Error(codes.ResourceExhausted, "no room")
	err := c.write(p4.WriteRequest_CONTINUE_ON_ERROR, c.parse("DELETE "+te(macKey)))
	if got := updateErrors(err); len(got) != 1 || codes.Code(got[0].CanonicalCode) != codes.ResourceExhausted {
		t.Errorf("refused with %v, want RESOURCE_EXHAUSTED", err)
	}
	s.told(t, "ingress.mac DELETE", "ingress.mac DELETE undone", "done")
	s.refuse = nil
	if _, updates, err := b.srv.State(); err != nil || !strings.Contains(fmt.Sprint(updates), "table_entry") {
		t.Errorf("the state is %v (%v): the entry is not in it", updates, err)
	}
}

// A commit that the follower refuses leaves the pipeline that was there.
func TestFollowerRefusesCommit(t *testing.T) {
	s := &spy{}
	b, c := newReady(t, func(o *Options) { o.Follower = s })
	c.mustWrite("INSERT " + te(macKey, fwd))
	before := b.srv.Engine()
	s.refuse = errors.New("it is on fire")
	c.setPipeline(p4.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT, featuresConfig(t), codes.Internal)
	if b.srv.Engine() != before {
		t.Error("the refused pipeline runs")
	}
	s.told(t, "committed with 0", "ingress.mac INSERT", "done", "committed with 0", "committed with 1")
}

// State, restored to another server, is the same state.
func TestRestore(t *testing.T) {
	b, c := newReady(t)
	c.mustWrite("INSERT "+te(macKey, fwd, `metadata: "mine"`), "INSERT packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 3 } }")
	cfg, updates, err := b.srv.State()
	if err != nil {
		t.Fatal(err)
	}
	other, err := New(Options{DeviceID: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := errors.Join(other.SetPipeline(cfg), other.Restore(updates)); err != nil {
		t.Fatal(err)
	}
	_, again, err := other.State()
	if err != nil || !slices.EqualFunc(updates, again, func(a, b *p4.Update) bool { return a.String() == b.String() }) {
		t.Errorf("restored %v (%v), want %v", again, err, updates)
	}
}
