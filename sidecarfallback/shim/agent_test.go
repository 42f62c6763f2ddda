//go:build linux

package shim

import (
	"net/netip"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/tests/lab"
)

func (s *site) ping(from, to int, want bool) {
	s.t.Helper()
	a, b := s.hosts[from], s.hosts[to]
	for _, addr := range []netip.Addr{b.v4, b.v6} {
		within := lab.Expected
		if !want {
			within = lab.Unexpected
		}
		r, err := lab.Ping{From: a.ns, Destination: addr, Count: 3, Size: 1400, Within: within}.Run()
		must(s.t, err)
		if (r.Answered == 3) != want {
			s.t.Errorf("%s to %v: %d of 3 pings answered, want all: %t", a.ns.Name, addr, r.Answered, want)
		}
	}
}

func (s *site) tcp(from, to int, size int64) {
	s.t.Helper()
	a, b := s.hosts[from], s.hosts[to]
	for _, addr := range []netip.Addr{b.v4, b.v6} {
		r, err := lab.TCP{From: a.ns, To: b.ns, Destination: netip.AddrPortFrom(addr, 8080), Bytes: size, Back: size}.Run()
		must(s.t, err)
		if !r.Intact {
			s.t.Errorf("%s to %v: %d bytes delivered, %d returned: %v", a.ns.Name, addr, r.Delivered, r.Returned, r.Reason)
		}
	}
}

func (s *site) udp(from, to int, size int) {
	s.t.Helper()
	a, b := s.hosts[from], s.hosts[to]
	for _, addr := range []netip.Addr{b.v4, b.v6} {
		r, err := lab.UDP{From: a.ns, To: b.ns, Destination: netip.AddrPortFrom(addr, 5353), Count: 20, Size: size}.Run()
		must(s.t, err)
		if r.Answered != 20 {
			s.t.Errorf("%s to %v: %d of 20 datagrams delivered, %d answered", a.ns.Name, addr, r.Delivered, r.Answered)
		}
	}
}

// A shim without rules lets nothing through; with rules, what they say, natively and encapsulated, by every way to attach.
func TestHostsTalk(t *testing.T) {
	for name, mode := range map[string]AttachMode{"tcx": AttachTCX, "clsact": AttachClsact} {
		for kind, native := range map[string]bool{"native": true, "encapsulated": false} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				s := newSite(t, 3, mode)
				s.ping(0, 1, false)
				for _, h := range s.hosts {
					h.configure(h.entries(native)...)
				}
				s.ping(0, 1, true)
				s.ping(2, 0, true)
				s.udp(0, 1, 1000)
				s.tcp(0, 1, 3<<20)
				s.tcp(1, 2, 1<<20)
				if got := s.hosts[0].counted("policy"); got < 2000 {
					t.Errorf("h1 counted %d packets by policy; super-frames count as what they become", got)
				}
				// What is taken away is taken away at once.
				s.hosts[0].write(p4.Update_DELETE, entry{"policy", fields{"source": num(1), "destination": num(2), "returning": num(0)}, "permit", nil})
				s.ping(0, 1, false)
				s.ping(0, 2, true)
			})
		}
	}
}
