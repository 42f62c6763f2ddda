package verify

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"pillion/backends/bundle"
)

// Frame is a frame that came into the ordinary switch.
type Frame struct {
	Data   []byte // from its destination address on; the end may be missing
	Length int    // on the wire, in bytes; less than len(Data) says nothing
	Port   uint32 // of the ordinary switch; 0: not known
	// Brief asks who is to blame and no more: a violation has its reason, statement and packet only if they cost nothing. To find them
	// takes twenty times as long as a clean frame does.
	Brief bool
}

// cut says whether the end of the frame is missing.
func (f *Frame) cut() bool { return f.Length > len(f.Data) }

// Violation is a frame that no shim would have sent.
type Violation struct {
	Endpoint  string // whose shim was passed by; empty if the frame shows no endpoint
	Port      uint32 // where the sender is; 0 if that is not known, or not on this switch
	Reason    string // what a shim does with such a frame, or what is forged about it
	Statement string // of the policy, which decided; DefaultDeny if none did
	Packet    string // in a line
}

// DefaultDeny is the statement where none of the policy's applies.
const DefaultDeny = "default deny"

// Verifier checks the frames of one ordinary switch. Its methods may be called concurrently.
type Verifier struct {
	ordinarySwitch string
	now            func() time.Time

	replacing sync.Mutex
	state     atomic.Pointer[state]
}

// state is what holds now, and what held before and still excuses a frame.
type state struct {
	current *rules
	old     []outgoing
}

type outgoing struct {
	*rules // nil: any frame is good
	until  time.Time
}

func (o *outgoing) excuses(f *Frame) bool { return o.rules == nil || o.check(f) == nil }

// maxOld bounds the rule sets that are good besides the current one. Of more, the oldest stays, which is what shims have as long as nothing
// is pushed, and the next one ends early.
const maxOld = 3

// New makes a verifier for the frames that come into an ordinary switch of a bundle's network.
func New(b *bundle.Bundle, ordinarySwitch string) (*Verifier, error) {
	r, err := newRules(b, ordinarySwitch)
	if err != nil {
		return nil, err
	}
	v := &Verifier{ordinarySwitch: ordinarySwitch, now: time.Now}
	v.state.Store(&state{current: r})
	return v, nil
}

// Replace changes to the rules of another bundle. Until the given time frames that the rules before it allow are
// no violations either: by then the shims must have the new ones.
func (v *Verifier) Replace(b *bundle.Bundle, until time.Time) error {
	r, err := newRules(b, v.ordinarySwitch)
	if err != nil {
		return err
	}
	v.replacing.Lock()
	defer v.replacing.Unlock()
	v.add(r, outgoing{v.state.Load().current, until})
	return nil
}

// Excuse makes every frame good until [Verifier.End] says otherwise: for who does not know which rules shims have.
func (v *Verifier) Excuse() {
	v.replacing.Lock()
	defer v.replacing.Unlock()
	v.add(v.state.Load().current, outgoing{nil, Forever()})
}

func (v *Verifier) add(current *rules, old outgoing) {
	next := &state{current: current, old: append(remaining(v.state.Load().old, v.now()), old)}
	if len(next.old) > maxOld {
		next.old = slices.Delete(next.old, 1, 2)
	}
	v.state.Store(next)
}

// remaining are those that are good still, in a slice of their own.
func remaining(old []outgoing, now time.Time) []outgoing {
	var out []outgoing
	for _, o := range old {
		if now.Before(o.until) {
			out = append(out, o)
		}
	}
	return out
}

// Check says whether a frame is one that its sender's shim would not have sent. nil: it would have, or the frame is
// none of a shim's. So is a frame of which too little is there to know what its shim does with it.
func (v *Verifier) Check(f Frame) *Violation {
	s := v.state.Load()
	if len(s.old) > 0 {
		s = v.expire(s)
	}
	violation := s.current.check(&f)
	if violation == nil {
		return nil
	}
	for i := range s.old {
		if s.old[i].excuses(&f) {
			return nil
		}
	}
	return violation
}

// expire drops rule sets whose time is over.
func (v *Verifier) expire(s *state) *state {
	now := v.now()
	for i := range s.old {
		if !now.Before(s.old[i].until) {
			next := &state{s.current, remaining(s.old, now)}
			v.state.CompareAndSwap(s, next) // or somebody else has just changed it
			return next
		}
	}
	return s
}
