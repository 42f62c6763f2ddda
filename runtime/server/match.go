package server

import (
	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/p4/engine"
)

// decodeMatch turns the match of a message into an engine key: one element per
// field, in the order of the table's key. Fields that are left out match
// everything (section "Match Format").
func decodeMatch(fields []field, match []*p4.FieldMatch) ([]engine.KeyField, error) {
	key := make([]engine.KeyField, len(fields))
	var few [16]bool // on the stack
	given := few[:]
	if len(fields) > len(few) {
		given = make([]bool, len(fields))
	}
	for _, m := range match {
		i := -1
		for j := range fields {
			if fields[j].id == m.FieldId {
				i = j
			}
		}
		if i < 0 {
			return nil, invalid("match field %d is not known; there is %s", m.FieldId, choices(fields, field.String))
		}
		if given[i] {
			return nil, invalid("match field %v is given twice", fields[i])
		}
		given[i] = true
		k, err := decodeField(fields[i], m)
		if err != nil {
			return nil, within(err, "match field %v", fields[i])
		}
		key[i] = k
	}
	for i, f := range fields {
		if f.kind == configv1.MatchField_EXACT && !given[i] {
			return nil, invalid("match field %v is missing; an exact field has no \"don't care\"", f)
		}
	}
	return key, nil
}

// decodeField returns errors without the field's name. They become
// INVALID_ARGUMENT.
func decodeField(f field, m *p4.FieldMatch) (engine.KeyField, error) {
	var none engine.KeyField
	switch v := m.FieldMatchType.(type) {
	case *p4.FieldMatch_Exact_:
		if f.kind != configv1.MatchField_EXACT {
			break
		}
		b, err := f.number(v.Exact.GetValue())
		return engine.KeyField{Value: b}, err
	case *p4.FieldMatch_Optional_:
		if f.kind != configv1.MatchField_OPTIONAL {
			break
		}
		b, err := f.number(v.Optional.GetValue())
		return engine.KeyField{Value: b, Mask: allOnes(f.key)}, err
	case *p4.FieldMatch_Lpm:
		if f.kind != configv1.MatchField_LPM {
			break
		}
		b, err := unsigned(v.Lpm.GetValue(), f.width)
		if err != nil {
			return none, err
		}
		n := int(v.Lpm.PrefixLen)
		switch {
		case n == 0:
			return none, invalid("prefix length 0 matches everything: leave the field out")
		case n < 0 || n > f.width:
			return none, invalid("prefix length %d; want 1 to %d", n, f.width)
		case trailingZeros(b, f.width) < f.width-n:
			return none, invalid("the value 0x%x has bits set behind the prefix of %d", b, n)
		}
		return engine.KeyField{Value: b, PrefixLen: n}, nil
	case *p4.FieldMatch_Ternary_:
		if f.kind != configv1.MatchField_TERNARY {
			break
		}
		b, err := unsigned(v.Ternary.GetValue(), f.width)
		if err != nil {
			return none, err
		}
		mask, err := unsigned(v.Ternary.GetMask(), f.width)
		switch {
		case err != nil:
			return none, within(err, "mask")
		case isZero(mask):
			return none, invalid("a mask of zeros matches everything: leave the field out")
		case !covers(mask, b):
			return none, invalid("the value 0x%x has bits set outside the mask 0x%x", b, mask)
		}
		return engine.KeyField{Value: b, Mask: mask}, nil
	case *p4.FieldMatch_Range_:
		if f.kind != configv1.MatchField_RANGE {
			break
		}
		low, err := unsigned(v.Range.GetLow(), f.width)
		if err != nil {
			return none, within(err, "low")
		}
		high, err := unsigned(v.Range.GetHigh(), f.width)
		switch {
		case err != nil:
			return none, within(err, "high")
		case compare(low, high) > 0:
			return none, invalid("the low end 0x%x is above the high end 0x%x", low, high)
		case isZero(low) && compare(high, allOnes(f.width)) == 0:
			return none, invalid("a range over all values matches everything: leave the field out")
		}
		return engine.KeyField{Value: low, High: high}, nil
	case nil:
		return none, invalid("no value is set; want %s", matchName(f.kind))
	}
	return none, invalid("%s is given; want %s", oneofName(m, "field_match_type"), matchName(f.kind))
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
