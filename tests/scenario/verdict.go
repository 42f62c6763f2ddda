package scenario

import (
	"fmt"
	"slices"
	"strings"
)

// fate is what becomes of a conversation.
type fate int

const (
	fateDelivered fate = iota // both ways
	fateOneWay                // no answer
	fateRefused               // nobody listens, and the source learns of it
	fateDropped
)

// verdict is what a line expects of a conversation.
type verdict struct {
	fate      fate
	via       [][]string // for each gate the instances that may be meant
	hasVia    bool
	copied    []string
	hasCopied bool
}

// verdict takes an OUTCOME.
func (r *reader) verdict() verdict {
	var v verdict
	switch {
	case r.accept("delivered", "one-way"):
		v.fate = fateOneWay
	case r.accept("delivered"):
	case r.accept("refused"):
		v.fate = fateRefused
	case r.accept("dropped"):
		v.fate = fateDropped
		return v
	default:
		r.fail("expected delivered, delivered one-way, refused or dropped, found %q", r.peek())
		return v
	}
	switch {
	case r.accept("via", "nothing"):
		v.hasVia = true
	case r.accept("via"):
		v.hasVia = true
		v.via = append(v.via, r.takeGate())
		for r.accept("->") {
			v.via = append(v.via, r.takeGate())
		}
	}
	switch {
	case r.accept("copied", "to", "nothing"):
		v.hasCopied = true
	case r.accept("copied", "to"):
		v.hasCopied = true
		v.copied = r.takeInstances()
	}
	return v
}

// judge compares what came of a conversation of so many packets with what was expected.
func (s *Scenario) judge(v verdict, count int, o Outcome) error {
	if o.Trouble != "" && v.fate != fateDropped {
		return fmt.Errorf("%s", o.Trouble)
	}
	said := fmt.Sprintf("%d of %d arrived, %d of %d answered", o.Arrived, count, o.Answered, count)
	if o.Refused {
		said += ", and word came back that nobody listens"
	}
	var right bool
	switch v.fate {
	case fateDelivered:
		right = o.Arrived == count && o.Answered == count
	case fateOneWay:
		right = o.Arrived == count && o.Answered == 0 && !o.Refused
	case fateRefused:
		right = o.Arrived >= 1 && o.Answered == 0 && o.Refused
	case fateDropped:
		right = o.Arrived == 0 && o.Answered == 0
	}
	if !right {
		if len(o.There) > 0 {
			said += "; on the way there seen by " + strings.Join(o.There, ", ")
		}
		return fmt.Errorf("%s", said)
	}
	if v.hasVia {
		if err := s.judgeWay(v, o); err != nil {
			return err
		}
	}
	if v.hasCopied && !slices.Equal(v.copied, o.copied()) {
		return fmt.Errorf("copied to %s, expected %s", listed(o.copied()), listed(v.copied))
	}
	return nil
}

func (s *Scenario) judgeWay(v verdict, o Outcome) error {
	if !fits(o.There, v.via) {
		return fmt.Errorf("went via %s, expected %s", way(o.There), gates(v.via))
	}
	if v.fate == fateOneWay {
		return nil
	}
	reversed := slices.Clone(v.via)
	slices.Reverse(reversed)
	if !fits(o.Back, reversed) {
		return fmt.Errorf("came back via %s, expected %s", way(o.Back), gates(reversed))
	}
	for i, instance := range o.There {
		back := o.Back[len(o.Back)-1-i]
		if s.boxes[instance] != nil && s.boxes[instance].Stateful && instance != back {
			return fmt.Errorf("went via %s and came back via %s: %s is stateful", instance, back, s.boxes[instance].Name.Text)
		}
	}
	return nil
}

// fits says whether each instance of a way is one of its gate's.
func fits(way []string, gates [][]string) bool {
	if len(way) != len(gates) {
		return false
	}
	for i := range way {
		if !slices.Contains(gates[i], way[i]) {
			return false
		}
	}
	return true
}

func listed(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

func way(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, " -> ")
}

func gates(list [][]string) string {
	var names []string
	for _, gate := range list {
		names = append(names, strings.Join(gate, "|"))
	}
	return way(names)
}
