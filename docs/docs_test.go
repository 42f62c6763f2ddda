// Package docs_test holds the documentation to what the program does: examples are compiled and run, output is
// compared, tables are compared with the code. `go test ./docs -update` writes into the pages what the program prints.
package docs_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the program prints into the pages")

// root is the module's folder, seen from here.
const root = ".."

// page is a Markdown file cut at its fenced blocks.
type page struct {
	path    string
	text    string
	blocks  []*block
	changed bool
}

// block is a fenced block: ```kind words…
type block struct {
	page  *page
	kind  string
	words []string
	body  string
	line  int // of the fence, from 1
	index int // among the page's blocks
}

func (b *block) has(word string) bool { return slices.Contains(b.words, word) }

func (b *block) String() string { return fmt.Sprintf("%s:%d", b.page.path, b.line) }

// next is the block behind this one, which must be of a kind.
func (b *block) next(t *testing.T, kind string) *block {
	t.Helper()
	if b.index+1 >= len(b.page.blocks) || b.page.blocks[b.index+1].kind != kind {
		t.Fatalf("%v: a ```%s block must follow", b, kind)
	}
	return b.page.blocks[b.index+1]
}

// compare holds a block to what it must be, or with -update makes it so.
func (b *block) compare(t *testing.T, got string) {
	t.Helper()
	if b.body == got {
		return
	}
	if *update {
		b.body, b.page.changed = got, true
		return
	}
	t.Errorf("%v is out of date (go test ./docs -update rewrites it):\n%s", b, cmp.Diff(strings.Split(b.body, "\n"), strings.Split(got, "\n")))
}

var fence = regexp.MustCompile("^```([a-z]*)(.*)$")

// read reads a page of the module. With -update it is written back when the test ends.
func read(t *testing.T, path string) *page {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	p := &page{path: path, text: string(data)}
	p.cut(t)
	t.Cleanup(func() {
		if p.changed {
			if err := os.WriteFile(filepath.Join(root, path), p.join(), 0o644); err != nil {
				t.Error(err)
			}
		}
	})
	return p
}

func (p *page) cut(t *testing.T) {
	t.Helper()
	var open *block
	for i, line := range strings.SplitAfter(p.text, "\n") {
		m := fence.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		switch {
		case m != nil && open == nil:
			open = &block{page: p, kind: m[1], words: strings.Fields(m[2]), line: i + 1, index: len(p.blocks)}
		case m != nil:
			p.blocks = append(p.blocks, open)
			open = nil
		case open != nil:
			open.body += line
		}
	}
	if open != nil {
		t.Fatalf("%v: the block is not closed", open)
	}
}

// join is the page with its blocks as they are now.
func (p *page) join() []byte {
	var out bytes.Buffer
	next, inside := 0, false
	for line := range strings.Lines(p.text) {
		isFence := fence.MatchString(strings.TrimSuffix(line, "\n"))
		switch {
		case isFence && !inside:
			out.WriteString(line)
			out.WriteString(p.blocks[next].body)
			next++
			inside = true
		case isFence:
			out.WriteString(line)
			inside = false
		case !inside:
			out.WriteString(line)
		}
	}
	return out.Bytes()
}

// only is the one block of a kind that has a word.
func (p *page) only(t *testing.T, kind, word string) *block {
	t.Helper()
	for _, b := range p.blocks {
		if b.kind == kind && b.has(word) {
			return b
		}
	}
	t.Fatalf("%s has no block ```%s %s", p.path, kind, word)
	return nil
}

// table is the first table whose header begins with a cell, without the header: cells by row.
func (p *page) table(t *testing.T, first string) [][]string {
	t.Helper()
	tables := p.tables(first)
	if len(tables) == 0 {
		t.Fatalf("%s has no table that begins with the column %q", p.path, first)
	}
	return tables[0]
}

func (p *page) tables(first string) [][][]string {
	var out [][][]string
	var rows [][]string
	flush := func() {
		if len(rows) > 2 && rows[0][0] == first {
			out = append(out, rows[2:])
		}
		rows = nil
	}
	for line := range strings.Lines(p.text) {
		if !strings.HasPrefix(line, "|") {
			flush()
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	flush()
	return out
}

// code takes the backquotes off a cell.
func code(cell string) string { return strings.Trim(cell, "`") }

// sameList reports what one list has and the other has not.
func sameList(t *testing.T, where string, documented, real []string) {
	t.Helper()
	for _, d := range documented {
		if !slices.Contains(real, d) {
			t.Errorf("%s names %s, which does not exist", where, d)
		}
	}
	for i, r := range real {
		if !slices.Contains(documented, r) && !slices.Contains(real[:i], r) {
			t.Errorf("%s lacks %s", where, r)
		}
	}
	sorted := slices.Sorted(slices.Values(documented))
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			t.Errorf("%s names %s twice", where, sorted[i])
		}
	}
}

// pages are all Markdown files that speak of the project.
func pages(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*.md", "examples/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			rel, err := filepath.Rel(root, f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, rel)
		}
	}
	return out
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Links within the project lead somewhere.
func TestLinks(t *testing.T) {
	for _, path := range pages(t) {
		p := read(t, path)
		for _, m := range link.FindAllStringSubmatch(p.text, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			to := p
			if target != "" {
				target = filepath.Join(filepath.Dir(path), target)
				if _, err := os.Stat(filepath.Join(root, target)); err != nil {
					t.Errorf("%s links to %s, which is not there", path, m[1])
					continue
				}
				if anchor == "" {
					continue
				}
				to = read(t, target)
			}
			if !slices.Contains(to.anchors(), anchor) {
				t.Errorf("%s links to %s, but %s has no such heading", path, m[1], to.path)
			}
		}
	}
}

// anchors are what GitHub makes of headings.
func (p *page) anchors() []string {
	var out []string
	inside := false
	for line := range strings.Lines(p.text) {
		if fence.MatchString(strings.TrimSuffix(line, "\n")) {
			inside = !inside
		}
		if inside || !strings.HasPrefix(line, "#") {
			continue
		}
		title := strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#")))
		var a strings.Builder
		for _, r := range title {
			switch {
			case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
				a.WriteRune(r)
			case r == ' ':
				a.WriteByte('-')
			}
		}
		out = append(out, a.String())
	}
	return out
}
