package conformance

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/tests/conformance/stf"
)

// index is how a file may write the index of a header stack.
var index = regexp.MustCompile(`\$([0-9]+)`)

// matchField finds a key field as the P4 compiler's own runner does: by its name, by
// its end after a dot, and "valid" for a header's validity.
func matchField(t *configv1.Table, name string) (*configv1.MatchField, error) {
	name = index.ReplaceAllString(name, "[$1]")
	for _, full := range []string{name, name + "$", name + ".$valid$", strings.TrimSuffix(name, "valid") + "$valid$"} {
		for _, m := range t.MatchFields {
			if m.Name == full {
				return m, nil
			}
		}
	}
	var found *configv1.MatchField
	for _, m := range t.MatchFields {
		if strings.HasSuffix(m.Name, "."+name) || strings.HasSuffix(m.Name, "."+name+"$") || name == "valid" && strings.HasSuffix(m.Name, "$valid$") {
			found = m
		}
	}
	if found == nil {
		return nil, fmt.Errorf("table %s has no key field %q", t.Preamble.Name, name)
	}
	return found, nil
}

// fieldMatch makes a match of a value. It returns nil if any value matches, and
// whether the field's kind takes a priority.
func fieldMatch(m *configv1.MatchField, v stf.Value, given bool) (f *p4.FieldMatch, priority bool) {
	f = &p4.FieldMatch{FieldId: m.Id}
	if !given {
		v = stf.Value{Number: new(big.Int), Prefix: -1}
	}
	width := int(m.Bitwidth)
	switch m.GetMatchType() {
	case configv1.MatchField_EXACT:
		f.FieldMatchType = &p4.FieldMatch_Exact_{Exact: &p4.FieldMatch_Exact{Value: bytesOf(v.Number)}}
	case configv1.MatchField_LPM:
		length := v.Prefix
		switch {
		case !given:
			length = 0
		case length < 0 && v.Mask != nil:
			length = min(v.Mask.BitLen()-int(v.Mask.TrailingZeroBits()), width)
		case length < 0:
			length = width
		}
		if length == 0 {
			return nil, false
		}
		masked := new(big.Int).AndNot(v.Number, ones(width-length))
		f.FieldMatchType = &p4.FieldMatch_Lpm{Lpm: &p4.FieldMatch_LPM{Value: bytesOf(masked), PrefixLen: int32(length)}}
	case configv1.MatchField_TERNARY:
		// Only the bits that are written matter.
		mask := ones(width)
		switch {
		case !given:
			return nil, true
		case v.Mask != nil:
			mask.And(mask, v.Mask)
		case v.Bits > 0:
			mask.And(mask, ones(v.Bits))
		}
		if mask.Sign() == 0 {
			return nil, true
		}
		f.FieldMatchType = &p4.FieldMatch_Ternary_{Ternary: &p4.FieldMatch_Ternary{
			Value: bytesOf(new(big.Int).And(v.Number, mask)), Mask: bytesOf(mask)}}
		return f, true
	case configv1.MatchField_RANGE:
		if !given {
			return nil, true
		}
		f.FieldMatchType = &p4.FieldMatch_Range_{Range: &p4.FieldMatch_Range{Low: bytesOf(v.Number), High: bytesOf(v.Number)}}
		return f, true
	case configv1.MatchField_OPTIONAL:
		if !given {
			return nil, true
		}
		f.FieldMatchType = &p4.FieldMatch_Optional_{Optional: &p4.FieldMatch_Optional{Value: bytesOf(v.Number)}}
		return f, true
	}
	return f, false
}
