package server

//lint:file-ignore SA1019 deprecated fields are still to be served, or refused

import (
	"slices"
	"time"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

// note is what the server keeps with an entry in the engine: what only P4Runtime
// knows of it.
type note struct {
	metadata   []byte
	controller uint64 // the deprecated controller_metadata
	// set is the original one-shot message, which must be read back as it was.
	set *p4.ActionProfileActionSet
	// notified is when (on the wall clock) an idle notification was last sent. Only the
	// idle watcher touches it.
	notified time.Time
}

// noteOf is for looking at, unless the entry has an idle timeout: then the note is its own.
func noteOf(e engine.Entry) *note {
	if n, ok := e.Opaque.(*note); ok {
		return n
	}
	return &noNote
}

var noNote note

func (s *schema) table(id uint32) (*table, error) {
	if t := s.tableByID[id]; t != nil {
		return t, nil
	}
	return nil, s.unknown("table_id", id, "tables", choices(s.tables, (*table).String))
}

// writeTableEntry does section "TableEntry".
func (p *pipeline) writeTableEntry(typ p4.Update_Type, m *p4.TableEntry) (undo, error) {
	t, err := p.table(m.GetTableId())
	if err != nil {
		return nil, err
	}
	if m.IsConst {
		return nil, within(invalid("is_const must be false in a write"), "%v", t)
	}
	var back undo
	if m.IsDefaultAction {
		back, err = t.writeDefault(typ, m)
	} else {
		back, err = t.writeEntry(typ, m)
	}
	return back, within(err, "%v", t)
}

// key decodes match and priority.
func (t *table) key(m *p4.TableEntry) (engine.Entry, error) {
	key, err := decodeMatch(t.fields, matchValues(m.Match), nil)
	if err != nil {
		return engine.Entry{}, err
	}
	switch {
	case t.priority && m.Priority <= 0:
		return engine.Entry{}, invalid("priority %d; a table with ternary, range or optional fields takes 1 or more", m.Priority)
	case !t.priority && m.Priority != 0:
		return engine.Entry{}, invalid("priority %d; a table without ternary, range and optional fields takes none (0)", m.Priority)
	}
	return engine.Entry{Key: key, Priority: m.Priority}, nil
}

func (t *table) writeEntry(typ p4.Update_Type, m *p4.TableEntry) (undo, error) {
	if t.constEntries && (typ != p4.Update_MODIFY || m.Action != nil) {
		return nil, denied("its entries are constant; only MODIFY of direct resources, without an action, is allowed")
	}
	if len(t.fields) == 0 {
		return nil, invalid("it has no key, so no entries; only the default entry (is_default_action) can be written")
	}
	e, err := t.key(m)
	if err != nil {
		return nil, err
	}
	switch typ {
	case p4.Update_INSERT:
		return t.insert(e, m)
	case p4.Update_MODIFY:
		return t.modify(e, m)
	}
	old, ok := t.eng.Get(e)
	if !ok {
		return nil, notFound("there is no entry with this match and priority")
	}
	if err := t.eng.Delete(e); err != nil {
		return nil, fromEngine(err)
	}
	t.countOneShot(old.Entry, -1)
	return func() { t.restore(old) }, nil
}

// restore puts a deleted entry back, its counter and meter included.
func (t *table) restore(old engine.EntryInfo) {
	if t.eng.Insert(old.Entry) == nil {
		t.countOneShot(old.Entry, 1)
		t.restoreResources(old)
	}
}

func (t *table) restoreResources(old engine.EntryInfo) {
	key := engine.Entry{Key: old.Key, Priority: old.Priority}
	if t.counted {
		_ = t.eng.SetCounter(key, old.Counter)
	}
	if t.meter != nil {
		_ = t.eng.SetMeter(key, old.Meter)
	}
}

func (t *table) insert(e engine.Entry, m *p4.TableEntry) (undo, error) {
	if m.Action == nil {
		return nil, invalid("an INSERT needs an action")
	}
	if err := t.checkExtras(m); err != nil {
		return nil, err
	}
	if err := t.decodeTarget(&e, m); err != nil {
		return nil, err
	}
	if err := t.eng.Insert(e); err != nil {
		return nil, fromEngine(err)
	}
	t.countOneShot(e, 1)
	key, kind := engine.Entry{Key: e.Key, Priority: e.Priority}, e.Kind
	remove := func() {
		if t.eng.Delete(key) == nil {
			t.countOneShot(engine.Entry{Kind: kind}, -1)
		}
	}
	if err := t.writeResources(e, m); err != nil {
		remove()
		return nil, err
	}
	return remove, nil
}

// modify assigns the new state. Without an action the action stays, and of
// metadata and idle timeout what the message does not carry.
func (t *table) modify(e engine.Entry, m *p4.TableEntry) (undo, error) {
	if err := t.checkExtras(m); err != nil {
		return nil, err
	}
	old, ok := t.eng.Get(e)
	if !ok {
		return nil, notFound("there is no entry with this match and priority")
	}
	switch {
	case m.Action != nil:
		if old.Const {
			return nil, denied("this entry is constant; only its direct resources can be modified")
		}
		if err := t.decodeTarget(&e, m); err != nil {
			return nil, err
		}
	case old.Const:
		e = old.Entry
	default:
		e = old.Entry
		n := *noteOf(old.Entry)
		n.notified = time.Time{}
		if len(m.Metadata) > 0 {
			n.metadata = m.Metadata
		}
		if m.ControllerMetadata != 0 {
			n.controller = m.ControllerMetadata
		}
		if m.IdleTimeoutNs != 0 {
			e.IdleTimeout = time.Duration(m.IdleTimeoutNs)
		}
		e.Opaque = &n
	}
	if !old.Const {
		if err := t.eng.Modify(e); err != nil {
			return nil, fromEngine(err)
		}
		t.countOneShot(old.Entry, -1)
		t.countOneShot(e, 1)
	}
	back := func() {
		if !old.Const && t.eng.Modify(old.Entry) == nil {
			t.countOneShot(e, -1)
			t.countOneShot(old.Entry, 1)
		}
		t.restoreResources(old)
	}
	if err := t.writeResources(e, m); err != nil {
		back()
		return nil, err
	}
	return back, nil
}

// writeDefault does section "Default Entry".
func (t *table) writeDefault(typ p4.Update_Type, m *p4.TableEntry) (undo, error) {
	switch {
	case typ != p4.Update_MODIFY:
		return nil, invalid("the default entry exists always: %v is not allowed, MODIFY is", typ)
	case len(m.Match) != 0:
		return nil, invalid("the default entry has no match")
	case m.Priority != 0:
		return nil, invalid("the default entry has no priority")
	case m.IdleTimeoutNs != 0 || m.TimeSinceLastHit != nil:
		return nil, invalid("the default entry has no idle timeout")
	case t.profile != nil:
		return nil, denied("the default entry of a table with an action profile is constant (NoAction)")
	case t.constDefault && m.Action != nil:
		return nil, denied("its default action is constant")
	}
	if err := t.checkExtras(m); err != nil {
		return nil, err
	}
	old := t.eng.Default()
	back := func() {
		if t.eng.SetDefault(old.Entry) != nil {
			t.eng.ResetDefault()
		}
		t.restoreResources(old)
	}
	if m.Action == nil {
		if t.constDefault && m.CounterData == nil && m.MeterConfig == nil {
			return nil, denied("its default action is constant")
		}
		t.eng.ResetDefault()
		if t.counted && m.CounterData == nil {
			_ = t.eng.SetCounter(engine.Entry{}, engine.CounterData{})
		}
	} else {
		var e engine.Entry
		a := m.Action.GetAction()
		if a == nil {
			return nil, invalid("the default entry takes an action, not %s", oneofName(m.Action, "type"))
		}
		act, args, err := decodeAction(t.actions, a, forDefault)
		if err != nil {
			return nil, err
		}
		e.Action, e.Args = act.name, args
		e.Opaque = t.newNote(m)
		if err := t.eng.SetDefault(e); err != nil {
			return nil, fromEngine(err)
		}
	}
	if err := t.writeResources(engine.Entry{}, m); err != nil {
		back()
		return nil, err
	}
	return back, nil
}

func (t *table) newNote(m *p4.TableEntry) *note {
	return &note{metadata: slices.Clone(m.Metadata), controller: m.ControllerMetadata}
}

// checkExtras checks the fields beside match and action that the table may not
// have (sections "Direct Resources", "Idle-timeout").
func (t *table) checkExtras(m *p4.TableEntry) error {
	switch {
	case m.CounterData != nil && !t.counted:
		return invalid("counter_data is set, but it has no direct counter")
	case m.MeterConfig != nil && t.meter == nil:
		return invalid("meter_config is set, but it has no direct meter")
	case m.MeterCounterData != nil:
		return unimplemented("meter_counter_data: this switch has no counters per meter color")
	case m.TimeSinceLastHit != nil:
		return invalid("time_since_last_hit is for reads")
	case m.IdleTimeoutNs < 0:
		return invalid("idle_timeout_ns %d is negative", m.IdleTimeoutNs)
	case m.IdleTimeoutNs != 0 && !t.idle:
		return invalid("idle_timeout_ns is set, but it has no idle timeouts (support_timeout)")
	}
	if m.MeterConfig != nil {
		_, err := decodeMeter(t.meter, m.MeterConfig)
		return err
	}
	return nil
}

// writeResources sets the counter and the meter of an entry that has just been
// written. Unset, the counter stays and the meter goes back to its default.
func (t *table) writeResources(e engine.Entry, m *p4.TableEntry) error {
	key := engine.Entry{Key: e.Key, Priority: e.Priority}
	if m.CounterData != nil {
		c, err := decodeCounter(m.CounterData)
		if err != nil {
			return err
		}
		if err := t.eng.SetCounter(key, c); err != nil {
			return fromEngine(err)
		}
	}
	if t.meter != nil {
		var cfg *engine.MeterConfig
		if m.MeterConfig != nil {
			var err error
			if cfg, err = decodeMeter(t.meter, m.MeterConfig); err != nil {
				return err
			}
		}
		if err := t.eng.SetMeter(key, cfg); err != nil {
			return fromEngine(err)
		}
	}
	return nil
}

// decodeTarget fills in what the entry points at, and its note.
func (t *table) decodeTarget(e *engine.Entry, m *p4.TableEntry) error {
	e.IdleTimeout = time.Duration(m.IdleTimeoutNs)
	if len(m.Metadata) > 0 || m.ControllerMetadata != 0 || m.IdleTimeoutNs != 0 {
		e.Opaque = t.newNote(m)
	}
	wants := "an action"
	if t.profile != nil {
		wants = "an action profile member"
		if t.profile.selector {
			wants = "an action profile member, group or action set"
		}
	}
	switch a := m.Action.GetType().(type) {
	case *p4.TableAction_Action:
		if t.profile != nil {
			break
		}
		act, args, err := decodeAction(t.actions, a.Action, forEntry)
		if err != nil {
			return err
		}
		e.Kind, e.Action, e.Args = engine.Direct, act.name, args
		return nil
	case *p4.TableAction_ActionProfileMemberId:
		if t.profile == nil {
			break
		}
		e.Kind, e.Member = engine.ViaMember, a.ActionProfileMemberId
		return t.profile.checkStyle(false)
	case *p4.TableAction_ActionProfileGroupId:
		if t.profile == nil || !t.profile.selector {
			break
		}
		e.Kind, e.Group = engine.ViaGroup, a.ActionProfileGroupId
		return t.profile.checkStyle(false)
	case *p4.TableAction_ActionProfileActionSet:
		if t.profile == nil || !t.profile.selector {
			break
		}
		if err := t.profile.checkStyle(true); err != nil {
			return err
		}
		set, err := t.profile.decodeSet(t, a.ActionProfileActionSet)
		if err != nil {
			return err
		}
		e.Kind, e.Set = engine.OneShot, set
		n := t.newNote(m)
		n.set = proto.CloneOf(a.ActionProfileActionSet)
		e.Opaque = n
		return nil
	case nil:
		return invalid("the action is empty; it takes %s", wants)
	}
	return invalid("%s is given; it takes %s", oneofName(m.Action, "type"), wants)
}

// countOneShot keeps count of one-shot entries, which exclude members and groups.
func (t *table) countOneShot(e engine.Entry, by int) {
	if e.Kind == engine.OneShot {
		t.profile.oneShots += by
	}
}
