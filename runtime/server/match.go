package server

import (
	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/p4/engine"
)

// matchValues reads the match of a message.
func matchValues(match []*p4.FieldMatch) []matchValue {
	out := make([]matchValue, len(match))
	for i, m := range match {
		v := &out[i]
		v.field = m.GetFieldId()
		switch k := m.GetFieldMatchType().(type) {
		case *p4.FieldMatch_Exact_:
			v.kind, v.first = matchExact, k.Exact.GetValue()
		case *p4.FieldMatch_Ternary_:
			v.kind, v.first, v.second = matchTernary, k.Ternary.GetValue(), k.Ternary.GetMask()
		case *p4.FieldMatch_Lpm:
			v.kind, v.first, v.prefix = matchLPM, k.Lpm.GetValue(), k.Lpm.GetPrefixLen()
		case *p4.FieldMatch_Range_:
			v.kind, v.first, v.second = matchRange, k.Range.GetLow(), k.Range.GetHigh()
		case *p4.FieldMatch_Optional_:
			v.kind, v.first = matchOptional, k.Optional.GetValue()
		case *p4.FieldMatch_Other:
			v.kind = matchOther
		}
	}
	return out
}

// decodeMatch turns a match into an engine key: one element per
// field, in the order of the table's key. Fields that are left out match
// everything (section "Match Format"). The key is in room, if that is large enough.
func decodeMatch(fields []field, match []matchValue, room []engine.KeyField) ([]engine.KeyField, error) {
	key := room[:0]
	if cap(room) < len(fields) {
		key = make([]engine.KeyField, 0, len(fields))
	}
	key = key[:len(fields)]
	clear(key)
	var few [16]bool // on the stack
	given := few[:]
	if len(fields) > len(few) {
		given = make([]bool, len(fields))
	}
	for n := range match {
		m := &match[n]
		i := -1
		for j := range fields {
			if fields[j].id == m.field {
				i = j
			}
		}
		if i < 0 {
			return nil, invalid("match field %d is not known; there is %s", m.field, choices(fields, field.String))
		}
		if given[i] {
			return nil, invalid("match field %v is given twice", fields[i])
		}
		given[i] = true
		if err := decodeField(&fields[i], m, &key[i]); err != nil {
			return nil, within(err, "match field %v", fields[i])
		}
	}
	for i := range fields {
		if fields[i].kind == configv1.MatchField_EXACT && !given[i] {
			return nil, invalid("match field %v is missing; an exact field has no \"don't care\"", fields[i])
		}
	}
	return key, nil
}

// kindOf is how a field of this type is matched.
var kindOf = map[configv1.MatchField_MatchType]matchKind{
	configv1.MatchField_EXACT:    matchExact,
	configv1.MatchField_TERNARY:  matchTernary,
	configv1.MatchField_LPM:      matchLPM,
	configv1.MatchField_RANGE:    matchRange,
	configv1.MatchField_OPTIONAL: matchOptional,
}

// decodeField returns errors without the field's name. They become
// INVALID_ARGUMENT.
func decodeField(f *field, m *matchValue, k *engine.KeyField) (err error) {
	if m.kind == matchNothing {
		return invalid("no value is set; want %s", matchName(f.kind))
	}
	if m.kind != f.match {
		return invalid("%v is given; want %s", m.kind, matchName(f.kind))
	}
	switch m.kind {
	case matchExact:
		k.Value, err = f.number(m.first)
	case matchOptional:
		k.Mask = f.ones
		k.Value, err = f.number(m.first)
	case matchLPM:
		b, err := unsigned(m.first, f.width)
		if err != nil {
			return err
		}
		n := int(m.prefix)
		switch {
		case n == 0:
			return invalid("prefix length 0 matches everything: leave the field out")
		case n < 0 || n > f.width:
			return invalid("prefix length %d; want 1 to %d", n, f.width)
		case trailingZeros(b, f.width) < f.width-n:
			return invalid("the value 0x%x has bits set behind the prefix of %d", b, n)
		}
		k.Value, k.PrefixLen = b, n
	case matchTernary:
		b, err := unsigned(m.first, f.width)
		if err != nil {
			return err
		}
		mask, err := unsigned(m.second, f.width)
		switch {
		case err != nil:
			return within(err, "mask")
		case isZero(mask):
			return invalid("a mask of zeros matches everything: leave the field out")
		case !covers(mask, b):
			return invalid("the value 0x%x has bits set outside the mask 0x%x", b, mask)
		}
		k.Value, k.Mask = b, mask
	case matchRange:
		low, err := unsigned(m.first, f.width)
		if err != nil {
			return within(err, "low")
		}
		high, err := unsigned(m.second, f.width)
		switch {
		case err != nil:
			return within(err, "high")
		case compare(low, high) > 0:
			return invalid("the low end 0x%x is above the high end 0x%x", low, high)
		case isZero(low) && compare(high, f.ones) == 0:
			return invalid("a range over all values matches everything: leave the field out")
		}
		k.Value, k.High = low, high
	}
	return err
}

// encodeMatch is the inverse of decodeMatch, canonical: no "don't care" fields,
// fields in the order of the key.
func encodeMatch(fields []field, key []engine.KeyField) []*p4.FieldMatch {
	var out []*p4.FieldMatch
	for i, f := range fields {
		k := key[i]
		m := &p4.FieldMatch{FieldId: f.id}
		value := f.text(k.Value)
		switch f.kind {
		case configv1.MatchField_EXACT:
			m.FieldMatchType = &p4.FieldMatch_Exact_{Exact: &p4.FieldMatch_Exact{Value: value}}
		case configv1.MatchField_OPTIONAL:
			if isZero(k.Mask) {
				continue
			}
			m.FieldMatchType = &p4.FieldMatch_Optional_{Optional: &p4.FieldMatch_Optional{Value: value}}
		case configv1.MatchField_LPM:
			if k.PrefixLen == 0 {
				continue
			}
			m.FieldMatchType = &p4.FieldMatch_Lpm{Lpm: &p4.FieldMatch_LPM{Value: value, PrefixLen: int32(k.PrefixLen)}}
		case configv1.MatchField_TERNARY:
			if isZero(k.Mask) {
				continue
			}
			m.FieldMatchType = &p4.FieldMatch_Ternary_{Ternary: &p4.FieldMatch_Ternary{Value: value, Mask: canonical(k.Mask)}}
		case configv1.MatchField_RANGE:
			high := canonical(k.High)
			if isZero(value) && compare(high, allOnes(f.width)) == 0 {
				continue
			}
			m.FieldMatchType = &p4.FieldMatch_Range_{Range: &p4.FieldMatch_Range{Low: value, High: high}}
		}
		out = append(out, m)
	}
	return out
}
