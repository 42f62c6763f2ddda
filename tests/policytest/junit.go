package policytest

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The elements of JUnit's XML that CI systems read: a suite per test block, a case per expectation.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitMessage `xml:"failure"`
	Skipped *junitMessage `xml:"skipped"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the result as JUnit XML. It has no times: the same packets give the same bytes.
func (r *Result) JUnit(w io.Writer) error {
	passed, failed, skipped := r.Count()
	out := junitSuites{Name: "pillion test on " + r.Substrate, Tests: passed + failed + skipped, Failures: failed, Skipped: skipped}
	for i := range r.Tests {
		t := &r.Tests[i]
		s := junitSuite{Name: t.Title}
		for k := range t.Expectations {
			e := &t.Expectations[k]
			place := placeOf(e.Span)
			c := junitCase{Name: e.Text, Class: t.Title, File: place.File, Line: place.Line}
			s.Tests++
			switch e.Verdict() {
			case Failed:
				s.Failures++
				c.Failure = e.message(Failed)
			case Skipped:
				s.Skipped++
				c.Skipped = e.message(Skipped)
			}
			s.Cases = append(s.Cases, c)
		}
		out.Suites = append(out.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// message says what happened to the probes with a verdict.
func (e *Expectation) message(v Verdict) *junitMessage {
	m := &junitMessage{}
	var lines []string
	for _, o := range e.Probes {
		if o.Verdict != v {
			continue
		}
		if m.Message == "" {
			m.Message = fmt.Sprintf("%v: %s", o.Probe, strings.Join(append([]string{o.Observed}, o.Wrong...), ": "))
		}
		lines = append(lines, fmt.Sprintf("%v\nexpected: %s\nobserved: %s", o.Probe, o.Expected, o.Observed))
	}
	m.Text = strings.Join(lines, "\n")
	return m
}
