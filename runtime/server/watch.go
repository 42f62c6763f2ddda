package server

//lint:file-ignore SA1019 deprecated fields are still to be served, or refused

import (
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

// downPorts are the ports that cannot pass frames. A port of which nobody has said
// anything is up. Server.mu guards it.
type downPorts map[uint32]bool

// SetPortUp says whether a port can pass frames. Members whose watch_port is down are
// left out of the selection (section "ActionProfileMember & ActionProfileGroup"), and
// a replica whose port is down gives way to its first backup that is up. Packets see
// the change of each group as a whole.
func (s *Server) SetPortUp(number uint32, up bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if up == !s.down[number] {
		return
	}
	if up {
		delete(s.down, number)
	} else {
		s.down[number] = true
	}
	for _, p := range []*pipeline{s.saved, s.active.Load()} {
		if p != nil {
			p.portChanged(number)
		}
	}
}

// portChanged writes again what depends on a port. It was all valid before, so that
// nothing can fail.
func (p *pipeline) portChanged(number uint32) {
	for _, pr := range p.profiles {
		for _, g := range pr.eng.Groups() {
			m := groupMessage(g)
			if !anyWatches(m.GetMembers(), number) {
				continue
			}
			if fresh, err := pr.decodeGroup(m); err == nil {
				_ = pr.eng.ModifyGroup(fresh)
			}
		}
		for _, t := range pr.tables {
			var again []engine.Entry
			t.eng.Each(func(e engine.EntryInfo) bool {
				if anyWatches(noteOf(e.Entry).set.GetActionProfileActions(), number) {
					again = append(again, e.Entry)
				}
				return true
			})
			for _, e := range again {
				if set, err := pr.decodeSet(t, noteOf(e).set); err == nil {
					e.Set = set
					_ = t.eng.Modify(e)
				}
			}
		}
	}
	for id, m := range p.groups {
		if replicasUse(m.Replicas, number) {
			_ = p.setMulticast(id, m)
		}
	}
	for id, m := range p.sessions {
		if replicasUse(m.Replicas, number) {
			_ = p.setClone(id, m)
		}
	}
}

// watcher is a member of a group, or an action of a set.
type watcher interface {
	proto.Message
	GetWatch() int32
	GetWatchPort() []byte
}

// watchPort is the port that a member watches; false if it watches none.
func watchPort(m watcher) (uint32, bool, error) {
	// The messages have the same fields, in oneofs of different types.
	switch oneofName(m, "watch_kind") {
	case "watch":
		if m.GetWatch() < 0 || m.GetWatch() >= 1<<portWidth {
			return 0, false, invalid("watch %d: ports have %d bits", m.GetWatch(), portWidth)
		}
		return uint32(m.GetWatch()), true, nil
	case "watch_port":
		if len(m.GetWatchPort()) == 0 {
			return 0, false, nil
		}
		b, err := unsigned(m.GetWatchPort(), portWidth)
		if err != nil {
			return 0, false, within(err, "watch_port")
		}
		return portOf(b), true, nil
	}
	return 0, false, nil
}

// portOf is the number in a port's bytes.
func portOf(b []byte) (number uint32) {
	for _, x := range b {
		number = number<<8 | uint32(x)
	}
	return number
}

func anyWatches[T watcher](list []T, number uint32) bool {
	for _, m := range list {
		if n, ok, err := watchPort(m); ok && err == nil && n == number {
			return true
		}
	}
	return false
}

// isDown tells whether what a member watches is down.
func (d downPorts) isDown(m watcher) (bool, error) {
	number, ok, err := watchPort(m)
	return ok && d[number], err
}

// replicasUse tells whether a port's state matters to replicas that have backups.
func replicasUse(list []*p4.Replica, number uint32) bool {
	for _, m := range list {
		if len(m.BackupReplicas) == 0 {
			continue
		}
		if r, err := decodeReplica(m); err == nil && r.Port == number {
			return true
		}
		for _, b := range m.BackupReplicas {
			if r, err := decodeBackup(b); err == nil && r.Port == number {
				return true
			}
		}
	}
	return false
}

// choose takes the first of a replica and its backups whose port is up; false if there
// is none. A replica without backups is sent whatever its port is.
func (d downPorts) choose(m *p4.Replica, primary engine.Replica) (engine.Replica, bool, error) {
	if len(m.BackupReplicas) == 0 {
		return primary, true, nil
	}
	chosen, found := primary, !d[primary.Port]
	for i, b := range m.BackupReplicas {
		r, err := decodeBackup(b)
		if err != nil {
			return r, false, within(err, "backup replica %d", i+1)
		}
		if !found && !d[r.Port] {
			chosen, found = r, true
		}
	}
	return chosen, found, nil
}

func decodeBackup(m *p4.BackupReplica) (engine.Replica, error) {
	b, err := unsigned(m.Port, portWidth)
	if err != nil {
		return engine.Replica{}, within(outOfRange("%v", err), "port")
	}
	if m.Instance > maxInstance {
		return engine.Replica{}, invalid("instance %d; want 0 to %d", m.Instance, maxInstance)
	}
	return engine.Replica{Port: portOf(b), Rid: m.Instance}, nil
}
