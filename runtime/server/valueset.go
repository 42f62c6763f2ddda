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
			return fmt.Errorf("P4Info has value set %s, which the device config does not have; it has %s",
				v.Preamble.Name, choices(b.eng.Program().ValueSets(), func(s string) string { return s }))
		}
		out := &valueSet{id: v.Preamble.Id, name: v.Preamble.Name, eng: eng}
		for _, f := range v.Match {
			w, err := width(fmt.Sprintf("value set %s, field %d", out.name, f.Id), f.Bitwidth)
			if err != nil {
				return err
			}
			if f.GetMatchType() != configv1.MatchField_EXACT {
				return fmt.Errorf("P4Info: value set %s, field %d is matched %v; v1model value sets are exact", out.name, f.Id, f.GetMatchType())
			}
			out.fields = append(out.fields, field{id: f.Id, name: f.Name, kind: configv1.MatchField_EXACT, width: w})
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
	return nil, invalid("value_set_id 0x%08x is not known; value sets are %s", id, choices(s.valueSets, (*valueSet).String))
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
		key, err := decodeMatch(v.fields, given.Match)
		if err != nil {
			return nil, within(err, "%v, member %d", v, i+1)
		}
		var member engine.ValueSetMember
		for _, k := range key {
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
				key[i].Value = b
			}
			m.Members = append(m.Members, &p4.ValueSetMember{Match: encodeMatch(v.fields, key)})
		}
		out(&p4.Entity{Entity: &p4.Entity_ValueSetEntry{ValueSetEntry: m}})
	}
	return nil
}
