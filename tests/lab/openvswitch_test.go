//go:build linux

package lab

import (
	"net/netip"
	"path/filepath"
	"testing"
)

// Hosts talk through an Open vSwitch in user space.
func TestOpenVSwitch(t *testing.T) {
	l := newLab(t, OpenVSwitch, FreshSysfs)
	sw, err := l.Box("switch")
	if err != nil {
		t.Fatal(err)
	}
	var hosts []*Namespace
	var ports []string
	for i := range 3 {
		name := string(rune('a' + i))
		host, err := l.Host(name)
		if err != nil {
			t.Fatal(err)
		}
		address := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), 24)
		if err := l.Connect(End{Namespace: host, Interface: "eth0", Addresses: []netip.Prefix{address}}, End{Namespace: sw, Interface: name}); err != nil {
			t.Fatal(err)
		}
		hosts, ports = append(hosts, host), append(ports, name)
	}
	if err := l.StartOVS(t.Context(), OVS{Namespace: sw, Folder: filepath.Join(l.Dir(), "ovs"), Bridge: "br0", Ports: ports}); err != nil {
		t.Fatal(err)
	}
	for from := range hosts {
		for to := range hosts {
			if from == to {
				continue
			}
			destination := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(to + 1)}), 7)
			udp, err := UDP{From: hosts[from], To: hosts[to], Destination: destination, Count: 3}.Run()
			if err != nil || udp.Answered != 3 {
				t.Errorf("%d to %d: udp: %+v, %v", from, to, udp, err)
			}
			tcp, err := TCP{From: hosts[from], To: hosts[to], Destination: destination, Bytes: 4 << 20, Back: 1 << 20}.Run()
			if err != nil || !tcp.Intact {
				t.Errorf("%d to %d: tcp: %+v, %v", from, to, tcp, err)
			}
		}
	}
}
