//go:build linux

package lab

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
)

// require skips the test, and says why, where a lab with these needs cannot run.
func require(t *testing.T, needs ...Requirement) {
	t.Helper()
	if missing := Missing(append([]Requirement{Namespaces}, needs...)...); len(missing) > 0 {
		t.Skip("skipped: " + strings.Join(missing, "; "))
	}
}

// newLab makes a lab that is closed with the test.
func newLab(t *testing.T, needs ...Requirement) *Lab {
	t.Helper()
	require(t, needs...)
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// station is a host with one interface, eth0, number n of a flat network.
type station struct {
	*Namespace
	n int
}

func (s station) v4(port uint16) netip.AddrPort { return netip.AddrPortFrom(s.ip4(), port) }
func (s station) v6(port uint16) netip.AddrPort { return netip.AddrPortFrom(s.ip6(), port) }
func (s station) ip4() netip.Addr               { return netip.AddrFrom4([4]byte{10, 0, 0, byte(s.n)}) }
func (s station) ip6() netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xfd, 15: byte(s.n)})
}
func (s station) mac() net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, 0, byte(s.n)} }

func (s station) end() End {
	return End{
		Namespace: s.Namespace, Interface: "eth0", MAC: s.mac(),
		Addresses: []netip.Prefix{netip.PrefixFrom(s.ip4(), 24), netip.PrefixFrom(s.ip6(), 64)},
	}
}

func host(t *testing.T, l *Lab, n int) station {
	t.Helper()
	ns, err := l.Host(fmt.Sprintf("h%d", n))
	if err != nil {
		t.Fatal(err)
	}
	return station{ns, n}
}

func box(t *testing.T, l *Lab, name string) *Namespace {
	t.Helper()
	ns, err := l.Box(name)
	if err != nil {
		t.Fatal(err)
	}
	return ns
}

func connect(t *testing.T, l *Lab, a, b End) {
	t.Helper()
	if err := l.Connect(a, b); err != nil {
		t.Fatal(err)
	}
}

// inLine puts a box with the arms "in" and "out" between two new hosts.
func inLine(t *testing.T, l *Lab) (h1, h2 station, middle *Namespace) {
	t.Helper()
	h1, h2, middle = host(t, l, 1), host(t, l, 2), box(t, l, "middle")
	connect(t, l, h1.end(), End{Namespace: middle, Interface: "in"})
	connect(t, l, h2.end(), End{Namespace: middle, Interface: "out"})
	return h1, h2, middle
}

// star puts n hosts on a Linux bridge; host i is on the bridge's port pI.
func star(t *testing.T, l *Lab, n int) []station {
	t.Helper()
	middle := box(t, l, "switch")
	var hosts []station
	var ports []string
	for i := 1; i <= n; i++ {
		h, port := host(t, l, i), fmt.Sprintf("p%d", i)
		connect(t, l, h.end(), End{Namespace: middle, Interface: port})
		hosts, ports = append(hosts, h), append(ports, port)
	}
	if err := middle.AddBridge("br0", ports...); err != nil {
		t.Fatal(err)
	}
	return hosts
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
