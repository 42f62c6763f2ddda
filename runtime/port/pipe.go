package port

import (
	"fmt"
	"net"
	"sync"
)

// pipeQueue is how many frames wait in each direction of a Pipe.
const pipeQueue = 1024

// Pipe returns the two ends of an in-process link: what one end writes, the
// other reads, in order. Each direction holds 1,024 frames; then Write returns
// ErrQueueFull. Closing one end closes both.
func Pipe(name string) (Device, Device) {
	ab, ba := make(chan []byte, pipeQueue), make(chan []byte, pipeQueue)
	link := &pipeLink{closed: make(chan struct{})}
	return &pipeEnd{name: name + "/a", in: ba, out: ab, link: link},
		&pipeEnd{name: name + "/b", in: ab, out: ba, link: link}
}

type pipeLink struct {
	once   sync.Once
	closed chan struct{}
}

type pipeEnd struct {
	name string
	in   <-chan []byte
	out  chan<- []byte
	link *pipeLink
}

func (p *pipeEnd) Name() string { return p.name }

func (p *pipeEnd) Read(buf []byte) ([]byte, error) {
	select {
	case f := <-p.in:
		return p.take(f, buf)
	case <-p.link.closed:
	}
	// What was written before the close is still delivered.
	select {
	case f := <-p.in:
		return p.take(f, buf)
	default:
		return nil, net.ErrClosed
	}
}

func (p *pipeEnd) take(f, buf []byte) ([]byte, error) {
	if len(f) > len(buf) {
		return nil, fmt.Errorf("%s: %w (%d bytes into %d)", p.name, ErrTruncated, len(f), len(buf))
	}
	return buf[:copy(buf, f)], nil
}

func (p *pipeEnd) Write(frame []byte) error {
	select {
	case <-p.link.closed:
		return net.ErrClosed
	default:
	}
	select {
	case p.out <- append([]byte(nil), frame...):
		return nil
	default:
		return fmt.Errorf("%s: %w", p.name, ErrQueueFull)
	}
}

func (p *pipeEnd) Close() error {
	p.link.once.Do(func() { close(p.link.closed) })
	return nil
}
