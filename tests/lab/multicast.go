//go:build linux

package lab

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// multicastTTL is the TTL or hop limit of what Multicast sends.
const multicastTTL = 16

// Member is a kernel socket that has joined a multicast group. The kernel
// reports the membership by IGMP or MLD.
type Member struct {
	Namespace *Namespace
	Interface string
	Group     netip.AddrPort

	socket *os.File
	forget func()
}

// Join joins a group on an interface and listens on the group's port.
func (ns *Namespace) Join(ifname string, group netip.AddrPort) (*Member, error) {
	if !group.Addr().IsMulticast() || group.Port() == 0 {
		return nil, fmt.Errorf("lab: join: %s is not a multicast address with a port", group)
	}
	m := &Member{Namespace: ns, Interface: ifname, Group: group}
	var err error
	m.socket, err = ns.multicastSocket(ifname, group.Addr(), func(fd, index int) error {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return err
		}
		// Bound to the group, the socket gets nothing else.
		if err := unix.Bind(fd, socketAddress(group, index)); err != nil {
			return err
		}
		if group.Addr().Is4() {
			return unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP,
				&unix.IPMreqn{Multiaddr: group.Addr().As4(), Ifindex: int32(index)})
		}
		return unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP,
			&unix.IPv6Mreq{Multiaddr: group.Addr().As16(), Interface: uint32(index)})
	})
	if err != nil {
		return nil, fmt.Errorf("lab: %s/%s: joining %s: %w", ns.Name, ifname, group, err)
	}
	if m.forget, err = ns.lab.onClose(m.close); err != nil {
		return nil, err
	}
	return m, nil
}

// Leave leaves the group. It may be called more than once.
func (m *Member) Leave() error {
	m.forget()
	return m.close()
}

func (m *Member) close() error {
	if err := m.socket.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// multicastSocket opens a UDP socket and hands it to prepare with the index of
// the interface.
func (ns *Namespace) multicastSocket(ifname string, group netip.Addr, prepare func(fd, index int) error) (*os.File, error) {
	family := unix.AF_INET
	if group.Is6() {
		family = unix.AF_INET6
	}
	var socket *os.File
	err := ns.Do(func() error {
		iface, err := net.InterfaceByName(ifname)
		if err != nil {
			return err
		}
		fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		if err := prepare(fd, iface.Index); err != nil {
			unix.Close(fd)
			return err
		}
		socket = os.NewFile(uintptr(fd), "multicast")
		return nil
	})
	return socket, err
}

// Multicast sends datagrams to a group, and listens at members.
type Multicast struct {
	From       *Namespace
	Interface  string     // to send by
	Source     netip.Addr // the zero Addr leaves it to the kernel
	SourcePort uint16     // 0 leaves it to the kernel
	Group      netip.AddrPort
	Members    []*Member     // where the datagrams should arrive
	Others     []*Member     // where they should not
	Count      int           // datagrams; 0 is 1
	Size       int           // payload in bytes, 12 to 65507; 0 is 64
	Within     time.Duration // how long to wait for the members; 0 is Expected
	Quiet      time.Duration // how long to listen at the others after that; 0 is Unexpected
}

// MulticastResult counts the distinct datagrams that arrived undamaged, in the
// order of Members and of Others.
type MulticastResult struct {
	Sent      int
	Delivered []int
	Leaked    []int
}

// Run sends all datagrams, waits until every member has all or the time is
// over, and then listens at the others.
func (v Multicast) Run() (MulticastResult, error) {
	result := MulticastResult{Delivered: make([]int, len(v.Members)), Leaked: make([]int, len(v.Others))}
	if v.From == nil || !v.Group.Addr().IsMulticast() || v.Group.Port() == 0 {
		return result, errors.New("lab: multicast: give a namespace, From, and a Group with its port")
	}
	if err := checkFamily("multicast", v.Source, v.Group.Addr()); err != nil {
		return result, err
	}
	label, err := newLabel(v.Size)
	if err != nil {
		return result, err
	}
	socket, err := v.open()
	if err != nil {
		return result, fmt.Errorf("lab: multicast from %s/%s to %s: %w", v.From.Name, v.Interface, v.Group, err)
	}
	defer socket.Close()
	count := max(v.Count, 1)
	for sequence := range count {
		if _, err := socket.Write(label.payload(sequence)); err != nil {
			return result, fmt.Errorf("lab: multicast from %s/%s to %s: %w", v.From.Name, v.Interface, v.Group, err)
		}
		result.Sent++
	}
	err = receiveAll(v.Members, label, count, orExpected(v.Within), result.Delivered)
	if len(v.Others) > 0 {
		err = errors.Join(err, receiveAll(v.Others, label, count, cmp.Or(v.Quiet, Unexpected), result.Leaked))
	}
	return result, err
}

// open makes the sender's socket, connected to the group. It does not hear
// itself.
func (v Multicast) open() (*os.File, error) {
	return v.From.multicastSocket(v.Interface, v.Group.Addr(), func(fd, index int) error {
		level, options := unix.IPPROTO_IP, [][2]int{{unix.IP_MULTICAST_TTL, multicastTTL}, {unix.IP_MULTICAST_LOOP, 0}}
		if v.Group.Addr().Is6() {
			level = unix.IPPROTO_IPV6
			options = [][2]int{{unix.IPV6_MULTICAST_HOPS, multicastTTL}, {unix.IPV6_MULTICAST_LOOP, 0}, {unix.IPV6_MULTICAST_IF, index}}
		} else if err := unix.SetsockoptIPMreqn(fd, level, unix.IP_MULTICAST_IF, &unix.IPMreqn{Ifindex: int32(index)}); err != nil {
			return err
		}
		for _, o := range options {
			if err := unix.SetsockoptInt(fd, level, o[0], o[1]); err != nil {
				return err
			}
		}
		local := localEnd(netip.AddrPortFrom(v.Source, v.SourcePort), v.Group.Addr())
		if err := unix.Bind(fd, socketAddress(local, index)); err != nil {
			return fmt.Errorf("source %s: %w", local, err)
		}
		return unix.Connect(fd, socketAddress(v.Group, index))
	})
}

// receiveAll listens at all members at once and counts what arrived at each.
func receiveAll(members []*Member, label label, count int, within time.Duration, got []int) error {
	deadline := time.Now().Add(within)
	errs := make([]error, len(members))
	var receiving sync.WaitGroup
	for i, m := range members {
		receiving.Go(func() { got[i], errs[i] = m.receive(label, count, deadline) })
	}
	receiving.Wait()
	return errors.Join(errs...)
}

func (m *Member) receive(label label, count int, deadline time.Time) (int, error) {
	if err := m.socket.SetReadDeadline(deadline); err != nil {
		return 0, fmt.Errorf("lab: member %s/%s of %s: %w", m.Namespace.Name, m.Interface, m.Group, err)
	}
	arrived := newTally(count)
	buffer := make([]byte, maxDatagram)
	for {
		n, err := m.socket.Read(buffer)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return arrived.got, nil
		}
		if err != nil {
			return arrived.got, fmt.Errorf("lab: member %s/%s of %s: %w", m.Namespace.Name, m.Interface, m.Group, err)
		}
		if sequence, ok := label.sequence(buffer[:n]); ok && arrived.add(sequence) {
			return arrived.got, nil
		}
	}
}
