//go:build linux

package drivertest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"

	"pillion/sidecarfallback/redirect"
)

// leave takes a port's interface away, as a host does that ends.
func (n *Network) leave(t *testing.T, s Switch, port uint32) {
	t.Helper()
	if s.Leave != nil {
		s.Leave(t, n, Interface(port))
	}
	if err := n.Switch.Do(func() error {
		link, err := netlink.LinkByName(Interface(port))
		if err != nil {
			return err
		}
		return netlink.LinkDel(link)
	}); err != nil {
		t.Fatal(err)
	}
}

// lacking applies rules to a switch that has not all ports.
func lacking(t *testing.T, d redirect.Driver, r redirect.Rules, ports ...uint32) redirect.Change {
	t.Helper()
	change, err := d.Apply(context.Background(), r)
	var lacks *redirect.Absent
	if !errors.As(err, &lacks) || !slices.Equal(lacks.Ports, ports) {
		t.Fatalf("without the ports %v the error is %v", ports, err)
	}
	return change
}

// absent: a host that goes away takes its own rules with it, and nobody else's.
func absent(t *testing.T, s Switch, n *Network, d redirect.Driver) {
	rules := redirect.Rules{Switch: "s", Wires: oneWire.Wires, Guards: []redirect.Guard{Guard(), {Port: Third, MAC: address(Third)}}, Quarantined: []uint32{Other}}
	n.leave(t, s, Third)
	lacking(t, d, rules, Third)
	n.expect(t, Box, n.new(broadcast, address(Box), 0), plain(Side))
	n.expect(t, Other, n.new(broadcast, address(Other), 0), plain())
	n.expect(t, Host, n.new(broadcast, address(Third), 0), plain())
	n.expect(t, Host, n.new(broadcast, address(Host), 0), plain(others(Host, Other, Third, Box, Side)...))
	if change := lacking(t, d, rules, Third); !change.Nothing() {
		t.Errorf("the second time it does\n%s", change)
	}
	// What a middlebox sends gets nowhere without the sidecar.
	n.leave(t, s, Side)
	lacking(t, d, rules, Third, Side)
	n.expect(t, Box, n.new(broadcast, address(Box), 0), plain())
	n.expect(t, Other, n.new(broadcast, address(Other), 0), plain())
	n.never(t, Host, n.new(address(Box), address(Host), 0), Box)
	if change := lacking(t, d, rules, Third, Side); !change.Nothing() {
		t.Errorf("the second time it does\n%s", change)
	}
	// They are wanted no more.
	apply(t, d, redirect.Rules{Switch: "s"})
	n.reaches(t, Other, n.new(broadcast, address(Other), 0), Host)
}
