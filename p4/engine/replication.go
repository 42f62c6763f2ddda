package engine

import (
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
)

// numbered is a map from ids to values, which readers look up without a lock. It is
// split in shards, and a writer replaces the shard that it changes.
type numbered[T any] struct {
	mu     sync.Mutex
	shards [256]atomic.Pointer[map[uint32]T]
}

func (n *numbered[T]) get(id uint32) (T, bool) {
	if m := n.shards[id%256].Load(); m != nil {
		v, ok := (*m)[id]
		return v, ok
	}
	var zero T
	return zero, false
}

// update sets an id's value, or removes it.
func (n *numbered[T]) update(id uint32, v T, remove bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	at := &n.shards[id%256]
	fresh := map[uint32]T{}
	if old := at.Load(); old != nil {
		for k, o := range *old {
			fresh[k] = o
		}
	}
	if remove {
		delete(fresh, id)
	} else {
		fresh[id] = v
	}
	at.Store(&fresh)
}

func (n *numbered[T]) ids() []uint32 {
	var out []uint32
	for i := range n.shards {
		if m := n.shards[i].Load(); m != nil {
			for id := range *m {
				out = append(out, id)
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// maxReplicas bounds the copies that one group or session makes.
const maxReplicas = 1 << 16

func checkReplicas(what string, r []Replica) error {
	if len(r) > maxReplicas {
		return invalidf("%s has %d replicas, more than %d", what, len(r), maxReplicas)
	}
	return nil
}

// SetMulticast creates or replaces a multicast group. Copies are made in the order of
// the replicas. Group 0 cannot be: it is what packets without multicast carry.
func (s *Switch) SetMulticast(group uint32, replicas []Replica) error {
	if group == 0 {
		return invalidf("multicast group 0 means none")
	}
	if err := checkReplicas(fmt.Sprintf("multicast group %d", group), replicas); err != nil {
		return err
	}
	s.multicast.update(group, append([]Replica(nil), replicas...), false)
	return nil
}

// DeleteMulticast removes a multicast group; ErrNotFound.
func (s *Switch) DeleteMulticast(group uint32) error {
	if _, ok := s.multicast.get(group); !ok {
		return fmt.Errorf("multicast group %d is %w", group, ErrNotFound)
	}
	s.multicast.update(group, nil, true)
	return nil
}

// Multicast returns the replicas of a group. The caller must not change them.
func (s *Switch) Multicast(group uint32) ([]Replica, bool) { return s.multicast.get(group) }

// MulticastGroups returns the ids of all groups, in ascending order.
func (s *Switch) MulticastGroups() []uint32 { return s.multicast.ids() }

// MaxCloneSession is the largest session id that a program's clone can name: simple_switch
// keeps 15 bits of it.
const MaxCloneSession = 1<<15 - 1

// SetCloneSession creates or replaces a clone session, 0 to MaxCloneSession.
func (s *Switch) SetCloneSession(id uint32, c CloneSession) error {
	if id > MaxCloneSession {
		return invalidf("clone session %d is above %d", id, MaxCloneSession)
	}
	if err := checkReplicas(fmt.Sprintf("clone session %d", id), c.Replicas); err != nil {
		return err
	}
	c.Replicas = append([]Replica(nil), c.Replicas...)
	s.clones.update(id, &c, false)
	return nil
}

// DeleteCloneSession removes a clone session; ErrNotFound.
func (s *Switch) DeleteCloneSession(id uint32) error {
	if _, ok := s.clones.get(id); !ok {
		return fmt.Errorf("clone session %d is %w", id, ErrNotFound)
	}
	s.clones.update(id, nil, true)
	return nil
}

// CloneSession returns a clone session. The caller must not change its replicas.
func (s *Switch) CloneSession(id uint32) (CloneSession, bool) {
	if c, ok := s.clones.get(id); ok {
		return *c, true
	}
	return CloneSession{}, false
}

// CloneSessions returns the ids of all clone sessions, in ascending order.
func (s *Switch) CloneSessions() []uint32 { return s.clones.ids() }
