package sidecar

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"pillion/runtime/port"
	"pillion/sidecarfallback/redirect/drivers"
	"pillion/sidecarfallback/sflow"
	"pillion/sidecarfallback/verify"
)

// openSamples reads copies of frames from an interface. The port that each of them came in by is not known.
func openSamples(spec port.Spec, i *inspector) (*port.Set, error) {
	dev, err := openInterface(spec)
	if err != nil {
		return nil, err
	}
	set := port.NewSet(func(_ uint32, frame []byte) {
		i.good(verify.Frame{Data: frame, Length: len(frame)}, bySample)
	})
	if err := set.Add(sampleNumber, dev); err != nil {
		return nil, errors.Join(err, dev.Close())
	}
	return set, nil
}

// sampleNumber is the only port of the set of samples.
const sampleNumber = 0

// collector receives sFlow. Its address may change.
type collector struct {
	inspector *inspector
	switches  *drivers.Config // nil: not known
	senders   senders

	mu      sync.Mutex
	addr    netip.AddrPort // zero: none is wanted
	conn    *net.UDPConn
	cancel  context.CancelFunc // ends what the reading goroutine asks the switch
	reading sync.WaitGroup

	// names are the ports by the index of their interface. They are for the reading goroutine.
	names map[uint32]uint32
	asked time.Time

	datagrams, broken, foreign, unknown atomic.Uint64
}

// follow listens where the rules say that the collector is.
func (c *collector) follow(addr netip.AddrPort) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if addr == c.addr && (c.conn != nil || !addr.IsValid()) {
		return nil
	}
	c.stop()
	c.addr = addr
	if !addr.IsValid() {
		return nil
	}
	if c.switches == nil {
		return fmt.Errorf("sFlow samples to %s: they name a port by the number of its interface, and only a driver knows that: give --driver and --bridge", addr)
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return fmt.Errorf("sFlow samples to %s: the collector is to be an address of this machine: %w", addr, err)
	}
	// What does not fit is lost, which random samples can bear.
	_ = conn.SetReadBuffer(4 << 20)
	c.conn = conn
	var ctx context.Context
	ctx, c.cancel = context.WithCancel(context.Background())
	c.reading.Go(func() { // ends when it is closed
		_ = sflow.Receive(conn, func(r sflow.Received) { c.receive(ctx, r) })
	})
	return nil
}

// receive checks the samples of one datagram.
func (c *collector) receive(ctx context.Context, r sflow.Received) {
	if !c.senders.has(r.From.Addr()) {
		c.foreign.Add(1)
		return
	}
	if r.Err != nil {
		c.broken.Add(1)
		return
	}
	c.datagrams.Add(1)
	for i := range r.Datagram.Samples {
		s := &r.Datagram.Samples[i]
		number, known := c.port(ctx, s.Input)
		if !known {
			c.unknown.Add(1) // nothing can be said of a frame that may come from the sidecar itself
			continue
		}
		c.inspector.good(verify.Frame{Data: s.Header, Length: int(max(s.Length, s.Stripped) - s.Stripped), Port: number}, bySflow)
	}
}

// port says which port of the network file a sample came in by. Interfaces come and go, so for one that is not known the
// switch is asked again, not more than once a second.
func (c *collector) port(ctx context.Context, p sflow.Port) (uint32, bool) {
	if p.Format != 0 {
		return 0, false
	}
	number, ok := c.names[p.Value]
	if ok || time.Since(c.asked) < time.Second {
		return number, ok
	}
	c.asked = time.Now()
	if names, err := c.switches.Interfaces(ctx); err == nil {
		c.names = names
	}
	number, ok = c.names[p.Value]
	return number, ok
}

// stop ends what is there. Callers hold c.mu.
func (c *collector) stop() {
	if c.conn != nil {
		_ = c.conn.Close() // nothing is lost with it
		c.cancel()
		c.conn = nil
	}
	c.reading.Wait()
}

func (c *collector) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stop()
	c.addr = netip.AddrPort{}
}
