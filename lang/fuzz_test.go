package lang

import (
	"io"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"pillion/lang/diag"
)

func seed(f *testing.F) {
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatal("no archives", err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if filepath.Ext(file.Name) == ".pol" {
				f.Add(file.Data)
			}
		}
	}
}

// FuzzParse: no input panics; the list is bounded, its places are inside the
// file, and it can be rendered.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		policy, list := Parse([]Input{{Name: "fuzz.pol", Text: text}}, Options{MaxErrors: 5})
		if len(list) > 6 {
			t.Errorf("%d diagnostics", len(list))
		}
		for _, d := range list {
			if d.Code == "" || d.Message == "" {
				t.Errorf("an empty diagnostic: %+v", d)
			}
			if s := d.Span; s.File != nil && (s.Start < 0 || s.End < s.Start || int(s.End) > len(text)) {
				t.Errorf("%s is not inside the file: %d to %d", d.Message, s.Start, s.End)
			}
		}
		if err := diag.Render(io.Discard, list, true); err != nil {
			t.Error(err)
		}
		if !list.HasErrors() {
			dump(policy)
		}
	})
}

// FuzzFormat: what can be parsed can be formatted, without loss and once for all.
func FuzzFormat(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, list := Format("fuzz.pol", text); len(list) == 0 {
			checkFormat(t, text)
		}
	})
}
