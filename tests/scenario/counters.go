package scenario

import (
	"fmt"
	"slices"
)

// countersStep compares what was counted for a statement.
type countersStep struct {
	statement string
	packets   int
}

// counters reads a line of counters behind the verb.
func (r *reader) counters() (step, []family) {
	s := &countersStep{statement: r.take("the kind of a statement") + " " + r.take("the name of a statement")}
	r.expect(":")
	s.packets = r.number("packets", 0, 1<<30)
	if !r.accept("packet") {
		r.expect("packets")
	}
	if r.err == nil && !slices.Contains(r.s.bundle.Statements, s.statement) {
		r.unknown("statement", s.statement, r.s.bundle.Statements)
	}
	return s, []family{v4}
}

func (s *countersStep) run(r *running, _ family) error {
	counted, err := r.world.Counters()
	if err != nil {
		return err
	}
	if got := counted[s.statement]; got != uint64(s.packets) {
		return fmt.Errorf("%d packets were counted, expected %d", got, s.packets)
	}
	return nil
}
