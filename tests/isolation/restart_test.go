//go:build linux

package isolation

import (
	"encoding/json"
	"testing"
	"time"

	"pillion/runtime/push"
)

// Agents that are killed under load, in every order, and started again in every order, have lost no rule, and let nothing through
// that is forbidden: neither while they are down nor when they are back.
func TestAgentsComeBackInEveryOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, driver string) {
		s := newSite(t, driver, 100, policy, names...)
		a1, a2, c1 := s.host("a1"), s.host("a2"), s.host("c1")
		friend, stranger := a2.listen(), c1.listen()
		rules := s.unchanged()
		traffic := s.startTraffic() // a quarter of it is forbidden
		agents := []struct {
			name        string
			kill, start func()
		}{
			{"shim of a1", func() { kill(t, a1.shim) }, a1.startShim},
			{"shim of a2", func() { kill(t, a2.shim) }, a2.startShim},
			{"sidecar", func() { kill(t, s.sidecar) }, s.startSidecar},
		}
		orders := permutations(len(agents))
		for _, down := range orders {
			for _, i := range down {
				agents[i].kill()
				time.Sleep(20 * time.Millisecond)
			}
			for _, i := range down {
				agents[i].start()
			}
			if got := s.unchanged(); got != rules {
				t.Errorf("after %v: %d rules are there, of %d", down, got, rules)
			}
		}
		sent := traffic.end()
		time.Sleep(settlement)
		arrived, _ := friend.different(allowed)
		t.Logf("%d orders, %d packets meanwhile; %d rules as before; %d of %d allowed packets from a1 to a2 arrived, %d forbidden ones; %d from one tenant to the other; %d alarms",
			len(orders), sent, rules, arrived, traffic.counted.Load(), friend.total(forbidden), stranger.of(a1), len(s.violations()))
		if n := friend.total(forbidden); n != 0 {
			t.Errorf("%d packets arrived that `no-ssh` denies", n)
		}
		if n := stranger.of(a1); n != 0 {
			t.Errorf("%d packets arrived from another tenant", n)
		}
		if v := s.violations(); len(v) != 0 {
			t.Errorf("%d alarms, the first: %s", len(v), v[0])
		}
		if arrived == 0 {
			t.Error("nothing that is allowed arrived")
		}
	})
}

// unchanged sees that a push would change nothing, and counts the rules.
func (s *site) unchanged() (rules int) {
	s.t.Helper()
	var report push.Report
	must(s.t, json.Unmarshal([]byte(s.run(s.sw, "push", s.in("bundle"), "--dry-run", "--format", "json")), &report))
	if report.Changed() != 0 || !report.OK() {
		s.t.Errorf("a push would change something: %+v", report)
	}
	for _, target := range report.Targets {
		if target.PipelineLoaded {
			s.t.Errorf("%s has lost its pipeline", target.Target)
		}
		rules += target.Unchanged
	}
	return rules
}

// permutations of the numbers below n.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var out [][]int
	for _, p := range permutations(n - 1) {
		for at := 0; at <= len(p); at++ {
			q := append(append(append([]int{}, p[:at]...), n-1), p[at:]...)
			out = append(out, q)
		}
	}
	return out
}
