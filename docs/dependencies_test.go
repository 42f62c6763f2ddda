package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dependencies.md lists every module that a package of this one imports, and whatever else it lists says that it
// is not used by itself and is required all the same.
func TestDependencies(t *testing.T) {
	required := requiredModules(t)
	imported := importedModules(t, required)
	var documented []string
	for _, row := range read(t, "docs/dependencies.md").table(t, "module") {
		module := code(row[0])
		switch {
		case !slices.Contains(required, module):
			t.Errorf("dependencies.md lists %s, which go.mod does not require", module)
		case strings.HasPrefix(row[1], "not used by itself"):
			continue
		}
		documented = append(documented, module)
	}
	sameList(t, "docs/dependencies.md", documented, imported)
}

func requiredModules(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^\s*(?:require )?(\S+\.\S+/?\S*) v\d`).FindAllSubmatch(text, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

func importedModules(t *testing.T, required []string) []string {
	t.Helper()
	var out []string
	for _, folder := range packages(t) {
		for _, path := range imports(t, folder, true) {
			module := ""
			for _, r := range required {
				if (path == r || strings.HasPrefix(path, r+"/")) && len(r) > len(module) {
					module = r
				}
			}
			if module == "google.golang.org/genproto" || module == "" || slices.Contains(out, module) {
				continue
			}
			out = append(out, module)
		}
	}
	return out
}
