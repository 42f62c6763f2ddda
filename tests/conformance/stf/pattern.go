package stf

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// Pattern is what an expected frame looks like.
type Pattern struct {
	// Digits are hexadecimal, in lower case, with * for any.
	Digits string
	// Exact says that nothing may follow.
	Exact bool
}

// parsePattern reads the words after the port.
func parsePattern(words []string) (*Pattern, error) {
	p := &Pattern{Digits: strings.ToLower(strings.Join(words, ""))}
	p.Digits, p.Exact = strings.CutSuffix(p.Digits, "$")
	for _, c := range p.Digits {
		if !strings.ContainsRune("0123456789abcdef*", c) {
			return nil, fmt.Errorf("%q in an expected frame: want hexadecimal digits, *, and $ at the end", c)
		}
	}
	return p, nil
}

// Match says how the frame differs from the pattern; "" if it does not.
func (p *Pattern) Match(frame []byte) string {
	got := hex.EncodeToString(frame)
	switch {
	case len(got) < len(p.Digits):
		return fmt.Sprintf("the frame has %d hexadecimal digits, want %d", len(got), len(p.Digits))
	case p.Exact && len(got) > len(p.Digits):
		return fmt.Sprintf("the frame has %d hexadecimal digits, want no more than %d", len(got), len(p.Digits))
	}
	for i := range len(p.Digits) {
		if p.Digits[i] != '*' && p.Digits[i] != got[i] {
			return fmt.Sprintf("hexadecimal digit %d (byte %d) is %c, want %c", i, i/2, got[i], p.Digits[i])
		}
	}
	return ""
}

// String is the pattern as in a file.
func (p *Pattern) String() string {
	if p == nil {
		return "any frame"
	}
	if p.Exact {
		return p.Digits + "$"
	}
	return p.Digits
}
