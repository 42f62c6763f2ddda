package verify

import "time"

// Forever is an end for [Verifier.Replace] that is not known yet: [Verifier.End] says it later.
func Forever() time.Time { return time.Unix(1<<40, 0) }

// End says when no rules but the current ones are good any more, whatever Replace has said. It only brings ends forward.
func (v *Verifier) End(until time.Time) {
	v.replacing.Lock()
	defer v.replacing.Unlock()
	s := v.state.Load()
	next := &state{current: s.current}
	for _, o := range remaining(s.old, v.now()) {
		if until.Before(o.until) {
			o.until = until
		}
		next.old = append(next.old, o)
	}
	v.state.Store(next)
}

// Excusing says how many sets of rules are good besides the current one.
func (v *Verifier) Excusing() int { return len(remaining(v.state.Load().old, v.now())) }
