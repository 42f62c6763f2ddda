package bundle

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
)

// Proto makes the P4Runtime message of an entity. Replicas use egress_port, not the newer port
// (bytes): the field is deprecated, but every server since 1.0 knows it, and many know no other.
func (e *Entity) Proto() *p4v1.Entity {
	switch e.Kind {
	case MulticastGroup:
		return preEntity(&p4v1.PacketReplicationEngineEntry{Type: &p4v1.PacketReplicationEngineEntry_MulticastGroupEntry{
			MulticastGroupEntry: &p4v1.MulticastGroupEntry{MulticastGroupId: e.ID, Replicas: e.protoReplicas()},
		}})
	case CloneSession:
		return preEntity(&p4v1.PacketReplicationEngineEntry{Type: &p4v1.PacketReplicationEngineEntry_CloneSessionEntry{
			CloneSessionEntry: &p4v1.CloneSessionEntry{SessionId: e.ID, Replicas: e.protoReplicas()},
		}})
	}
	action := &p4v1.Action{ActionId: e.Action}
	for _, p := range e.Params {
		action.Params = append(action.Params, &p4v1.Action_Param{ParamId: p.ID, Value: []byte(p.Value)})
	}
	entry := &p4v1.TableEntry{
		TableId:  e.ID,
		Priority: e.Priority,
		Action:   &p4v1.TableAction{Type: &p4v1.TableAction_Action{Action: action}},
	}
	for i := range e.Match {
		entry.Match = append(entry.Match, e.Match[i].proto())
	}
	return &p4v1.Entity{Entity: &p4v1.Entity_TableEntry{TableEntry: entry}}
}

func preEntity(entry *p4v1.PacketReplicationEngineEntry) *p4v1.Entity {
	return &p4v1.Entity{Entity: &p4v1.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: entry}}
}

func (e *Entity) protoReplicas() []*p4v1.Replica {
	var out []*p4v1.Replica
	for _, r := range e.Replicas {
		//lint:ignore SA1019 see Proto
		port := &p4v1.Replica_EgressPort{EgressPort: r.Port}
		out = append(out, &p4v1.Replica{PortKind: port, Instance: uint32(r.Instance)})
	}
	return out
}

func (m *Match) proto() *p4v1.FieldMatch {
	f := &p4v1.FieldMatch{FieldId: m.Field}
	value := []byte(m.Value)
	switch m.Kind {
	case Exact:
		f.FieldMatchType = &p4v1.FieldMatch_Exact_{Exact: &p4v1.FieldMatch_Exact{Value: value}}
	case LPM:
		f.FieldMatchType = &p4v1.FieldMatch_Lpm{Lpm: &p4v1.FieldMatch_LPM{Value: value, PrefixLen: m.PrefixLen}}
	case Ternary:
		f.FieldMatchType = &p4v1.FieldMatch_Ternary_{Ternary: &p4v1.FieldMatch_Ternary{Value: value, Mask: []byte(m.Mask)}}
	case Range:
		f.FieldMatchType = &p4v1.FieldMatch_Range_{Range: &p4v1.FieldMatch_Range{Low: value, High: []byte(m.Mask)}}
	case Optional:
		f.FieldMatchType = &p4v1.FieldMatch_Optional_{Optional: &p4v1.FieldMatch_Optional{Value: value}}
	}
	return f
}

// UnsupportedError says that a P4Runtime entity holds what an Entity cannot express.
type UnsupportedError struct {
	What string
	// Keyed says that the Entity which came with this error has the right key all the same:
	// only its action or its replicas could not be expressed.
	Keyed bool
}

func (e *UnsupportedError) Error() string {
	return e.What + " (a bundle holds table entries with one plain action, multicast groups and clone sessions)"
}

// FromProto makes the Entity of a P4Runtime message: bytestrings become canonical, and match
// fields, parameters and replicas sorted. Metadata, counters and other things that a server
// adds are not looked at. The error is an *[UnsupportedError], or says what is malformed.
// From is empty and Counts is -1.
func FromProto(p *p4v1.Entity) (Entity, error) {
	switch p := p.GetEntity().(type) {
	case *p4v1.Entity_TableEntry:
		return fromTableEntry(p.TableEntry)
	case *p4v1.Entity_PacketReplicationEngineEntry:
		switch p := p.PacketReplicationEngineEntry.GetType().(type) {
		case *p4v1.PacketReplicationEngineEntry_MulticastGroupEntry:
			e := Entity{Kind: MulticastGroup, ID: p.MulticastGroupEntry.GetMulticastGroupId(), Counts: -1}
			return e, e.setReplicas(p.MulticastGroupEntry.GetReplicas())
		case *p4v1.PacketReplicationEngineEntry_CloneSessionEntry:
			e := Entity{Kind: CloneSession, ID: p.CloneSessionEntry.GetSessionId(), Counts: -1}
			if err := e.setReplicas(p.CloneSessionEntry.GetReplicas()); err != nil {
				return e, err
			}
			if p.CloneSessionEntry.GetClassOfService() != 0 || p.CloneSessionEntry.GetPacketLengthBytes() != 0 {
				return e, &UnsupportedError{"a clone session with a class of service or a packet length", true}
			}
			return e, nil
		}
	}
	return Entity{Counts: -1}, &UnsupportedError{fmt.Sprintf("an entity of type %T", p.GetEntity()), false}
}

func fromTableEntry(t *p4v1.TableEntry) (Entity, error) {
	e := Entity{Kind: TableEntry, ID: t.GetTableId(), Priority: t.GetPriority(), Counts: -1}
	if t.GetIsDefaultAction() {
		return e, &UnsupportedError{"a default entry", false}
	}
	for _, f := range t.GetMatch() {
		m, err := fromFieldMatch(f)
		if err != nil {
			return e, err
		}
		if m.Kind == LPM && m.PrefixLen == 0 || m.Kind == Ternary && m.Mask == "\x00" {
			continue // matches everything
		}
		e.Match = append(e.Match, m)
	}
	slices.SortFunc(e.Match, func(a, b Match) int { return cmp.Compare(a.Field, b.Field) })
	action, plain := t.GetAction().GetType().(*p4v1.TableAction_Action)
	if !plain {
		return e, &UnsupportedError{"a table entry without a plain action", true}
	}
	if t.GetIdleTimeoutNs() != 0 || t.GetMeterConfig() != nil {
		return e, &UnsupportedError{"a table entry with an idle timeout or a meter", true}
	}
	e.Action = action.Action.GetActionId()
	for _, p := range action.Action.GetParams() {
		if len(p.GetValue()) == 0 {
			return e, fmt.Errorf("param %d: an empty value; a bytestring has at least one byte", p.GetParamId())
		}
		e.Params = append(e.Params, Param{p.GetParamId(), Canonical(string(p.GetValue()))})
	}
	slices.SortFunc(e.Params, func(a, b Param) int { return cmp.Compare(a.ID, b.ID) })
	return e, nil
}

func fromFieldMatch(f *p4v1.FieldMatch) (Match, error) {
	m := Match{Field: f.GetFieldId()}
	var value, second []byte
	switch f := f.GetFieldMatchType().(type) {
	case *p4v1.FieldMatch_Exact_:
		m.Kind, value = Exact, f.Exact.GetValue()
	case *p4v1.FieldMatch_Lpm:
		m.Kind, value, m.PrefixLen = LPM, f.Lpm.GetValue(), f.Lpm.GetPrefixLen()
	case *p4v1.FieldMatch_Ternary_:
		m.Kind, value, second = Ternary, f.Ternary.GetValue(), f.Ternary.GetMask()
	case *p4v1.FieldMatch_Range_:
		m.Kind, value, second = Range, f.Range.GetLow(), f.Range.GetHigh()
	case *p4v1.FieldMatch_Optional_:
		m.Kind, value = Optional, f.Optional.GetValue()
	default:
		return m, &UnsupportedError{fmt.Sprintf("match field %d of type %T", m.Field, f), false}
	}
	twoValues := m.Kind == Ternary || m.Kind == Range
	if len(value) == 0 || twoValues && len(second) == 0 {
		return m, fmt.Errorf("match field %d: an empty value; a bytestring has at least one byte", m.Field)
	}
	m.Value = Canonical(string(value))
	if twoValues {
		m.Mask = Canonical(string(second))
	}
	return m, nil
}

func (e *Entity) setReplicas(replicas []*p4v1.Replica) error {
	for _, r := range replicas {
		port, err := replicaPort(r)
		if err != nil {
			return err
		}
		if r.GetInstance() > math.MaxUint16 {
			return &UnsupportedError{fmt.Sprintf("a replica with instance %d, above 65535,", r.GetInstance()), true}
		}
		if len(r.GetBackupReplicas()) != 0 {
			return &UnsupportedError{"a replica with backup replicas", true}
		}
		e.Replicas = append(e.Replicas, Replica{port, uint16(r.GetInstance())})
	}
	slices.SortFunc(e.Replicas, compareReplica)
	return nil
}

func replicaPort(r *p4v1.Replica) (uint32, error) {
	bytes, ok := r.GetPortKind().(*p4v1.Replica_Port)
	if !ok {
		//lint:ignore SA1019 older servers know no other
		return r.GetEgressPort(), nil
	}
	v := Canonical(string(bytes.Port))
	if len(v) > 4 {
		return 0, &UnsupportedError{fmt.Sprintf("a replica on a port of %d bytes", len(v)), true}
	}
	var port uint32
	for i := range len(v) {
		port = port<<8 | uint32(v[i])
	}
	return port, nil
}
