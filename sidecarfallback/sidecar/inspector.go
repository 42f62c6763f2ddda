package sidecar

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"pillion/sidecarfallback/verify"
)

// sight is where the agent sees frames.
type sight int

const (
	byTrunk  sight = iota // on its way into the program
	bySample              // copied by the switch
	bySflow               // described by the switch
	sights
)

func (s sight) String() string { return [...]string{"trunk", "sample", "sflow"}[s] }

// inspector checks frames, and counts and logs those that no shim would have sent. It is for any number of goroutines.
type inspector struct {
	verifier *verify.Verifier
	log      *slog.Logger
	// blame is called for every violation.
	blame func(*verify.Violation)

	checked [sights]atomic.Uint64
	found   [sights]atomic.Uint64

	mu         sync.Mutex
	byEndpoint map[string]uint64
	limit      limiter
}

const (
	// maxEndpoints bounds the endpoints that are counted each for itself.
	maxEndpoints = 1024
	// otherEndpoints and noEndpoint stand for those that are not.
	otherEndpoints = "(others)"
	noEndpoint     = "(none)"
	// Violations that are logged one by one: so many at once, and so many a second on average.
	logBurst, logRate = 20, 5
)

func newInspector(v *verify.Verifier, log *slog.Logger, blame func(*verify.Violation)) *inspector {
	return &inspector{verifier: v, log: log, blame: blame, byEndpoint: map[string]uint64{}, limit: limiter{tokens: logBurst}}
}

// good says whether a frame may have been sent.
func (i *inspector) good(f verify.Frame, by sight) bool {
	i.checked[by].Add(1)
	v := i.verifier.Check(f)
	if v == nil {
		return true
	}
	i.found[by].Add(1)
	i.note(v, by)
	return false
}

// note counts and logs a violation.
func (i *inspector) note(v *verify.Violation, by sight) {
	name := v.Endpoint
	if name == "" {
		name = noEndpoint
	}
	i.mu.Lock()
	if _, known := i.byEndpoint[name]; !known && len(i.byEndpoint) >= maxEndpoints {
		name = otherEndpoints
	}
	i.byEndpoint[name]++
	say, unsaid := i.limit.take(time.Now())
	i.mu.Unlock()
	if say {
		attrs := []any{"endpoint", v.Endpoint, "port", v.Port, "statement", v.Statement, "reason", v.Reason, "packet", v.Packet, "seen", by.String()}
		if unsaid > 0 {
			attrs = append(attrs, "unlogged", unsaid)
		}
		i.log.Warn("violation", attrs...)
	}
	i.blame(v)
}

// violations gives the counts by endpoint.
func (i *inspector) violations() map[string]uint64 {
	i.mu.Lock()
	defer i.mu.Unlock()
	out := make(map[string]uint64, len(i.byEndpoint))
	for name, n := range i.byEndpoint {
		out[name] = n
	}
	return out
}

// limiter is a token bucket of logBurst tokens, of which logRate come back every second.
type limiter struct {
	tokens float64
	last   time.Time
	unsaid uint64 // since the last that was allowed
}

func (l *limiter) take(now time.Time) (ok bool, unsaid uint64) {
	if !l.last.IsZero() {
		l.tokens = min(logBurst, l.tokens+now.Sub(l.last).Seconds()*logRate)
	}
	l.last = now
	if l.tokens < 1 {
		l.unsaid++
		return false, 0
	}
	l.tokens--
	unsaid, l.unsaid = l.unsaid, 0
	return true, unsaid
}
