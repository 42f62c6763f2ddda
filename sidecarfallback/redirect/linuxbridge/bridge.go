//go:build linux

package linuxbridge

import (
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
	return b, nil
}

// has says which of the interfaces are not on the bridge.
func (b *bridge) has(devices []string) error {
	for _, d := range devices {
		if _, ok := b.ports[d]; !ok {
			there := strings.Join(slices.Sorted(maps.Keys(b.ports)), ", ")
			return fmt.Errorf("bridge %s: interface %s is not on it: put it there, or choose another; on it are %s", b.name, d, there)
		}
	}
	return nil
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
