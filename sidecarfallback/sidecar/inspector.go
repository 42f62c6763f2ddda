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
	// stale says that there are rules that the verifier does not have yet; blame is called for every violation, of which it knows who is
	// to blame, and may ask for the rest.
	stale func() bool
	blame func(brief *verify.Violation, explain func() *verify.Violation)

	checked [sights]atomic.Uint64
	found   [sights]atomic.Uint64
	unsure  [sights]atomic.Uint64 // no violations, perhaps, by rules that the verifier did not have yet

	mu         sync.Mutex
	byEndpoint map[string]*noted
	limit      limiter
}

// noted is what was seen of one endpoint.
type noted struct {
	count  uint64
	said   time.Time // when one was logged last
	unsaid uint64    // since then
}

const (
	// maxEndpoints bounds the endpoints that are counted each for itself.
	maxEndpoints = 1024
	// otherEndpoints and noEndpoint stand for those that are not.
	otherEndpoints = "(others)"
	noEndpoint     = "(none)"
	// Violations that are logged: of an endpoint one in this time; of all, so many at once, and so many a second on average.
	logPause          = 5 * time.Second
	logBurst, logRate = 20, 5
)

func newInspector(v *verify.Verifier, log *slog.Logger, stale func() bool, blame func(*verify.Violation, func() *verify.Violation)) *inspector {
	return &inspector{verifier: v, log: log, stale: stale, blame: blame, byEndpoint: map[string]*noted{}, limit: limiter{tokens: logBurst}}
}

// good says whether a frame may have been sent. What only rules allow that the verifier is about to get is not good yet, but
// nobody is blamed for it. Violations may come as fast as the wire allows: they are explained only where somebody is told.
func (i *inspector) good(f verify.Frame, by sight) bool {
	i.checked[by].Add(1)
	f.Brief = true
	v := i.verifier.Check(f)
	if v == nil {
		return true
	}
	if i.stale() {
		i.unsure[by].Add(1)
		return false
	}
	// A bundle that has been taken over since the check is not stale any more.
	if v = i.verifier.Check(f); v == nil {
		return true
	}
	i.found[by].Add(1)
	i.note(v, by, i.explanation(f, v))
	return false
}

// explanation finds the rest of a violation when it is asked for.
func (i *inspector) explanation(f verify.Frame, brief *verify.Violation) func() *verify.Violation {
	return func() *verify.Violation {
		f.Brief = false
		if full := i.verifier.Check(f); full != nil {
			return full
		}
		return brief // by rules that have just come it is none
	}
}

// note counts and logs a violation.
func (i *inspector) note(v *verify.Violation, by sight, explain func() *verify.Violation) {
	name := v.Endpoint
	if name == "" {
		name = noEndpoint
	}
	i.mu.Lock()
	of := i.byEndpoint[name]
	if of == nil && len(i.byEndpoint) >= maxEndpoints {
		of = i.byEndpoint[otherEndpoints]
		name = otherEndpoints
	}
	if of == nil {
		of = &noted{}
		i.byEndpoint[name] = of
	}
	of.count++
	now, unsaid := time.Now(), of.unsaid
	say := now.Sub(of.said) >= logPause && i.limit.take(now)
	if say {
		of.said, of.unsaid = now, 0
	} else {
		of.unsaid++
	}
	i.mu.Unlock()
	if say {
		v := explain()
		attrs := []any{"endpoint", v.Endpoint, "port", v.Port, "statement", v.Statement, "reason", v.Reason, "packet", v.Packet, "seen", by.String()}
		if unsaid > 0 {
			attrs = append(attrs, "unlogged", unsaid)
		}
		i.log.Warn("violation", attrs...)
	}
	i.blame(v, explain)
}

// violations gives the counts by endpoint.
func (i *inspector) violations() map[string]uint64 {
	i.mu.Lock()
	defer i.mu.Unlock()
	out := make(map[string]uint64, len(i.byEndpoint))
	for name, n := range i.byEndpoint {
		out[name] = n.count
	}
	return out
}

// limiter is a token bucket of logBurst tokens, of which logRate come back every second.
type limiter struct {
	tokens float64
	last   time.Time
}

func (l *limiter) take(now time.Time) bool {
	if !l.last.IsZero() {
		l.tokens = min(logBurst, l.tokens+now.Sub(l.last).Seconds()*logRate)
	}
	l.last = now
	if l.tokens < 1 {
		return false
	}
	l.tokens--
	return true
}
