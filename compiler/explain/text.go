package explain

import (
	"bufio"
	"fmt"
	"io"

	"pillion/compiler/plan"
)

// maxStatements bounds what WriteText writes, in groups of statements with the same places.
const maxStatements = 1000

// WriteText writes the report for a person: each statement, and below it who does what for it, and why.
//
//	allow partner
//	  sidecar side2 judges packets of b1: leaf2 is ordinary and b1 has no shim: its port 5 is wired to side2
//	  switch p4leaf judges packets of b2: attached to it, a P4 switch
func (r *Report) WriteText(w io.Writer) error {
	out := bufio.NewWriter(w)
	for i := range r.Statements {
		if i == maxStatements {
			more := 0
			for _, s := range r.Statements[i:] {
				more += len(s.Names)
			}
			fmt.Fprintf(out, "… and %d more statements\n", more)
			break
		}
		s := &r.Statements[i]
		fmt.Fprintf(out, "%s %s\n", s.Kind, few(s.Names))
		if len(s.Places) == 0 {
			fmt.Fprintf(out, "  nowhere: no rule is needed for it, because other statements decide about its packets\n")
		}
		for j := range s.Places {
			p := &s.Places[j]
			fmt.Fprintf(out, "  %s %s: %s\n", p.subject(), p.does(), p.Why)
		}
	}
	return out.Flush()
}

// subject names the targets.
func (p *Place) subject() string {
	words := [...][2]string{plan.P4Switch: {"switch ", "switches "}, plan.Sidecar: {"sidecar ", "sidecars "}, plan.Shim: {"shim of ", "shims of "}}[p.Kind]
	if len(p.Targets) == 1 {
		return "the " + words[0] + p.Targets[0]
	}
	return "the " + words[1] + few(p.Targets)
}

// does says what they do.
func (p *Place) does() string {
	verb := [...][2]string{Judge: {"judges", "judge"}, Classify: {"classifies", "classify"}, Serve: {"serves", "serve"},
		Admit: {"lets", "let"}, Replicate: {"sends", "send"}, Deliver: {"delivers", "deliver"}}[p.Does]
	word, whom := verb[0], few(p.For)
	if len(p.Targets) > 1 {
		word = verb[1]
	}
	if p.Kind == plan.Shim {
		whom = map[bool]string{true: "its host", false: "their hosts"}[len(p.Targets) == 1]
	}
	switch p.Does {
	case Judge, Classify:
		return word + " packets of " + whom
	case Serve:
		return word + " " + whom
	case Admit:
		return word + " " + whom + " send to the group"
	case Replicate:
		return word + " the group's packets on"
	}
	return word + " the group's packets to " + whom
}
