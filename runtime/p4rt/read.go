package p4rt

import (
	"context"
	"fmt"
	"io"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
)

// maxRead bounds the entities of one Read.
const maxRead = 1 << 24

// Everything are the filters for all table entries (but default ones), multicast groups and clone
// sessions of a device.
func Everything() []*p4v1.Entity {
	return []*p4v1.Entity{
		{Entity: &p4v1.Entity_TableEntry{TableEntry: &p4v1.TableEntry{}}},
		{Entity: &p4v1.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: &p4v1.PacketReplicationEngineEntry{
			Type: &p4v1.PacketReplicationEngineEntry_MulticastGroupEntry{MulticastGroupEntry: &p4v1.MulticastGroupEntry{}}}}},
		{Entity: &p4v1.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: &p4v1.PacketReplicationEngineEntry{
			Type: &p4v1.PacketReplicationEngineEntry_CloneSessionEntry{CloneSessionEntry: &p4v1.CloneSessionEntry{}}}}},
	}
}

// Read reads what the filters select (P4Runtime 1.5, section 13), and hands every entity to each as it comes;
// each may keep it. An error of each ends the reading and is returned. At most 16,777,216
// entities are read.
func (c *Client) Read(ctx context.Context, filters []*p4v1.Entity, each func(*p4v1.Entity) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	stream, err := c.rpc.Read(ctx, &p4v1.ReadRequest{DeviceId: c.device, Entities: filters})
	if err != nil {
		return c.failed("Read", err)
	}
	n := 0
	for {
		r, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return c.failed("Read", err)
		}
		if n += len(r.GetEntities()); n > maxRead {
			return fmt.Errorf("%s, device %d: Read: more than %d entities, which is the most that is read", c.address, c.device, maxRead)
		}
		for _, e := range r.GetEntities() {
			if err := each(e); err != nil {
				return err
			}
		}
	}
}
