package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"pillion/sidecarfallback/redirect"
)

const redirectEnding = ".redirect"

// redirectFile is the name of an ordinary switch's file.
func redirectFile(name string) string { return fileName(name) + redirectEnding }

// validateRedirects says whether Read would give the redirects back as they are.
func (b *Bundle) validateRedirects() error {
	for i := range b.Redirects {
		r := &b.Redirects[i]
		if r.Switch == "" || len(r.Switch) > maxTargetName {
			return fmt.Errorf("ordinary switch %q: a name has 1 to %d bytes", r.Switch, maxTargetName)
		}
		if i > 0 && b.Redirects[i-1].Switch >= r.Switch {
			return fmt.Errorf("ordinary switch %q: redirects must be sorted by switch, each once", r.Switch)
		}
		text := r.Text()
		if len(text) > maxRedirect {
			return fmt.Errorf("ordinary switch %q: its rules have %d bytes; at most %d are read", r.Switch, len(text), maxRedirect)
		}
		rules, err := redirect.Parse(strings.NewReader(text))
		if err != nil {
			return fmt.Errorf("ordinary switch %q: %w", r.Switch, err)
		}
		if rules.Switch != r.Switch {
			return fmt.Errorf("ordinary switch %q: its rules are those of %q", r.Switch, rules.Switch)
		}
		if rules.Text() != text {
			return fmt.Errorf("ordinary switch %q: its rules are not in the canonical order and form", r.Switch)
		}
		for j := range r.Lines {
			if err := b.validFrom(r.Lines[j].From); err != nil {
				return fmt.Errorf("ordinary switch %q, %q: %w", r.Switch, r.Lines[j].Text, err)
			}
		}
	}
	return nil
}

func (b *Bundle) validFrom(from []uint32) error {
	for j, s := range from {
		if int(s) >= len(b.Statements) || j > 0 && from[j-1] >= s {
			return fmt.Errorf("its origins %v must ascend and index the %d statements", from, len(b.Statements))
		}
	}
	return nil
}

// readRedirect reads an ordinary switch's file. It may have been edited by hand, and gets its canonical form back.
func readRedirect(dir string, m *manifestRedirect) (Redirect, error) {
	r := Redirect{Switch: m.Switch, Driver: m.Driver, Sidecar: m.Sidecar}
	path := filepath.Join(dir, m.File)
	data, err := readBounded(path, maxRedirect)
	if err != nil {
		return r, err
	}
	rules, err := redirect.Parse(bytes.NewReader(data))
	var syntax *redirect.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return r, fmt.Errorf("%s:%w", path, err) // which begins with line and column
	case err != nil:
		return r, fmt.Errorf("%s: %w", path, err)
	case rules.Switch != m.Switch:
		return r, fmt.Errorf("%s: these are rules of switch %q, but %s says %q", path, rules.Switch, manifestName, m.Switch)
	}
	for text := range strings.Lines(rules.Text()) {
		r.Lines = append(r.Lines, RedirectLine{Text: strings.TrimSuffix(text, "\n")})
	}
	if len(r.Lines) != m.Lines {
		return r, fmt.Errorf("%s: %d rules, but %s says %d: the file is cut off, or was edited (then correct \"lines\" in %s too)",
			path, len(r.Lines), manifestName, m.Lines, manifestName)
	}
	return r, nil
}
