package scenario

import (
	"bytes"
	"errors"
	"strings"

	"pillion/backends"
	"pillion/backends/bundle"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/compiler/plan"
	"pillion/lang"
	"pillion/lang/diag"
	"pillion/p4"
)

// compiled is a policy and a network with everything that was made of them.
type compiled struct {
	policy *lang.Policy
	net    *network.Network
	plan   *plan.Plan
	bundle *bundle.Bundle
}

// section is a file of an archive.
type section struct {
	archive string
	line    int // of the archive, from 1, where its text begins
	text    []byte
}

// padded is the text behind as many empty lines as stand before it in the archive, so that whoever reads it
// names the archive's lines.
func (s section) padded() []byte {
	return append(bytes.Repeat([]byte("\n"), s.line-1), s.text...)
}

// compile takes a policy and a network through language, compiler and back end. The error holds every diagnostic.
func compile(policy, inventory section) (*compiled, error) {
	c := &compiled{}
	var said, more diag.List
	c.policy, said = lang.Parse([]lang.Input{{Name: policy.archive, Text: policy.padded()}}, lang.Options{})
	c.net, more = network.Parse(inventory.archive+".yaml", inventory.padded())
	c.net.File.Name = inventory.archive
	if said = append(said, more...); said.HasErrors() {
		return nil, rendered(said)
	}
	var err error
	c.plan, c.bundle, err = lower(c.policy, c.net)
	return c, err
}

// lower takes a policy and a network through compiler and back end. The error holds every diagnostic.
func lower(policy *lang.Policy, net *network.Network) (*plan.Plan, *bundle.Bundle, error) {
	made, said := compiler.Compile(policy, net)
	if said.HasErrors() {
		return nil, nil, rendered(said)
	}
	program, err := p4.Pillion()
	if err != nil {
		return nil, nil, err
	}
	b, _, err := backends.Lower(made, program, net.JSON())
	var refused *backends.Error
	if errors.As(err, &refused) {
		return nil, nil, rendered(refused.Diagnostics)
	}
	return made, b, err
}

// rendered makes an error of the errors in a list.
func rendered(list diag.List) error {
	var errs diag.List
	for _, d := range list {
		if d.Severity == diag.Error {
			errs.Add(d)
		}
	}
	var text strings.Builder
	if err := diag.Render(&text, errs.Sorted(), false); err != nil {
		return err
	}
	return errors.New(strings.TrimSpace(text.String()))
}
