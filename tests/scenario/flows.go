package scenario

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"pillion/lang"
)

// flowsStep is many conversations over the instances of a type.
type flowsStep struct {
	talkStep
	number int
	typ    *lang.Middlebox
	all    bool // every instance must be used
}

const maxFlows = 10000

// flows reads a line of flows behind the verb.
func (r *reader) flows() (step, []family) {
	s := &flowsStep{number: r.number("the number of flows", 1, maxFlows)}
	verb := r.take("udp or tcp")
	if r.err == nil && verb != "udp" && verb != "tcp" {
		r.fail("flows are udp or tcp, not %q", verb)
	}
	s.talkStep = *r.conversation(verb)
	if s.to.endpoint == nil && r.err == nil {
		r.fail("flows are between two hosts")
	}
	r.expect("via")
	name := r.take("a middlebox type")
	if s.typ = r.s.types[name]; s.typ == nil {
		r.unknown("middlebox type", name, slices.Sorted(maps.Keys(r.s.types)))
	}
	r.expect(":", "each", "both", "ways", "through", "one", "instance")
	if r.accept(",") {
		r.expect("all", "used")
		s.all = true
	}
	return s, r.families(s.from, s.to)
}

func (s *flowsStep) run(r *running, f family) error {
	talk := s.talk(r, f)
	if s.fromPort == 0 {
		talk.Source = netip.AddrPortFrom(talk.Source.Addr(), r.ports(s.number))
	}
	talk.Settled = func(o Outcome) bool { return s.judge(o) == nil }
	outcomes, err := r.world.Flows(talk, s.number)
	if err != nil {
		return err
	}
	used := map[string]int{}
	var wrong []string
	for i, o := range outcomes {
		if err := s.judge(o); err != nil {
			wrong = append(wrong, fmt.Sprintf("from port %d: %v", int(talk.Source.Port())+i, err))
			continue
		}
		used[s.mine(o.There)[0]]++
	}
	if len(wrong) > 0 {
		const most = 5
		return fmt.Errorf("%d of %d flows: %s", len(wrong), s.number, strings.Join(wrong[:min(len(wrong), most)], "; "))
	}
	for _, instance := range s.typ.Instances {
		if s.all && used[instance.Text] == 0 {
			return fmt.Errorf("no flow went through %s; %v", instance.Text, used)
		}
	}
	return nil
}

// mine are those of a way that are instances of the type.
func (s *flowsStep) mine(way []string) []string {
	return slices.DeleteFunc(slices.Clone(way), func(instance string) bool {
		return !slices.ContainsFunc(s.typ.Instances, func(n lang.Name) bool { return n.Text == instance })
	})
}

// judge looks at one flow.
func (s *flowsStep) judge(o Outcome) error {
	there, back := s.mine(o.There), s.mine(o.Back)
	switch {
	case o.Arrived == 0:
		return fmt.Errorf("did not arrive")
	case o.Answered == 0:
		return fmt.Errorf("was not answered")
	case len(there) != 1 || len(back) != 1 || there[0] != back[0]:
		return fmt.Errorf("went via %s and came back via %s", way(o.There), way(o.Back))
	}
	return nil
}
