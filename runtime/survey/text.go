package survey

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes the report for a person: a line per switch, and its ports below it.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for i := range r.Switches {
		r.Switches[i].writeText(&b)
	}
	fmt.Fprintf(&b, "%s: %d compared", plural(len(r.Switches), "switch", "switches"), r.count(StatusOK))
	for _, c := range []struct {
		status Status
		words  string
	}{
		{StatusNoGNMI, "without gNMI"}, {StatusNoNumbers, "without port numbers"},
		{StatusNotAsked, "not asked"}, {StatusUnreachable, "failed"},
	} {
		if n := r.count(c.status); n > 0 {
			fmt.Fprintf(&b, ", %d %s", n, c.words)
		}
	}
	fmt.Fprintf(&b, "; %s\n", plural(r.Problems(), "problem", "problems"))
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Switch) writeText(b *strings.Builder) {
	b.WriteString(s.Name)
	if s.Address != "" {
		fmt.Fprintf(b, " (%s, device %d)", s.Address, s.DeviceID)
	}
	switch s.Status {
	case StatusUnreachable:
		fmt.Fprintf(b, ": FAILED: %s\n", s.Error)
		return
	case StatusNotAsked:
		b.WriteString(": an ordinary switch; it is not asked\n")
		return
	case StatusNoGNMI:
		b.WriteString(": it does not speak gNMI; its ports are not compared\n")
		return
	case StatusNoNumbers:
		fmt.Fprintf(b, ": gNMI %s, but no interface has a P4 port number (id, openconfig-p4rt); its ports are not compared\n", s.Version)
		fmt.Fprintf(b, "  its interfaces: %s\n", listed(s.Unused))
		return
	}
	word := "ok"
	if n := s.problems(); n > 0 {
		word = plural(n, "PROBLEM", "PROBLEMS")
	}
	fmt.Fprintf(b, ": %s: gNMI %s, %s used\n", word, s.Version, plural(len(s.Ports), "port", "ports"))
	for i := range s.Ports {
		s.Ports[i].writeText(b)
	}
	if len(s.Unused) > 0 {
		fmt.Fprintf(b, "  not in the network file: %s\n", listed(s.Unused))
	}
}

func (p *Port) writeText(b *strings.Builder) {
	fmt.Fprintf(b, "  port %d", p.Number)
	if i := p.Interface; i != nil {
		fmt.Fprintf(b, " = %s", i.Name)
		facts := []string{}
		if i.Oper != "" {
			facts = append(facts, i.Oper)
		}
		if i.Speed != 0 {
			facts = append(facts, speedText(i.Speed))
		}
		if i.MTU != 0 {
			facts = append(facts, fmt.Sprintf("MTU %d", i.MTU))
		}
		if len(facts) > 0 {
			fmt.Fprintf(b, " (%s)", strings.Join(facts, ", "))
		}
	}
	fmt.Fprintf(b, ": %s\n", strings.Join(p.Uses, ", "))
	for _, t := range p.Problems {
		fmt.Fprintf(b, "    problem: %s\n", t)
	}
	for _, t := range p.Notes {
		fmt.Fprintf(b, "    note: %s\n", t)
	}
}

// speedText is a speed in bits per second for a person.
func speedText(bits uint64) string {
	switch {
	case bits%1_000_000_000 == 0:
		return fmt.Sprintf("%d Gbit/s", bits/1_000_000_000)
	case bits > 1_000_000_000:
		return fmt.Sprintf("%.1f Gbit/s", float64(bits)/1e9)
	}
	return fmt.Sprintf("%d Mbit/s", bits/1_000_000)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
