//go:build linux

package shim

import (
	"errors"
	"strings"
	"testing"
)

// An interface that has a shim takes no other by another name, and is not said to be free of shims by one.
func TestAnotherName(t *testing.T) {
	s := newSite(t, 2, AttachTCX)
	h := s.hosts[0]
	o := h.options
	o.Name = "other"
	want := "has a shim already, of the name " + h.options.Name
	var opened, detached error
	must(t, h.ns.Do(func() error {
		var a *Agent
		if a, opened = Open(o); opened == nil {
			opened = errors.Join(errors.New("it was opened"), a.Detach())
		}
		detached = Detach(o)
		return nil
	}))
	for what, err := range map[string]error{"Open": opened, "Detach": detached} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want one that says %q", what, err, want)
		}
	}
}
