//go:build linux

package linuxbridge

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"pillion/sidecarfallback/redirect"
)

// bridge is the kernel's bridge: its ports and its MAC table.
type bridge struct {
	name  string
	index int
	ports map[string]uint32 // interface number of each port, by name
	names map[int]string    // the other way round
	under map[string]string // of ports that are VLANs of another port: that one's name
}

// entry is a lasting entry of a bridge's MAC table, made by hand. Others age.
type entry struct {
	device string
	sticky bool
}

// findBridge looks up the bridge and its ports.
func findBridge(links *netlink.Handle, name string) (*bridge, error) {
	link, err := links.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("bridge %s: %w: make it first, or name another", name, err)
	}
	if link.Type() != "bridge" {
		return nil, fmt.Errorf("bridge %s: this is a %s: name a bridge", name, link.Type())
	}
	all, err := links.LinkList()
	if err != nil {
		return nil, fmt.Errorf("bridge %s: listing its ports: %w", name, err)
	}
	b := &bridge{name: name, index: link.Attrs().Index, ports: map[string]uint32{}, names: map[int]string{}}
	for _, l := range all {
		if a := l.Attrs(); a.MasterIndex == b.index {
			b.ports[a.Name] = uint32(a.Index)
			b.names[a.Index] = a.Name
		}
	}
	b.under = map[string]string{}
	for _, l := range all {
		if parent, there := b.names[l.Attrs().ParentIndex]; there && l.Type() == "vlan" {
			b.under[l.Attrs().Name] = parent
		}
	}
	return b, nil
}

// absent says which of the ports that the rules, or their plan, take are not on the bridge.
func (b *bridge) absent(config Config, p *plan) error {
	var missing []uint32
	for number, device := range config.Ports {
		if _, there := b.ports[device]; !there && slices.Contains(p.devices, device) {
			missing = append(missing, number)
		}
	}
	slices.Sort(missing)
	there := strings.Join(slices.Sorted(maps.Keys(b.ports)), ", ")
	return redirect.NewAbsent(b.name, missing, func(number uint32) string { return config.Ports[number] }, there)
}

// apart refuses wires that share a link with the rest of the bridge: a frame that a host sends with the wire's VLAN tag would leave
// by that link as though it came from the middlebox.
func (b *bridge) apart(config Config, r redirect.Rules) error {
	var errs []error
	for _, w := range r.Wires {
		for _, number := range []uint32{w.Box, w.Sidecar} {
			if parent := b.under[config.Ports[number]]; parent != "" {
				errs = append(errs, fmt.Errorf("bridge %s: %s: port %d is a VLAN of %s, which is on the bridge too: whoever sends with that tag would pose as the middlebox; give wires a link of their own",
					b.name, w, number, parent))
			}
		}
	}
	return errors.Join(errs...)
}

// entries lists the static entries of the bridge.
func (b *bridge) entries(links *netlink.Handle) (map[redirect.MAC]entry, error) {
	list, err := links.NeighList(0, unix.AF_BRIDGE)
	if err != nil {
		return nil, fmt.Errorf("bridge %s: reading its MAC table: %w", b.name, err)
	}
	entries := map[redirect.MAC]entry{}
	for _, n := range list {
		if n.MasterIndex != b.index || n.State&netlink.NUD_NOARP == 0 || n.Vlan != 0 || len(n.HardwareAddr) != 6 {
			continue
		}
		entries[redirect.MAC(n.HardwareAddr)] = entry{b.names[n.LinkIndex], n.Flags&netlink.NTF_STICKY != 0}
	}
	return entries, nil
}

// put makes or moves a static, sticky entry. What was learned gives way.
func (b *bridge) put(links *netlink.Handle, s static) error {
	if err := links.NeighSet(b.neighbour(s.mac, s.device)); err != nil {
		return fmt.Errorf("bridge %s: %s: %w", b.name, s.line, err)
	}
	return nil
}

func (b *bridge) remove(links *netlink.Handle, mac redirect.MAC, device string) error {
	if err := links.NeighDel(b.neighbour(mac, device)); err != nil {
		return fmt.Errorf("bridge %s: removing the static entry of %s: %w", b.name, mac, err)
	}
	return nil
}

func (b *bridge) neighbour(mac redirect.MAC, device string) *netlink.Neigh {
	return &netlink.Neigh{
		LinkIndex:    int(b.ports[device]),
		Family:       unix.AF_BRIDGE,
		State:        netlink.NUD_NOARP,
		Flags:        netlink.NTF_MASTER | netlink.NTF_STICKY,
		HardwareAddr: mac[:],
	}
}
