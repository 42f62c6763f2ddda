package server

//lint:file-ignore SA1019 deprecated fields are still to be served, or refused

import (
	"bytes"
	"slices"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

// encodeEntry is the message of an entry. want is the request: it says which
// direct resources to include.
func (t *table) encodeEntry(e engine.EntryInfo, want *p4.TableEntry) *p4.TableEntry {
	n := noteOf(e.Entry)
	m := &p4.TableEntry{
		TableId:            t.id,
		Metadata:           n.metadata,
		ControllerMetadata: n.controller,
		IdleTimeoutNs:      int64(e.IdleTimeout),
		IsDefaultAction:    e.Default,
		IsConst:            e.Const,
	}
	if !e.Default {
		m.Match, m.Priority = encodeMatch(t.fields, e.Key), e.Priority
	}
	switch e.Kind {
	case engine.Direct:
		if a := t.actionByName[e.Action]; a != nil {
			m.Action = &p4.TableAction{Type: &p4.TableAction_Action{Action: encodeAction(a, e.Args)}}
		} else if e.Default && t.initial != nil {
			// An indirect table's default is NoAction, which the engine does not spell out.
			m.Action = &p4.TableAction{Type: &p4.TableAction_Action{Action: encodeAction(t.initial, make([][]byte, len(t.initial.params)))}}
		}
	case engine.ViaMember:
		m.Action = &p4.TableAction{Type: &p4.TableAction_ActionProfileMemberId{ActionProfileMemberId: e.Member}}
	case engine.ViaGroup:
		m.Action = &p4.TableAction{Type: &p4.TableAction_ActionProfileGroupId{ActionProfileGroupId: e.Group}}
	case engine.OneShot:
		m.Action = &p4.TableAction{Type: &p4.TableAction_ActionProfileActionSet{ActionProfileActionSet: n.set}}
	}
	if e.Default && t.profile != nil {
		m.IsConst = true
	}
	if want.GetCounterData() != nil && t.counted {
		m.CounterData = encodeCounter(e.Counter)
	}
	if want.GetMeterConfig() != nil && t.meter != nil {
		m.MeterConfig = encodeMeter(e.Meter)
	}
	if want.GetTimeSinceLastHit() != nil && t.idle && !e.Default {
		m.TimeSinceLastHit = &p4.TableEntry_IdleTimeout{ElapsedNs: int64(e.SinceHit)}
	}
	return m
}

// eachTableEntry does section "Wildcard Reads" of table entries. What send gets is its own until it returns.
func (p *pipeline) eachTableEntry(want *p4.TableEntry, send func(*table, *engine.EntryInfo)) error {
	if want.GetTableId() == 0 {
		if want.GetAction() != nil || len(want.GetMatch()) != 0 || want.GetPriority() != 0 ||
			want.GetControllerMetadata() != 0 || len(want.GetMetadata()) != 0 {
			return invalid("table_id 0 reads all tables and takes no other filter than is_default_action")
		}
		for _, t := range p.tables {
			if want.GetIsDefaultAction() {
				e := t.eng.Default()
				send(t, &e)
				continue
			}
			t.eng.Scan(func(e *engine.EntryInfo) bool {
				send(t, e)
				return true
			})
		}
		return nil
	}
	t, err := p.table(want.TableId)
	if err != nil {
		return err
	}
	return within(t.read(want, func(e *engine.EntryInfo) { send(t, e) }), "%v", t)
}

func (t *table) read(want *p4.TableEntry, send func(*engine.EntryInfo)) error {
	switch {
	case want.CounterData != nil && !t.counted:
		return invalid("counter_data is asked for, but it has no direct counter")
	case want.MeterConfig != nil && t.meter == nil:
		return invalid("meter_config is asked for, but it has no direct meter")
	case want.MeterCounterData != nil:
		return unimplemented("meter_counter_data: this switch has no counters per meter color")
	case want.TimeSinceLastHit != nil && !t.idle:
		return invalid("time_since_last_hit is asked for, but it has no idle timeouts (support_timeout)")
	}
	if want.IsDefaultAction && (len(want.Match) != 0 || want.Priority != 0) {
		return invalid("the default entry has no match and no priority")
	}
	hasAction, err := t.actionFilter(want.Action)
	if err != nil {
		return err
	}
	passes := func(e *engine.EntryInfo) bool {
		n := noteOf(e.Entry)
		return hasAction(e) &&
			(want.Priority == 0 || e.Priority == want.Priority) &&
			(want.ControllerMetadata == 0 || n.controller == want.ControllerMetadata) &&
			(len(want.Metadata) == 0 || bytes.Equal(n.metadata, want.Metadata))
	}
	sendIf := func(e *engine.EntryInfo) bool {
		if passes(e) {
			send(e)
		}
		return true
	}
	if want.IsDefaultAction {
		e := t.eng.Default()
		sendIf(&e)
		return nil
	}
	if len(want.Match) == 0 {
		t.eng.Scan(sendIf)
		return nil
	}
	key, err := decodeMatch(t.fields, matchValues(want.Match), nil)
	if err != nil {
		return err
	}
	if t.priority && want.Priority == 0 {
		// The match alone: the entries with this key at any priority.
		match := encodeMatch(t.fields, key)
		t.eng.Scan(func(e *engine.EntryInfo) bool {
			if sameMatch(match, encodeMatch(t.fields, e.Key)) {
				sendIf(e)
			}
			return true
		})
		return nil
	}
	if e, ok := t.eng.Get(engine.Entry{Key: key, Priority: want.Priority}); ok {
		sendIf(&e)
	}
	return nil
}

// actionFilter makes a filter of the action in a read request. The specification has
// only that by the action id of direct tables; we also filter by member, group and
// action set, as clients read an entry back with the message that they wrote.
func (t *table) actionFilter(want *p4.TableAction) (func(*engine.EntryInfo) bool, error) {
	switch a := want.GetType().(type) {
	case nil:
		return func(*engine.EntryInfo) bool { return true }, nil
	case *p4.TableAction_Action:
		if t.profile != nil {
			return nil, invalid("its entries have members, groups or action sets, and are not filtered by action_id")
		}
		for _, ref := range t.actions {
			if ref.id == a.Action.GetActionId() {
				return func(e *engine.EntryInfo) bool { return e.Action == ref.name }, nil
			}
		}
		return nil, invalid("action 0x%08x is not one of the table's; they are %s", a.Action.GetActionId(), choices(t.actions, func(r actionRef) string { return r.String() }))
	case *p4.TableAction_ActionProfileMemberId:
		return func(e *engine.EntryInfo) bool {
			return e.Kind == engine.ViaMember && e.Member == a.ActionProfileMemberId
		}, nil
	case *p4.TableAction_ActionProfileGroupId:
		return func(e *engine.EntryInfo) bool { return e.Kind == engine.ViaGroup && e.Group == a.ActionProfileGroupId }, nil
	case *p4.TableAction_ActionProfileActionSet:
		return func(e *engine.EntryInfo) bool {
			return e.Kind == engine.OneShot && proto.Equal(noteOf(e.Entry).set, a.ActionProfileActionSet)
		}, nil
	}
	return nil, invalid("%s is not an action to filter by", oneofName(want, "type"))
}

// sameMatch compares canonical matches of one table.
func sameMatch(a, b []*p4.FieldMatch) bool {
	return slices.EqualFunc(a, b, func(x, y *p4.FieldMatch) bool { return proto.Equal(x, y) })
}
