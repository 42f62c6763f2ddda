package redirect

import (
	"errors"
	"fmt"
	"slices"
)

// Absent says which of the ports that rules name a switch lacks. Hosts come and go, and with them their ports: all other rules hold all the
// same.
type Absent struct {
	Ports []uint32 // ascending
	Err   error    // which interface it should be, and what is there
}

func (e *Absent) Error() string { return e.Err.Error() }

func (e *Absent) Unwrap() error { return e.Err }

// Without leaves out what some ports are needed for. A wire whose middlebox is there and whose sidecar is not becomes a quarantine, as what
// comes from the middlebox must not get past the sidecar.
func (r Rules) Without(ports []uint32) Rules {
	if len(ports) == 0 {
		return r
	}
	gone := func(p uint32) bool { return slices.Contains(ports, p) }
	r = r.Canonical()
	for _, w := range r.Wires {
		if gone(w.Sidecar) && !slices.Contains(r.Quarantined, w.Box) {
			r.Quarantined = append(r.Quarantined, w.Box)
		}
	}
	r.Wires = slices.DeleteFunc(r.Wires, func(w Wire) bool { return gone(w.Box) || gone(w.Sidecar) })
	r.Statics = slices.DeleteFunc(r.Statics, func(s Static) bool { return gone(s.Port) })
	r.Guards = slices.DeleteFunc(r.Guards, func(g Guard) bool { return gone(g.Port) })
	r.Quarantined = slices.DeleteFunc(r.Quarantined, gone)
	if r.Sample.Port != 0 && gone(r.Sample.Port) {
		r.Sample = Sample{}
	}
	return r.Canonical()
}

// NewAbsent makes the error for ports that are not on a bridge; nil if there are none. There lists what is on it.
func NewAbsent(bridge string, ports []uint32, name func(uint32) string, there string) error {
	if len(ports) == 0 {
		return nil
	}
	var errs []error
	for _, p := range ports {
		errs = append(errs, fmt.Errorf("bridge %s: port %d (interface %q): it is not on the bridge: put it there; on it are %s", bridge, p, name(p), there))
	}
	const most = 5
	if more := len(errs) - most; more > 0 {
		errs = append(errs[:most], fmt.Errorf("and %d more", more))
	}
	return &Absent{Ports: ports, Err: errors.Join(errs...)}
}
