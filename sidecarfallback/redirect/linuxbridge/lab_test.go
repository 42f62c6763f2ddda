//go:build linux

package linuxbridge

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"pillion/sidecarfallback/redirect"
	"pillion/sidecarfallback/redirect/drivertest"
	"pillion/tests/lab"
)

const bridgeName = "br0"

func TestDriver(t *testing.T) {
	if missing := lab.Missing(lab.Namespaces, lab.LinuxBridge); len(missing) > 0 {
		t.Skipf("skipped: %q", missing)
	}
	drivertest.Run(t, drivertest.Switch{
		Make: makeBridge, SamplesToPort: true,
		Disturb: disturb, AddForeign: addForeign, IsForeign: isForeign,
	})
}

func makeBridge(t *testing.T, n *drivertest.Network) redirect.Driver {
	if err := n.Switch.AddBridge(bridgeName, slices.Sorted(maps.Values(n.Ports))...); err != nil {
		t.Fatal(err)
	}
	var d *Driver
	in(t, n, func() error {
		if err := Missing(); err != nil {
			var unsupported *redirect.Unsupported
			if errors.As(err, &unsupported) {
				t.Skipf("skipped: %v", err)
			}
			return err
		}
		var err error
		d, err = Open(Config{Bridge: bridgeName, Ports: n.Ports})
		return err
	})
	return d
}

// in runs f in the switch's namespace.
func in(t *testing.T, n *drivertest.Network, f func() error) {
	t.Helper()
	if err := n.Switch.Do(f); err != nil {
		t.Fatal(err)
	}
}

// disturb removes the only static entry.
func disturb(t *testing.T, n *drivertest.Network) string {
	in(t, n, func() error {
		entry := neighbour(t, drivertest.Host)
		entry.HardwareAddr = mac(drivertest.Locator(1))
		return netlink.NeighDel(entry)
	})
	return redirect.Static{Locator: drivertest.Locator(1), Port: drivertest.Host}.String()
}

// A wire that is a VLAN of a port is refused: hosts can write its tag. Of a link that is not on the bridge it is a port like others.
func TestWireOfAPortsVLAN(t *testing.T) {
	if missing := lab.Missing(lab.Namespaces, lab.LinuxBridge); len(missing) > 0 {
		t.Skipf("skipped: %q", missing)
	}
	n := drivertest.NewNetwork(t)
	const wire = 20
	n.Ports[wire] = "wires.101"
	trunk := drivertest.Interface(drivertest.Trunk)
	in(t, n, func() error {
		parent, err := netlink.LinkByName(trunk)
		if err != nil {
			return err
		}
		vlan := &netlink.Vlan{LinkAttrs: netlink.NewLinkAttrs(), VlanId: 101}
		vlan.Name, vlan.ParentIndex = n.Ports[wire], parent.Attrs().Index
		err = netlink.LinkAdd(vlan)
		if errors.Is(err, unix.EOPNOTSUPP) {
			t.Skipf("skipped: this kernel has no VLANs (VLAN_8021Q): %v", err)
		}
		return errors.Join(err, netlink.LinkSetUp(vlan))
	})
	d := makeBridge(t, n)
	defer d.Close()
	rules := redirect.Rules{Switch: "s", Wires: []redirect.Wire{{Box: drivertest.Box, Sidecar: wire}}}
	if _, err := d.Apply(t.Context(), rules); err == nil || !strings.Contains(err.Error(), "port 20 is a VLAN of "+trunk) {
		t.Errorf("a wire by the bridge's own trunk: %v", err)
	}
	in(t, n, func() error {
		parent, err := netlink.LinkByName(trunk)
		if err != nil {
			return err
		}
		return netlink.LinkSetNoMaster(parent)
	})
	if _, err := d.Apply(t.Context(), rules); err != nil {
		t.Errorf("a wire by a link of its own: %v", err)
	}
}

// The same where a kernel has no VLANs.
func TestWiresApart(t *testing.T) {
	b := &bridge{name: "br0", under: map[string]string{"trunk.101": "trunk"}}
	config := Config{Bridge: "br0", Ports: map[uint32]string{4: "box", 5: "trunk.101", 6: "side", 7: "trunk"}}
	for wire, want := range map[redirect.Wire]string{
		{Box: 4, Sidecar: 5}: "wire 4 to 5: port 5 is a VLAN of trunk", {Box: 5, Sidecar: 6}: "port 5 is a VLAN of trunk", {Box: 4, Sidecar: 6}: "", {Box: 4, Sidecar: 7}: "",
	} {
		err := b.apart(config, redirect.Rules{Wires: []redirect.Wire{wire}})
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", wire, err)
		}
	}
}

func mac(m redirect.MAC) []byte { return m[:] }

func neighbour(t *testing.T, port uint32) *netlink.Neigh {
	link, err := netlink.LinkByName(drivertest.Interface(port))
	if err != nil {
		t.Fatal(err)
	}
	b := bridge{ports: map[string]uint32{"it": uint32(link.Attrs().Index)}}
	return b.neighbour(drivertest.Locator(9), "it")
}

// addForeign makes a static entry, and a table with a chain on a port.
func addForeign(t *testing.T, n *drivertest.Network) {
	in(t, n, func() error {
		if err := netlink.NeighSet(neighbour(t, drivertest.Host)); err != nil {
			return err
		}
		conn, err := nftables.New()
		if err != nil {
			return err
		}
		table := conn.AddTable(&nftables.Table{Family: nftables.TableFamilyNetdev, Name: "theirs"})
		conn.AddChain(&nftables.Chain{
			Name: "theirs", Table: table, Device: drivertest.Interface(drivertest.Box), Type: nftables.ChainTypeFilter,
			Hooknum: nftables.ChainHookIngress, Priority: nftables.ChainPriorityFilter,
		})
		return conn.Flush()
	})
}

func isForeign(t *testing.T, n *drivertest.Network) bool {
	there := false
	in(t, n, func() error {
		conn, err := nftables.New()
		if err != nil {
			return err
		}
		chains, err := conn.ListChains()
		if err != nil {
			return err
		}
		b, err := findBridge(pkgHandle(t), bridgeName)
		if err != nil {
			return err
		}
		entries, err := b.entries(pkgHandle(t))
		_, entry := entries[drivertest.Locator(9)]
		there = entry && len(chains) == 1 && chains[0].Name == "theirs"
		return err
	})
	return there
}

// pkgHandle is a netlink socket in the thread's namespace.
func pkgHandle(t *testing.T) *netlink.Handle {
	h, err := netlink.NewHandle()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}
