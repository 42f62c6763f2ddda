package conformance

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "compile the programs in testdata again, and write their hashes")

const programs = "testdata/programs"

// TestCompiled fails when a program was changed without compiling it again, which
// -update does.
func TestCompiled(t *testing.T) {
	for _, folder := range []string{programs, "testdata/differences"} {
		compiled(t, folder)
	}
}

func compiled(t *testing.T, folder string) {
	t.Helper()
	sources, err := filepath.Glob(folder + "/*.p4")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no programs in %s: %v", folder, err)
	}
	var sums strings.Builder
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(text), filepath.Base(source))
		if *update && strings.Contains(string(text), "V1Switch(") {
			if _, err := exec.LookPath(compiler); err != nil {
				t.Skipf("%s is not in PATH", compiler)
			}
			out, err := filepath.Abs(strings.TrimSuffix(source, ".p4"))
			if err != nil {
				t.Fatal(err)
			}
			if err := compile(source, out); err != nil {
				t.Fatal(err)
			}
		}
	}
	golden := folder + "/sources.sum"
	if *update {
		if err := os.WriteFile(golden, []byte(sums.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || string(want) != sums.String() {
		t.Errorf("a program in %s is not what was compiled; run this test with -update (%v)", folder, err)
	}
}

// TestProgramsLoad: our switch takes every program.
func TestProgramsLoad(t *testing.T) {
	for _, name := range programNames(t) {
		t.Run(name, func(t *testing.T) {
			if err := primary(t, newOurs(t).conn, 1).configure(committed(t, filepath.Join(programs, name))); err != nil {
				t.Error(err)
			}
		})
	}
}

// programNames are the programs of testdata.
func programNames(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(programs + "/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no compiled programs: %v", err)
	}
	var out []string
	for _, f := range files {
		out = append(out, strings.TrimSuffix(filepath.Base(f), ".json"))
	}
	return out
}
