package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// wireCodec sends messages that are encoded already, and keeps answers encoded: what is to be measured
// is the switch, and the client has only the cores that the switch leaves it.
type wireCodec struct{}

func (wireCodec) Name() string { return "proto" }

func (wireCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}

func (wireCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// dialWire connects to the P4Runtime server on a Unix socket, for messages that are encoded.
func dialWire(socket string) (*grpc.ClientConn, error) {
	return grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithAuthority("localhost"),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(wireCodec{}), grpc.MaxCallRecvMsgSize(512<<20)))
}

// encodeWrites makes write requests of so many updates each.
func encodeWrites(updates []*update, batch int, election *p4v1.Uint128) ([][]byte, error) {
	var out [][]byte
	for len(updates) > 0 {
		n := min(batch, len(updates))
		b, err := proto.Marshal(&p4v1.WriteRequest{DeviceId: 1, ElectionId: election, Updates: updates[:n]})
		if err != nil {
			return nil, err
		}
		out, updates = append(out, b), updates[n:]
	}
	return out, nil
}

// inFlight is how many requests a controller has in flight.
const inFlight = 4

// writeEncoded sends the requests, and says how long it took until the last was answered.
func writeEncoded(ctx context.Context, conn *grpc.ClientConn, requests [][]byte) (time.Duration, error) {
	next := make(chan []byte, len(requests))
	for _, r := range requests {
		next <- r
	}
	close(next)
	errs := make(chan error, inFlight)
	began := time.Now()
	var flying sync.WaitGroup
	for range inFlight {
		flying.Go(func() {
			for r := range next {
				var answer []byte
				if err := conn.Invoke(ctx, p4v1.P4Runtime_Write_FullMethodName, &r, &answer); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	flying.Wait()
	took := time.Since(began)
	select {
	case err := <-errs:
		return 0, err
	default:
		return took, nil
	}
}

// readEncoded reads, and returns the answers as they came, and how long it took until the last.
func readEncoded(ctx context.Context, conn *grpc.ClientConn, wanted *p4v1.ReadRequest) ([][]byte, time.Duration, error) {
	request, err := proto.Marshal(wanted)
	if err != nil {
		return nil, 0, err
	}
	began := time.Now()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, p4v1.P4Runtime_Read_FullMethodName)
	if err != nil {
		return nil, 0, err
	}
	if err := stream.SendMsg(&request); err != nil {
		return nil, 0, err
	}
	if err := stream.CloseSend(); err != nil {
		return nil, 0, err
	}
	var answers [][]byte
	for {
		var answer []byte
		if err := stream.RecvMsg(&answer); err == io.EOF {
			return answers, time.Since(began), nil
		} else if err != nil {
			return nil, 0, err
		}
		answers = append(answers, answer)
	}
}

// entitiesIn counts the entities in encoded read responses: all that these consist of.
func entitiesIn(answers [][]byte) (int, error) {
	n := 0
	for _, b := range answers {
		for len(b) > 0 {
			_, _, size := protowire.ConsumeField(b)
			if size < 0 {
				return 0, fmt.Errorf("a read response that is no message: %w", protowire.ParseError(size))
			}
			b = b[size:]
			n++
		}
	}
	return n, nil
}
