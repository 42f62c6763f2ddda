// Package compiled takes a policy and a network all the way to a bundle, for tests of what comes after.
//
// In: their texts. Out: a [World]. Any error ends the test that asks.
package compiled

import (
	"errors"
	"strings"
	"testing"

	"pillion/backends"
	"pillion/backends/bundle"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/lang/diag"
	"pillion/p4"
)

// World is a policy on a network with what was made of them.
type World struct {
	Policy  *lang.Policy
	Network *network.Network
	Bundle  *bundle.Bundle
	Program *p4.Program
}

// New compiles a policy for a network that is written in YAML. Diagnostics call them policy.pol and
// network.yaml.
func New(t testing.TB, policy, inventory string) *World {
	t.Helper()
	w, err := Try(policy, inventory)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Try is New for texts that may have errors.
func Try(policy, inventory string) (*World, error) {
	w := &World{}
	var problems diag.List
	w.Policy, problems = lang.Parse([]lang.Input{{Name: "policy.pol", Text: []byte(policy)}}, lang.Options{})
	if problems.HasErrors() {
		return nil, errors.New(Rendered(problems))
	}
	w.Network, problems = network.Parse("network.yaml", []byte(inventory))
	if problems.HasErrors() {
		return nil, errors.New(Rendered(problems))
	}
	plan, problems := compiler.Compile(w.Policy, w.Network)
	if problems.HasErrors() {
		return nil, errors.New(Rendered(problems))
	}
	var err error
	if w.Program, err = p4.Pillion(); err != nil {
		return nil, err
	}
	w.Bundle, _, err = backends.Lower(plan, w.Program, w.Network.JSON())
	return w, err
}

// Must ends the test if there are errors, and shows them.
func Must(t testing.TB, problems diag.List) {
	t.Helper()
	if problems.HasErrors() {
		t.Fatal(Rendered(problems))
	}
}

// Rendered is the diagnostics as a user sees them, without colour.
func Rendered(problems diag.List) string {
	var b strings.Builder
	_ = diag.Render(&b, problems, false) // a Builder takes everything
	return b.String()
}
