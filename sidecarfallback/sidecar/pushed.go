package sidecar

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"pillion/backends/bundle"
	"pillion/sidecarfallback/verify"
)

// pushed keeps on the disk what verification needs of the bundle that was pushed last. An agent that starts between a compilation and its
// push finds the new bundle in its folder, and shims with the rules of the one before. While a push goes on the folder is empty.
type pushed struct {
	folder string
	sw     string         // the ordinary switch
	kept   *bundle.Bundle // what is in the folder
}

// read gives what an earlier agent kept; nil if there is nothing, or nothing that can be used.
func (p *pushed) read() (*bundle.Bundle, error) {
	if _, err := os.Stat(p.folder); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	b, err := bundle.Read(p.folder)
	if err != nil {
		return nil, fmt.Errorf("the rules that were pushed last: %w; any frame is good until the next push", err)
	}
	p.kept = b
	return b, nil
}

// keep writes a bundle, unless it is there already.
func (p *pushed) keep(b *bundle.Bundle) error {
	part, err := verify.Part(b, p.sw)
	if err != nil {
		return err
	}
	if p.kept != nil && sameRules(p.kept, part) {
		return nil
	}
	p.kept = nil
	if err := bundle.Write(p.folder, part); err != nil {
		return fmt.Errorf("keeping the rules that were pushed: %w", err)
	}
	p.kept = part
	return nil
}

// holds says whether a bundle is the one that was pushed.
func (p *pushed) holds(b *bundle.Bundle) bool {
	part, err := verify.Part(b, p.sw)
	return err == nil && p.kept != nil && sameRules(p.kept, part)
}

func (p *pushed) forget() error {
	p.kept = nil
	return os.RemoveAll(p.folder)
}

// sameRules says whether two bundles make shims do the same, and report it in the same words.
func sameRules(a, b *bundle.Bundle) bool {
	return bytes.Equal(a.Network, b.Network) && slices.Equal(a.Statements, b.Statements) &&
		slices.EqualFunc(a.Targets, b.Targets, func(s, t bundle.Target) bool {
			return s.Name == t.Name && s.Kind == t.Kind && s.P4InfoHash == t.P4InfoHash &&
				slices.EqualFunc(s.Entities, t.Entities, func(e, f bundle.Entity) bool {
					return e.Equal(&f) && e.Counts == f.Counts && slices.Equal(e.From, f.From)
				})
		})
}
