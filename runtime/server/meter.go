package server

import (
	"fmt"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/p4/engine"
)

func (m *meter) String() string { return fmt.Sprintf("meter %s (0x%08x)", m.name, m.id) }

// decodeMeter checks a config against the meter's type (section "MeterEntry &
// DirectMeterEntry").
func decodeMeter(spec *configv1.MeterSpec, c *p4.MeterConfig) (*engine.MeterConfig, error) {
	if c == nil {
		return nil, nil
	}
	if c.Cir < 0 || c.Cburst < 0 || c.Pir < 0 || c.Pburst < 0 || c.Eburst < 0 {
		return nil, invalid("meter config: rates and bursts must not be negative")
	}
	single := c.Pir == c.Cir && c.Pburst == c.Cburst
	switch spec.GetType() {
	case configv1.MeterSpec_TWO_RATE_THREE_COLOR:
		if c.Eburst != 0 {
			return nil, invalid("meter config: eburst is %d; a two-rate three-color meter takes none", c.Eburst)
		}
		if c.Pir < c.Cir {
			return nil, invalid("meter config: pir %d is below cir %d", c.Pir, c.Cir)
		}
	case configv1.MeterSpec_SINGLE_RATE_TWO_COLOR:
		if !single || c.Eburst != 0 {
			return nil, invalid("meter config: a single-rate two-color meter takes pir = cir, pburst = cburst and no eburst")
		}
	default:
		return nil, unimplemented("meter type %v: v1model meters are two-rate three-color", spec.GetType())
	}
	return &engine.MeterConfig{CIR: uint64(c.Cir), CBurst: uint64(c.Cburst), PIR: uint64(c.Pir), PBurst: uint64(c.Pburst)}, nil
}

// encodeMeter is the inverse; a meter with its default config has no message.
func encodeMeter(c *engine.MeterConfig) *p4.MeterConfig {
	if c == nil {
		return nil
	}
	return &p4.MeterConfig{Cir: int64(c.CIR), Cburst: int64(c.CBurst), Pir: int64(c.PIR), Pburst: int64(c.PBurst)}
}

func (s *schema) meter(id uint32) (*meter, error) {
	for _, m := range s.meters {
		if m.id == id {
			return m, nil
		}
	}
	return nil, s.unknown("meter_id", id, "meters", choices(s.meters, (*meter).String))
}

// writeMeter does section "MeterEntry".
func (p *pipeline) writeMeter(typ p4.Update_Type, m *p4.MeterEntry) (undo, error) {
	if err := onlyModify(typ, "meters"); err != nil {
		return nil, err
	}
	mt, err := p.meter(m.GetMeterId())
	if err != nil {
		return nil, err
	}
	if m.CounterData != nil {
		return nil, unimplemented("%v: counter_data: this switch has no counters per meter color", mt)
	}
	from, to, err := indexes(m.Index, mt.eng.Size())
	if err != nil {
		return nil, within(err, "%v", mt)
	}
	cfg, err := decodeMeter(mt.spec, m.Config)
	if err != nil {
		return nil, within(err, "%v", mt)
	}
	old := make([]*engine.MeterConfig, to-from)
	for i := from; i < to; i++ {
		old[i-from], _ = mt.eng.Config(i)
		if err := mt.eng.SetConfig(i, cfg); err != nil {
			return nil, fromEngine(err)
		}
	}
	return func() {
		for i, o := range old {
			_ = mt.eng.SetConfig(from+i, o)
		}
	}, nil
}

func (p *pipeline) readMeters(want *p4.MeterEntry, out func(*p4.Entity)) error {
	if want.GetCounterData() != nil {
		return unimplemented("counter_data: this switch has no counters per meter color")
	}
	list := p.meters
	if want.GetMeterId() != 0 {
		m, err := p.meter(want.MeterId)
		if err != nil {
			return err
		}
		list = []*meter{m}
	} else if want.GetIndex() != nil {
		return invalid("meter_id 0 reads all meters; index must be unset then")
	}
	for _, m := range list {
		from, to, err := indexes(want.GetIndex(), m.eng.Size())
		if err != nil {
			return within(err, "%v", m)
		}
		for i := from; i < to; i++ {
			c, err := m.eng.Config(i)
			if err != nil {
				return fromEngine(err)
			}
			out(&p4.Entity{Entity: &p4.Entity_MeterEntry{MeterEntry: &p4.MeterEntry{
				MeterId: m.id, Index: &p4.Index{Index: int64(i)}, Config: encodeMeter(c)}}})
		}
	}
	return nil
}

// writeDirectMeter does section "DirectMeterEntry".
func (p *pipeline) writeDirectMeter(typ p4.Update_Type, m *p4.DirectMeterEntry) (undo, error) {
	if err := onlyModify(typ, "direct meters"); err != nil {
		return nil, err
	}
	if t, err := p.table(m.GetTableEntry().GetTableId()); err == nil && t.meter == nil {
		return nil, invalid("%v has no direct meter", t)
	}
	t, e, err := p.directEntry(m.GetTableEntry())
	if err != nil {
		return nil, err
	}
	if m.CounterData != nil {
		return nil, unimplemented("%v: counter_data: this switch has no counters per meter color", t)
	}
	cfg, err := decodeMeter(t.meter, m.Config)
	if err != nil {
		return nil, within(err, "%v", t)
	}
	key := engine.Entry{Key: e.Key, Priority: e.Priority}
	if err := t.eng.SetMeter(key, cfg); err != nil {
		return nil, fromEngine(err)
	}
	return func() { _ = t.eng.SetMeter(key, e.Meter) }, nil
}

func (p *pipeline) readDirectMeters(want *p4.DirectMeterEntry, out func(*p4.Entity)) error {
	if want.GetCounterData() != nil {
		return unimplemented("counter_data: this switch has no counters per meter color")
	}
	return p.readDirect(want.GetTableEntry(), "direct meter", func(t *table) bool { return t.meter != nil }, func(t *table, e engine.EntryInfo) {
		out(&p4.Entity{Entity: &p4.Entity_DirectMeterEntry{DirectMeterEntry: &p4.DirectMeterEntry{
			TableEntry: t.entryKey(e), Config: encodeMeter(e.Meter)}}})
	})
}
