package policytest

import (
	"bytes"
	"fmt"
	"io"

	"pillion/lang/diag"
)

// Text writes the result for a person: a line for each block, expectation by expectation what failed or was
// skipped, and what was not exercised.
func (r *Result) Text(w io.Writer) error {
	var b bytes.Buffer
	for i := range r.Tests {
		t := &r.Tests[i]
		fmt.Fprintf(&b, "%s %s\n", mark(t.Verdict()), t.Title)
		for k := range t.Expectations {
			e := &t.Expectations[k]
			if e.Verdict() == Passed {
				continue
			}
			fmt.Fprintf(&b, "  %s%s\n", at(e.Span), e.Text)
			for _, o := range e.Probes {
				switch o.Verdict {
				case Failed:
					fmt.Fprintf(&b, "    %v\n      expected: %s\n      observed: %s\n", o.Probe, o.Expected, o.Observed)
					for _, wrong := range o.Wrong {
						fmt.Fprintf(&b, "      wrong:    %s\n", wrong)
					}
				case Skipped:
					fmt.Fprintf(&b, "    %v\n      skipped: %s\n", o.Probe, o.Observed)
				}
			}
		}
	}
	if len(r.Unexercised) > 0 {
		fmt.Fprintf(&b, "no test exercises:\n")
		for _, s := range r.Unexercised {
			fmt.Fprintf(&b, "  %s%s\n", at(s.Span), s.Name)
		}
	}
	passed, failed, skipped := r.Count()
	fmt.Fprintf(&b, "%s: %d passed, %d failed, %d skipped\n", r.Substrate, passed, failed, skipped)
	_, err := w.Write(b.Bytes())
	return err
}

func mark(v Verdict) string {
	return map[Verdict]string{Passed: "ok  ", Failed: "FAIL", Skipped: "skip"}[v]
}

// at is a clickable place, or nothing.
func at(s diag.Span) string {
	if s.IsZero() {
		return ""
	}
	p := s.Position()
	return fmt.Sprintf("%s:%d:%d: ", s.File.Name, p.Line, p.Column)
}
