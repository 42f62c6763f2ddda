package server

import (
	"fmt"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/p4/engine"
)

type valueSet struct {
	id     uint32
	name   string
	fields []field
	eng    *engine.ValueSet
}

func (v *valueSet) String() string { return fmt.Sprintf("value set %s (0x%08x)", v.name, v.id) }

func (b *schemaBuilder) readValueSets() error {
	for _, v := range b.info.ValueSets {
		if err := b.claim("value set", v.Preamble); err != nil {
			return err
		}
		eng := b.eng.ValueSet(v.Preamble.Name)
		if eng == nil {
			if err := b.leaveOut("value set", v.Preamble, b.eng.Program().ValueSets(), declaredNames(b.info.ValueSets)); err != nil {
				return err
			}
			continue
		}
		out := &valueSet{id: v.Preamble.Id, name: v.Preamble.Name, eng: eng}
		for _, f := range v.Match {
			w, err := width(fmt.Sprintf("value set %s, field %d", out.name, f.Id), f.Bitwidth)
			if err != nil {
				return err
			}
			if _, ok := matchKinds[f.GetMatchType()]; !ok {
				return fmt.Errorf("P4Info: value set %s, field %d is matched %v%s; supported are exact, lpm, ternary, range and optional", out.name, f.Id, f.GetMatchType(), f.GetOtherMatchType())
			}
			out.fields = append(out.fields, field{id: f.Id, name: f.Name, kind: f.GetMatchType(), match: kindOf[f.GetMatchType()],
				width: w, key: w, ones: allOnes(w)})
		}
		b.out.valueSets = append(b.out.valueSets, out)
	}
	return nil
}

func (s *schema) valueSet(id uint32) (*valueSet, error) {
	for _, v := range s.valueSets {
		if v.id == id {
			return v, nil
		}
	}
	return nil, s.unknown("value_set_id", id, "value sets", choices(s.valueSets, (*valueSet).String))
}

// writeValueSet does section "ValueSetEntry".
func (p *pipeline) writeValueSet(typ p4.Update_Type, m *p4.ValueSetEntry) (undo, error) {
	if err := onlyModify(typ, "value sets"); err != nil {
		return nil, err
	}
	v, err := p.valueSet(m.GetValueSetId())
	if err != nil {
		return nil, err
	}
	var members []engine.ValueSetMember
	for i, given := range m.Members {
		key, err := decodeMatch(v.fields, matchValues(given.Match), nil)
		if err != nil {
			return nil, within(err, "%v, member %d", v, i+1)
		}
		var member engine.ValueSetMember
		for j, k := range key {
			if !wholeValue(v.fields[j], k) {
				return nil, within(unimplemented("match field %v does not match one value; p4c's device config has only value sets that match exactly", v.fields[j]), "%v, member %d", v, i+1)
			}
			member = append(member, k.Value)
		}
		members = append(members, member)
	}
	old := v.eng.Members()
	if err := v.eng.Replace(members); err != nil {
		return nil, fromEngine(err)
	}
	return func() { _ = v.eng.Replace(old) }, nil
}

func (p *pipeline) readValueSets(want *p4.ValueSetEntry, out func(*p4.Entity)) error {
	list := p.valueSets
	if want.GetValueSetId() != 0 {
		v, err := p.valueSet(want.ValueSetId)
		if err != nil {
			return err
		}
		list = []*valueSet{v}
	}
	for _, v := range list {
		m := &p4.ValueSetEntry{ValueSetId: v.id}
		for _, member := range v.eng.Members() {
			key := make([]engine.KeyField, len(member))
			for i, b := range member {
				key[i] = oneValue(v.fields[i], b)
			}
			m.Members = append(m.Members, &p4.ValueSetMember{Match: encodeMatch(v.fields, key)})
		}
		out(&p4.Entity{Entity: &p4.Entity_ValueSetEntry{ValueSetEntry: m}})
	}
	return nil
}

// wholeValue tells whether a match is of one value.
func wholeValue(f field, k engine.KeyField) bool {
	switch f.kind {
	case configv1.MatchField_LPM:
		return k.PrefixLen == f.width
	case configv1.MatchField_TERNARY, configv1.MatchField_OPTIONAL:
		return compare(k.Mask, allOnes(f.width)) == 0
	case configv1.MatchField_RANGE:
		return k.High != nil && compare(k.Value, k.High) == 0
	}
	return true
}

// oneValue is the match of one value, of the field's kind.
func oneValue(f field, v []byte) engine.KeyField {
	return engine.KeyField{Value: v, Mask: allOnes(f.width), PrefixLen: f.width, High: v}
}
