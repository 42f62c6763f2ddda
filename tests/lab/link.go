//go:build linux

package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// End is one end of a wire: an interface in a namespace.
type End struct {
	Namespace *Namespace
	Interface string           // at most 15 bytes
	MAC       net.HardwareAddr // 6 bytes; nil lets the kernel choose
	MTU       int              // bytes of layer-3 payload; 0 is 1500
	Addresses []netip.Prefix   // IPv4 and IPv6, with the length of the on-link prefix
	Offloads  bool             // leave them on: checksums may be unfinished and frames longer than the MTU
}

// maxInterfaceName is IFNAMSIZ without the closing zero.
const maxInterfaceName = 15

// Connect makes a veth pair with one end in each place, both without any
// offload unless they say otherwise, gives them their addresses, and returns when both are up.
func (l *Lab) Connect(a, b End) error {
	if err := errors.Join(a.check(), b.check()); err != nil {
		return err
	}
	pair := netlink.NewVeth(netlink.NewLinkAttrs())
	pair.Name, pair.PeerName = a.Interface, b.Interface
	pair.MTU, pair.PeerMTU = a.mtu(), uint32(b.mtu())
	pair.HardwareAddr, pair.PeerHardwareAddr = a.MAC, b.MAC
	pair.PeerNamespace = netlink.NsFd(int(b.Namespace.handle))
	if err := a.Namespace.links.LinkAdd(pair); err != nil {
		return fmt.Errorf("lab: wire %s - %s: %w", a, b, err)
	}
	// Offloads go first, so that no frame ever crosses with them; and both
	// ends come up before either gets an address, which would else be of no
	// use yet.
	steps := []func(End) error{End.plain, End.up, End.ready, End.address}
	for _, step := range steps {
		if err := errors.Join(step(a), step(b)); err != nil {
			return fmt.Errorf("lab: wire %s - %s: %w", a, b, err)
		}
	}
	return nil
}

func (e End) String() string {
	if e.Namespace == nil {
		return "?/" + e.Interface
	}
	return e.Namespace.Name + "/" + e.Interface
}

func (e End) mtu() int {
	if e.MTU == 0 {
		return 1500
	}
	return e.MTU
}

func (e End) check() error {
	switch {
	case e.Namespace == nil:
		return fmt.Errorf("lab: end %s: no namespace given", e)
	case e.Interface == "" || len(e.Interface) > maxInterfaceName:
		return fmt.Errorf("lab: end %s: an interface name has 1 to %d bytes", e, maxInterfaceName)
	case len(e.MAC) != 0 && len(e.MAC) != 6:
		return fmt.Errorf("lab: end %s: a MAC address has 6 bytes, this one %d", e, len(e.MAC))
	case e.MTU != 0 && (e.MTU < 68 || e.MTU > 65535):
		return fmt.Errorf("lab: end %s: MTU %d is not between 68 and 65535", e, e.MTU)
	}
	return nil
}

func (e End) plain() error {
	if e.Offloads {
		return nil
	}
	return e.Namespace.Do(func() error { return disableOffloads(e.Interface) })
}

func (e End) up() error { return e.Namespace.SetUp(e.Interface, true) }

func (e End) address() error {
	for _, prefix := range e.Addresses {
		if err := e.Namespace.AddAddress(e.Interface, prefix); err != nil {
			return err
		}
	}
	return nil
}

// ready waits for the kernel's link watch to notice the carrier: before that,
// programs that read the operational state take the port for down.
func (e End) ready() error {
	return await(e.String()+" comes up", func() (bool, error) {
		link, err := e.Namespace.links.LinkByName(e.Interface)
		return err == nil && link.Attrs().OperState == netlink.OperUp, err
	})
}

// await repeats a check until it holds.
func await(what string, check func() (bool, error)) error {
	for deadline := time.Now().Add(Expected); ; time.Sleep(time.Millisecond) {
		if done, err := check(); done || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %v until %s, in vain", Expected, what)
		}
	}
}

// AwaitUp waits until an interface that was taken up, and has a carrier, is in operation.
func (ns *Namespace) AwaitUp(ifname string) error {
	return End{Namespace: ns, Interface: ifname}.ready()
}

// SetUp takes an interface up or down; the other end of the wire loses or
// gains its carrier.
func (ns *Namespace) SetUp(ifname string, up bool) error {
	link, err := ns.link(ifname)
	if err != nil {
		return err
	}
	set := ns.links.LinkSetDown
	if up {
		set = ns.links.LinkSetUp
	}
	if err := set(link); err != nil {
		return fmt.Errorf("lab: %s/%s: setting up=%t: %w", ns.Name, ifname, up, err)
	}
	return nil
}

// AddAddress gives an interface one more address, which, if the interface is
// up, can send and receive when AddAddress returns.
func (ns *Namespace) AddAddress(ifname string, prefix netip.Prefix) error {
	link, err := ns.link(ifname)
	if err != nil {
		return err
	}
	address := &netlink.Addr{IPNet: ipNet(prefix)}
	if prefix.Addr().Is6() {
		address.Flags = ifaFlagNoDAD
	}
	if err := ns.links.AddrAdd(link, address); err != nil {
		return fmt.Errorf("lab: %s/%s: address %s: %w", ns.Name, ifname, prefix, err)
	}
	at := link.Attrs()
	receives := at.OperState == netlink.OperUp || at.Flags&net.FlagLoopback != 0 && at.Flags&net.FlagUp != 0 // a loopback's state is unknown
	if prefix.Addr().Is4() || !receives {
		return nil
	}
	// Without detection too, the kernel leaves it to a worker to let an IPv6
	// address receive; its route in the local table tells.
	local := &netlink.Route{Table: unix.RT_TABLE_LOCAL, Dst: ipNet(netip.PrefixFrom(prefix.Addr(), 128))}
	err = await("the address receives", func() (bool, error) {
		routes, err := ns.links.RouteListFiltered(netlink.FAMILY_V6, local, netlink.RT_FILTER_TABLE|netlink.RT_FILTER_DST)
		return len(routes) > 0, err
	})
	if err != nil {
		return fmt.Errorf("lab: %s/%s: address %s: %w", ns.Name, ifname, prefix, err)
	}
	return nil
}

// ifaFlagNoDAD is IFA_F_NODAD: no duplicate address detection.
const ifaFlagNoDAD = 0x02

// AddRoute sends what is for the prefix to a next hop, or, if the next hop is
// the zero Addr, straight onto the wire as though it were on-link.
func (ns *Namespace) AddRoute(ifname string, prefix netip.Prefix, nextHop netip.Addr) error {
	link, err := ns.link(ifname)
	if err != nil {
		return err
	}
	route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(prefix.Masked())}
	if nextHop.IsValid() {
		route.Gw = nextHop.AsSlice()
	} else {
		route.Scope = netlink.SCOPE_LINK
	}
	if err := ns.links.RouteAdd(route); err != nil {
		return fmt.Errorf("lab: %s/%s: route %s: %w", ns.Name, ifname, prefix, err)
	}
	return nil
}

// LimitRoutes bounds what the host sends by an interface with a larger MTU: mtu bytes of layer-3 payload, by each route
// that there is now.
func (ns *Namespace) LimitRoutes(ifname string, mtu int) error {
	link, err := ns.link(ifname)
	if err != nil {
		return err
	}
	routes, err := ns.links.RouteList(link, netlink.FAMILY_ALL)
	if err != nil {
		return fmt.Errorf("lab: %s/%s: routes: %w", ns.Name, ifname, err)
	}
	for i := range routes {
		routes[i].MTU = mtu
		if err := ns.links.RouteReplace(&routes[i]); err != nil {
			return fmt.Errorf("lab: %s/%s: route %s: %w", ns.Name, ifname, routes[i].Dst, err)
		}
	}
	return nil
}

// AddNeighbour pins the MAC address of an IP address, so that neither ARP nor
// neighbour discovery is needed for it.
func (ns *Namespace) AddNeighbour(ifname string, addr netip.Addr, mac net.HardwareAddr) error {
	link, err := ns.link(ifname)
	if err != nil {
		return err
	}
	neighbour := &netlink.Neigh{
		LinkIndex: link.Attrs().Index, IP: addr.AsSlice(), HardwareAddr: mac,
		State: netlink.NUD_PERMANENT,
	}
	if err := ns.links.NeighSet(neighbour); err != nil {
		return fmt.Errorf("lab: %s/%s: neighbour %s: %w", ns.Name, ifname, addr, err)
	}
	return nil
}

// MAC is the hardware address of an interface.
func (ns *Namespace) MAC(ifname string) (net.HardwareAddr, error) {
	link, err := ns.link(ifname)
	if err != nil {
		return nil, err
	}
	return link.Attrs().HardwareAddr, nil
}

// Interfaces lists the interfaces of the namespace by name, without the
// loopback.
func (ns *Namespace) Interfaces() ([]string, error) {
	links, err := ns.links.LinkList()
	if err != nil {
		return nil, fmt.Errorf("lab: %s: listing interfaces: %w", ns.Name, err)
	}
	var names []string
	for _, link := range links {
		if link.Attrs().Flags&net.FlagLoopback == 0 {
			names = append(names, link.Attrs().Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (ns *Namespace) link(ifname string) (netlink.Link, error) {
	link, err := ns.links.LinkByName(ifname)
	if err != nil {
		return nil, fmt.Errorf("lab: %s/%s: %w", ns.Name, ifname, err)
	}
	return link, nil
}

func ipNet(prefix netip.Prefix) *net.IPNet {
	return &net.IPNet{
		IP:   prefix.Addr().AsSlice(),
		Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
	}
}
