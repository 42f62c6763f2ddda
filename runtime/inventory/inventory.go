// Package inventory answers questions about a network: who has an address, and from which address an
// endpoint speaks.
//
// In: a network (compiler/network). Out: its endpoints by name and by address. It must not know policies,
// bundles or packets.
package inventory

import (
	"cmp"
	"net/netip"
	"slices"

	"pillion/compiler/network"
)

// Inventory is an index of a network that does not change any more.
type Inventory struct {
	Network  *network.Network
	byName   map[string]*network.Endpoint
	own      map[netip.Addr]*network.Endpoint
	prefixes []behind // the longest first
}

// behind is a prefix that a gateway stands for.
type behind struct {
	prefix  netip.Prefix
	gateway *network.Endpoint
}

// New indexes a network.
func New(net *network.Network) *Inventory {
	v := &Inventory{Network: net, byName: make(map[string]*network.Endpoint, len(net.Endpoints)), own: make(map[netip.Addr]*network.Endpoint, len(net.Endpoints))}
	for i := range net.Endpoints {
		e := &net.Endpoints[i]
		v.byName[e.Name] = e
		for _, ip := range e.IPs {
			v.own[ip] = e
		}
		for _, p := range e.Prefixes {
			v.prefixes = append(v.prefixes, behind{p.Masked(), e})
		}
	}
	slices.SortStableFunc(v.prefixes, func(a, b behind) int { return cmp.Compare(b.prefix.Bits(), a.prefix.Bits()) })
	return v
}

// Endpoint is the endpoint of this name, or nil.
func (v *Inventory) Endpoint(name string) *network.Endpoint { return v.byName[name] }

// Names lists the endpoints in the order of the network file.
func (v *Inventory) Names() []string {
	names := make([]string, len(v.Network.Endpoints))
	for i := range names {
		names[i] = v.Network.Endpoints[i].Name
	}
	return names
}

// Owner is the endpoint that has an address, or the gateway with the longest prefix that holds it; nil if
// there is neither.
func (v *Inventory) Owner(ip netip.Addr) *network.Endpoint {
	ip = ip.Unmap()
	if e := v.own[ip]; e != nil {
		return e
	}
	for _, b := range v.prefixes {
		if b.prefix.Contains(ip) {
			return b.gateway
		}
	}
	return nil
}

// Own is the endpoint's first own address of a family.
func Own(e *network.Endpoint, six bool) (netip.Addr, bool) {
	for _, ip := range e.IPs {
		if ip.Is6() == six {
			return ip, true
		}
	}
	return netip.Addr{}, false
}

// Address is the address that stands for an endpoint in one family: its own, or for a gateway one behind it,
// outside of avoid where that is possible. It says false if the endpoint has none in the family.
func (v *Inventory) Address(e *network.Endpoint, six bool, avoid []netip.Prefix) (netip.Addr, bool) {
	if e.Gateway() {
		if ip, ok := v.beyond(e, six, avoid); ok {
			return ip, true
		}
		if ip, ok := v.beyond(e, six, nil); ok {
			return ip, true
		}
	}
	return Own(e, six)
}

// examples are addresses for documentation (RFC 5737, RFC 3849): nobody has them, so they are
// what a gateway to everywhere is asked for first.
var examples = []netip.Addr{
	netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("192.0.2.1"),
	netip.MustParseAddr("2001:db8:ffff::1"), netip.MustParseAddr("2001:db8::1"),
}

// tries bounds the search in one prefix: so many addresses may belong to somebody else.
const tries = 1024

func (v *Inventory) beyond(e *network.Endpoint, six bool, avoid []netip.Prefix) (netip.Addr, bool) {
	fits := func(ip netip.Addr) bool {
		return unicast(ip) && v.own[ip] == nil && v.Owner(ip) == e &&
			!slices.ContainsFunc(avoid, func(p netip.Prefix) bool { return p.Contains(ip) })
	}
	for _, ip := range examples {
		if ip.Is6() == six && fits(ip) {
			return ip, true
		}
	}
	for _, p := range e.Prefixes {
		if p.Addr().Is6() != six {
			continue
		}
		start := p.Masked().Addr()
		if p.Bits() == 0 {
			start = netip.MustParseAddr(map[bool]string{false: "1.0.0.0", true: "2000::"}[six])
		}
		ip := start
		if p.Bits() < ip.BitLen() {
			ip = ip.Next() // not the network's own address
		}
		for range tries {
			if !p.Contains(ip) {
				break
			}
			if fits(ip) {
				return ip, true
			}
			ip = ip.Next()
		}
	}
	return netip.Addr{}, false
}

// unicast says whether a host behind a gateway may have the address.
func unicast(ip netip.Addr) bool {
	if ip.Is4() {
		b := ip.As4()
		if b[0] == 0 || b[0] >= 240 {
			return false
		}
	}
	return !ip.IsUnspecified() && !ip.IsLoopback() && !ip.IsMulticast() && !ip.IsLinkLocalUnicast()
}
