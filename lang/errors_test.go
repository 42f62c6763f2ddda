package lang

import (
	"bytes"
	"flag"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"pillion/lang/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// readFrom serves the files of an archive.
func readFrom(archive *txtar.Archive) func(string, int64) ([]byte, error) {
	return func(path string, limit int64) ([]byte, error) {
		for _, file := range archive.Files {
			if file.Name == path {
				if int64(len(file.Data)) > limit {
					return nil, errTooLarge
				}
				return file.Data, nil
			}
		}
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
}

// TestErrors renders what Parse says of main.pol in each archive, and compares
// it with the archive's file stderr.
func TestErrors(t *testing.T) {
	paths, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, list := ParseFiles([]string{"main.pol"}, Options{Read: readFrom(archive)})
			var got bytes.Buffer
			if err := diag.Render(&got, list, false); err != nil {
				t.Fatal(err)
			}
			golden(t, path, archive, "stderr", got.Bytes())
		})
	}
}

// golden compares got with a file of an archive, or writes it there.
func golden(t *testing.T, path string, archive *txtar.Archive, name string, got []byte) {
	t.Helper()
	var want *txtar.File
	for i := range archive.Files {
		if archive.Files[i].Name == name {
			want = &archive.Files[i]
		}
	}
	if want == nil {
		archive.Files = append(archive.Files, txtar.File{Name: name})
		want = &archive.Files[len(archive.Files)-1]
	}
	if *update {
		want.Data = got
		writeFile(t, path, txtar.Format(archive))
		return
	}
	if diff := cmp.Diff(string(want.Data), string(got)); diff != "" {
		t.Errorf("%s: %s: -want +got (refresh with -update):\n%s", path, name, diff)
	}
}

func codes(list diag.List) string {
	var codes []string
	for _, d := range list {
		codes = append(codes, d.Code)
	}
	return strings.Join(codes, " ")
}

// TestLimits holds each limit, and what is refused before it is parsed.
func TestLimits(t *testing.T) {
	many := strings.Repeat("allow x\n", 100)
	for _, test := range []struct {
		name    string
		text    string
		options Options
		want    string
	}{
		{"zero byte", "service a = tcp\x00", Options{}, codeBinary},
		{"not UTF-8", "# \xff", Options{}, codeNotUTF8},
		{"too large", "service a = tcp", Options{MaxBytes: 14}, codeTooLarge},
		{"just large enough", "service a = tcp", Options{MaxBytes: 15}, ""},
		{"long token", "service abcd = tcp", Options{MaxToken: 3}, strings.Join([]string{codeTokenLength, codeTokenLength}, " ")},
		{"many errors", many, Options{MaxErrors: 2}, strings.Join([]string{codeSyntax, codeSyntax, codeTooMany}, " ")},
		{"many characters", strings.Repeat("; ", 100), Options{MaxErrors: 1}, codeCharacter + " " + codeTooMany},
		{"long statement", "service a = tcp, tcp, tcp service b = udp", Options{MaxStatement: 5}, codeStatementLength},
		{"no reader", `include "a"`, Options{}, codeInclude},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, list := Parse([]Input{{Name: "test.pol", Text: []byte(test.text)}}, test.options)
			if got := codes(list); got != test.want {
				t.Errorf("got %q, want %q: %v", got, test.want, list)
			}
		})
	}
}

func TestInclude(t *testing.T) {
	archive := txtar.Parse([]byte(`
-- site/main.pol --
include "tenants/acme.pol"
include "./tenants/../shared.pol"
service main = tcp
-- site/tenants/acme.pol --
include "../shared.pol"
include "../main.pol"
service acme = tcp
-- site/shared.pol --
service shared = tcp
-- deep.pol --
include "deeper/a.pol"
-- deeper/a.pol --
include "b.pol"
-- deeper/b.pol --
include "c.pol"
-- deeper/c.pol --
`))
	read := readFrom(archive)
	policy, list := ParseFiles([]string{"site/main.pol", "site/shared.pol", "site//main.pol"}, Options{Read: read})
	if len(list) > 0 {
		t.Fatal(list)
	}
	// Every file once, though they include each other.
	want := "service \"main\" = 6\nservice \"shared\" = 6\nservice \"acme\" = 6\n"
	if diff := cmp.Diff(want, dump(policy)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := policy.Services[2].Span.File.Name; got != "site/tenants/acme.pol" {
		t.Errorf("the included file is called %q", got)
	}
	if _, list := ParseFiles([]string{"deep.pol"}, Options{Read: read, MaxDepth: 3}); len(list) > 0 {
		t.Error(list)
	}
	for name, options := range map[string]Options{
		"depth": {Read: read, MaxDepth: 2}, "files": {Read: read, MaxFiles: 3},
	} {
		if _, list := ParseFiles([]string{"deep.pol"}, options); codes(list) != codeInclude {
			t.Errorf("%s: %v", name, list)
		}
	}
	if _, list := ParseFiles([]string{"deep.pol"}, Options{Read: read, MaxBytes: 30}); codes(list) != codeTooLarge {
		t.Error(list)
	}
}
