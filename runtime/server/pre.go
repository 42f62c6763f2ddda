package server

//lint:file-ignore SA1019 deprecated fields are still to be served, or refused

import (
	"fmt"
	"slices"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

// Limits of v1model's replication: standard_metadata.mcast_grp and egress_rid have
// 16 bits, ports 9.
const (
	maxGroup    = 1<<16 - 1
	maxInstance = 1<<16 - 1
	portWidth   = 9
)

// writeReplication does section "PacketReplicationEngineEntry".
func (p *pipeline) writeReplication(typ p4.Update_Type, m *p4.PacketReplicationEngineEntry) (undo, error) {
	switch e := m.GetType().(type) {
	case *p4.PacketReplicationEngineEntry_MulticastGroupEntry:
		back, err := p.writeMulticast(typ, e.MulticastGroupEntry)
		return back, within(err, "multicast group %d", e.MulticastGroupEntry.GetMulticastGroupId())
	case *p4.PacketReplicationEngineEntry_CloneSessionEntry:
		back, err := p.writeClone(typ, e.CloneSessionEntry)
		return back, within(err, "clone session %d", e.CloneSessionEntry.GetSessionId())
	}
	return nil, invalid("the packet replication engine entry is empty; want multicast_group_entry or clone_session_entry")
}

// exists checks an update's type against what is there: update types mean the same
// for groups and sessions.
func exists(typ p4.Update_Type, there bool) error {
	switch {
	case typ == p4.Update_INSERT && there:
		return fromEngine(fmt.Errorf("it %w", engine.ErrExists))
	case typ != p4.Update_INSERT && !there:
		return notFound("there is none with this id")
	}
	return nil
}

func (p *pipeline) writeMulticast(typ p4.Update_Type, m *p4.MulticastGroupEntry) (undo, error) {
	id := m.GetMulticastGroupId()
	if id == 0 || id > maxGroup {
		return nil, invalid("multicast_group_id must be 1 to %d", maxGroup)
	}
	old := p.groups[id]
	if err := exists(typ, old != nil); err != nil {
		return nil, err
	}
	if typ == p4.Update_DELETE {
		if err := p.setMulticast(id, nil); err != nil {
			return nil, err
		}
	} else if err := p.setMulticast(id, m); err != nil {
		return nil, err
	}
	return func() { _ = p.setMulticast(id, old) }, nil
}

// setMulticast makes the engine and the kept messages hold m; nil deletes.
func (p *pipeline) setMulticast(id uint32, m *p4.MulticastGroupEntry) error {
	if m == nil {
		if err := p.eng.DeleteMulticast(id); err != nil {
			return fromEngine(err)
		}
		delete(p.groups, id)
		return nil
	}
	replicas, err := p.decodeReplicas(m.Replicas)
	if err != nil {
		return err
	}
	if err := p.eng.SetMulticast(id, replicas); err != nil {
		return fromEngine(err)
	}
	p.groups[id] = proto.CloneOf(m)
	return nil
}

func (p *pipeline) writeClone(typ p4.Update_Type, m *p4.CloneSessionEntry) (undo, error) {
	id := m.GetSessionId()
	if id == 0 || id > engine.MaxCloneSession {
		return nil, invalid("session_id must be 1 to %d", engine.MaxCloneSession)
	}
	old := p.sessions[id]
	if err := exists(typ, old != nil); err != nil {
		return nil, err
	}
	if typ == p4.Update_DELETE {
		if err := p.setClone(id, nil); err != nil {
			return nil, err
		}
	} else if err := p.setClone(id, m); err != nil {
		return nil, err
	}
	return func() { _ = p.setClone(id, old) }, nil
}

func (p *pipeline) setClone(id uint32, m *p4.CloneSessionEntry) error {
	if m == nil {
		if err := p.eng.DeleteCloneSession(id); err != nil {
			return fromEngine(err)
		}
		delete(p.sessions, id)
		return nil
	}
	replicas, err := p.decodeReplicas(m.Replicas)
	if err != nil {
		return err
	}
	switch {
	case m.PacketLengthBytes < 0:
		return invalid("packet_length_bytes %d is negative", m.PacketLengthBytes)
	case m.ClassOfService > 0xff:
		return invalid("class_of_service %d; want 0 to 255", m.ClassOfService)
	}
	session := engine.CloneSession{Replicas: replicas, Class: m.ClassOfService, Truncate: uint32(m.PacketLengthBytes)}
	if err := p.eng.SetCloneSession(id, session); err != nil {
		return fromEngine(err)
	}
	p.sessions[id] = proto.CloneOf(m)
	return nil
}

// decodeReplicas checks the replicas of a group or session, and chooses of each with
// its backups the one whose port is up.
func (p *pipeline) decodeReplicas(list []*p4.Replica) ([]engine.Replica, error) {
	seen := map[engine.Replica]bool{}
	out := make([]engine.Replica, 0, len(list))
	for i, m := range list {
		r, err := decodeReplica(m)
		if err != nil {
			return nil, within(err, "replica %d", i+1)
		}
		if seen[r] {
			return nil, invalid("replica %d: port %d, instance %d is there twice", i+1, r.Port, r.Rid)
		}
		seen[r] = true
		r, ok, err := p.down.choose(m, r)
		if err != nil {
			return nil, within(err, "replica %d", i+1)
		}
		if ok {
			out = append(out, r)
		}
	}
	return out, nil
}

// decodeReplica reads a replica, which names its port by port (since 1.4) or by the
// deprecated egress_port.
func decodeReplica(m *p4.Replica) (r engine.Replica, err error) {
	switch port := m.GetPortKind().(type) {
	case *p4.Replica_Port:
		b, err := unsigned(port.Port, portWidth)
		if err != nil {
			return r, within(outOfRange("%v", err), "port")
		}
		r.Port = portOf(b)
	case *p4.Replica_EgressPort:
		if port.EgressPort >= 1<<portWidth {
			return r, outOfRange("egress_port %d does not fit bit<%d>", port.EgressPort, portWidth)
		}
		r.Port = port.EgressPort
	default:
		return r, invalid("it has no port")
	}
	if m.Instance > maxInstance {
		return r, invalid("instance %d; want 0 to %d", m.Instance, maxInstance)
	}
	r.Rid = m.Instance
	return r, nil
}

// readReplication reads groups and sessions; id 0 reads all.
func (p *pipeline) readReplication(want *p4.PacketReplicationEngineEntry, out func(*p4.Entity)) error {
	send := func(m *p4.PacketReplicationEngineEntry) {
		out(&p4.Entity{Entity: &p4.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: m}})
	}
	switch e := want.GetType().(type) {
	case *p4.PacketReplicationEngineEntry_MulticastGroupEntry:
		ids, err := wantedIDs(p.groups, e.MulticastGroupEntry.GetMulticastGroupId(), "multicast group")
		for _, id := range ids {
			send(&p4.PacketReplicationEngineEntry{Type: &p4.PacketReplicationEngineEntry_MulticastGroupEntry{MulticastGroupEntry: p.groups[id]}})
		}
		return err
	case *p4.PacketReplicationEngineEntry_CloneSessionEntry:
		ids, err := wantedIDs(p.sessions, e.CloneSessionEntry.GetSessionId(), "clone session")
		for _, id := range ids {
			send(&p4.PacketReplicationEngineEntry{Type: &p4.PacketReplicationEngineEntry_CloneSessionEntry{CloneSessionEntry: p.sessions[id]}})
		}
		return err
	}
	return invalid("the packet replication engine entry is empty; want multicast_group_entry or clone_session_entry")
}

// wantedIDs returns one id, or for 0 all in order.
func wantedIDs[T any](m map[uint32]T, id uint32, what string) ([]uint32, error) {
	if id != 0 {
		if _, ok := m[id]; !ok {
			return nil, notFound("there is no %s %d", what, id)
		}
		return []uint32{id}, nil
	}
	ids := make([]uint32, 0, len(m))
	for i := range m {
		ids = append(ids, i)
	}
	slices.Sort(ids)
	return ids, nil
}
