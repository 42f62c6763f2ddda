package diff

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxMarkdown bounds what WriteMarkdown writes, in characters: a comment on a pull request may have
// 65,536 (GitHub), and others add to it.
const MaxMarkdown = 60_000

// WriteMarkdown writes the diff as a comment on a pull request: a table by statement, and the
// entities folded away by target. It has at most MaxMarkdown characters, and says what it leaves out.
func (d *Diff) WriteMarkdown(w io.Writer) error { return d.writeMarkdown(w, MaxMarkdown) }

func (d *Diff) writeMarkdown(w io.Writer, most int) error {
	p := &page{left: most - reserve}
	p.line("### Pillion: " + escape(d.Summary()))
	d.statementTable(p)
	for i := range d.Targets {
		d.Targets[i].details(p)
	}
	if p.cut > 0 {
		// The reserve is for this.
		fmt.Fprintf(&p.text, "\n**%d lines are left out**, because a comment has at most %d characters. `pillion diff` shows them all.\n", p.cut, most)
	}
	_, err := io.WriteString(w, p.text.String())
	return err
}

// reserve is room for what is said about the lines that are left out, and for the end of a fold.
const reserve = 300

// page takes lines while there is room.
type page struct {
	text strings.Builder
	left int // characters
	cut  int // lines that did not fit
	full bool
}

// line adds one line, or counts it as left out. After one that did not fit none does, so that what is
// there is a beginning and not a selection.
func (p *page) line(text string) bool {
	n := utf8.RuneCountInString(text) + 1
	if p.full || n > p.left {
		p.full = true
		p.cut++
		return false
	}
	p.left -= n
	p.text.WriteString(text)
	p.text.WriteByte('\n')
	return true
}

func (d *Diff) statementTable(p *page) {
	listNames(p, "new", d.NewStatements)
	listNames(p, "gone", d.GoneStatements)
	if len(d.Statements) == 0 {
		return
	}
	p.line("\n| statement | added | removed | modified | targets |\n|---|---:|---:|---:|---|")
	for _, s := range d.Statements {
		name := strings.ReplaceAll(code(s.Statement), "|", "\\|") // also in code, a bar ends a cell
		p.line(fmt.Sprintf("| %s | %d | %d | %d | %s |", name, s.Added, s.Removed, s.Modified, escape(few(s.Targets))))
	}
}

// listNames names some statements; the table has every one whose entities change.
func listNames(p *page, what string, statements []string) {
	const most = 20
	var names []string
	for _, s := range statements[:min(most, len(statements))] {
		names = append(names, code(s))
	}
	if more := len(statements) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	if len(names) > 0 {
		p.line("- " + what + ": " + strings.Join(names, ", "))
	}
}

func (t *Target) details(p *page) {
	mark, _ := t.Change.sign()
	if !p.line(fmt.Sprintf("\n<details><summary>%s %s</summary>\n\n```diff", escape(mark), escape(t.headline()))) {
		p.cut += len(t.Properties) + len(t.Entities)
		return
	}
	for _, property := range t.Properties {
		p.line("! " + unfenced(property))
	}
	for i := range t.Entities {
		e := &t.Entities[i]
		line := e.line()
		if e.Change == Modified {
			line = "!" + strings.TrimPrefix(line, "~") // which is coloured where diffs are
		}
		p.line(unfenced(line + "  [" + strings.Join(e.why(), ", ") + "]"))
	}
	p.text.WriteString("```\n</details>\n") // of the reserve, if need be
	p.left -= 15
}

// escape makes text safe outside code: names may hold anything.
func escape(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|#~@", r):
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code makes an inline code span.
func code(s string) string {
	s = oneLine(s)
	if strings.Contains(s, "`") {
		return "`` " + strings.ReplaceAll(s, "``", "` `") + " ``"
	}
	return "`" + s + "`"
}

// unfenced makes text safe inside a fence.
func unfenced(s string) string { return strings.ReplaceAll(oneLine(s), "```", "` ` `") }
