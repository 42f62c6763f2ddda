package network

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"pillion/lang/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Each testdata/*.txtar has network files and, for each of them, FILE.out: what
// is said about it or, if nothing is, its canonical form.
func TestGolden(t *testing.T) {
	for _, path := range goldenFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := &txtar.Archive{Comment: archive.Comment}
			for _, f := range inputs(archive) {
				n, list := Parse(f.Name, f.Data)
				var out bytes.Buffer
				if err := diag.Render(&out, list.Sorted(), false); err != nil {
					t.Fatal(err)
				}
				if len(list) == 0 {
					out.Write(n.JSON())
				}
				got.Files = append(got.Files, f, txtar.File{Name: f.Name + ".out", Data: out.Bytes()})
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(string(txtar.Format(archive)), string(txtar.Format(got))); d != "" {
				t.Errorf("want (-) and got (+) differ; -update rewrites the golden file:\n%s", d)
			}
		})
	}
}

func goldenFiles(t testing.TB) []string {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	return paths
}

func inputs(a *txtar.Archive) []txtar.File {
	return slices.DeleteFunc(slices.Clone(a.Files), func(f txtar.File) bool { return strings.HasSuffix(f.Name, ".out") })
}

// Every code has a golden file that shows it.
func TestEveryCodeIsShown(t *testing.T) {
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	var shown []byte
	for _, path := range goldenFiles(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, data...)
	}
	codes := regexp.MustCompile(`N\d{3}`).FindAll(source, -1)
	if len(codes) < 31 {
		t.Fatalf("found %d codes in codes.go", len(codes))
	}
	for _, code := range codes {
		if !bytes.Contains(shown, append([]byte("error["), code...)) {
			t.Errorf("no golden file shows %s", code)
		}
	}
}
