// Package diag holds what the language, the inventory reader and the compiler say
// about the files that a user wrote: diagnostics with places.
//
// In: spans and sentences. Out: a sorted, bounded list and its rendering.
// It knows nothing of policies, networks or packets.
package diag

import "sync"

// Severity says whether a diagnostic stops the run.
type Severity uint8

const (
	Error Severity = iota
	Warning
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// File is one input as it was read. Diagnostics show its lines. It is used by
// pointer, and Text does not change once a Span points into it.
type File struct {
	Name  string // as the user gave it, so that the message is clickable
	Text  []byte
	Order int // diagnostics are sorted by it, then by Name; the order of reading

	once  sync.Once
	lines []int32 // byte offset of each line's start; see position.go
}

// Span is a half-open byte range of a file. The zero Span has no place.
type Span struct {
	File       *File
	Start, End int32 // byte offsets into File.Text
}

// Note is a secondary place that explains a diagnostic, such as a first declaration.
type Note struct {
	Span    Span
	Message string
}

// Diagnostic is one thing that the user should know.
type Diagnostic struct {
	Severity Severity
	Code     string // stable: L… language, N… network file, C… compiler
	Span     Span   // what is wrong; may be the zero Span where no place exists
	Message  string // one line, no full stop
	Notes    []Note
	Hint     string // what to do, with the valid choices; "" when there is nothing to say
}
