package push

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pillion/runtime/p4rt"
	"pillion/runtime/p4rt/p4rttest"
)

// counted is a connection that is counted while it is open.
type counted struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// Of many targets some are down, and some take a connection and never say a word: first of all. All others are
// done before one of those is given up, and no more connections than maxOpen are open at a time.
func TestManyTargets(t *testing.T) {
	const silent, down, well = maxWorking + 20, 30, 200
	b := bundleOf(everyState(0)...)
	like := b.Targets[0]
	b.Targets = nil
	dial := map[string]func(context.Context, string, string) (net.Conn, error){}
	for i := range silent + down + well {
		target := like
		target.Name = fmt.Sprintf("t%04d", i)
		target.Address = "unix:///run/" + target.Name
		b.Targets = append(b.Targets, target)
		if i >= silent+down {
			dial[target.Name] = (&p4rttest.Server{DeviceID: 1, References: p4rttest.LittleReferences()}).Serve(t)
		}
	}
	var open, most atomic.Int64
	done := make(chan struct{})
	o := Options{Connect: p4rt.Options{Dialer: func(ctx context.Context, network, address string) (net.Conn, error) {
		address = strings.TrimPrefix(address, "/run/")
		connect := dial[address]
		switch {
		case connect == nil && address < fmt.Sprintf("t%04d", silent):
			select {
			case <-done:
			case <-ctx.Done():
			}
			return nil, errors.New("it never answered")
		case connect == nil:
			return nil, errors.New("nobody listens")
		}
		conn, err := connect(ctx, network, address)
		if err != nil {
			return nil, err
		}
		for n := open.Add(1); ; {
			if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
				return &counted{Conn: conn, open: &open}, nil
			}
		}
	}}}
	good, early, last := 0, 0, Event{}
	o.Progress = func(e Event) {
		if e.Step != "done" {
			return
		}
		last = e
		switch {
		case dial[e.Target] != nil:
			if good++; good == well {
				close(done)
			}
		case e.Target < fmt.Sprintf("t%04d", silent) && good < well:
			early++
		}
	}
	r, err := Push(context.Background(), b, pipelines, o)
	if err != nil {
		t.Fatal(err)
	}
	if early > 0 {
		t.Errorf("%d targets that never answer were given up while others waited", early)
	}
	if last.Finished != silent+down+well || last.Targets != last.Finished {
		t.Errorf("the last event says %d of %d", last.Finished, last.Targets)
	}
	if most.Load() > maxOpen {
		t.Errorf("%d connections at a time", most.Load())
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), "\n"); n != 6 {
		t.Errorf("%d lines", n)
	}
	for _, want := range []string{
		fmt.Sprintf("%d targets (t0114, t0115, t0116, t0117, t0118, t0119 and %d more): ok: pipeline loaded on %d, ", well, well-6, well),
		fmt.Sprintf("%d targets (t0000, t0001, ", silent), "it never answered", fmt.Sprintf("%d targets (t0084, t0085, ", down), "nobody listens",
		fmt.Sprintf("\n%d targets, ", silent+down+well), fmt.Sprintf(", %d targets failed\n", silent+down),
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in:\n%s", want, text.String())
		}
	}
}

func TestRoom(t *testing.T) {
	r := newRoom(2, 10)
	r.enter(100) // one always fits
	entered := make(chan bool)
	go func() {
		r.enter(1)
		entered <- true
	}()
	select {
	case <-entered:
		t.Error("a second target fits beside one that is too large")
	default:
	}
	r.leave(100)
	<-entered
	r.enter(9)
	r.leave(9)
	r.leave(1)
	if r.inside != 0 || r.targets != 2 || r.entities != 10 {
		t.Errorf("%+v", r)
	}
}
