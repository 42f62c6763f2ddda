package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"pillion/backends/bundle"
)

const (
	readTimeout = 20 * time.Second
	maxMessage  = 64 << 20 // bytes
)

// Counters implements [World]. It reads by p4lang's own stubs rather than by this project's client, so that the two are
// not wrong together.
func (w *kernelWorld) Counters() (map[string]uint64, error) {
	counted := map[string]uint64{}
	for i := range w.bundle.Targets {
		if err := w.count(&w.bundle.Targets[i], counted); err != nil {
			return nil, fmt.Errorf("counters of %s: %w", w.bundle.Targets[i].Name, err)
		}
	}
	return counted, nil
}

// count adds what one target counted.
func (w *kernelWorld) count(t *bundle.Target, counted map[string]uint64) error {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	conn, err := grpc.NewClient(t.Address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
	if err != nil {
		return err
	}
	defer conn.Close()
	statements := map[string]string{} // by the entity's key
	request := &p4v1.ReadRequest{DeviceId: t.DeviceID}
	asked := map[uint32]bool{}
	for i := range t.Entities {
		e := &t.Entities[i]
		if e.Counts < 0 {
			continue
		}
		statements[e.Key()] = w.bundle.Statements[e.Counts]
		if !asked[e.ID] {
			asked[e.ID] = true
			request.Entities = append(request.Entities, &p4v1.Entity{Entity: &p4v1.Entity_TableEntry{
				TableEntry: &p4v1.TableEntry{TableId: e.ID, CounterData: &p4v1.CounterData{}}}})
		}
	}
	if len(request.Entities) == 0 {
		return nil
	}
	stream, err := p4v1.NewP4RuntimeClient(conn).Read(ctx, request)
	if err != nil {
		return err
	}
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, entity := range response.GetEntities() {
			e, err := bundle.FromProto(entity)
			if err != nil {
				return err
			}
			if statement, ok := statements[e.Key()]; ok {
				counted[statement] += uint64(entity.GetTableEntry().GetCounterData().GetPacketCount())
			}
		}
	}
}
