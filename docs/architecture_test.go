package docs_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pillion/p4"
)

// packages are the folders of the module that hold Go files.
func packages(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == scratch) {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(name, ".go") {
			rel, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			if rel = filepath.ToSlash(rel); !slices.Contains(out, rel) {
				out = append(out, rel)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// scratch is a folder that is no part of the project where it exists.
const scratch = "internal_tmp"

var quoted = regexp.MustCompile("`([^`]+)`")

// The table of packages names every package, and no other.
func TestEveryPackageIsNamed(t *testing.T) {
	var documented []string
	for _, row := range read(t, "docs/architecture.md").table(t, "package") {
		documented = append(documented, code(row[0]))
	}
	sameList(t, "docs/architecture.md", documented, packages(t))
}

// Every path in backquotes, on any page, exists.
func TestEveryPathExists(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var top []string
	for _, e := range entries {
		if e.IsDir() {
			top = append(top, e.Name())
		}
	}
	path := regexp.MustCompile(`^([a-z0-9]+)/[A-Za-z0-9_./-]*$`)
	for _, name := range pages(t) {
		for _, m := range quoted.FindAllStringSubmatch(read(t, name).text, -1) {
			for word := range strings.FieldsSeq(m[1]) {
				found := path.FindStringSubmatch(strings.TrimPrefix(word, "./"))
				if found == nil || !slices.Contains(top, found[1]) {
					continue
				}
				if _, err := os.Stat(filepath.Join(root, word)); err != nil {
					t.Errorf("%s names %s, which does not exist", name, word)
				}
			}
		}
	}
}

// The tables of one packet's way are those of P4Info, in its order and with its sizes.
func TestEveryTableIsNamed(t *testing.T) {
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	var want [][2]string
	for _, table := range program.Info.GetTables() {
		want = append(want, [2]string{table.GetPreamble().GetAlias(), strconv.FormatInt(table.GetSize(), 10)})
	}
	var got [][2]string
	for _, row := range read(t, "docs/architecture.md").table(t, "table") {
		got = append(got, [2]string{code(row[0]), row[1]})
	}
	if !slices.Equal(got, want) {
		t.Errorf("architecture.md has the tables\n%v\nP4Info has\n%v", got, want)
	}
}

// No stage imports one that comes after it. The demonstration is all stages in one.
func TestStagesImportBackwardsOnly(t *testing.T) {
	order := []string{"lang", "compiler", "backends", "runtime", "tests", "cmd"}
	stage := func(path string) int {
		top, _, _ := strings.Cut(path, "/")
		return slices.Index(order, top)
	}
	for _, folder := range packages(t) {
		from := stage(folder)
		if from < 0 || folder == "runtime/demo" {
			continue
		}
		for _, path := range imports(t, folder, false) {
			if inside, ok := strings.CutPrefix(path, "pillion/"); ok && stage(inside) > from {
				t.Errorf("%s imports %s, which comes after it", folder, inside)
			}
		}
	}
}

// imports are the import paths of a folder's files, each once.
func imports(t *testing.T, folder string, tests bool) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		if !tests && strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range parsed.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(out, path) {
				out = append(out, path)
			}
		}
	}
	return out
}
