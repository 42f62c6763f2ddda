package policytest

import (
	"encoding/json"
	"io"

	"pillion/lang/diag"
)

type jsonResult struct {
	Substrate   string          `json:"substrate"`
	Passed      int             `json:"passed"`
	Failed      int             `json:"failed"`
	Skipped     int             `json:"skipped"`
	Tests       []jsonTest      `json:"tests"`
	Unexercised []jsonStatement `json:"unexercised,omitempty"`
}

type jsonTest struct {
	Title        string            `json:"title"`
	Verdict      Verdict           `json:"verdict"`
	Expectations []jsonExpectation `json:"expectations"`
}

type jsonExpectation struct {
	jsonPlace
	Text    string      `json:"text"`
	Verdict Verdict     `json:"verdict"`
	Probes  []jsonProbe `json:"probes"`
}

type jsonProbe struct {
	Packet   string   `json:"packet"`
	From     string   `json:"from"`
	To       string   `json:"to,omitempty"`
	Verdict  Verdict  `json:"verdict"`
	Expected string   `json:"expected"`
	Observed string   `json:"observed"`
	Wrong    []string `json:"wrong,omitempty"`
}

type jsonStatement struct {
	jsonPlace
	Name string `json:"name"`
}

type jsonPlace struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`   // from 1
	Column int    `json:"column,omitempty"` // from 1
}

func placeOf(s diag.Span) jsonPlace {
	if s.IsZero() {
		return jsonPlace{}
	}
	p := s.Position()
	return jsonPlace{s.File.Name, p.Line, p.Column}
}

// JSON writes the result as one object.
func (r *Result) JSON(w io.Writer) error {
	out := jsonResult{Substrate: r.Substrate, Tests: []jsonTest{}}
	out.Passed, out.Failed, out.Skipped = r.Count()
	for i := range r.Tests {
		t := &r.Tests[i]
		jt := jsonTest{Title: t.Title, Verdict: t.Verdict(), Expectations: []jsonExpectation{}}
		for k := range t.Expectations {
			e := &t.Expectations[k]
			je := jsonExpectation{jsonPlace: placeOf(e.Span), Text: e.Text, Verdict: e.Verdict(), Probes: []jsonProbe{}}
			for _, o := range e.Probes {
				je.Probes = append(je.Probes, jsonProbe{o.Probe.String(), o.Probe.From, o.Probe.To, o.Verdict, o.Expected, o.Observed, o.Wrong})
			}
			jt.Expectations = append(jt.Expectations, je)
		}
		out.Tests = append(out.Tests, jt)
	}
	for _, s := range r.Unexercised {
		out.Unexercised = append(out.Unexercised, jsonStatement{placeOf(s.Span), s.Name})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
