package policytest_test

import (
	"context"
	"flag"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"pillion/runtime/simulate"
	"pillion/tests/compiled"
	"pillion/tests/policytest"
)

var update = flag.Bool("update", false, "rewrite the expected outcome in testdata")

// Middleboxes that are not as they should be are seen as such.
func TestTrouble(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/engine/failures-shown.txtar")
	if err != nil {
		t.Fatal(err)
	}
	rewritten := func(v simulate.Visit) []simulate.Sent {
		f := slices.Clone(v.Frame)
		f[len(f)-1]++
		return []simulate.Sent{{Arm: v.Arm, Frame: f}}
	}
	for _, c := range []struct {
		name string
		b    simulate.Behaviour
		want string
	}{
		{"fw1", simulate.Forward, ""},
		{"fw1", simulate.Drop, "observed: dropped (middlebox fw1 does not let it pass) via fw1"},
		{"fw1", rewritten, "wrong:    a1 gets a frame that is not as it was sent"},
		{"fw1", func(v simulate.Visit) []simulate.Sent { return append(simulate.Forward(v), simulate.Forward(v)...) }, "wrong:    a1 gets the packet twice"},
		{"ids1", func(v simulate.Visit) []simulate.Sent { v.Copy = false; return simulate.Forward(v) }, "wrong:    a copy for a tap is dropped at leaf3: source not"}, // it is a tap, and sends
	} {
		suite, engine := build(t, archive)
		if err := engine.Network.SetMiddlebox(c.name, c.b); err != nil {
			t.Fatal(err)
		}
		r, err := suite.Run(context.Background(), engine)
		if err != nil {
			t.Fatal(err)
		}
		right := &policytest.Result{Substrate: r.Substrate, Tests: r.Tests[2:]}
		var b strings.Builder
		if err := right.Text(&b); err != nil {
			t.Fatal(err)
		}
		if right.OK() != (c.want == "") || !strings.Contains(b.String(), c.want) {
			t.Errorf("want %q, got:\n%s", c.want, &b)
		}
	}
}

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
	// Real middleboxes learn addresses, where the network file does not say otherwise.
	for i := range w.Network.Middleboxes {
		if m := &w.Network.Middleboxes[i]; m.Out.Number != 0 && !m.NonLearning {
			if err := engine.Network.SetMiddlebox(m.Name, simulate.Bridge()); err != nil {
				t.Fatal(err)
			}
		}
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
