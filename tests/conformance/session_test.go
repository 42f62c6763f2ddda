package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// deviceID is that of every switch in these tests.
	deviceID = 7
	// patience is how long a test waits for what must happen, before it fails.
	patience = 20 * time.Second
)

// session is one P4Runtime client with its stream. It knows nothing of which switch
// is at the other end.
type session struct {
	p4.P4RuntimeClient
	t        testing.TB
	election *p4.Uint128
	role     string
	stream   p4.P4Runtime_StreamChannelClient
	// in has what came on the stream; ended gets the error that ended it.
	in    chan *p4.StreamMessageResponse
	ended chan error
	close func()
}

// open opens a stream without arbitration.
func open(t testing.TB, conn grpc.ClientConnInterface) *session {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	s := &session{P4RuntimeClient: p4.NewP4RuntimeClient(conn), t: t, close: cancel,
		in: make(chan *p4.StreamMessageResponse, 10000), ended: make(chan error, 1)}
	var err error
	if s.stream, err = s.StreamChannel(ctx); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			m, err := s.stream.Recv()
			if err != nil {
				s.ended <- err
				return
			}
			select {
			case s.in <- m:
			case <-ctx.Done():
			}
		}
	}()
	return s
}

// primary opens a stream and becomes the primary with an election id.
func primary(t testing.TB, conn grpc.ClientConnInterface, election uint64) *session {
	t.Helper()
	s := open(t, conn)
	s.arbitrate(election)
	if a := s.next().GetArbitration(); codes.Code(a.GetStatus().GetCode()) != codes.OK {
		t.Fatalf("arbitration: got %v", a)
	}
	return s
}

func (s *session) arbitrate(election uint64) {
	s.t.Helper()
	s.election = &p4.Uint128{Low: election}
	m := &p4.MasterArbitrationUpdate{DeviceId: deviceID, ElectionId: s.election}
	if s.role != "" {
		m.Role = &p4.Role{Name: s.role}
	}
	s.send(&p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_Arbitration{Arbitration: m}})
}

func (s *session) send(m *p4.StreamMessageRequest) {
	s.t.Helper()
	if err := s.stream.Send(m); err != nil && !errors.Is(err, io.EOF) {
		s.t.Fatal(err)
	}
}

// next is the next message of the stream.
func (s *session) next() *p4.StreamMessageResponse {
	s.t.Helper()
	select {
	case m := <-s.in:
		return m
	case err := <-s.ended:
		s.t.Fatalf("the stream ended: %v", err)
	case <-time.After(patience):
		s.t.Fatal("no message came on the stream")
	}
	return nil
}

// configure commits a pipeline.
func (s *session) configure(cfg *p4.ForwardingPipelineConfig) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := s.SetForwardingPipelineConfig(ctx, &p4.SetForwardingPipelineConfigRequest{
		DeviceId: deviceID, ElectionId: s.election, Role: s.role,
		Action: p4.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT, Config: cfg})
	return err
}

// write sends one batch.
func (s *session) write(updates ...*p4.Update) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := s.Write(ctx, &p4.WriteRequest{DeviceId: deviceID, ElectionId: s.election, Role: s.role, Updates: updates})
	return explain(err)
}

// read reads all that the entities ask for.
func (s *session) read(wanted ...*p4.Entity) ([]*p4.Entity, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stream, err := s.Read(ctx, &p4.ReadRequest{DeviceId: deviceID, Role: s.role, Entities: wanted})
	if err != nil {
		return nil, err
	}
	var out []*p4.Entity
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, m.Entities...)
	}
}

// codeOf is the code of the first update that failed, or else that of the RPC.
func codeOf(err error) codes.Code {
	var batch *batchError
	if errors.As(err, &batch) {
		for _, e := range batch.updates {
			if e.CanonicalCode != int32(codes.OK) {
				return codes.Code(e.CanonicalCode)
			}
		}
	}
	return status.Code(err)
}

// batchError is a write's error with those of its updates.
type batchError struct {
	error
	updates []*p4.Error
}

func (e *batchError) Unwrap() error { return e.error }

func (e *batchError) Error() string {
	text := e.error.Error()
	for i, u := range e.updates {
		if u.CanonicalCode != 0 {
			text += fmt.Sprintf("; update %d: %v: %s", i, codes.Code(u.CanonicalCode), u.Message)
		}
	}
	return text
}

func explain(err error) error {
	if err == nil {
		return nil
	}
	b := &batchError{error: err}
	for _, d := range status.Convert(err).Proto().GetDetails() {
		e := &p4.Error{}
		if d.UnmarshalTo(e) == nil {
			b.updates = append(b.updates, e)
		}
	}
	return b
}

// change makes an update of whatever entity.
func change(kind p4.Update_Type, e *p4.Entity) *p4.Update { return &p4.Update{Type: kind, Entity: e} }

const (
	insert = p4.Update_INSERT
	modify = p4.Update_MODIFY
	remove = p4.Update_DELETE
)
