//go:build linux

package shim

import (
	"context"
	"net/netip"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	programs "pillion/p4"
	"pillion/tests/lab"
)

// members writes a multicast group of the replication engine.
func (h *guarded) members(id uint32, replicas ...*p4.Replica) {
	must(h.site.t, h.client.Write(context.Background(), []*p4.Update{{Type: p4.Update_INSERT, Entity: &p4.Entity{
		Entity: &p4.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: &p4.PacketReplicationEngineEntry{
			Type: &p4.PacketReplicationEngineEntry_MulticastGroupEntry{MulticastGroupEntry: &p4.MulticastGroupEntry{MulticastGroupId: id, Replicas: replicas}}}}}}}))
}

func replica(port uint64, instance uint32) *p4.Replica {
	return &p4.Replica{PortKind: &p4.Replica_Port{Port: num(port)}, Instance: instance}
}

// The sender's shim makes a copy for each receiver's, and each receiver gets the datagram as it was sent.
func TestMulticast(t *testing.T) {
	s := newSite(t, 3, AttachAuto)
	const spi = 4711
	for i, group := range []netip.AddrPort{netip.MustParseAddrPort("239.1.1.1:5000"), netip.MustParseAddrPort("[ff05::1:3]:5000")} {
		id := uint64(spi + i)
		for _, h := range s.hosts {
			if i == 0 {
				h.configure(h.entries(false)...)
			}
			h.write(p4.Update_INSERT, entry{"replication", fields{"spi": num(id), "from": num(0)}, "replicate", args{"replicas": num(uint64(1 + i)), "tree": num(0x8000)}})
			if h.number != 1 {
				h.members(uint32(1+i), replica(programs.ShimHost, 0))
			}
		}
		sender := s.hosts[0]
		sender.write(p4.Update_INSERT, entry{"multicast", fields{"group": long(group.Addr()), "source": num(1)}, "group", args{"spi": num(id)}})
		if i == 0 {
			for _, other := range s.hosts[1:] {
				sender.write(p4.Update_INSERT, entry{"replica", fields{"instance": num(other.number)}, "next_edge", args{"locator": other.mac, "tree": num(0x8000)}})
			}
		}
		sender.members(uint32(1+i), replica(programs.ShimNetwork, 2), replica(programs.ShimNetwork, 3))

		var members []*lab.Member
		for _, h := range s.hosts[1:] {
			m, err := h.ns.Join("eth0", group)
			must(t, err)
			members = append(members, m)
		}
		r, err := lab.Multicast{From: sender.ns, Interface: "eth0", Group: group, Members: members, Count: 20, Size: 900}.Run()
		must(t, err)
		if r.Delivered[0] != 20 || r.Delivered[1] != 20 {
			t.Errorf("%v: of 20 datagrams %v were delivered", group, r.Delivered)
		}
		if got := sender.counted("multicast"); got != int64(20*(i+1)) {
			t.Errorf("%d packets to groups counted, want %d", got, 20*(i+1))
		}
	}
}
