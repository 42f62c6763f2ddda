//go:build linux

package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Flows starts many conversations that differ in their source port only. Each
// is one datagram or one connection with a few bytes, and its echo.
type Flows struct {
	Protocol    uint8 // 6 TCP or 17 UDP
	From        *Namespace
	Source      netip.Addr // the zero Addr leaves it to the kernel
	FirstPort   uint16     // the source ports are this and the Count-1 that follow
	Count       int        // at least 1
	To          *Namespace
	Destination netip.AddrPort
	Within      time.Duration // for all; 0 is Expected; use Unexpected if nothing should arrive
}

// FlowsResult says which conversations worked, by source port, ascending.
type FlowsResult struct {
	Delivered []uint16 // the receiver got something
	Answered  []uint16 // and the sender got the echo
}

const (
	// flowBurst is how many datagrams leave without a pause, and how many
	// connections are opened at once: less than the queues on the way hold.
	flowBurst = 64
	// flowPause follows each burst.
	flowPause = time.Millisecond
	// flowRetry is how long a UDP flow waits for its echo before it tries
	// again: loss in an overrun queue is not what is asked about.
	flowRetry = 250 * time.Millisecond
)

// Run starts the flows and returns when all are answered or the time is over.
func (v Flows) Run() (FlowsResult, error) {
	if err := checkEnds("flows", v.From, v.To, v.Source, v.Destination); err != nil {
		return FlowsResult{}, err
	}
	if v.Count < 1 || v.FirstPort == 0 || int(v.FirstPort)+v.Count > 1<<16 {
		return FlowsResult{}, fmt.Errorf("lab: flows: %d source ports from %d on do not fit between 1 and 65535", v.Count, v.FirstPort)
	}
	flows := &flowSet{Flows: v, delivered: newTally(v.Count), answered: newTally(v.Count)}
	var err error
	switch v.Protocol {
	case protocolUDP:
		err = flows.udp()
	case protocolTCP:
		err = flows.tcp()
	default:
		err = fmt.Errorf("lab: flows: protocol %d: choose 6 (TCP) or 17 (UDP)", v.Protocol)
	}
	return FlowsResult{Delivered: flows.ports(flows.delivered), Answered: flows.ports(flows.answered)}, err
}

// flowSet is a running Flows. Flows are numbered from 0 by source port.
type flowSet struct {
	Flows
	mu                  sync.Mutex
	delivered, answered *tally
}

func (f *flowSet) ports(t *tally) []uint16 {
	var ports []uint16
	for i, seen := range t.seen {
		if seen {
			ports = append(ports, f.FirstPort+uint16(i))
		}
	}
	return ports
}

// mark notes that flow i got as far as t says.
func (f *flowSet) mark(t *tally, i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t.add(i)
}

func (f *flowSet) has(t *tally, i int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return t.seen[i]
}

func (f *flowSet) source(i int) netip.AddrPort {
	return localEnd(netip.AddrPortFrom(f.Source, f.FirstPort+uint16(i)), f.Destination.Addr())
}

func (f *flowSet) udp() error {
	label, err := newLabel(0)
	if err != nil {
		return err
	}
	receiver, err := f.To.listenUDP(f.Destination)
	if err != nil {
		return fmt.Errorf("flows: %w", err)
	}
	conns := make([]*net.UDPConn, 0, f.Count)
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
	}()
	for i := range f.Count {
		conn, err := f.From.listenUDP(f.source(i))
		if err != nil {
			receiver.Close()
			return fmt.Errorf("flows: %w", err)
		}
		conns = append(conns, conn)
	}

	deadline := time.Now().Add(orExpected(f.Within))
	var receiving sync.WaitGroup
	receiving.Go(func() {
		receiveUntil(receiver, time.Time{}, label.size, func(payload []byte, from netip.AddrPort) bool {
			if i, ok := label.sequence(payload); ok && from.Port() == f.FirstPort+uint16(i) {
				f.mark(f.delivered, i)
				// An answer that cannot be sent is one that does not arrive.
				_, _ = receiver.WriteToUDPAddrPort(payload, from)
			}
			return false
		})
	})
	waiting := make(chan struct{}) // closed when no flow waits for its answer
	var answers sync.WaitGroup
	for i, conn := range conns {
		answers.Go(func() {
			receiveUntil(conn, deadline, label.size, func(payload []byte, _ netip.AddrPort) bool {
				sequence, ok := label.sequence(payload)
				ok = ok && sequence == i
				if ok {
					f.mark(f.answered, i)
				}
				return ok
			})
		})
	}
	go func() { answers.Wait(); close(waiting) }()

	err = f.send(conns, label, waiting)
	<-waiting
	receiver.Close()
	receiving.Wait()
	return err
}

// send gives every flow without an answer one datagram, again and again until
// none waits any more.
func (f *flowSet) send(conns []*net.UDPConn, label label, waiting <-chan struct{}) error {
	for {
		sent := 0
		for i, conn := range conns {
			if f.has(f.answered, i) {
				continue
			}
			if _, err := conn.WriteToUDPAddrPort(label.payload(i), f.Destination); err != nil {
				return fmt.Errorf("lab: flows: sending from %s to %s: %w", f.From.Name, f.Destination, err)
			}
			if sent++; sent%flowBurst == 0 {
				time.Sleep(flowPause)
			}
		}
		select {
		case <-waiting:
			return nil
		case <-time.After(flowRetry):
		}
	}
}

func (f *flowSet) tcp() error {
	listener, err := f.To.listenTCP(f.Destination)
	if err != nil {
		return fmt.Errorf("flows: %w", err)
	}
	deadline := time.Now().Add(orExpected(f.Within))
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.AcceptTCP()
			if err != nil {
				return
			}
			serving.Go(func() { f.echo(conn, deadline) })
		}
	})
	defer serving.Wait()
	defer listener.Close()

	errs := make([]error, f.Count)
	slots := make(chan struct{}, flowBurst)
	var dialing sync.WaitGroup
	for i := range f.Count {
		slots <- struct{}{}
		dialing.Go(func() {
			defer func() { <-slots }()
			if err := f.converse(i, deadline); err != nil && !isNetworkAnswer(err) && !errors.Is(err, io.EOF) {
				errs[i] = err
			}
		})
	}
	dialing.Wait()
	return errors.Join(errs...)
}

// converse is the connecting end of TCP flow i.
func (f *flowSet) converse(i int, deadline time.Time) error {
	left := time.Until(deadline)
	if left <= 0 {
		return nil
	}
	conn, err := f.From.dialTCP(f.source(i), f.Destination, left)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(deadline)
	question := binary.BigEndian.AppendUint32(nil, uint32(i))
	if _, err := conn.Write(question); err != nil {
		return err
	}
	answer := make([]byte, len(question))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if string(answer) == string(question) {
		f.mark(f.answered, i)
	}
	return nil
}

// echo is the accepting end of a TCP flow.
func (f *flowSet) echo(conn *net.TCPConn, deadline time.Time) {
	defer conn.Close()
	conn.SetDeadline(deadline)
	question := make([]byte, 4)
	if _, err := io.ReadFull(conn, question); err != nil {
		return
	}
	i := int(binary.BigEndian.Uint32(question))
	if i < f.Count && remote(conn).Port() == f.FirstPort+uint16(i) {
		f.mark(f.delivered, i)
	}
	conn.Write(question)
	// The connecting end closes first; waiting for that keeps this end from
	// resetting what is still on its way.
	io.Copy(io.Discard, conn)
}
