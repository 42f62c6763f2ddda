package sidecar

import (
	"net"
	"net/netip"
	"slices"
	"time"
)

// senders says whose sFlow datagrams are believed: what they say can cut a port off, and whoever reaches the collector can send some. Open
// vSwitch is driven from this machine, and so it sends from here unless told otherwise; the kernel takes no frame from elsewhere that has an address of its own
// for the source. It is for one goroutine.
type senders struct {
	others []netip.Prefix // besides this machine

	own   map[netip.Addr]bool
	asked time.Time
}

func (s *senders) has(from netip.Addr) bool {
	if from.IsLoopback() || s.own[from] || slices.ContainsFunc(s.others, func(p netip.Prefix) bool { return p.Contains(from) }) {
		return true
	}
	// Addresses come and go. Not everybody who sends has us look.
	if time.Since(s.asked) < time.Second {
		return false
	}
	s.asked, s.own = time.Now(), map[netip.Addr]bool{}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			s.own[p.Addr()] = true
		}
	}
	return s.own[from.WithZone("")]
}
