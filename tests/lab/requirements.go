//go:build linux

package lab

import (
	"errors"
	"fmt"
	"os/exec"
	"sync"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// Requirement is something that a lab may need of the machine.
type Requirement int

const (
	Namespaces  Requirement = iota // network namespaces, veth pairs and raw sockets; every lab
	LinuxBridge                    // the kernel's learning bridge
	FreshSysfs                     // a /sys per namespace, for Start and StartBMv2
	BMv2Binary                     // simple_switch_grpc
	Tshark                         // to decode captures
	OpenVSwitch                    // ovs-vswitchd, ovsdb-server, ovs-vsctl and ovs-ofctl
)

// Requirements lists all of them.
func Requirements() []Requirement {
	return []Requirement{Namespaces, LinuxBridge, FreshSysfs, BMv2Binary, Tshark, OpenVSwitch}
}

// Missing tries the given requirements and returns a sentence for each that
// this machine does not meet: what is missing, and what to do about it. An
// empty list means go ahead.
func Missing(needs ...Requirement) []string {
	var sentences []string
	for _, need := range needs {
		if err := probes()[need](); err != nil {
			sentences = append(sentences, err.Error())
		}
	}
	return sentences
}

// probes try each requirement once per process.
var probes = sync.OnceValue(func() map[Requirement]func() error {
	return map[Requirement]func() error{
		Namespaces:  sync.OnceValue(probeNamespaces),
		LinuxBridge: sync.OnceValue(probeBridge),
		FreshSysfs:  sync.OnceValue(probeSysfs),
		BMv2Binary: func() error {
			return probeProgram(BMv2Program, "build bmv2 with its P4Runtime server, and put it into PATH")
		},
		Tshark:      func() error { return probeProgram(TsharkProgram, "install the package tshark") },
		OpenVSwitch: probeOpenVSwitch,
	}
})

func probeProgram(name, remedy string) error {
	if _, err := exec.LookPath(name); err != nil {
		return fmt.Errorf("%s is not in PATH: %s", name, remedy)
	}
	return nil
}

func probeOpenVSwitch() error {
	for _, name := range []string{"ovs-vswitchd", "ovsdb-server", "ovs-vsctl", "ovs-ofctl"} {
		if err := probeProgram(name, "install the package openvswitch-switch"); err != nil {
			return err
		}
	}
	return nil
}

func probeNamespaces() error {
	return inProbe("network namespaces with veth pairs", func(links *netlink.Handle) error {
		pair := netlink.NewVeth(netlink.NewLinkAttrs())
		pair.Name, pair.PeerName = "probe0", "probe1"
		if err := links.LinkAdd(pair); err != nil {
			return fmt.Errorf("a veth pair cannot be made (kernel option VETH): %w", err)
		}
		if err := disableOffloads(pair.Name); err != nil {
			return err
		}
		fd, err := packetSocket(pair.Name, Incoming, unix.ETH_P_ALL)
		if err != nil {
			return fmt.Errorf("no raw socket (kernel option PACKET, CAP_NET_RAW): %w", err)
		}
		return unix.Close(fd)
	})
}

func probeBridge() error {
	return inProbe("a Linux bridge", func(links *netlink.Handle) error {
		bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "probe"}}
		if err := links.LinkAdd(bridge); err != nil {
			return fmt.Errorf("it cannot be made (kernel option BRIDGE): %w", err)
		}
		return nil
	})
}

func probeSysfs() error {
	return inProbe("a /sys for each namespace", func(*netlink.Handle) error { return freshSysfs() })
}

// inProbe runs f in a network namespace that goes away with its thread.
func inProbe(what string, f func(*netlink.Handle) error) error {
	err := onFreshThread(func() error {
		ns, err := netns.New()
		if errors.Is(err, unix.EPERM) {
			return fmt.Errorf("this needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN): %w", err)
		}
		if err != nil {
			return fmt.Errorf("no network namespace (kernel option NET_NS): %w", err)
		}
		defer ns.Close()
		links, err := netlink.NewHandle(unix.NETLINK_ROUTE)
		if err != nil {
			return fmt.Errorf("netlink: %w", err)
		}
		defer links.Close()
		return f(links)
	})
	if err != nil {
		return fmt.Errorf("%s: not possible here: %w", what, err)
	}
	return nil
}
