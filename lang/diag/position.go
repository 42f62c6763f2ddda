package diag

import (
	"bytes"
	"sort"
	"strconv"
	"unicode/utf8"
)

// Position is where a span starts, as a person counts: both from 1, the column
// in characters (not bytes; a tab is one character).
type Position struct {
	Line, Column int
}

// index notes where lines start, once; the compiler asks for the line of every
// statement, so that looking for line ends each time would be quadratic.
func (f *File) index() []int32 {
	f.once.Do(func() {
		f.lines = append(make([]int32, 0, 1+bytes.Count(f.Text, []byte{'\n'})), 0)
		for i, c := range f.Text {
			if c == '\n' {
				f.lines = append(f.lines, int32(i+1))
			}
		}
	})
	return f.lines
}

// Line returns the number, from 1, of the line that holds the byte at offset.
// An offset past the end belongs to the last line.
func (f *File) Line(offset int32) int {
	lines := f.index()
	return sort.Search(len(lines), func(i int) bool { return lines[i] > offset })
}

// Position returns the line and column of the byte at offset.
func (f *File) Position(offset int32) Position {
	offset = max(0, min(offset, int32(len(f.Text))))
	line := f.Line(offset)
	start := f.lines[line-1]
	return Position{Line: line, Column: 1 + utf8.RuneCount(f.Text[start:offset])}
}

// LineText returns the text of a line, counted from 1, without its line end,
// and the byte offset of its start. A line that does not exist is empty.
func (f *File) LineText(line int) (text []byte, start int32) {
	lines := f.index()
	if line < 1 || line > len(lines) {
		return nil, int32(len(f.Text))
	}
	start = lines[line-1]
	end := len(f.Text)
	if line < len(lines) {
		end = int(lines[line]) - 1
	}
	return bytes.TrimSuffix(f.Text[start:end], []byte{'\r'}), start
}

// IsZero says that the span has no place.
func (s Span) IsZero() bool { return s.File == nil }

// Position returns where the span starts; the zero Position for the zero Span.
func (s Span) Position() Position {
	if s.File == nil {
		return Position{}
	}
	return s.File.Position(s.Start)
}

// Line returns the number of the line where the span starts, 0 for the zero Span.
func (s Span) Line() int {
	if s.File == nil {
		return 0
	}
	return s.File.Line(s.Start)
}

// Text returns the source text of the span.
func (s Span) Text() string {
	if s.File == nil {
		return ""
	}
	n := int32(len(s.File.Text))
	start := max(0, min(s.Start, n))
	return string(s.File.Text[start:max(start, min(s.End, n))])
}

// String returns file:line:column, "" for the zero Span.
func (s Span) String() string {
	if s.File == nil {
		return ""
	}
	p := s.Position()
	return place(s.File.Name, p)
}

// To returns the span from the start of s to the end of end, in the file of s.
func (s Span) To(end Span) Span {
	if end.File == s.File && end.End > s.End {
		s.End = end.End
	}
	return s
}

func place(name string, p Position) string {
	return name + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}
