package policytest_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"pillion/backends"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/lang/diag"
	"pillion/p4"
	"pillion/tests/policytest"
)

var update = flag.Bool("update", false, "rewrite the expected outcome in testdata")

// Each archive holds policy.pol, network.yaml and want: the rendered result. Files down and drop list middleboxes.
func TestEngine(t *testing.T) {
	files, err := filepath.Glob("testdata/engine/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no archives in testdata/engine", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := outcome(t, archive)
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
		})
	}
}

// outcome compiles an archive's policy, runs its tests on the engine and renders the result.
func outcome(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	suite, engine := build(t, archive)
	r, err := suite.Run(context.Background(), engine)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.Text(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func build(t testing.TB, archive *txtar.Archive) (*policytest.Suite, *policytest.Engine) {
	t.Helper()
	policy, problems := lang.Parse([]lang.Input{{Name: "policy.pol", Text: fileIn(archive, "policy.pol")}}, lang.Options{})
	must(t, problems)
	net, problems := network.Parse("network.yaml", fileIn(archive, "network.yaml"))
	must(t, problems)
	plan, problems := compiler.Compile(policy, net)
	must(t, problems)
	suite, problems := policytest.Prepare(policy, net)
	must(t, problems)
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	bundle, _, err := backends.Lower(plan, program, net.JSON())
	if err != nil {
		t.Fatal(err)
	}
	engine, err := policytest.NewEngine(bundle, program)
	if err != nil {
		t.Fatal(err)
	}
	return suite, engine
}

func fileIn(archive *txtar.Archive, name string) []byte {
	for _, f := range archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func must(t testing.TB, problems diag.List) {
	t.Helper()
	if problems.HasErrors() {
		var b strings.Builder
		_ = diag.Render(&b, problems, false)
		t.Fatal(b.String())
	}
}
