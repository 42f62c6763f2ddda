package lang

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"pillion/lang/diag"
)

// TestFormat compares what Format makes of in.pol in each archive with out.pol.
func TestFormat(t *testing.T) {
	paths, err := filepath.Glob("testdata/format/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := checkFormat(t, archive.Files[0].Data)
			golden(t, path, archive, "out.pol", got)
		})
	}
}

// failer is what *testing.T and *rapid.T have in common here.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkFormat formats a policy without errors, and holds what must always hold.
func checkFormat(t failer, text []byte) []byte {
	t.Helper()
	out, list := Format("in.pol", text)
	if len(list) > 0 {
		t.Fatalf("%v\n%s", list, text)
	}
	if diff := cmp.Diff(tokensOf(text), tokensOf(out)); diff != "" {
		t.Fatalf("the tokens changed: -in +out:\n%s\nin:\n%s\nout:\n%s", diff, text, out)
	}
	again, list := Format("in.pol", out)
	if len(list) > 0 {
		t.Fatalf("formatted, it has errors: %v\n%s", list, out)
	}
	if diff := cmp.Diff(string(out), string(again)); diff != "" {
		t.Fatalf("formatting twice: -once +twice:\n%s\nin:\n%s", diff, text)
	}
	before, _ := Parse([]Input{{Name: "in.pol", Text: text}}, Options{})
	after, _ := Parse([]Input{{Name: "in.pol", Text: out}}, Options{})
	if diff := cmp.Diff(dump(before), dump(after)); diff != "" {
		t.Fatalf("the meaning changed: -in +out:\n%s", diff)
	}
	for _, line := range bytes.Split(out, []byte("\n")) {
		if len(line) > 0 && (line[len(line)-1] == ' ' || line[len(line)-1] == '\t') {
			t.Fatalf("blanks at the end of %q", line)
		}
	}
	return out
}

// tokensOf returns the texts of all tokens and comments.
func tokensOf(text []byte) []string {
	scanner := newScanner(&diag.File{Text: text}, 1<<20, func(diag.Diagnostic) bool { return true })
	scanner.trivia = true
	var texts []string
	for t := scanner.next(); t.kind != kindEOF; t = scanner.next() {
		if t.kind != kindNewline {
			texts = append(texts, strings.TrimRight(t.GetText(), " \t\r"))
		}
	}
	return texts
}

func TestFormatRefusesErrors(t *testing.T) {
	for _, text := range []string{"allow a b", "service a = tcp/0", "\xff", "a\x00"} {
		if out, list := Format("in.pol", []byte(text)); out != nil || !list.HasErrors() {
			t.Errorf("%q: got %q, %v", text, out, list)
		}
	}
}
