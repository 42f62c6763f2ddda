package conformance

//lint:file-ignore SA1019 older servers know no other field than egress_port

import (
	"fmt"
	"slices"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/tests/conformance/stf"
)

// command does the statements that bmv2's own command line has, as P4Runtime has them.
func (s *script) command(c *stf.Command) error {
	n := c.Numbers
	switch c.Name {
	case "mc_mgrp_create":
		s.groups[uint32(n[0])] = nil
		return s.write(change(insert, groupEntity(uint32(n[0]), nil)))
	case "mc_node_create":
		s.nodes = append(s.nodes, newNode(n))
		return nil
	case "mc_node_update":
		if n[0] >= uint64(len(s.nodes)) {
			return fmt.Errorf("there is no node %d", n[0])
		}
		s.nodes[n[0]] = newNode(append([]uint64{uint64(s.nodes[n[0]].rid)}, n[1:]...))
		return s.refresh()
	case "mc_node_associate":
		if n[1] >= uint64(len(s.nodes)) {
			return fmt.Errorf("there is no node %d", n[1])
		}
		if _, ok := s.groups[uint32(n[0])]; !ok {
			return fmt.Errorf("there is no multicast group %d", n[0])
		}
		s.groups[uint32(n[0])] = append(s.groups[uint32(n[0])], int(n[1]))
		return s.refresh()
	case "mirroring_add":
		return s.write(change(insert, sessionEntity(uint32(n[0]), []*p4.Replica{replica(uint32(n[1]), 0)})))
	case "mirroring_add_mc":
		s.mirrors[uint32(n[0])] = n[1:]
		return s.write(change(insert, sessionEntity(uint32(n[0]), s.replicas(uint32(n[1])))))
	case "mirroring_delete":
		delete(s.mirrors, uint32(n[0]))
		return s.write(change(remove, sessionEntity(uint32(n[0]), nil)))
	case "mirroring_get":
		got, err := s.read(sessionEntity(uint32(n[0]), nil))
		if err != nil || len(got) != 1 {
			return fmt.Errorf("%d sessions, %v", len(got), err)
		}
		return nil
	case "counter_read", "counter_write":
		return s.counterCommand(c)
	case "register_read", "register_write", "register_reset":
		return s.registerCommand(c)
	}
	return s.meterCommand(c)
}

func newNode(n []uint64) node {
	x := node{rid: uint32(n[0])}
	for _, p := range n[1:] {
		x.ports = append(x.ports, uint32(p))
	}
	slices.Sort(x.ports)
	return x
}

func replica(port, rid uint32) *p4.Replica {
	return &p4.Replica{PortKind: &p4.Replica_EgressPort{EgressPort: port}, Instance: rid}
}

// replicas of a group: bmv2 takes the nodes in their order, and of each the ports in
// ascending order.
func (s *script) replicas(group uint32) []*p4.Replica {
	var out []*p4.Replica
	for _, i := range s.groups[group] {
		for _, p := range s.nodes[i].ports {
			out = append(out, replica(p, s.nodes[i].rid))
		}
	}
	return out
}

// refresh writes the groups again, and the clone sessions that go to groups.
func (s *script) refresh() error {
	for g := range s.groups {
		if err := s.write(change(modify, groupEntity(g, s.replicas(g)))); err != nil {
			return err
		}
	}
	for m, g := range s.mirrors {
		if err := s.write(change(modify, sessionEntity(m, s.replicas(uint32(g[0]))))); err != nil {
			return err
		}
	}
	return nil
}

func groupEntity(id uint32, replicas []*p4.Replica) *p4.Entity {
	return &p4.Entity{Entity: &p4.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: &p4.PacketReplicationEngineEntry{
		Type: &p4.PacketReplicationEngineEntry_MulticastGroupEntry{MulticastGroupEntry: &p4.MulticastGroupEntry{
			MulticastGroupId: id, Replicas: replicas}}}}}
}

func sessionEntity(id uint32, replicas []*p4.Replica) *p4.Entity {
	return &p4.Entity{Entity: &p4.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: &p4.PacketReplicationEngineEntry{
		Type: &p4.PacketReplicationEngineEntry_CloneSessionEntry{CloneSessionEntry: &p4.CloneSessionEntry{
			SessionId: id, Replicas: replicas}}}}}
}

func (s *script) counterCommand(c *stf.Command) error {
	x, err := find(s.Counters, "counter", c.Object)
	if err != nil {
		return err
	}
	e := &p4.CounterEntry{CounterId: x.Preamble.Id, Index: &p4.Index{Index: int64(c.Numbers[0])}}
	entity := &p4.Entity{Entity: &p4.Entity_CounterEntry{CounterEntry: e}}
	if c.Name == "counter_read" {
		_, err = s.read(entity)
		return err
	}
	e.Data = &p4.CounterData{PacketCount: int64(c.Numbers[1]), ByteCount: int64(c.Numbers[2])}
	return s.write(change(modify, entity))
}

func (s *script) registerCommand(c *stf.Command) error {
	x, err := find(s.Registers, "register", c.Object)
	if err != nil {
		return err
	}
	e := &p4.RegisterEntry{RegisterId: x.Preamble.Id}
	entity := &p4.Entity{Entity: &p4.Entity_RegisterEntry{RegisterEntry: e}}
	if c.Name == "register_reset" {
		// A write without an index is to all of them.
		e.Data = bitstring([]byte{0})
		return s.write(change(modify, entity))
	}
	e.Index = &p4.Index{Index: int64(c.Numbers[0])}
	if c.Name == "register_read" {
		_, err = s.read(entity)
		return err
	}
	e.Data = bitstring(bytesOf(c.Value.Number))
	return s.write(change(modify, entity))
}

func bitstring(b []byte) *p4.P4Data {
	return &p4.P4Data{Data: &p4.P4Data_Bitstring{Bitstring: b}}
}

func (s *script) meterCommand(c *stf.Command) error {
	x, err := find(s.Meters, "meter", c.Object)
	if err != nil {
		return err
	}
	e := &p4.MeterEntry{MeterId: x.Preamble.Id}
	entity := &p4.Entity{Entity: &p4.Entity_MeterEntry{MeterEntry: e}}
	if len(c.Numbers) > 0 {
		e.Index = &p4.Index{Index: int64(c.Numbers[0])}
	}
	if c.Name == "meter_get_rates" {
		_, err = s.read(entity)
		return err
	}
	if e.Config, err = meterConfig(c.Rates); err != nil {
		return err
	}
	return s.write(change(modify, entity))
}
