package policytest

import "pillion/lang/diag"

// Result is the outcome of a run.
type Result struct {
	Substrate string
	Tests     []Test
	// Unexercised are statements of the policy that no packet of the tests was counted by. Known says
	// whether the substrate could tell.
	Unexercised []Statement
	Known       bool
}

// Test is one test block.
type Test struct {
	Title        string
	Span         diag.Span
	Expectations []Expectation
}

// Expectation is one line of a test block.
type Expectation struct {
	Text   string // as written
	Span   diag.Span
	Probes []Outcome
}

// Outcome is what became of one probe of an expectation.
type Outcome struct {
	Probe    Probe
	Verdict  Verdict
	Expected string
	Observed string   // or why the probe was skipped
	Wrong    []string // what of the observation is not as expected
}

// Verdict is the outcome in a word.
type Verdict string

// The verdicts.
const (
	Passed  Verdict = "passed"
	Failed  Verdict = "failed"
	Skipped Verdict = "skipped"
)

// Statement is a statement of the policy, named as the counters name it: "allow partner".
type Statement struct {
	Name string
	Span diag.Span
}

// Verdict of a line is Failed if a probe failed, else Skipped if one was skipped.
func (e *Expectation) Verdict() Verdict {
	v := Passed
	for _, p := range e.Probes {
		v = worse(v, p.Verdict)
	}
	return v
}

// Verdict of a block is that of its lines together.
func (t *Test) Verdict() Verdict {
	v := Passed
	for i := range t.Expectations {
		v = worse(v, t.Expectations[i].Verdict())
	}
	return v
}

func worse(a, b Verdict) Verdict {
	for _, v := range []Verdict{Failed, Skipped} {
		if a == v || b == v {
			return v
		}
	}
	return Passed
}

// Count says how many expectations had which verdict.
func (r *Result) Count() (passed, failed, skipped int) {
	for i := range r.Tests {
		for k := range r.Tests[i].Expectations {
			switch r.Tests[i].Expectations[k].Verdict() {
			case Passed:
				passed++
			case Failed:
				failed++
			case Skipped:
				skipped++
			}
		}
	}
	return passed, failed, skipped
}

// OK says whether nothing failed.
func (r *Result) OK() bool {
	_, failed, _ := r.Count()
	return failed == 0
}
