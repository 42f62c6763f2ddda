package network

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"pillion/lang/diag"
)

func seedFuzz(f *testing.F, ending string) {
	for _, path := range goldenFiles(f) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, in := range inputs(archive) {
			if strings.HasSuffix(in.Name, ending) {
				f.Add(in.Data)
			}
		}
	}
}

// checkParse: whatever is read, the places are in the file, and what has no
// errors survives a round trip.
func checkParse(t *testing.T, name string, data []byte) {
	n, list := Parse(name, data)
	if n == nil || n.File == nil {
		t.Fatal("no network")
	}
	spans := func(s diag.Span) {
		if s.File != nil && (s.File != n.File || s.Start < 0 || s.End < s.Start || int(s.End) > len(n.File.Text)) {
			t.Fatalf("the span %d to %d is not in the file of %d bytes", s.Start, s.End, len(n.File.Text))
		}
	}
	for _, d := range list {
		spans(d.Span)
		for _, note := range d.Notes {
			spans(note.Span)
		}
		if d.Code == "" || d.Message == "" {
			t.Fatalf("diagnostic %+v", d)
		}
	}
	if err := diag.Render(io.Discard, list.Sorted(), true); err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		for i := range n.Endpoints {
			spans(n.Endpoints[i].Span)
		}
		checkRoundTrip(t, n)
	}
}

func FuzzYAML(f *testing.F) {
	seedFuzz(f, ".yaml")
	f.Fuzz(func(t *testing.T, data []byte) { checkParse(t, "net.yaml", data) })
}

// The JSON reader takes what encoding/json takes, but for duplicate keys,
// depth, and UTF-8 and surrogates that are wrong.
func FuzzJSON(f *testing.F) {
	seedFuzz(f, ".json")
	f.Fuzz(func(t *testing.T, data []byte) {
		checkParse(t, "net.json", data)
		_, list := Parse("net.json", data)
		refused := len(list) > 0 && (list[0].Code == codeSyntax || list[0].Code == codeBound || list[0].Code == codeFile)
		valid := json.Valid([]byte(strings.TrimPrefix(string(data), "\ufeff")))
		if !valid && !refused {
			t.Fatalf("taken, but this is no JSON: %q", data)
		}
		if valid && refused && list[0].Code == codeSyntax && !strings.Contains(string(data), `\u`) {
			t.Fatalf("refused, but this is JSON: %q: %v", data, list[0])
		}
	})
}
