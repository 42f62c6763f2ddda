package diag

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// sample has every part that a diagnostic can have.
func sample() List {
	a := &File{Name: "a.pol", Order: 0, Text: []byte("tenant acme {\n\tgroup web = web1\n}\nallow \"größe 日本\": b -> c\r\nx\x1b[31m\n" +
		strings.Repeat("0123456789", 30) + "\n")}
	b := &File{Name: "b.pol", Order: 1, Text: []byte("tenant acme {}")}
	find := func(f *File, text string) Span {
		at := int32(bytes.Index(f.Text, []byte(text)))
		return Span{File: f, Start: at, End: at + int32(len(text))}
	}
	return List{
		{Code: "L040", Message: "there is no file c.pol"},
		{Code: "C001", Span: find(b, "acme"), Message: `tenant "acme" is declared twice`,
			Notes: []Note{{Span: find(a, "acme"), Message: "the first one is here"}, {Message: "tenants are one per compilation"}},
			Hint:  "rename one of them"},
		{Severity: Warning, Code: "C002", Span: find(a, "web1"), Message: "behind a tab"},
		{Span: find(a, `"größe 日本"`), Message: "no code", Hint: "wide characters"},
		{Code: "L010", Span: find(a, "-> c\r\nx"), Message: "more than a line"},
		{Code: "L010", Span: find(a, "\x1b"), Message: "control \x1b[31m sequence"},
		{Code: "L010", Span: Span{File: a, Start: find(a, "0123").Start + 150, End: find(a, "0123").Start + 250}, Message: "a long line"},
		{Code: "L013", Span: Span{File: a, Start: int32(len(a.Text)), End: int32(len(a.Text))}, Message: "at the end"},
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: -want +got (refresh with -update):\n%s", path, diff)
	}
}

func TestRender(t *testing.T) {
	list := sample().Sorted()
	var plain, coloured, json bytes.Buffer
	for _, err := range []error{Render(&plain, list, false), Render(&coloured, list, true), RenderJSON(&json, list)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "plain.txt", plain.Bytes())
	golden(t, "colour.txt", coloured.Bytes())
	golden(t, "list.json", json.Bytes())

	// Colour changes nothing but colour, and control sequences are ours alone.
	stripped := coloured.String()
	for _, sequence := range []string{"\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1;36m"} {
		stripped = strings.ReplaceAll(stripped, sequence, "")
	}
	if stripped != plain.String() {
		t.Error("the coloured text differs from the plain one in more than colour")
	}
	if strings.Contains(plain.String(), "\x1b") {
		t.Error("a control sequence of the source reached the output")
	}
}

func TestRenderNothing(t *testing.T) {
	var out bytes.Buffer
	if err := Render(&out, nil, true); err != nil || out.Len() > 0 {
		t.Errorf("got %q, %v", out.String(), err)
	}
	if err := RenderJSON(&out, nil); err != nil || out.String() != "[]\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestRenderFails(t *testing.T) {
	if Render(brokenPipe{}, sample(), false) == nil || RenderJSON(brokenPipe{}, sample()) == nil {
		t.Error("a failed write was not reported")
	}
}
