package diff

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteJSON writes the diff as one JSON object.
func (d *Diff) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

// Colours of a terminal (ECMA-48, section 8.3.117).
const (
	green  = "\x1b[32m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	bold   = "\x1b[1m"
	plain  = "\x1b[0m"
)

// sign is how a line of some kind begins, and its colour.
func (k Kind) sign() (mark, colour string) {
	switch k {
	case Added:
		return "+", green
	case Removed:
		return "-", red
	}
	return "~", yellow
}

// WriteText writes the diff for a person: by statement, and then every entity by target.
func (d *Diff) WriteText(w io.Writer, colour bool) error {
	out := bufio.NewWriter(w)
	paint := func(in, text string) string {
		if !colour {
			return text
		}
		return in + text + plain
	}
	fmt.Fprintln(out, paint(bold, d.Summary()))
	if len(d.NewStatements)+len(d.GoneStatements)+len(d.Statements) > 0 {
		fmt.Fprintf(out, "\n%s\n", paint(bold, "by statement"))
	}
	for _, s := range d.NewStatements {
		fmt.Fprintf(out, "  %s\n", paint(green, "+ "+oneLine(s)+" (new)"))
	}
	for _, s := range d.GoneStatements {
		fmt.Fprintf(out, "  %s\n", paint(red, "- "+oneLine(s)+" (gone)"))
	}
	for _, s := range d.Statements {
		fmt.Fprintf(out, "  %s: %s on %s\n", oneLine(s.Statement), s.Counts, few(s.Targets))
	}
	for _, t := range d.Targets {
		mark, c := t.Change.sign()
		fmt.Fprintf(out, "\n%s\n", paint(c, mark)+" "+paint(bold, t.headline()))
		for _, p := range t.Properties {
			fmt.Fprintf(out, "  %s\n", paint(yellow, "~ "+p))
		}
		for _, e := range t.Entities {
			_, c := e.Change.sign()
			fmt.Fprintf(out, "  %s  [%s]\n", paint(c, e.line()), oneLine(strings.Join(e.why(), ", ")))
		}
	}
	return out.Flush()
}

// Summary is the diff in one line.
func (d *Diff) Summary() string {
	if d.Empty() {
		return fmt.Sprintf("nothing changes on %s", plural(d.Unchanged, "target"))
	}
	return fmt.Sprintf("%s on %s; %s unchanged", d.Counts, plural(len(d.Targets), "target"), plural(d.Unchanged, "target"))
}

func (n Counts) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		word Kind
	}{{n.Added, Added}, {n.Removed, Removed}, {n.Modified, Modified}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	if len(parts) == 0 {
		return "no entities change"
	}
	return strings.Join(parts, ", ")
}

func (t *Target) headline() string {
	if t.Change == Modified {
		return fmt.Sprintf("%s: %s", t.Target, t.Counts)
	}
	return fmt.Sprintf("%s (the target is %s): %s", t.Target, t.Change, t.Counts)
}

// line is "+ acl dst=10.0.0.1 -> permit()".
func (c *Change) line() string {
	mark, _ := c.Change.sign()
	head := fmt.Sprintf("%s %s %s -> ", mark, c.Table, c.Match)
	switch c.Change {
	case Added:
		return head + c.New
	case Removed:
		return head + c.Old
	}
	return head + c.New + ", was " + c.Old
}

func (c *Change) why() []string {
	if len(c.Statements) == 0 {
		return []string{Shared}
	}
	return c.Statements
}

// few are some names: a statement may be on a thousand targets.
func few(names []string) string {
	const most = 6
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// oneLine keeps the names of statements, which may hold anything, from moving a terminal's cursor.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
