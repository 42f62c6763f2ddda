//go:build linux

package lab

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// AddBridge makes a learning Linux bridge in the namespace and puts the
// interfaces on it. It floods what it does not know and all multicast, as a
// switch without snooping does.
func (ns *Namespace) AddBridge(name string, ports ...string) error {
	bridge := &netlink.Bridge{LinkAttrs: netlink.NewLinkAttrs()}
	bridge.Name = name
	if err := ns.links.LinkAdd(bridge); err != nil {
		return fmt.Errorf("lab: %s: bridge %s: %w", ns.Name, name, err)
	}
	made, err := ns.link(name)
	if err != nil {
		return err
	}
	for _, port := range ports {
		link, err := ns.link(port)
		if err != nil {
			return err
		}
		if err := ns.links.LinkSetMaster(link, made); err != nil {
			return fmt.Errorf("lab: %s: putting %s on bridge %s: %w", ns.Name, port, name, err)
		}
	}
	if err := ns.Do(func() error { return floodMulticast(ns, name) }); err != nil {
		return fmt.Errorf("lab: %s: bridge %s: %w", ns.Name, name, err)
	}
	return ns.SetUp(name, true)
}

// floodMulticast turns IGMP and MLD snooping off, where the kernel has it.
func floodMulticast(ns *Namespace, name string) error {
	off := false
	change := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: name}, MulticastSnooping: &off}
	err := ns.links.LinkModify(change)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	return err
}

// Learned is one entry of a bridge's MAC table.
type Learned struct {
	MAC  string // lower case, with colons
	Port string // interface behind which the bridge saw it last
}

// Learned lists what the namespace's bridges learned from traffic, sorted by
// address.
func (ns *Namespace) Learned() ([]Learned, error) {
	links, err := ns.links.LinkList()
	if err != nil {
		return nil, fmt.Errorf("lab: %s: bridge table: %w", ns.Name, err)
	}
	names := map[int]string{}
	for _, link := range links {
		names[link.Attrs().Index] = link.Attrs().Name
	}
	entries, err := ns.links.NeighList(0, unix.AF_BRIDGE)
	if err != nil {
		return nil, fmt.Errorf("lab: %s: bridge table: %w", ns.Name, err)
	}
	var learned []Learned
	for _, e := range entries {
		if e.MasterIndex != 0 && e.State&netlink.NUD_PERMANENT == 0 {
			learned = append(learned, Learned{MAC: e.HardwareAddr.String(), Port: names[e.LinkIndex]})
		}
	}
	slices.SortFunc(learned, func(a, b Learned) int {
		return slices.Compare([]string{a.MAC, a.Port}, []string{b.MAC, b.Port})
	})
	return learned, nil
}
