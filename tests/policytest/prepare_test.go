package policytest_test

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"pillion/compiler/network"
	"pillion/lang"
	"pillion/tests/compiled"
	"pillion/tests/policytest"
)

// Mistakes in test blocks, each with its place and what to do.
func TestMistakes(t *testing.T) {
	const file = "testdata/mistakes.txtar"
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	policy, problems := lang.Parse([]lang.Input{{Name: "policy.pol", Text: []byte(fileIn(archive, "policy.pol"))}}, lang.Options{})
	compiled.Must(t, problems)
	net, problems := network.Parse("network.yaml", []byte(fileIn(archive, "network.yaml")))
	compiled.Must(t, problems)
	_, problems = policytest.Prepare(policy, net)
	golden(t, file, archive, compiled.Rendered(problems))
}

// golden compares with the archive's file want, or writes it.
func golden(t *testing.T, file string, archive *txtar.Archive, got string) {
	t.Helper()
	for i := range archive.Files {
		f := &archive.Files[i]
		if f.Name != "want" {
			continue
		}
		if string(f.Data) == got {
			return
		}
		if !*update {
			t.Fatalf("got:\n%swant:\n%s", got, f.Data)
		}
		f.Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("%s has no file want", file)
}
