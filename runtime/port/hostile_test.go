package port

import (
	"net"
	"testing"
)

// flooded is a device on which somebody sends what cannot be taken, and then one good frame.
type flooded struct {
	bad int
	err error
}

func (d *flooded) Name() string { return "flooded" }

func (d *flooded) next() ([]byte, error) {
	switch d.bad--; {
	case d.bad >= 0:
		return nil, d.err
	case d.bad == -1:
		return make([]byte, 60), nil
	}
	return nil, net.ErrClosed
}

func (d *flooded) Read(buf []byte) ([]byte, error) { return d.next() }

func (d *flooded) Write([]byte) error { return nil }

func (d *flooded) Close() error { return nil }

// floodedInBursts is the same, in bursts.
type floodedInBursts struct{ *flooded }

func (d floodedInBursts) readBurst(limit int, handle func(frame []byte, err error)) error {
	for range limit {
		frame, err := d.next()
		if err == net.ErrClosed {
			return err
		}
		if handle(frame, err); err == nil {
			return nil
		}
	}
	return nil
}

func (floodedInBursts) newSender() burstSender { return nil }

// However many frames somebody sends that cannot be taken, the port goes on.
func TestBadFramesEndNoPort(t *testing.T) {
	for _, err := range []error{ErrSuperFrame, ErrTruncated} {
		for _, dev := range []Device{&flooded{3 * maxReadErrors, err}, floodedInBursts{&flooded{3 * maxReadErrors, err}}} {
			got := 0
			s := NewSet(func(uint32, []byte) { got++ })
			m := s.add(1, dev)
			s.read(1, m) // until the device is closed
			if c, err := s.Counters(1); got != 1 || err != nil || c.InErrors != 3*maxReadErrors || c.InFrames != 1 {
				t.Errorf("%T: %d good frames; %+v, %v", dev, got, c, err)
			}
		}
	}
}
