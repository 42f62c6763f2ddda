package server

import (
	"errors"
	"fmt"
	"slices"
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
	s.log = append(s.log, fmt.Sprintf("committed with %d", len(written)))
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
