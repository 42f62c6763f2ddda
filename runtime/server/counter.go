package server

import (
	"fmt"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/p4/engine"
)

func (c *counter) String() string { return fmt.Sprintf("counter %s (0x%08x)", c.name, c.id) }

func decodeCounter(d *p4.CounterData) (engine.CounterData, error) {
	if d.ByteCount < 0 || d.PacketCount < 0 {
		return engine.CounterData{}, invalid("counter data %d bytes, %d packets is negative", d.ByteCount, d.PacketCount)
	}
	return engine.CounterData{Bytes: uint64(d.ByteCount), Packets: uint64(d.PacketCount)}, nil
}

func encodeCounter(c engine.CounterData) *p4.CounterData {
	return &p4.CounterData{ByteCount: int64(c.Bytes), PacketCount: int64(c.Packets)}
}

func (s *schema) counter(id uint32) (*counter, error) {
	for _, c := range s.counters {
		if c.id == id {
			return c, nil
		}
	}
	return nil, s.unknown("counter_id", id, "counters", choices(s.counters, (*counter).String))
}

// indexes is the range of cells that a message is about: one, or all without an
// index.
func indexes(i *p4.Index, size int) (from, to int, err error) {
	switch {
	case i == nil:
		return 0, size, nil
	case i.Index < 0:
		return 0, 0, invalid("index %d is negative", i.Index)
	case i.Index >= int64(size):
		return 0, 0, outOfRange("index %d; it has 0 to %d", i.Index, size-1)
	}
	return int(i.Index), int(i.Index) + 1, nil
}

// writeCounter does section "CounterEntry".
func (p *pipeline) writeCounter(typ p4.Update_Type, m *p4.CounterEntry) (undo, error) {
	if err := onlyModify(typ, "counters"); err != nil {
		return nil, err
	}
	c, err := p.counter(m.GetCounterId())
	if err != nil {
		return nil, err
	}
	from, to, err := indexes(m.Index, c.eng.Size())
	if err != nil {
		return nil, within(err, "%v", c)
	}
	if m.Data == nil {
		return func() {}, nil
	}
	v, err := decodeCounter(m.Data)
	if err != nil {
		return nil, within(err, "%v", c)
	}
	old := make([]engine.CounterData, to-from)
	for i := from; i < to; i++ {
		old[i-from], _ = c.eng.Read(i)
		if err := c.eng.Write(i, v); err != nil {
			return nil, fromEngine(err)
		}
	}
	return func() {
		for i, o := range old {
			_ = c.eng.Write(from+i, o)
		}
	}, nil
}

func (p *pipeline) readCounters(want *p4.CounterEntry, out func(*p4.Entity)) error {
	list := p.counters
	if want.GetCounterId() != 0 {
		c, err := p.counter(want.CounterId)
		if err != nil {
			return err
		}
		list = []*counter{c}
	} else if want.GetIndex() != nil {
		return invalid("counter_id 0 reads all counters; index must be unset then")
	}
	for _, c := range list {
		from, to, err := indexes(want.GetIndex(), c.eng.Size())
		if err != nil {
			return within(err, "%v", c)
		}
		for i := from; i < to; i++ {
			v, err := c.eng.Read(i)
			if err != nil {
				return fromEngine(err)
			}
			out(&p4.Entity{Entity: &p4.Entity_CounterEntry{CounterEntry: &p4.CounterEntry{
				CounterId: c.id, Index: &p4.Index{Index: int64(i)}, Data: encodeCounter(v)}}})
		}
	}
	return nil
}

// directEntry finds the entry that a direct resource belongs to. The key of the
// returned entry is empty for the default entry.
func (p *pipeline) directEntry(m *p4.TableEntry) (*table, engine.EntryInfo, error) {
	if m == nil {
		return nil, engine.EntryInfo{}, invalid("table_entry is not set; it says which entry's")
	}
	t, err := p.table(m.TableId)
	if err != nil {
		return nil, engine.EntryInfo{}, err
	}
	if m.IsDefaultAction {
		if len(m.Match) != 0 || m.Priority != 0 {
			return nil, engine.EntryInfo{}, invalid("%v: the default entry has no match and no priority", t)
		}
		return t, t.eng.Default(), nil
	}
	key, err := t.key(m)
	if err != nil {
		return nil, engine.EntryInfo{}, within(err, "%v", t)
	}
	e, ok := t.eng.Get(key)
	if !ok {
		return nil, engine.EntryInfo{}, notFound("%v has no entry with this match and priority", t)
	}
	return t, e, nil
}

// writeDirectCounter does section "DirectCounterEntry".
func (p *pipeline) writeDirectCounter(typ p4.Update_Type, m *p4.DirectCounterEntry) (undo, error) {
	if err := onlyModify(typ, "direct counters"); err != nil {
		return nil, err
	}
	if t, err := p.table(m.GetTableEntry().GetTableId()); err == nil && !t.counted {
		return nil, invalid("%v has no direct counter", t)
	}
	t, e, err := p.directEntry(m.GetTableEntry())
	if err != nil {
		return nil, err
	}
	if m.Data == nil {
		return func() {}, nil
	}
	v, err := decodeCounter(m.Data)
	if err != nil {
		return nil, within(err, "%v", t)
	}
	key := engine.Entry{Key: e.Key, Priority: e.Priority}
	if err := t.eng.SetCounter(key, v); err != nil {
		return nil, fromEngine(err)
	}
	return func() { _ = t.eng.SetCounter(key, e.Counter) }, nil
}

// entryKey is what names an entry in messages about its direct resources.
func (t *table) entryKey(e engine.EntryInfo) *p4.TableEntry {
	m := &p4.TableEntry{TableId: t.id, IsDefaultAction: e.Default}
	if !e.Default {
		m.Match, m.Priority = encodeMatch(t.fields, e.Key), e.Priority
	}
	return m
}

// readDirect sends something for the entries that a direct-resource read is about:
// one entry, a table's, or those of all tables that have the resource.
func (p *pipeline) readDirect(want *p4.TableEntry, what string, has func(*table) bool, send func(*table, engine.EntryInfo)) error {
	all := func(t *table) {
		if want.GetIsDefaultAction() {
			send(t, t.eng.Default())
			return
		}
		t.eng.Each(func(e engine.EntryInfo) bool { send(t, e); return true })
	}
	if want.GetTableId() == 0 {
		for _, t := range p.tables {
			if has(t) {
				all(t)
			}
		}
		return nil
	}
	t, err := p.table(want.TableId)
	if err != nil {
		return err
	}
	if !has(t) {
		return invalid("%v has no %s", t, what)
	}
	if len(want.Match) == 0 && want.Priority == 0 {
		all(t)
		return nil
	}
	_, e, err := p.directEntry(want)
	if err != nil {
		return err
	}
	send(t, e)
	return nil
}

func (p *pipeline) readDirectCounters(want *p4.DirectCounterEntry, out func(*p4.Entity)) error {
	return p.readDirect(want.GetTableEntry(), "direct counter", func(t *table) bool { return t.counted }, func(t *table, e engine.EntryInfo) {
		out(&p4.Entity{Entity: &p4.Entity_DirectCounterEntry{DirectCounterEntry: &p4.DirectCounterEntry{
			TableEntry: t.entryKey(e), Data: encodeCounter(e.Counter)}}})
	})
}
