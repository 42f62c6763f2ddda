//go:build linux

package isolation

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// otherPolicy differs from policy in what a1 is, in what it may, and in groups.
var otherPolicy = strings.Replace(policy, "group y = a3", "group y = a3  group extra = a1", 1) + `
allow joined: a.extra -> c.z on udp/7000
multicast more { group 239.1.1.3 senders a.x receivers a.y }
`

// cleanPackets is how many packets of clean traffic there are at least.
func cleanPackets(t *testing.T) int {
	n := 50000
	if text := os.Getenv("PILLION_CLEAN_PACKETS"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		must(t, err)
	}
	return n
}

// What shims let through raises no alarm: not while rules change, nor while agents are killed and start again.
func TestCleanTrafficRaisesNoAlarm(t *testing.T) {
	onBoth(t, func(t *testing.T, driver string) {
		const oneIn = 10
		s := newSite(t, driver, oneIn, policy, names...)
		a1, a2 := s.host("a1"), s.host("a2")
		friend := a2.listen()
		traffic := s.startTraffic()
		reload := func(policy string) {
			s.compile(policy)
			s.push()
		}
		restart := func(h *host) {
			kill(t, h.shim)
			h.startShim()
		}
		n := cleanPackets(t)
		const events = 11
		for i, event := range []func(){
			func() { reload(otherPolicy) },
			func() { reload(policy) },
			func() { restart(a1) },
			func() { kill(t, s.sidecar); s.startSidecar() },
			func() { reload(otherPolicy) },
			func() { restart(a2) },
			// A sidecar that knows the new rules only, where the hosts have the old ones.
			func() { s.compile(policy); kill(t, s.sidecar); s.startSidecar(); time.Sleep(2 * grace); s.push() },
			func() { reload(otherPolicy) },
			func() { reload(policy) },
			func() { must(t, s.sidecar.Stop()); s.startSidecar() },
			func() { s.push() },
		} {
			traffic.await(n * i / events)
			event()
		}
		traffic.await(n)
		sent := traffic.end()
		time.Sleep(settlement + time.Second) // samples by sFlow come once a second
		got, copies := friend.different(allowed)
		v := s.violations()
		t.Logf("%d packets, about %d of them sampled, 6 changes of rules, 5 restarts: %d alarms. Of the packets from a1 to a2 %d of %d arrived, %d twice, the ear lost %d",
			sent, sent/oneIn, len(v), got, traffic.counted.Load(), copies, friend.lost(t))
		if len(v) > 0 {
			t.Errorf("the first alarm: %s", v[0])
		}
		// An alarm would have been raised.
		a1.detach()
		t.Cleanup(a1.startShim)
		for i := range 500 {
			a1.send(a1.ssh(a2, payload(forbidden, i)))
		}
		s.await("a violation is reported", func() bool { return len(s.violations()) > 0 })
	})
}

// traffic is sent until it is ended.
type traffic struct {
	site    *site
	sent    atomic.Int64
	counted atomic.Int64 // those from a1 to a2 that are numbered
	stop    atomic.Bool
	sending sync.WaitGroup
}

// startTraffic has the hosts send what the policy allows, by all the ways that frames take; and what only one of two policies allows.
func (s *site) startTraffic() *traffic {
	a1, a2, a3, c1, c2 := s.host("a1"), s.host("a2"), s.host("a3"), s.host("c1"), s.host("c2")
	type frame struct {
		from *host
		data []byte
	}
	var frames []frame
	add := func(from *host, data []byte) { frames = append(frames, frame{from, data}) }
	for i := range 8 {
		number := payload(control, i)
		add(a2, a2.udp(a3, uint16(1000+i), number))
		add(a3, a3.udp(a1, uint16(1000+i), number))
		add(c1, c1.udp(c2, uint16(1000+i), number))
		add(a1, a1.toGroup(ourGroup, number)) // through the sidecar
		add(c2, c2.toGroup(theirGroup, number))
		add(a1, a1.udp(c1, 7000, number))          // by one policy only
		add(a1, a1.ssh(a2, payload(forbidden, i))) // by none: the shim drops it
		six := a2.to(a1, true, number)
		six.Proto, six.SPort, six.DPort = 17, 53, uint16(2000+i)
		add(a2, six.Bytes())
	}
	t := &traffic{site: s}
	t.sending.Go(func() {
		for i := 0; !t.stop.Load(); i++ {
			if i%16 == 0 {
				a1.send(a1.udp(a2, uint16(3000+i%1000), payload(allowed, int(t.counted.Add(1)))))
			} else {
				f := &frames[i%len(frames)]
				f.from.send(f.data)
			}
			t.sent.Add(1)
			if i%window == 0 {
				time.Sleep(200 * time.Microsecond) // a switch in user space has short queues
			}
		}
	})
	s.t.Cleanup(func() { t.end() })
	return t
}

// await waits until so many packets have been sent.
func (t *traffic) await(n int) {
	for t.sent.Load() < int64(n) {
		time.Sleep(time.Millisecond)
	}
}

func (t *traffic) end() int {
	t.stop.Store(true)
	t.sending.Wait()
	return int(t.sent.Load())
}
