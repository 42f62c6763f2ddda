package counters

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/backends/bundle"
)

// Count is packets and their bytes.
type Count struct {
	Packets int64 `json:"packets"`
	Bytes   int64 `json:"bytes"`
}

func (c Count) plus(d *p4v1.CounterData) Count {
	return Count{c.Packets + d.GetPacketCount(), c.Bytes + d.GetByteCount()}
}

// Report is what all targets counted.
type Report struct {
	Statements []Statement `json:"statements"` // that some entity counts for, in the order of the bundle
	Drops      []Drop      `json:"drops"`      // by index; reasons that never happened and have no name are left out
	Failed     []Failure   `json:"failed"`     // targets that could not be read
	Notes      []string    `json:"notes"`
}

// Statement is what one policy statement let through, stopped or sent elsewhere.
type Statement struct {
	Statement string `json:"statement"`
	Entities  int    `json:"entities"` // that count for it
	Count
}

// Drop is one reason to drop.
type Drop struct {
	Index  int64  `json:"index"`
	Reason string `json:"reason"`
	Count
}

// Failure is a target that could not be read.
type Failure struct {
	Target string `json:"target"`
	Error  string `json:"error"`
}

// OK says whether every target was read.
func (r *Report) OK() bool { return len(r.Failed) == 0 }

func sum(b *bundle.Bundle, targets []*bundle.Target, tallies []*tally, errs []error, o Options) *Report {
	r := &Report{Statements: []Statement{}, Drops: []Drop{}, Failed: []Failure{}, Notes: []string{}}
	statements := make([]Statement, len(b.Statements))
	drops := map[int64]Count{}
	for i, t := range targets {
		if errs[i] != nil {
			r.Failed = append(r.Failed, Failure{t.Name, errs[i].Error()})
			continue
		}
		for s, count := range tallies[i].statements {
			statements[s].Packets += count.Packets
			statements[s].Bytes += count.Bytes
		}
		for s, n := range tallies[i].entities {
			statements[s].Entities += n
		}
		for index, count := range tallies[i].drops {
			drops[index] = Count{drops[index].Packets + count.Packets, drops[index].Bytes + count.Bytes}
		}
		if n := tallies[i].missing; n > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("%s: %d entities that count are not there: push first", t.Name, n))
		}
	}
	for i, s := range statements {
		if s.Statement = b.Statements[i]; s.Entities > 0 {
			r.Statements = append(r.Statements, s)
		}
	}
	for index, count := range drops {
		d := Drop{index, fmt.Sprintf("reason %d", index), count}
		if index < int64(len(o.Reasons)) {
			d.Reason = o.Reasons[index]
		} else if count == (Count{}) {
			continue
		}
		r.Drops = append(r.Drops, d)
	}
	slices.SortFunc(r.Drops, func(a, b Drop) int { return int(a.Index - b.Index) })
	return r
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteText writes the report for a person: statements, and then the reasons that happened.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "packets\tbytes\t  statement\n")
	for _, s := range r.Statements {
		fmt.Fprintf(table, "%d\t%d\t  %s\n", s.Packets, s.Bytes, s.Statement)
	}
	table.Flush()
	dropped := slices.DeleteFunc(slices.Clone(r.Drops), func(d Drop) bool { return d.Count == Count{} })
	if len(dropped) > 0 {
		b.WriteByte('\n')
		fmt.Fprint(table, "packets\tbytes\t  dropped because\n")
		for _, d := range dropped {
			fmt.Fprintf(table, "%d\t%d\t  %s\n", d.Packets, d.Bytes, d.Reason)
		}
		table.Flush()
	}
	for _, f := range r.Failed {
		fmt.Fprintf(&b, "%s: not read: %s\n", f.Target, f.Error)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
