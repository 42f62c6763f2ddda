//go:build linux

package isolation

import (
	"math/rand/v2"
	"testing"
	"time"

	"pillion/runtime/packet"
)

// Kinds of frames.
const (
	allowed byte = iota + 1
	forbidden
	control
)

// Of 10,000 packets to another tenant none arrives, whatever they claim; and of 10,000 allowed ones, sent among them, all do.
func TestTenantsAreApart(t *testing.T) {
	onBoth(t, func(t *testing.T, driver string) {
		s := newSite(t, driver, 100, policy, names...)
		const n = 10000
		a1, a2, c1, c2 := s.host("a1"), s.host("a2"), s.host("c1"), s.host("c2")
		friend, stranger := a2.listen(), c1.listen()
		random := rand.New(rand.NewPCG(1, 1))
		friend.pace(n, allowed, func(i int) {
			a1.send(a1.crossing(random, c1, c2, payload(forbidden, i)))
			p := a1.any(random, a2, payload(allowed, i))
			a1.send(p.Bytes())
		})
		time.Sleep(settlement)
		arrived, copies := friend.different(allowed)
		crossed, last := stranger.everything()
		t.Logf("%d of %d allowed packets arrived, %d of them twice; %d of %d packets to another tenant", arrived, n, copies, crossed, n)
		if arrived != n || copies != 0 || crossed != 0 {
			t.Errorf("last to the other tenant: %s; the ears lost %d and %d", last, friend.lost(t), stranger.lost(t))
		}
		if v := s.violations(); len(v) > 0 {
			t.Errorf("%d alarms, the first: %s", len(v), v[0])
		}
		// The stranger is not deaf.
		stranger.pace(100, control, func(i int) { p := c2.any(random, c1, payload(control, i)); c2.send(p.Bytes()) })
		if got, _ := stranger.different(control); got != 100 {
			t.Errorf("of 100 packets within the other tenant %d arrived", got)
		}
	})
}

// crossing is a packet to a host of another tenant, in which something may be forged: that it comes from a host of that tenant, by one or both
// addresses; that it is encapsulated already; or whom it is for.
func (h *host) crossing(random *rand.Rand, victim, friend *host, payload []byte) []byte {
	p := h.any(random, victim, payload)
	switch random.IntN(9) {
	case 0:
		p.Src = friend.ip(p.Six())
	case 1:
		p.Src, p.SrcMAC = friend.ip(p.Six()), friend.mac()
	case 2:
		p.DstMAC = packet.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	case 3:
		return h.toGroup(theirGroup, payload)
	case 4:
		return packet.Question(h.mac(), h.ip(false), victim.ip(false))
	case 5:
		p.DstMAC = packet.MAC{0x33, 0x33, 0, 0, 0, 1}
	case 6:
		e := packet.Encapsulated{Dst: victim.mac(), Src: h.mac(), Inner: p.Bytes(), NSH: packet.NSH{TTL: 63, SPI: 0xFFFFFF, SI: 255, Tenant: random.Uint32(), Identity: random.Uint32()}}
		if random.IntN(2) == 0 {
			e.Src = friend.mac()
		}
		return e.Bytes()
	case 7:
		p.Proto, p.Fragment = packet.UDP, &packet.Fragment{Offset: 185, ID: random.Uint32()}
	}
	return p.Bytes()
}
