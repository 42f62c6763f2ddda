//go:build linux

package shim

import (
	"errors"
	"fmt"
	"os"

	"github.com/vishvananda/netlink"

	"pillion/runtime/port"
)

// finisher is a pair of virtual interfaces: what is sent into the one comes out of the other in frames that are cut
// and have their checksums, because the kernel knows that the first can do neither.
type finisher struct {
	in, out netlink.Link
}

// finisherMTU lets through whatever the guarded interface might.
const finisherMTU = 65535

// finisherNames are those of the pair that belongs to an interface. Names have at most 15 bytes.
func finisherNames(iface string, ifindex int) (in, out string) {
	if len(iface) > 12 {
		iface = fmt.Sprintf("shim%d", ifindex)
	}
	return iface + "-fi", iface + "-fo"
}

// openFinisher takes the pair of an earlier run, or makes it.
func openFinisher(iface string, ifindex int) (*finisher, error) {
	in, out := finisherNames(iface, ifindex)
	f := &finisher{}
	find := func() (err error) {
		if f.in, err = netlink.LinkByName(in); err == nil {
			f.out, err = netlink.LinkByName(out)
		}
		return err
	}
	var missing netlink.LinkNotFoundError
	err := find()
	if errors.As(err, &missing) {
		pair := netlink.NewVeth(netlink.NewLinkAttrs())
		pair.Name, pair.PeerName, pair.MTU, pair.PeerMTU = in, out, finisherMTU, finisherMTU
		if err := netlink.LinkAdd(pair); err != nil {
			return nil, fmt.Errorf("the pair of interfaces %s and %s cannot be made (kernel option VETH): %w", in, out, err)
		}
		err = find()
	}
	if err != nil {
		return nil, fmt.Errorf("interfaces %s and %s: %w", in, out, err)
	}
	for _, l := range []netlink.Link{f.in, f.out} {
		name := l.Attrs().Name
		if err := port.DisableOffload(name, port.Options{}); err != nil {
			return nil, err
		}
		// They are no way for the host's own packets.
		if err := os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/disable_ipv6", []byte("1"), 0o644); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("interface %s: %w", name, err)
		}
		if err := errors.Join(netlink.LinkSetARPOff(l), netlink.LinkSetUp(l)); err != nil {
			return nil, fmt.Errorf("interface %s: %w", name, err)
		}
	}
	return f, nil
}

// removeFinisher removes the pair, if there is one.
func removeFinisher(iface string, ifindex int) error {
	in, _ := finisherNames(iface, ifindex)
	l, err := netlink.LinkByName(in)
	var missing netlink.LinkNotFoundError
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return err
	}
	return netlink.LinkDel(l)
}
