package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
)

// Failure is an expectation that does not hold.
type Failure struct {
	Place  string // file:line
	Text   string // of the line
	Family int    // 4 or 6
	Err    error
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s: %s (ipv%d): %v", f.Place, f.Text, f.Family, f.Err)
}

// running is a scenario on its way.
type running struct {
	*Scenario
	world World
	next  uint16 // source port of the next conversation: no two share one
	joins map[netip.Addr][]string
}

// firstPort is below the range that kernels choose from.
const firstPort = 10000

// ports takes so many source ports.
func (r *running) ports(count int) uint16 {
	if int(r.next)+count > 32768 {
		r.next = firstPort
	}
	first := r.next
	r.next += uint16(count)
	return first
}

// Run brings the scenario up on a substrate and goes through its lines. Each expectation that does not hold is a
// [Failure] in the list; another error means that the run could not be had.
func Run(ctx context.Context, s *Scenario, on Substrate) (failures []*Failure, err error) {
	if s, err = s.On(on); err != nil {
		return nil, fmt.Errorf("on %s: %w", on.Name(), err)
	}
	world, err := on.Start(ctx, &s.Site)
	if err != nil {
		return nil, fmt.Errorf("%s on %s: %w", s.Name, on.Name(), err)
	}
	defer func() { err = errors.Join(err, world.Close()) }()
	r := &running{Scenario: s, world: world, next: firstPort, joins: map[netip.Addr][]string{}}
	for i := range s.lines {
		l := &s.lines[i]
		for _, f := range l.families {
			if err := ctx.Err(); err != nil {
				return failures, err
			}
			if err := l.step.run(r, f); err != nil {
				failures = append(failures, &Failure{Place: l.place, Text: l.text, Family: int(f), Err: err})
			}
		}
	}
	return failures, nil
}
