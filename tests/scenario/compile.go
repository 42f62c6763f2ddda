package scenario

import (
	"bytes"
	"errors"
	"fmt"
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
	c.plan, more = compiler.Compile(c.policy, c.net)
	if more.HasErrors() {
		return nil, rendered(more)
	}
	program, err := p4.Pillion()
	if err != nil {
		return nil, err
	}
	c.bundle, _, err = backends.Lower(c.plan, program, c.net.JSON())
	var refused *backends.Error
	if errors.As(err, &refused) {
		return nil, rendered(refused.Diagnostics)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", policy.archive, err)
	}
	return c, nil
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
