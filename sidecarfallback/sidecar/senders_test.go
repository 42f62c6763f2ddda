package sidecar

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"pillion/sidecarfallback/redirect/drivers"
	"pillion/sidecarfallback/sflow"
	"pillion/sidecarfallback/verify"
)

func TestSenders(t *testing.T) {
	s := &senders{others: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/25")}}
	for addr, want := range map[string]bool{
		"127.0.0.1": true, "127.1.2.3": true, "::1": true, "192.0.2.7": true,
		"192.0.2.200": false, "198.51.100.1": false, "2001:db8::1": false, "0.0.0.0": false,
	} {
		if got := s.has(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is believed: %t", addr, got)
		}
	}
	if s.has(netip.Addr{}) {
		t.Error("nobody is believed")
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if own := netip.MustParsePrefix(a.String()).Addr(); !(&senders{}).has(own) {
			t.Errorf("%s, which is our own, is not believed", own)
		}
	}
}

// A stranger's datagram says nothing against anybody, however well it is made.
func TestStrangersBlameNobody(t *testing.T) {
	b := compile(t, inventory)
	v, err := verify.New(b, "leaf")
	if err != nil {
		t.Fatal(err)
	}
	blamed := 0
	c := &collector{switches: &drivers.Config{}, names: map[uint32]uint32{40: 3}}
	c.inspector = newInspector(v, slog.New(slog.DiscardHandler), func() bool { return false }, func(*verify.Violation, func() *verify.Violation) { blamed++ })
	for _, from := range []string{"198.51.100.1:1", "127.0.0.1:1"} {
		c.receive(t.Context(), sflow.Received{From: netip.MustParseAddrPort(from), Datagram: sflow.Datagram{
			Samples: []sflow.Sample{{Input: sflow.Port{Value: 40}, Header: make([]byte, 64), Length: 64}},
		}})
		if want := map[string]int{"198.51.100.1:1": 0, "127.0.0.1:1": 1}[from]; blamed != want {
			t.Errorf("after a datagram from %s: %d are blamed, not %d", from, blamed, want)
		}
	}
	if c.foreign.Load() != 1 || c.datagrams.Load() != 1 {
		t.Errorf("%d foreign, %d read", c.foreign.Load(), c.datagrams.Load())
	}
}
