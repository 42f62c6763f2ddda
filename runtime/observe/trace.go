package observe

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"pillion/p4/engine"
)

// maxTrace is how much a tracer writes in all, in bytes.
const maxTrace = 256 << 20

// TraceOptions say which packets are traced, and how that is written.
type TraceOptions struct {
	// Ports are those that packets arrive by; the CPU port stands for packet-outs. None: every port.
	Ports []uint32
	// PerSecond bounds the packets; 0 stands for 10.
	PerSecond int
	// JSON writes one object for each packet, in one line; else it is text.
	JSON bool
	// Out is written to, by one goroutine at a time.
	Out io.Writer
}

// Tracer records the whole way of packets: each parser state, table, entry, action. It implements
// server.Tracer.
type Tracer struct {
	options TraceOptions
	ports   map[uint32]bool
	now     func() time.Time

	second atomic.Int64 // that the packets are counted for, in seconds since 1970
	count  atomic.Int64 // packets of that second
	left   atomic.Uint64

	mu      sync.Mutex // guards what follows
	traced  uint64
	written int
}

// NewTracer makes a tracer.
func NewTracer(o TraceOptions) (*Tracer, error) {
	if o.PerSecond == 0 {
		o.PerSecond = 10
	}
	if o.PerSecond < 0 {
		return nil, fmt.Errorf("a trace of %d packets a second: it needs 1 at least", o.PerSecond)
	}
	t := &Tracer{options: o, ports: map[uint32]bool{}, now: time.Now}
	for _, p := range o.Ports {
		t.ports[p] = true
	}
	return t, nil
}

// Wants says whether a packet that arrived by a port is to be traced.
func (t *Tracer) Wants(port uint32) bool {
	if len(t.ports) > 0 && !t.ports[port] {
		return false
	}
	now := t.now().Unix()
	if before := t.second.Load(); before != now && t.second.CompareAndSwap(before, now) {
		t.count.Store(0)
	}
	if t.count.Add(1) > int64(t.options.PerSecond) {
		t.left.Add(1)
		return false
	}
	return true
}

// Traced writes down the way of a packet.
func (t *Tracer) Traced(port uint32, frame []byte, sw *engine.Switch, trace *engine.Trace) {
	w := wayOf(port, frame, sw, trace)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.written >= maxTrace {
		return
	}
	t.traced++
	w.Number, w.Time, w.Left = t.traced, t.now(), t.left.Swap(0)
	text := []byte(w.Text())
	if t.options.JSON {
		var err error
		if text, err = json.Marshal(w); err != nil {
			return // there is nothing in it that has no form in JSON
		}
		text = append(text, '\n')
	}
	n, err := t.options.Out.Write(text)
	if t.written += n; err != nil {
		t.written = maxTrace // there is no more room for it, or nobody to read it
		return
	}
	if t.written >= maxTrace && !t.options.JSON {
		fmt.Fprintf(t.options.Out, "the trace ends: it has %d MiB\n", maxTrace>>20)
	}
}
