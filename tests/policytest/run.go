package policytest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pillion/lang"
)

// Run sends every probe of the suite and judges what was observed. An error means that the substrate is in
// trouble, and then there is no result.
func (s *Suite) Run(ctx context.Context, on Substrate) (*Result, error) {
	r := &Result{Substrate: on.Name()}
	for _, b := range s.blocks {
		t := Test{Title: b.test.Name.Text, Span: b.test.Name.Span}
		for i := range b.cases {
			x := &b.cases[i]
			e := Expectation{Text: strings.Join(strings.Fields(x.Span.Text()), " "), Span: x.Span}
			for _, p := range x.probes {
				o, err := s.try(ctx, on, x, p)
				if err != nil {
					return nil, fmt.Errorf("%s, %v: %w", on.Name(), p, err)
				}
				e.Probes = append(e.Probes, o)
			}
			t.Expectations = append(t.Expectations, e)
		}
		r.Tests = append(r.Tests, t)
	}
	return r, s.cover(r, on)
}

func (s *Suite) try(ctx context.Context, on Substrate, x *expectation, p Probe) (Outcome, error) {
	out := Outcome{Probe: p, Expected: expected(x), Verdict: Passed}
	seen, err := on.Send(ctx, p)
	if errors.Is(err, ErrUnsupported) {
		out.Verdict, out.Observed = Skipped, err.Error()
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Observed, out.Wrong = observed(p, &seen), s.judge(x, p, &seen)
	if len(out.Wrong) > 0 {
		out.Verdict = Failed
	}
	return out, nil
}

// cover lists what was not exercised.
func (s *Suite) cover(r *Result, on Substrate) error {
	c, ok := on.(Counter)
	if !ok {
		return nil
	}
	counts, err := c.Counters()
	if err != nil {
		return fmt.Errorf("%s, counters: %w", on.Name(), err)
	}
	r.Known = true
	for _, st := range s.statements() {
		n, counted := counts[st.Name]
		if n > 0 || !counted && strings.HasPrefix(st.Name, "tenant ") {
			continue // a tenant that permits nothing has nothing to exercise
		}
		r.Unexercised = append(r.Unexercised, st)
	}
	slices.SortStableFunc(r.Unexercised, func(a, b Statement) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// statements are those that packets can exercise, by the names that the compiler gives them.
func (s *Suite) statements() []Statement {
	var out []Statement
	for _, r := range s.policy.Rules {
		word := "allow "
		if r.Verdict == lang.Deny {
			word = "deny "
		}
		out = append(out, Statement{word + r.Name.Text, r.Name.Span})
	}
	for _, c := range s.policy.Chains {
		out = append(out, Statement{"chain " + c.Name.Text, c.Name.Span})
	}
	for _, m := range s.policy.Multicasts {
		out = append(out, Statement{"multicast " + m.Name.Text, m.Name.Span})
	}
	for _, t := range s.policy.Tenants {
		out = append(out, Statement{"tenant " + t.Name.Text, t.Name.Span})
	}
	return out
}
