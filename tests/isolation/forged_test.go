//go:build linux

package isolation

import (
	"strings"
	"testing"
	"time"
)

// A host without its shim that sends as another one: nothing arrives, and the other one is not blamed.
func TestForgedSourceIsNotBlamedOnItsOwner(t *testing.T) {
	onBoth(t, func(t *testing.T, driver string) {
		s := newSite(t, driver, 10, policy, names...)
		a1, a2, c2 := s.host("a1"), s.host("a2"), s.host("c2")
		friend := a2.listen()
		c2.detach()
		t.Cleanup(c2.startShim)
		const n = 1000
		for i := range n {
			c2.send(a1.ssh(a2, payload(forbidden, i)))
			c2.send(a1.udp(a2, 80, payload(forbidden, n+i)))
			time.Sleep(2 * time.Millisecond)
		}
		if driver == openVSwitch {
			// sFlow says which port a frame came in by, and samples what a guard drops.
			s.await("the forger's port is in quarantine", func() bool { return s.cutOff(c2) })
		}
		friend.pace(100, allowed, func(i int) { a1.send(a1.udp(a2, 80, payload(allowed, i))) })
		arrived, _ := friend.different(allowed)
		t.Logf("%d of %d forged packets arrived, and %d of 100 of whom they claimed to be; %d alarms", friend.total(forbidden), 2*n, arrived, len(s.violations()))
		if friend.total(forbidden) != 0 {
			t.Error("forged packets arrived")
		}
		if arrived != 100 || s.cutOff(a1) {
			t.Error("somebody else is cut off")
		}
		for _, v := range s.violations() {
			if strings.Contains(v, "endpoint=a1") {
				t.Errorf("somebody else is blamed: %s", v)
			}
		}
	})
}
