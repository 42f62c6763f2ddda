package p4rt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// ElectionID is a 128-bit number; the client with the highest is the primary (P4Runtime 1.5, section 5).
type ElectionID struct{ High, Low uint64 }

func (e ElectionID) String() string {
	if e.High == 0 {
		return fmt.Sprint(e.Low)
	}
	return fmt.Sprintf("0x%x%016x", e.High, e.Low)
}

func (e ElectionID) next() ElectionID {
	e.Low++
	if e.Low == 0 {
		e.High++
	}
	return e
}

func (e ElectionID) less(f ElectionID) bool {
	return e.High < f.High || e.High == f.High && e.Low < f.Low
}

func (e ElectionID) proto() *p4v1.Uint128 {
	if e == (ElectionID{}) {
		return nil
	}
	return &p4v1.Uint128{High: e.High, Low: e.Low}
}

func electionID(p *p4v1.Uint128) ElectionID { return ElectionID{p.GetHigh(), p.GetLow()} }

const (
	maxBids        = 8                // before somebody else is taken to bid against us on purpose
	arbitrationMax = 15 * time.Second // for all bids, and for the connection before them
)

// BecomePrimary opens the stream and bids until the device takes this client for the primary. It
// bids 1, or one more than the highest election id that the device has seen; so it takes over from
// a controller that is connected, and that one is told.
func (c *Client) BecomePrimary(ctx context.Context) (ElectionID, error) {
	ctx, cancel := context.WithTimeout(ctx, min(arbitrationMax, c.options.Timeout))
	defer cancel()
	bid := ElectionID{Low: 1}
	for range maxBids {
		answer, err := c.bid(ctx, bid)
		switch {
		case status.Code(err) == codes.InvalidArgument:
			// Some client that is alive has this very id. Who asks without one becomes a backup, and
			// is told the highest.
			if answer, err = c.bid(ctx, ElectionID{}); err != nil {
				return ElectionID{}, c.failed("StreamChannel", err)
			}
		case err != nil:
			return ElectionID{}, c.failed("StreamChannel", err)
		case codes.Code(answer.GetStatus().GetCode()) == codes.OK:
			c.mu.Lock()
			c.election = bid
			c.mu.Unlock()
			return bid, nil
		}
		highest := electionID(answer.GetElectionId())
		bid = highest.next()
		if bid == (ElectionID{}) {
			return bid, fmt.Errorf("%s, device %d: a controller has the highest election id there is, so nobody can be primary after it; restart the device's P4Runtime server",
				c.address, c.device)
		}
	}
	return ElectionID{}, fmt.Errorf("%s, device %d: not primary after %d bids, the last with election id %v: another controller bids higher every time; stop it, and push again",
		c.address, c.device, maxBids, bid)
}

// bid sends one election id and waits for what the device says to it.
func (c *Client) bid(ctx context.Context, id ElectionID) (*p4v1.MasterArbitrationUpdate, error) {
	if c.session == nil || c.session.ended() {
		s, err := c.openSession()
		if err != nil {
			return nil, err
		}
		c.session = s
	}
	s := c.session
	if err := s.send(&p4v1.StreamMessageRequest{Update: &p4v1.StreamMessageRequest_Arbitration{
		Arbitration: &p4v1.MasterArbitrationUpdate{DeviceId: c.device, ElectionId: id.proto()},
	}}); err != nil && !s.ended() {
		// io.EOF: why the stream ended is for the receiver to say.
		select {
		case <-s.done:
		case <-ctx.Done():
			return nil, err
		}
	}
	for {
		select {
		case answer := <-s.answers:
			won := codes.Code(answer.GetStatus().GetCode()) == codes.OK
			if highest := electionID(answer.GetElectionId()); won && highest != id && id != (ElectionID{}) || !won && highest.less(id) {
				continue // of an earlier bid
			}
			return answer, nil
		case <-s.done:
			return nil, s.err
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
}

// session is one stream channel.
type session struct {
	stream  p4v1.P4Runtime_StreamChannelClient
	cancel  context.CancelFunc
	answers chan *p4v1.MasterArbitrationUpdate // while bidding
	done    chan struct{}                      // closed when the stream has ended
	err     error                              // why; after done
	sending sync.Mutex
}

// openSession opens a stream. It lives until Close: a deadline on it would make the device
// forget its primary.
func (c *Client) openSession() (*session, error) {
	ctx, cancel := context.WithCancel(context.Background())
	stream, err := c.rpc.StreamChannel(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	s := &session{stream: stream, cancel: cancel, answers: make(chan *p4v1.MasterArbitrationUpdate, 4*maxBids), done: make(chan struct{})}
	go s.receive(c)
	return s, nil
}

func (s *session) receive(c *Client) {
	defer close(s.done)
	for {
		m, err := s.stream.Recv()
		if err != nil {
			s.err = err
			return
		}
		switch m := m.GetUpdate().(type) {
		case *p4v1.StreamMessageResponse_Arbitration:
			c.arbitrated(m.Arbitration)
			select {
			case s.answers <- m.Arbitration:
			default: // nobody is bidding
			}
		case *p4v1.StreamMessageResponse_Packet:
			if c.options.OnPacket != nil {
				c.options.OnPacket(m.Packet)
			}
		}
	}
}

// arbitrated notes who took over, for the error that the next write gets.
func (c *Client) arbitrated(m *p4v1.MasterArbitrationUpdate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if highest := electionID(m.GetElectionId()); c.election != (ElectionID{}) && c.election.less(highest) {
		c.rival = highest
	}
}

func (s *session) send(m *p4v1.StreamMessageRequest) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	return s.stream.Send(m)
}

func (s *session) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// close ends the stream and waits until the device knows: it half-closes first, because a server
// that sees a mere cancellation may take a while to forget its primary.
func (s *session) close() {
	s.sending.Lock()
	_ = s.stream.CloseSend()
	s.sending.Unlock()
	select {
	case <-s.done:
	case <-time.After(time.Second):
	}
	s.cancel()
	<-s.done
}

// SendPacket sends a packet out through the device. BecomePrimary comes first.
func (c *Client) SendPacket(p *p4v1.PacketOut) error {
	if c.session == nil {
		return errors.New("only a primary sends packets: BecomePrimary comes first")
	}
	if err := c.session.send(&p4v1.StreamMessageRequest{Update: &p4v1.StreamMessageRequest_Packet{Packet: p}}); err != nil {
		if c.session.ended() {
			err = c.session.err
		}
		return c.failed("StreamChannel", err)
	}
	return nil
}
