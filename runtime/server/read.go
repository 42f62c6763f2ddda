package server

import (
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

// Read implements P4Runtime (section "Read RPC"). What it returns is one state:
// no write happens in between. It is sent after the lock is released, so that a
// client that reads slowly holds up nobody.
func (s *Server) Read(r *p4.ReadRequest, stream p4.P4Runtime_ReadServer) error {
	return s.read(r, func(part []byte) error {
		m := new(p4.ReadResponse)
		if err := proto.Unmarshal(part, m); err != nil {
			return err
		}
		return stream.Send(m)
	})
}

// read is Read, with ReadResponse messages on the wire.
func (s *Server) read(r *p4.ReadRequest, send func(part []byte) error) error {
	if err := s.checkDevice(r.DeviceId); err != nil {
		return err
	}
	if err := s.arb.knowsRole(r.Role); err != nil {
		return err
	}
	found, errs, err := s.collect(r.Entities)
	if err != nil {
		return err
	}
	for i, part := range found.parts {
		found.parts[i] = nil
		if err := send(part); err != nil {
			return err
		}
	}
	return batchError("read requests", errs)
}

func (s *Server) collect(wanted []*p4.Entity) (found response, errs []error, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := s.control()
	if err != nil {
		return found, nil, err
	}
	if err := p.counted(wanted); err != nil {
		return found, nil, err
	}
	errs = make([]error, len(wanted))
	for i, want := range wanted {
		if e, ok := want.GetEntity().(*p4.Entity_TableEntry); ok {
			errs[i] = p.eachTableEntry(e.TableEntry, func(t *table, info *engine.EntryInfo) { found.addEntry(t, info, e.TableEntry) })
		} else {
			errs[i] = p.read(want, found.add)
		}
	}
	if found.err != nil {
		return found, nil, status.Errorf(codes.Internal, "encode what was read: %v", found.err)
	}
	return found, errs, nil
}

// read sends the entities that a request selects.
func (p *pipeline) read(want *p4.Entity, out func(*p4.Entity)) error {
	switch e := want.GetEntity().(type) {
	case *p4.Entity_TableEntry:
		return p.eachTableEntry(e.TableEntry, func(t *table, info *engine.EntryInfo) {
			// The message is made of memory that the next entry needs.
			m := proto.CloneOf(t.encodeEntry(*info, e.TableEntry))
			out(&p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: m}})
		})
	case *p4.Entity_ActionProfileMember:
		return p.readMembers(e.ActionProfileMember, out)
	case *p4.Entity_ActionProfileGroup:
		return p.readGroups(e.ActionProfileGroup, out)
	case *p4.Entity_MeterEntry:
		return p.readMeters(e.MeterEntry, out)
	case *p4.Entity_DirectMeterEntry:
		return p.readDirectMeters(e.DirectMeterEntry, out)
	case *p4.Entity_CounterEntry:
		return p.readCounters(e.CounterEntry, out)
	case *p4.Entity_DirectCounterEntry:
		return p.readDirectCounters(e.DirectCounterEntry, out)
	case *p4.Entity_PacketReplicationEngineEntry:
		return p.readReplication(e.PacketReplicationEngineEntry, out)
	case *p4.Entity_ValueSetEntry:
		return p.readValueSets(e.ValueSetEntry, out)
	case *p4.Entity_RegisterEntry:
		return p.readRegisters(e.RegisterEntry, out)
	case *p4.Entity_DigestEntry:
		return p.readDigests(e.DigestEntry, out)
	case *p4.Entity_ExternEntry:
		if e.ExternEntry.GetExternTypeId() != 0 || e.ExternEntry.GetExternId() != 0 {
			return invalid("extern_type_id 0x%x is not known; v1model has no externs of this kind", e.ExternEntry.GetExternTypeId())
		}
		return nil
	}
	return invalid("the request has no entity")
}

// dump is all state that was written, as updates that write it again, in an order
// that respects what refers to what.
func (p *pipeline) dump() ([]*p4.Update, error) {
	var out []*p4.Update
	add := func(typ p4.Update_Type, want *p4.Entity, keep func(*p4.Entity) bool) error {
		return p.read(want, func(e *p4.Entity) {
			if keep == nil || keep(e) {
				out = append(out, &p4.Update{Type: typ, Entity: e})
			}
		})
	}
	steps := []struct {
		typ  p4.Update_Type
		want *p4.Entity
		keep func(*p4.Entity) bool
	}{
		{p4.Update_INSERT, &p4.Entity{Entity: &p4.Entity_ActionProfileMember{ActionProfileMember: &p4.ActionProfileMember{}}}, nil},
		{p4.Update_INSERT, &p4.Entity{Entity: &p4.Entity_ActionProfileGroup{ActionProfileGroup: &p4.ActionProfileGroup{}}}, nil},
		{p4.Update_MODIFY, &p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: &p4.TableEntry{IsDefaultAction: true}}},
			func(e *p4.Entity) bool {
				m := e.GetTableEntry()
				return !m.IsConst && m.Action != nil && p.tableByID[m.TableId].eng.Default().Opaque != nil
			}},
		{p4.Update_MODIFY, &p4.Entity{Entity: &p4.Entity_DirectCounterEntry{DirectCounterEntry: &p4.DirectCounterEntry{}}}, nil},
		{p4.Update_MODIFY, &p4.Entity{Entity: &p4.Entity_DirectMeterEntry{DirectMeterEntry: &p4.DirectMeterEntry{}}}, nil},
		{p4.Update_MODIFY, &p4.Entity{Entity: &p4.Entity_CounterEntry{CounterEntry: &p4.CounterEntry{}}}, nil},
		{p4.Update_MODIFY, &p4.Entity{Entity: &p4.Entity_MeterEntry{MeterEntry: &p4.MeterEntry{}}}, nil},
		{p4.Update_MODIFY, &p4.Entity{Entity: &p4.Entity_RegisterEntry{RegisterEntry: &p4.RegisterEntry{}}}, nil},
		{p4.Update_MODIFY, &p4.Entity{Entity: &p4.Entity_ValueSetEntry{ValueSetEntry: &p4.ValueSetEntry{}}}, nil},
		{p4.Update_INSERT, &p4.Entity{Entity: &p4.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: &p4.PacketReplicationEngineEntry{
			Type: &p4.PacketReplicationEngineEntry_MulticastGroupEntry{MulticastGroupEntry: &p4.MulticastGroupEntry{}}}}}, nil},
		{p4.Update_INSERT, &p4.Entity{Entity: &p4.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: &p4.PacketReplicationEngineEntry{
			Type: &p4.PacketReplicationEngineEntry_CloneSessionEntry{CloneSessionEntry: &p4.CloneSessionEntry{}}}}}, nil},
		{p4.Update_INSERT, &p4.Entity{Entity: &p4.Entity_DigestEntry{DigestEntry: &p4.DigestEntry{}}}, nil},
	}
	for i, s := range steps {
		// Entries refer to members and groups.
		if i == 2 {
			out = append(out, p.dumpEntries()...)
		}
		if err := add(s.typ, s.want, s.keep); err != nil {
			return nil, err
		}
	}
	return out, nil
}
