package verify

import (
	"bytes"
	"sync"
	"sync/atomic"

	"pillion/backends/bundle"
	"pillion/p4"
	"pillion/p4/engine"
	"pillion/runtime/packet"
)

// host is an endpoint with a shim. A frame is checked at a time: the counters of the engine say why it drops one.
type host struct {
	rules  *rules
	name   string
	port   uint32 // of the switch; 0: the endpoint is at another one
	target bundle.Target

	engine atomic.Pointer[engine.Switch] // made when a frame comes, and given up for others
	lately atomic.Bool                   // used since the cache looked last

	mu      sync.Mutex
	compare func(port uint32, frame []byte) // compareOutput, made once
	seen    []byte                          // what is looked for
	anyTTL  bool                            // in whatever state its time to live is
	found   bool
}

// headers is how much of the original frame the program is given, in bytes. The parser takes less at most: Ethernet 14,
// IPv4 with options 60, ICMP 8, a quoted IPv4 header 20, and ports 4. What follows passes through a shim unchanged.
const headers = 192

// check judges a frame of this host. Behind a P4 switch on the way its time to live is another.
func (h *host) check(f *Frame, anyTTL bool) *Violation {
	inner := f.Data
	if packet.IsEncapsulated(inner) {
		if len(inner) < packet.EncapsulationSize {
			if f.cut() {
				return nil
			}
			return h.violation(f, malformed)
		}
		inner = inner[packet.EncapsulationSize:]
	}
	seen := f.Data[:len(f.Data)-max(0, len(inner)-headers)]
	inner = inner[:min(len(inner), headers)]
	h.mu.Lock()
	defer h.mu.Unlock()
	sw, err := h.rules.engines.of(h)
	if err != nil {
		return nil // newRules has looked at the entities; whatever is wrong with them, the host did not do it
	}
	h.seen, h.anyTTL, h.found = seen, anyTTL, false
	sw.Process(p4.ShimHost, inner, h.compare)
	h.seen = nil
	if h.found {
		return nil
	}
	if f.Brief && !f.cut() {
		return h.violation(f, "")
	}
	return h.explain(f, sw, inner)
}

// compareOutput looks at one frame that the shim sends.
func (h *host) compareOutput(port uint32, frame []byte) {
	if port == p4.ShimNetwork && !h.found {
		h.found = h.sent(frame)
	}
}

// sent says whether what was seen is this frame.
func (h *host) sent(frame []byte) bool {
	if !h.anyTTL || !packet.IsEncapsulated(frame) || len(h.seen) != len(frame) {
		return bytes.Equal(frame, h.seen)
	}
	const at = 14 // version 2, O and U 1 each, TTL 6, length 6: the first word of NSH
	return bytes.Equal(frame[:at], h.seen[:at]) && bytes.Equal(frame[at+2:], h.seen[at+2:]) &&
		(frame[at]^h.seen[at])&0xF0 == 0 && (frame[at+1]^h.seen[at+1])&0x3F == 0
}
