package server

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// streamQueue is how many packet-ins and notifications wait for one client; more
// are dropped, as the specification allows. maxQueue bounds the queue with what
// must not be dropped: a client that lets so many arbitration messages wait is gone.
const (
	streamQueue = 4096
	maxQueue    = 2 * streamQueue
)

// outbox is the queue of one stream. Putting never blocks.
type outbox struct {
	mu     sync.Mutex
	list   []*p4.StreamMessageResponse
	failed bool
	lost   *atomic.Uint64 // messages that found the queue full
	ready  chan struct{}  // has one element if there is something to do
}

func newOutbox(lost *atomic.Uint64) *outbox {
	return &outbox{lost: lost, ready: make(chan struct{}, 1)}
}

// put queues a message. Arbitration messages are never dropped.
func (o *outbox) put(m *p4.StreamMessageResponse) {
	o.mu.Lock()
	_, arbitration := m.Update.(*p4.StreamMessageResponse_Arbitration)
	switch {
	case len(o.list) < streamQueue, arbitration && len(o.list) < maxQueue:
		o.list = append(o.list, m)
	case arbitration:
		o.failed = true
	default:
		o.lost.Add(1)
	}
	o.mu.Unlock()
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

func (o *outbox) take() ([]*p4.StreamMessageResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.list
	o.list = nil
	if o.failed {
		return nil, status.Error(codes.ResourceExhausted, "the client does not read its stream")
	}
	return list, nil
}

// StreamChannel implements P4Runtime (section "P4Runtime Stream Messages"). One
// goroutine sends; the handler's own receives.
func (s *Server) StreamChannel(stream p4.P4Runtime_StreamChannelServer) error {
	box := newOutbox(&s.stats.queueFull)
	received := make(chan error, 1)
	var c *client
	var cMu sync.Mutex // c is read after the receiver may still run

	go func() {
		for {
			m, err := stream.Recv()
			if err != nil {
				if errors.Is(err, io.EOF) {
					err = nil
				}
				received <- err
				return
			}
			cMu.Lock()
			next, err := s.handle(c, m, box.put)
			c = next
			cMu.Unlock()
			if err != nil {
				received <- err
				return
			}
		}
	}()

	defer func() {
		cMu.Lock()
		defer cMu.Unlock()
		s.arb.leave(c)
		// A message that still comes in must not make the client live again.
		c = gone
	}()
	for {
		select {
		case <-box.ready:
			if err := s.flush(box, stream); err != nil {
				return err
			}
		case err := <-received:
			// What was queued before the end is still sent.
			if ferr := s.flush(box, stream); err == nil {
				err = ferr
			}
			return err
		case <-stream.Context().Done():
			return status.FromContextError(stream.Context().Err()).Err()
		case <-s.stop:
			return status.Error(codes.Unavailable, "the switch is stopping")
		}
	}
}

func (s *Server) flush(box *outbox, stream p4.P4Runtime_StreamChannelServer) error {
	list, err := box.take()
	if err != nil {
		return err
	}
	for _, m := range list {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// gone is the client of a stream that has ended.
var gone = &client{}

// handle does what one message of a client asks. An error ends the stream; all
// else is reported in the stream (section "Stream Error Reporting").
func (s *Server) handle(c *client, m *p4.StreamMessageRequest, send func(*p4.StreamMessageResponse)) (*client, error) {
	if c == gone {
		return c, io.EOF
	}
	switch u := m.Update.(type) {
	case *p4.StreamMessageRequest_Arbitration:
		return s.arb.update(c, u.Arbitration, send)
	case *p4.StreamMessageRequest_Packet:
		if err := s.packetOut(c, u.Packet); err != nil {
			send(streamError(err, &p4.StreamError{Details: &p4.StreamError_PacketOut{PacketOut: &p4.PacketOutError{PacketOut: u.Packet}}}))
		}
	case *p4.StreamMessageRequest_DigestAck:
		if err := s.digestAck(c, u.DigestAck); err != nil {
			send(streamError(err, &p4.StreamError{Details: &p4.StreamError_DigestListAck{DigestListAck: &p4.DigestListAckError{DigestListAck: u.DigestAck}}}))
		}
	case *p4.StreamMessageRequest_Other:
		err := unimplemented("this server has no architecture-specific stream messages")
		send(streamError(err, &p4.StreamError{Details: &p4.StreamError_Other{Other: &p4.StreamOtherError{Other: u.Other}}}))
	default:
		err := invalid("the stream message is empty; want arbitration, packet or digest_ack")
		send(streamError(err, &p4.StreamError{Details: &p4.StreamError_Other{Other: &p4.StreamOtherError{}}}))
	}
	return c, nil
}

func streamError(err error, e *p4.StreamError) *p4.StreamMessageResponse {
	st := status.Convert(err)
	e.CanonicalCode, e.Message = int32(st.Code()), st.Message()
	return &p4.StreamMessageResponse{Update: &p4.StreamMessageResponse_Error{Error: e}}
}
