package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// List collects diagnostics. The zero value is empty and ready.
type List []Diagnostic

// Add appends one diagnostic.
func (l *List) Add(d Diagnostic) { *l = append(*l, d) }

// Errorf appends an error without notes and hint.
func (l *List) Errorf(span Span, code, format string, args ...any) {
	l.Add(Diagnostic{Code: code, Span: span, Message: fmt.Sprintf(format, args...)})
}

// Warnf appends a warning without notes and hint.
func (l *List) Warnf(span Span, code, format string, args ...any) {
	l.Add(Diagnostic{Severity: Warning, Code: code, Span: span, Message: fmt.Sprintf(format, args...)})
}

// HasErrors says whether anything in the list is an error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Count returns the numbers of errors and of warnings.
func (l List) Count() (errors, warnings int) {
	for _, d := range l {
		if d.Severity == Error {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

// Sorted returns the list in the order in which a person reads: what has no
// place first, then by file, offset, severity (errors first), code and message.
// What says the same of the same place is kept once. l is not changed.
func (l List) Sorted() List {
	sorted := slices.Clone(l)
	slices.SortStableFunc(sorted, compare)
	return slices.CompactFunc(sorted, func(a, b Diagnostic) bool { return compare(a, b) == 0 })
}

// Bounded returns Sorted, cut to at most limit diagnostics, errors in preference
// to warnings. When something was cut, a last one without a place says how much.
func (l List) Bounded(limit int) List {
	sorted := l.Sorted()
	if limit < 1 || len(sorted) <= limit {
		return sorted
	}
	errors, warnings := sorted.Count()
	errorsCut := max(0, errors-limit)
	warningsCut := max(0, warnings-(limit-min(errors, limit)))
	kept := make(List, 0, limit+1)
	var nthError, nthWarning int
	for _, d := range sorted {
		if d.Severity == Error {
			nthError++
		} else {
			nthWarning++
		}
		if d.Severity == Error && nthError <= errors-errorsCut ||
			d.Severity == Warning && nthWarning <= warnings-warningsCut {
			kept = append(kept, d)
		}
	}
	more := Diagnostic{Severity: Warning, Message: left(errorsCut, warningsCut) + " not shown"}
	if errorsCut > 0 {
		more.Severity = Error
	}
	return append(kept, more)
}

func left(errors, warnings int) string {
	switch {
	case warnings == 0:
		return plural(errors, "more error")
	case errors == 0:
		return plural(warnings, "more warning")
	}
	return plural(errors, "more error") + " and " + plural(warnings, "warning")
}

func plural(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return strconv.Itoa(n) + " " + word
}

func compare(a, b Diagnostic) int {
	return cmp.Or(
		compareSpans(a.Span, b.Span),
		cmp.Compare(a.Severity, b.Severity),
		cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Message, b.Message),
	)
}

func compareSpans(a, b Span) int {
	switch {
	case a.File == nil && b.File == nil:
		return 0
	case a.File == nil:
		return -1
	case b.File == nil:
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.File.Order, b.File.Order),
		cmp.Compare(a.File.Name, b.File.Name),
		cmp.Compare(a.Start, b.Start),
		cmp.Compare(a.End, b.End),
	)
}
