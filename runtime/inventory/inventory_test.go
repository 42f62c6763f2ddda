package inventory

import (
	"net/netip"
	"testing"

	"pillion/compiler/network"
)

func addr(s string) netip.Addr     { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func sample() *Inventory {
	return New(&network.Network{Endpoints: []network.Endpoint{
		{Name: "web1", IPs: []netip.Addr{addr("10.0.0.1"), addr("fd00::1")}},
		{Name: "internet", IPs: []netip.Addr{addr("10.0.0.254")}, Prefixes: []netip.Prefix{prefix("0.0.0.0/0"), prefix("::/0")}},
		{Name: "branch", IPs: []netip.Addr{addr("10.0.0.253")}, Prefixes: []netip.Prefix{prefix("10.9.0.0/30")}},
		{Name: "in-branch", IPs: []netip.Addr{addr("10.9.0.1")}},
	}})
}

func TestOwner(t *testing.T) {
	v := sample()
	for ip, want := range map[string]string{
		"10.0.0.1": "web1", "fd00::1": "web1", "::ffff:10.0.0.1": "web1", "10.0.0.254": "internet", "8.8.8.8": "internet",
		"2001:db8::5": "internet", "10.9.0.2": "branch", "10.9.0.1": "in-branch",
	} {
		if got := v.Owner(addr(ip)); got == nil || got.Name != want {
			t.Errorf("%s belongs to %v, want %s", ip, got, want)
		}
	}
	if got := New(&network.Network{}).Owner(addr("10.0.0.1")); got != nil {
		t.Errorf("an empty network has %s", got.Name)
	}
}

func TestAddress(t *testing.T) {
	v := sample()
	for _, c := range []struct {
		name  string
		six   bool
		avoid string
		want  string // empty: none
	}{
		{"web1", false, "", "10.0.0.1"},
		{"web1", true, "", "fd00::1"},
		{"in-branch", true, "", ""},
		{"internet", false, "", "198.51.100.1"},
		{"internet", false, "198.51.100.0/24", "203.0.113.1"},
		{"internet", false, "0.0.0.0/0", "198.51.100.1"}, // nothing is left, so what is avoided must do
		{"internet", true, "", "2001:db8:ffff::1"},
		{"branch", false, "", "10.9.0.2"}, // .1 belongs to somebody
		{"branch", true, "", ""},
	} {
		var avoid []netip.Prefix
		if c.avoid != "" {
			avoid = append(avoid, prefix(c.avoid))
		}
		got, ok := v.Address(v.Endpoint(c.name), c.six, avoid)
		if ok != (c.want != "") || ok && got != addr(c.want) {
			t.Errorf("%s (IPv6 %t, not in %q) speaks from %v, %t; want %q", c.name, c.six, c.avoid, got, ok, c.want)
		}
	}
}
