package diag

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Terminal colours (ECMA-48 SGR).
const (
	plain  = "\x1b[0m"
	bold   = "\x1b[1m"
	red    = "\x1b[1;31m"
	green  = "\x1b[1;32m"
	yellow = "\x1b[1;33m"
	blue   = "\x1b[1;34m"
	cyan   = "\x1b[1;36m"
)

// Render writes the list as a person reads it, in the order given:
//
//	acme.pol:3:14: error[L010]: unexpected "onn"
//	    3 | allow a: b -> c onn http
//	      |                 ^~~
//	hint: did you mean "on"?
//
// Nothing of the files' text reaches a terminal as a control sequence.
func Render(w io.Writer, list List, color bool) error {
	r := renderer{w: bufio.NewWriter(w), color: color}
	for i, d := range list {
		if i > 0 {
			r.put("\n")
		}
		r.diagnostic(d)
	}
	return r.w.Flush()
}

type renderer struct {
	w     *bufio.Writer
	color bool
}

// put writes text; the Writer keeps the first error until Flush.
func (r *renderer) put(text string) { _, _ = r.w.WriteString(text) }

func (r *renderer) paint(color, text string) {
	if !r.color {
		r.put(text)
		return
	}
	r.put(color + text + plain)
}

func (r *renderer) diagnostic(d Diagnostic) {
	color := red
	if d.Severity == Warning {
		color = yellow
	}
	label := d.Severity.String()
	if d.Code != "" {
		label += "[" + d.Code + "]"
	}
	r.message(d.Span, color, label, d.Message)
	for _, n := range d.Notes {
		r.message(n.Span, cyan, "note", n.Message)
	}
	if d.Hint != "" {
		r.paint(green, "hint:")
		r.put(" " + printable(d.Hint) + "\n")
	}
}

func (r *renderer) message(span Span, color, label, message string) {
	if !span.IsZero() {
		r.paint(bold, printable(span.String())+":")
		r.put(" ")
	}
	r.paint(color, label+":")
	r.put(" ")
	r.paint(bold, printable(message))
	r.put("\n")
	if !span.IsZero() {
		r.source(span, color)
	}
}

// source writes the first line of a span and marks the span in it.
func (r *renderer) source(span Span, color string) {
	number := span.Line()
	line, start := span.File.LineText(number)
	from := min(int(span.Start-start), len(line))
	to := max(from, min(int(span.End-start), len(line)))
	shown := cutLine(line, from, to)

	gutter := strconv.Itoa(number)
	gutter = strings.Repeat(" ", max(0, 5-len(gutter))) + gutter
	r.paint(blue, gutter+" |")
	r.put(" " + shown.text + "\n")
	r.paint(blue, strings.Repeat(" ", len(gutter))+" |")
	r.put(" " + shown.pad)
	r.paint(color, "^"+strings.Repeat("~", max(0, shown.marked-1)))
	r.put("\n")
}

// excerpt is a part of a line that fits a terminal.
type excerpt struct {
	text   string
	pad    string // what stands below text left of the mark
	marked int    // columns
}

// cutLine returns what is shown of a line of which the bytes from..to are
// marked. A long line is cut on both sides, so that neither a generated file
// nor a hostile one floods the terminal.
func cutLine(line []byte, from, to int) excerpt {
	before, behind := 60, 60 // characters shown around the mark's start
	if len(line) <= before+behind {
		before, behind = len(line), len(line)
	}
	var e excerpt
	left := []rune(string(line[max(0, from-before*utf8.UTFMax):from]))
	if len(left) > before || from > before*utf8.UTFMax {
		left = left[max(0, len(left)-before):]
		e.text, e.pad = "…", " "
	}
	for _, c := range left {
		if c == '\t' {
			e.text += "\t"
			e.pad += "\t" // as wide as the tab above, whatever the terminal's stops
			continue
		}
		e.text += string(visible(c))
		e.pad += strings.Repeat(" ", width(c))
	}
	shown := 0
	for at := from; at < len(line); {
		if shown == behind {
			e.text += "…"
			break
		}
		shown++
		c, size := utf8.DecodeRune(line[at:])
		marked := at < to
		at += size
		switch {
		case marked && c == '\t':
			c = ' ' // the mark cannot be as wide as a tab
		case c == '\t':
			e.text += "\t"
			continue
		}
		if marked {
			e.marked += width(c)
		}
		e.text += string(visible(c))
	}
	return e
}

// printable returns text without what a terminal would obey.
func printable(text string) string { return strings.Map(visible, text) }

func visible(c rune) rune {
	if !unicode.IsPrint(c) {
		return unicode.ReplacementChar
	}
	return c
}

// width returns how many columns of a terminal a character takes.
func width(c rune) int {
	switch {
	case c < 0x300:
		return 1
	case unicode.In(c, unicode.Mn, unicode.Me):
		return 0
	case unicode.In(c, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana),
		c >= 0xff01 && c <= 0xff60, c >= 0x1f300 && c <= 0x1faff:
		return 2
	}
	return 1
}
