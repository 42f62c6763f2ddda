//go:build linux

package isolation

import (
	"strings"
	"testing"
	"time"
)

// A host whose shim is taken off sends what its shim would not. One frame in 100 is sampled, so that the first 1,000 packets give it away;
// then its port is cut off, and stays so when the sidecar is killed.
func TestRemovedShimIsFoundOut(t *testing.T) {
	onBoth(t, func(t *testing.T, driver string) {
		s := newSite(t, driver, 100, policy, names...)
		a1, a2 := s.host("a1"), s.host("a2")
		var ears []*ear
		for _, h := range s.hosts {
			if h != a1 {
				ears = append(ears, h.listen())
			}
		}
		friend := ears[0]
		a1.send(a1.ssh(a2, payload(forbidden, 0)))
		time.Sleep(settlement)
		if got := friend.total(forbidden); got != 0 {
			t.Fatal("with its shim the host can send what it must not")
		}
		if v := s.violations(); len(v) > 0 {
			t.Fatalf("an alarm before: %s", v[0])
		}
		a1.detach()
		t.Cleanup(a1.startShim) // which the end takes off again

		const first = 1000
		seen := 0
		friend.pace(first, forbidden, func(i int) {
			a1.send(a1.ssh(a2, payload(forbidden, i)))
			time.Sleep(2 * time.Millisecond) // sFlow comes once a second
			if seen == 0 && len(s.violations()) > 0 {
				seen = i + 1
			}
		})
		s.await("the violation is reported", func() bool { return len(s.violations()) > 0 })
		alarm := s.violations()[0]
		t.Logf("reported: %s", alarm)
		if seen == 0 {
			t.Logf("the report came after the %d packets, of which %d arrived", first, friend.total(forbidden))
		} else {
			t.Logf("the report was there after %d packets; %d arrived in all", seen, friend.total(forbidden))
		}
		for _, word := range []string{"endpoint=a1", `statement="deny no-ssh"`, "reason=policy"} {
			if !strings.Contains(alarm, word) {
				t.Errorf("the alarm does not say %s", word)
			}
		}
		s.await("the port is in quarantine", func() bool { return s.cutOff(a1) })

		s.nothingComes(a1, a2, ears, "in quarantine")
		kill(t, s.sidecar)
		s.nothingComes(a1, a2, ears, "in quarantine, without the sidecar")
		s.startSidecar()
		s.nothingComes(a1, a2, ears, "in quarantine, with the sidecar back")
		if !s.cutOff(a1) {
			t.Error("the quarantine is over")
		}
	})
}

// cutOff says whether the switch has the quarantine of a host's port.
func (s *site) cutOff(h *host) bool {
	s.t.Helper()
	args := append([]string{"redirect", "show"}, s.drive()...)
	for line := range strings.Lines(s.run(s.sw, args...)) {
		if strings.TrimSpace(line) == "quarantine "+h.port()[len("port"):] {
			return true
		}
	}
	return false
}

// nothingComes lets a host send what it may and what it may not, and sees that nobody gets any of it.
func (s *site) nothingComes(from, to *host, ears []*ear, when string) {
	s.t.Helper()
	time.Sleep(settlement)
	before := 0
	for _, e := range ears {
		before += e.of(from)
	}
	const n = 1000
	for i := range n {
		from.send(from.udp(to, 80, payload(allowed, i)))
		from.send(from.ssh(to, payload(forbidden, i)))
		from.send(from.toGroup(ourGroup, payload(allowed, i)))
		from.send(from.udp(s.host("c1"), 80, payload(forbidden, i)))
		if i%window == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	time.Sleep(settlement)
	after := 0
	for _, e := range ears {
		after += e.of(from)
	}
	s.t.Logf("%s: %d of %d packets arrived anywhere", when, after-before, 4*n)
	if after != before {
		s.t.Errorf("%s: %d packets arrived", when, after-before)
	}
}
