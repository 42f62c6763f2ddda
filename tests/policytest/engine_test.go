package policytest_test

import (
	"context"
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"pillion/tests/compiled"
	"pillion/tests/policytest"
)

var update = flag.Bool("update", false, "rewrite the expected outcome in testdata")

// Each archive holds policy.pol, network.yaml and want: the result as text.
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
			golden(t, file, archive, outcome(t, archive))
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
	w := compiled.New(t, fileIn(archive, "policy.pol"), fileIn(archive, "network.yaml"))
	suite, problems := policytest.Prepare(w.Policy, w.Network)
	compiled.Must(t, problems)
	engine, err := policytest.NewEngine(w.Bundle, w.Program)
	if err != nil {
		t.Fatal(err)
	}
	return suite, engine
}

func fileIn(archive *txtar.Archive, name string) string {
	for _, f := range archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}
