package mirror

import (
	"fmt"

	"github.com/cilium/ebpf"

	"pillion/p4"
	"pillion/p4/engine"
	"pillion/sidecarfallback/shim/bpf"
)

const (
	replicaNextEdge, replicaHere = 1, 2
	maxReplicas                  = 32 // bpf/maps.h: REPLICAS_PER_LIST
	maxLists                     = 4096
)

func (m *Mirror) replica(key engine.Entry, e *engine.EntryInfo) error {
	instance := num32(key.Key[0].Value)
	var v bpf.ShimReplica
	if e != nil {
		switch e.Action {
		case "egress.next_edge":
			v.Action = replicaNextEdge
			v.Edge = bpf.ShimEdge{Locator: mac(arg(&e.Entry, 0)), Tree: uint16(number(arg(&e.Entry, 1)))}
		case "egress.here":
			v.Action = replicaHere
		default:
			return unknownAction(e)
		}
	}
	return write(m, m.maps.Replica, &instance, &v, e)
}

// Group is to be called when a multicast group was written, or taken back.
func (m *Mirror) Group(id uint32) error {
	replicas, ok := m.sw.Multicast(id)
	if err := m.list(m.maps.Groups, id, replicas, ok); err != nil {
		return fmt.Errorf("multicast group %d: %w", id, err)
	}
	return nil
}

// Session is to be called when a clone session was written, or taken back.
func (m *Mirror) Session(id uint32) error {
	session, ok := m.sw.CloneSession(id)
	if session.Truncate != 0 {
		return refuse("clone session %d: copies are not cut short", id)
	}
	if err := m.list(m.maps.Clones, id, session.Replicas, ok); err != nil {
		return fmt.Errorf("clone session %d: %w", id, err)
	}
	return nil
}

func (m *Mirror) list(target *ebpf.Map, id uint32, replicas []engine.Replica, there bool) error {
	if !there {
		return remove(m.out, target, &id)
	}
	if len(replicas) > maxReplicas {
		return refuse("%d replicas; a shim makes at most %d copies: let a sidecar make them", len(replicas), maxReplicas)
	}
	var v bpf.ShimReplicaList
	toHost := 0
	for i, r := range replicas {
		if r.Port == p4.ShimHost {
			toHost++
		}
		v.Replica[i] = bpf.ShimMember{Port: uint16(r.Port), Instance: uint16(r.Rid)}
	}
	if toHost > 1 {
		return refuse("%d replicas for the host; it gets one", toHost)
	}
	v.Count = uint32(len(replicas))
	return put(m.out, target, &id, &v)
}
