package policytest

import (
	"fmt"
	"slices"
	"strings"

	"pillion/lang"
)

// judge says what is wrong with an observation; nothing if it is as expected.
//
//   - dropped: nobody gets the packet.
//   - delivered: the destination and nobody else gets the packet, and the whole conversation takes place.
//   - delivered to A, B: exactly these get the packet. Whether they answer is not asked: a group is
//     not answered, and so a one-way permission can be tested.
//   - via: the packet passes exactly these types in this order, and the answer in the reverse order.
//   - copied to: exactly these taps get a copy, of the packet and of the answer.
//
// Whatever is expected: a conversation passes a stateful type at one instance in both directions, and there is no Trouble.
func (s *Suite) judge(x *expectation, p Probe, seen *Observation) []string {
	wrong := slices.Clone(seen.Trouble)
	if !x.Delivered {
		if len(seen.DeliveredTo) > 0 {
			wrong = append(wrong, "the packet is to be dropped")
		}
		return wrong
	}
	want := []string{p.To}
	if x.DeliveredTo != nil {
		want = x.receivers
		if p.Group() {
			// A sender does not get its own.
			want = slices.DeleteFunc(slices.Clone(want), func(r string) bool { return r == p.From })
		}
	}
	if !slices.Equal(seen.DeliveredTo, want) {
		return append(wrong, difference(want, seen.DeliveredTo))
	}
	both := x.DeliveredTo == nil
	if both && !seen.Answered {
		wrong = append(wrong, "the answer is missing")
	}
	wrong = append(wrong, s.gates(x, seen, both)...)
	return wrong
}

// gates compares middleboxes; answers too if both.
func (s *Suite) gates(x *expectation, seen *Observation, both bool) []string {
	var wrong []string
	if x.HasVia {
		if want := texts(x.Via); !s.passes(want, seen.Via) {
			wrong = append(wrong, fmt.Sprintf("the packet is to pass %s", path(want)))
		}
		if want := reversed(texts(x.Via)); both && seen.Answered && !s.passes(want, seen.AnswerVia) {
			wrong = append(wrong, fmt.Sprintf("the answer is to pass %s", path(want)))
		}
	}
	if x.CopiedTo != nil {
		want := texts(x.CopiedTo)
		if !s.copied(want, seen.CopiedTo) {
			wrong = append(wrong, fmt.Sprintf("the packet is to be copied to %s", list(want)))
		}
		if both && seen.Answered && !s.copied(want, seen.AnswerCopiedTo) {
			wrong = append(wrong, fmt.Sprintf("the answer is to be copied to %s", list(want)))
		}
	}
	if both && seen.Answered {
		there, back := s.stateful(seen.Via), reversed(s.stateful(seen.AnswerVia))
		if !slices.Equal(there, back) {
			wrong = append(wrong, fmt.Sprintf("a stateful middlebox sees only one direction: the packet passes %s, the answer %s", path(there), path(reversed(back))))
		}
	}
	return wrong
}

// passes says whether the instances are one each of the types, in order.
func (s *Suite) passes(types, instances []string) bool {
	return slices.EqualFunc(types, instances, func(t, in string) bool { return slices.Contains(s.kinds[in], t) })
}

// copied says whether the instances are one each of the types, in any order, and no others.
func (s *Suite) copied(types, instances []string) bool {
	left := slices.Clone(instances)
	for _, t := range types {
		i := slices.IndexFunc(left, func(in string) bool { return slices.Contains(s.kinds[in], t) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return len(left) == 0
}

// stateful leaves the instances of stateful types.
func (s *Suite) stateful(instances []string) []string {
	var out []string
	for _, in := range instances {
		if slices.ContainsFunc(s.kinds[in], func(t string) bool { return s.types[t].Stateful }) {
			out = append(out, in)
		}
	}
	return out
}

func difference(want, got []string) string {
	var missing, extra []string
	for _, w := range want {
		if !slices.Contains(got, w) {
			missing = append(missing, w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			extra = append(extra, g)
		}
	}
	var parts []string
	if len(missing) > 0 {
		parts = append(parts, "the packet does not get to "+list(missing))
	}
	if len(extra) > 0 {
		parts = append(parts, "it gets to "+list(extra)+" as well")
	}
	return strings.Join(parts, ", ")
}

func texts(names []lang.Name) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n.Text
	}
	return out
}

func reversed(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

func list(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

func path(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, " -> ")
}

// expected is an expectation in words.
func expected(x *expectation) string {
	if !x.Delivered {
		return "dropped"
	}
	out := "delivered"
	if x.DeliveredTo != nil {
		out += " to " + list(x.receivers)
	}
	if x.HasVia {
		out += " via " + path(texts(x.Via))
	}
	if x.CopiedTo != nil {
		out += " copied to " + list(texts(x.CopiedTo))
	}
	return out
}

// observed is an observation in words.
func observed(p Probe, seen *Observation) string {
	reason := ""
	if seen.DropReason != "" {
		reason = " (" + seen.DropReason + ")"
	}
	if len(seen.DeliveredTo) == 0 {
		return "dropped" + reason + through(seen.Via, seen.CopiedTo)
	}
	out := "delivered to " + list(seen.DeliveredTo) + through(seen.Via, seen.CopiedTo)
	switch {
	case p.Group():
	case seen.Answered:
		out += ", answered" + through(seen.AnswerVia, seen.AnswerCopiedTo)
	default:
		out += ", answer dropped" + reason + through(seen.AnswerVia, seen.AnswerCopiedTo)
	}
	return out
}

func through(via, copied []string) string {
	out := ""
	if len(via) > 0 {
		out += " via " + path(via)
	}
	if len(copied) > 0 {
		out += " copied to " + list(copied)
	}
	return out
}
