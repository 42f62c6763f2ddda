package conformance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// folders are the names by which the pages speak of packages.
var folders = map[string]string{"conformance": ".", "engine": "../../p4/engine", "server": "../../runtime/server"}

var named = regexp.MustCompile(`(conformance|engine|server) (Test\w+)(?:/([\w-]+))?`)

// TestPages: every test that the pages about the switch name is there.
func TestPages(t *testing.T) {
	for _, page := range []string{"../../docs/switch.md", "../../docs/p4runtime.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		found := named.FindAllStringSubmatch(string(text), -1)
		if len(found) < 10 {
			t.Errorf("%s names %d tests", page, len(found))
		}
		for _, m := range found {
			if !declares(t, folders[m[1]], "func "+m[2]+"(") {
				t.Errorf("%s names %s, which %s does not have", page, m[2], folders[m[1]])
			}
			if m[3] == "" || m[1] != "conformance" {
				continue
			}
			file := map[string]string{"TestOwnScripts": "testdata/stf/" + m[3] + ".stf", "TestProtocol": "testdata/p4runtime/" + m[3] + ".txt",
				"TestDifferential": programs + "/" + m[3] + ".p4"}[m[2]]
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s names %s/%s: %v", page, m[2], m[3], err)
			}
		}
	}
}

// declares tells whether a folder's tests hold a text.
func declares(t *testing.T, folder, text string) bool {
	t.Helper()
	files, err := filepath.Glob(folder + "/*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests: %v", folder, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), text) {
			return true
		}
	}
	return false
}
