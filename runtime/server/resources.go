package server

import (
	"fmt"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
)

// readDirect binds direct counters and meters to their tables.
func (b *schemaBuilder) readDirect() error {
	attach := func(kind string, p *configv1.Preamble, tableID uint32) (*table, error) {
		if err := b.claim(kind, p); err != nil {
			return nil, err
		}
		t := b.out.tableByID[tableID]
		if what, ok := b.out.absent[tableID]; ok {
			b.out.absent[p.Id] = what + " with " + kind + " " + p.Name
			return nil, nil
		}
		if t == nil {
			return nil, fmt.Errorf("P4Info: %s %s belongs to table 0x%08x, which is not there", kind, p.Name, tableID)
		}
		return t, nil
	}
	for _, c := range b.info.DirectCounters {
		t, err := attach("direct counter", c.Preamble, c.DirectTableId)
		if err != nil {
			return err
		}
		if t == nil {
			continue
		}
		if !t.eng.Info().DirectCounter {
			return fmt.Errorf("P4Info: table %s has direct counter %s, but none in the device config", t.name, c.Preamble.Name)
		}
		t.counted, t.counterID = true, c.Preamble.Id
		b.out.directCounters[c.Preamble.Id] = t
	}
	for _, m := range b.info.DirectMeters {
		t, err := attach("direct meter", m.Preamble, m.DirectTableId)
		if err != nil {
			return err
		}
		if t == nil {
			continue
		}
		if !t.eng.Info().DirectMeter {
			return fmt.Errorf("P4Info: table %s has direct meter %s, but none in the device config", t.name, m.Preamble.Name)
		}
		t.meter, t.meterID = m.Spec, m.Preamble.Id
		if t.meter == nil {
			t.meter = &configv1.MeterSpec{}
		}
		b.out.directMeters[m.Preamble.Id] = t
	}
	return nil
}

// readArrays binds counters, meters and registers that have indexes.
func (b *schemaBuilder) readArrays() error {
	prog := b.eng.Program()
	sizes := func(what, n string, info int64, config int) error {
		if info != int64(config) {
			return fmt.Errorf("%s %s has size %d in P4Info and %d in the device config", what, n, info, config)
		}
		return nil
	}
	for _, c := range b.info.Counters {
		if err := b.claim("counter", c.Preamble); err != nil {
			return err
		}
		eng := b.eng.Counter(c.Preamble.Name)
		if eng == nil {
			if err := b.leaveOut("counter", c.Preamble, prog.Counters(), declaredNames(b.info.Counters)); err != nil {
				return err
			}
			continue
		}
		if err := sizes("counter", c.Preamble.Name, c.Size, eng.Size()); err != nil {
			return err
		}
		b.out.counters = append(b.out.counters, &counter{id: c.Preamble.Id, name: c.Preamble.Name, eng: eng})
	}
	for _, m := range b.info.Meters {
		if err := b.claim("meter", m.Preamble); err != nil {
			return err
		}
		eng := b.eng.Meter(m.Preamble.Name)
		if eng == nil {
			if err := b.leaveOut("meter", m.Preamble, prog.Meters(), declaredNames(b.info.Meters)); err != nil {
				return err
			}
			continue
		}
		if err := sizes("meter", m.Preamble.Name, m.Size, eng.Size()); err != nil {
			return err
		}
		spec := m.Spec
		if spec == nil {
			spec = &configv1.MeterSpec{}
		}
		b.out.meters = append(b.out.meters, &meter{id: m.Preamble.Id, name: m.Preamble.Name, spec: spec, eng: eng})
	}
	for _, r := range b.info.Registers {
		if err := b.claim("register", r.Preamble); err != nil {
			return err
		}
		eng := b.eng.Register(r.Preamble.Name)
		if eng == nil {
			if err := b.leaveOut("register", r.Preamble, prog.Registers(), declaredNames(b.info.Registers)); err != nil {
				return err
			}
			continue
		}
		if err := sizes("register", r.Preamble.Name, int64(r.Size), eng.Size()); err != nil {
			return err
		}
		b.out.registers = append(b.out.registers, &register{id: r.Preamble.Id, name: r.Preamble.Name, codec: codecOf(r.TypeSpec, b.info.TypeInfo), eng: eng})
	}
	return nil
}
