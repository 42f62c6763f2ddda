//go:build linux

package lab

import (
	"net/netip"
	"slices"
	"testing"
)

// TestRoutesAddressesAndNeighbours lets a gateway speak as an address behind
// it.
func TestRoutesAddressesAndNeighbours(t *testing.T) {
	l := newLab(t)
	h, gateway := host(t, l, 1), host(t, l, 254)
	connect(t, l, h.end(), gateway.end())
	far := netip.MustParseAddrPort("192.0.2.7:80")
	far6 := netip.MustParseAddrPort("[2001:db8::7]:80")
	for _, err := range []error{
		gateway.AddAddress("eth0", netip.PrefixFrom(far.Addr(), 32)),
		gateway.AddAddress("eth0", netip.PrefixFrom(far6.Addr(), 128)),
		h.AddRoute("eth0", netip.MustParsePrefix("0.0.0.0/0"), gateway.ip4()),
		h.AddRoute("eth0", netip.MustParsePrefix("2001:db8::/32"), netip.Addr{}),
		h.AddNeighbour("eth0", gateway.ip4(), gateway.mac()),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, destination := range []netip.AddrPort{far, far6} {
		got, err := TCP{From: h.Namespace, To: gateway.Namespace, Destination: destination, Bytes: 1000}.Run()
		if err != nil || !got.Intact {
			t.Errorf("%s: %+v, %v", destination, got, err)
		}
	}
}

func TestWires(t *testing.T) {
	l := newLab(t)
	h1, h2 := host(t, l, 1), host(t, l, 2)
	for name, pair := range map[string][2]End{
		"no namespace":   {{Interface: "x"}, h2.end()},
		"no name":        {{Namespace: h1.Namespace}, h2.end()},
		"a long name":    {{Namespace: h1.Namespace, Interface: "sixteen-bytes-xx"}, h2.end()},
		"a short MAC":    {{Namespace: h1.Namespace, Interface: "x", MAC: []byte{1}}, h2.end()},
		"a silly MTU":    {{Namespace: h1.Namespace, Interface: "x", MTU: 1}, h2.end()},
		"a taken name":   {{Namespace: h1.Namespace, Interface: "lo"}, h2.end()},
		"the same twice": {{Namespace: h1.Namespace, Interface: "x"}, {Namespace: h1.Namespace, Interface: "x"}},
	} {
		if err := l.Connect(pair[0], pair[1]); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := l.Host("h1"); err == nil {
		t.Error("two namespaces have the same name")
	}
	// Both ends in one namespace, and a wire that goes down.
	connect(t, l, End{Namespace: h1.Namespace, Interface: "x"}, End{Namespace: h1.Namespace, Interface: "y"})
	if names, err := h1.Interfaces(); err != nil || !slices.Equal(names, []string{"x", "y"}) {
		t.Errorf("%v, %v", names, err)
	}
	if err := h1.SetUp("x", false); err != nil {
		t.Error(err)
	}
	connect(t, l, h1.end(), h2.end())
	if mac, err := h2.MAC("eth0"); err != nil || mac.String() != h2.mac().String() {
		t.Errorf("MAC address %v, %v", mac, err)
	}
}
