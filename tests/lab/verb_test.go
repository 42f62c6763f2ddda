//go:build linux

package lab

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

// bothFamilies runs a test over IPv4 and over IPv6.
func bothFamilies(t *testing.T, a, b station, f func(t *testing.T, source, destination func(port uint16) netip.AddrPort)) {
	t.Run("IPv4", func(t *testing.T) { f(t, a.v4, b.v4) })
	t.Run("IPv6", func(t *testing.T) { f(t, a.v6, b.v6) })
}

func TestVerbsOverAPlainBridge(t *testing.T) {
	l := newLab(t, LinuxBridge)
	hosts := star(t, l, 2)
	h1, h2 := hosts[0], hosts[1]

	bothFamilies(t, h1, h2, func(t *testing.T, source, destination func(uint16) netip.AddrPort) {
		t.Run("ping", func(t *testing.T) {
			got, err := Ping{From: h1.Namespace, Source: source(0).Addr(), Destination: destination(0).Addr(), Count: 5}.Run()
			if err != nil || got.Answered != 5 {
				t.Errorf("%+v, %v", got, err)
			}
		})
		t.Run("udp", func(t *testing.T) {
			got, err := UDP{From: h1.Namespace, Source: source(4000), To: h2.Namespace, Destination: destination(53), Count: 20, Size: 1200}.Run()
			want := UDPResult{Sent: 20, Delivered: 20, Answered: 20, Seen: source(4000)}
			if err != nil || got != want {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
		})
		t.Run("udp silent", func(t *testing.T) {
			got, err := UDP{From: h1.Namespace, To: h2.Namespace, Destination: destination(53), Silent: true}.Run()
			if err != nil || got.Delivered != 1 || got.Answered != 0 || got.Seen.Addr() != source(0).Addr() {
				t.Errorf("%+v, %v", got, err)
			}
		})
		// The same five-tuple again and again, as a scenario may.
		for _, bytes := range [][2]int64{{0, 0}, {1 << 20, 0}, {0, 1 << 20}, {300_000, 300_001}} {
			t.Run("tcp", func(t *testing.T) {
				got, err := TCP{
					From: h1.Namespace, Source: source(4001), To: h2.Namespace, Destination: destination(80),
					Bytes: bytes[0], Back: bytes[1],
				}.Run()
				want := TCPResult{Connected: true, Delivered: bytes[0], Returned: bytes[1], Intact: true, Seen: source(4001)}
				if err != nil || got != want {
					t.Errorf("got %+v, %v; want %+v", got, err, want)
				}
			})
		}
		for _, protocol := range []uint8{protocolUDP, protocolTCP, protocolTCP} {
			t.Run("flows", func(t *testing.T) {
				got, err := Flows{
					Protocol: protocol, From: h1.Namespace, FirstPort: 20000, Count: 1000,
					To: h2.Namespace, Destination: destination(8080),
				}.Run()
				if err != nil || len(got.Delivered) != 1000 || len(got.Answered) != 1000 {
					t.Errorf("protocol %d: %d delivered, %d answered, %v", protocol, len(got.Delivered), len(got.Answered), err)
				}
			})
		}
	})
}

// TestVerbsMeetSilence is what a scenario's "dropped" looks like.
func TestVerbsMeetSilence(t *testing.T) {
	l := newLab(t)
	h1, h2, middle := inLine(t, l)
	drop := func(_ string, frame []byte) bool {
		protocol := ParseHeader(frame).Protocol
		return protocol != protocolTCP && protocol != protocolUDP && protocol != protocolICMP
	}
	if _, err := middle.Transparent("in", "out", drop); err != nil {
		t.Fatal(err)
	}
	const quiet = 100 * time.Millisecond

	ping, err := Ping{From: h1.Namespace, Destination: h2.ip4(), Within: quiet}.Run()
	if err != nil || ping.Sent != 1 || ping.Answered != 0 {
		t.Errorf("ping: %+v, %v", ping, err)
	}
	udp, err := UDP{From: h1.Namespace, To: h2.Namespace, Destination: h2.v4(53), Within: quiet}.Run()
	if err != nil || udp.Sent != 1 || udp.Delivered != 0 || udp.Answered != 0 {
		t.Errorf("udp: %+v, %v", udp, err)
	}
	tcp, err := TCP{From: h1.Namespace, To: h2.Namespace, Destination: h2.v4(80), Bytes: 10, Within: quiet}.Run()
	if err != nil || tcp.Connected || tcp.Intact || tcp.Delivered != 0 || tcp.Reason == nil {
		t.Errorf("tcp: %+v, %v", tcp, err)
	}
	for _, protocol := range []uint8{protocolUDP, protocolTCP} {
		flows, err := Flows{
			Protocol: protocol, From: h1.Namespace, FirstPort: 1000, Count: 10,
			To: h2.Namespace, Destination: h2.v4(80), Within: quiet,
		}.Run()
		if err != nil || len(flows.Delivered) != 0 || len(flows.Answered) != 0 {
			t.Errorf("flows of protocol %d: %+v, %v", protocol, flows, err)
		}
	}
}

// TestFlowsNameThoseThatFail loses some flows one way, some the other way.
func TestFlowsNameThoseThatFail(t *testing.T) {
	l := newLab(t)
	h1, h2, middle := inLine(t, l)
	pass := func(arm string, frame []byte) bool {
		h := ParseHeader(frame)
		return !(arm == "in" && h.Source.Port() == 1002) && !(arm == "out" && h.Destination.Port() == 1000)
	}
	if _, err := middle.Transparent("in", "out", pass); err != nil {
		t.Fatal(err)
	}
	got, err := Flows{
		Protocol: protocolUDP, From: h1.Namespace, FirstPort: 1000, Count: 4,
		To: h2.Namespace, Destination: h2.v4(80), Within: 600 * time.Millisecond,
	}.Run()
	if err != nil || !slices.Equal(got.Delivered, []uint16{1000, 1001, 1003}) || !slices.Equal(got.Answered, []uint16{1001, 1003}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTCPSeesLoss(t *testing.T) {
	l := newLab(t)
	h1, h2, middle := inLine(t, l)
	// Every large segment of the transfer is lost: it connects and stalls.
	pass := func(_ string, frame []byte) bool { return len(frame) < 1000 }
	if _, err := middle.Transparent("in", "out", pass); err != nil {
		t.Fatal(err)
	}
	got, err := TCP{From: h1.Namespace, To: h2.Namespace, Destination: h2.v4(80), Bytes: 100_000, Within: 300 * time.Millisecond}.Run()
	if err != nil || !got.Connected || got.Intact || got.Reason == nil || got.Delivered >= 100_000 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTCPSeesDamage(t *testing.T) {
	l := newLab(t)
	h1, h2, middle := inLine(t, l)
	// Swapping 16-bit words of the payload leaves TCP's own checksum right.
	swap := func(_ string, frame []byte) bool {
		if len(frame) > 1000 {
			frame[500], frame[501], frame[502], frame[503] = frame[502], frame[503], frame[500], frame[501]
		}
		return true
	}
	if _, err := middle.Transparent("in", "out", swap); err != nil {
		t.Fatal(err)
	}
	got, err := TCP{From: h1.Namespace, To: h2.Namespace, Destination: h2.v4(80), Bytes: 100_000}.Run()
	if err != nil || !got.Connected || got.Intact || got.Delivered != 100_000 || got.Reason == nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestMulticastOverABridge(t *testing.T) {
	l := newLab(t, LinuxBridge)
	hosts := star(t, l, 4)
	sender := hosts[0]
	for _, group := range []string{"239.1.1.1:5000", "[ff05::1:3]:5000"} {
		group := netip.MustParseAddrPort(group)
		t.Run(group.String(), func(t *testing.T) {
			other := netip.AddrPortFrom(group.Addr().Next(), group.Port())
			join := func(h station, group netip.AddrPort) *Member {
				m, err := h.Join("eth0", group)
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
			verb := Multicast{
				From: sender.Namespace, Interface: "eth0", SourcePort: 6000, Group: group, Count: 3, Size: 1000,
				Members: []*Member{join(hosts[1], group), join(hosts[2], group)},
				// A member of another group, and the sender itself.
				Others: []*Member{join(hosts[3], other), join(sender, group)},
				Quiet:  50 * time.Millisecond,
			}
			got, err := verb.Run()
			if err != nil || got.Sent != 3 || !slices.Equal(got.Delivered, []int{3, 3}) || !slices.Equal(got.Leaked, []int{0, 0}) {
				t.Errorf("%+v, %v", got, err)
			}
			// Who should not get it and does is found out.
			verb.Members, verb.Others = verb.Members[:1], verb.Members[1:]
			got, err = verb.Run()
			if err != nil || !slices.Equal(got.Delivered, []int{3}) || !slices.Equal(got.Leaked, []int{3}) {
				t.Errorf("leak: %+v, %v", got, err)
			}
		})
	}
}

func TestVerbsRefuseNonsense(t *testing.T) {
	ns := &Namespace{Name: "x"}
	v4, v6 := netip.MustParseAddrPort("10.0.0.1:1"), netip.MustParseAddrPort("[fd00::1]:1")
	for name, run := range map[string]func() error{
		"udp without hosts": func() error { _, err := UDP{Destination: v4}.Run(); return err },
		"udp without port": func() error {
			_, err := UDP{From: ns, To: ns, Destination: netip.AddrPortFrom(v4.Addr(), 0)}.Run()
			return err
		},
		"udp of two families":  func() error { _, err := UDP{From: ns, To: ns, Source: v6, Destination: v4}.Run(); return err },
		"udp too large":        func() error { _, err := UDP{From: ns, To: ns, Destination: v4, Size: 65508}.Run(); return err },
		"udp too small":        func() error { _, err := UDP{From: ns, To: ns, Destination: v4, Size: 3}.Run(); return err },
		"tcp without hosts":    func() error { _, err := TCP{Destination: v4}.Run(); return err },
		"ping without hosts":   func() error { _, err := Ping{Destination: v4.Addr()}.Run(); return err },
		"ping of two families": func() error { _, err := Ping{From: ns, Source: v6.Addr(), Destination: v4.Addr()}.Run(); return err },
		"flows past 65535": func() error {
			_, err := Flows{Protocol: 17, From: ns, To: ns, Destination: v4, FirstPort: 65535, Count: 2}.Run()
			return err
		},
		"flows of protocol 0": func() error {
			_, err := Flows{From: ns, To: ns, Destination: v4, FirstPort: 1, Count: 2}.Run()
			return err
		},
		"multicast to unicast":    func() error { _, err := Multicast{From: ns, Group: v4}.Run(); return err },
		"joining a unicast group": func() error { _, err := ns.Join("eth0", v4); return err },
	} {
		if run() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
