package port

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// linkSocket subscribes to the kernel's notices of links (rtnetlink(7)) in the
// namespace of the options.
func linkSocket(o Options) (*os.File, error) {
	fd := -1
	err := inNamespace(o, func() (err error) {
		fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK}); err != nil {
		return nil, errors.Join(fmt.Errorf("subscribe to changes of links: %w", err), unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), "netlink"), nil
}

// noticeSize holds one datagram of notices: the kernel fills a page.
const noticeSize = 32 << 10

// WaitLink reads notices until one is about this interface.
func (r *raw) WaitLink() error {
	buf := make([]byte, noticeSize)
	for {
		n, err := r.links.Read(buf)
		switch {
		case errors.Is(err, os.ErrClosed):
			return net.ErrClosed
		case err != nil: // ENOBUFS: notices were lost, so ours may be among them
			return fmt.Errorf("port %s: changes of the link: %w", r.name, err)
		case concerns(buf[:n], r.index):
			return nil
		}
	}
}

// concerns says whether a netlink datagram has a message about an interface: a
// struct nlmsghdr, then a struct ifinfomsg whose second word is the index.
func concerns(b []byte, index int) bool {
	const indexAt = unix.SizeofNlMsghdr + 4
	for len(b) >= unix.SizeofNlMsghdr {
		length, kind := int(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint16(b[4:])
		if length < unix.SizeofNlMsghdr || length > len(b) {
			return false
		}
		about := kind == unix.RTM_NEWLINK || kind == unix.RTM_DELLINK
		if about && length >= indexAt+4 && int(int32(binary.NativeEndian.Uint32(b[indexAt:]))) == index {
			return true
		}
		b = b[min((length+unix.NLMSG_ALIGNTO-1)&^(unix.NLMSG_ALIGNTO-1), len(b)):]
	}
	return false
}

// ask does ioctls on the packet socket, about the interface by the name that it
// has now. It reports an error if there is no such interface any more.
func (r *raw) ask(do func(fd int, ifr *unix.Ifreq) error) error {
	var failed error
	err := r.conn.Control(func(raw uintptr) {
		fd := int(raw)
		ifr, err := unix.NewIfreq("")
		if err != nil {
			failed = err
			return
		}
		ifr.SetUint32(uint32(r.index))
		if failed = unix.IoctlIfreq(fd, unix.SIOCGIFNAME, ifr); failed != nil {
			return
		}
		if ifr, failed = unix.NewIfreq(ifr.Name()); failed == nil {
			failed = do(fd, ifr)
		}
	})
	return errors.Join(err, failed)
}

func (r *raw) Link() Link {
	l := Link{Index: uint32(r.index), Bare: r.bare()}
	err := r.ask(func(fd int, ifr *unix.Ifreq) error {
		name := ifr.Name()
		if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, ifr); err != nil {
			return err
		}
		flags := ifr.Uint16()
		l.Present, l.AdminUp, l.Carrier = true, flags&unix.IFF_UP != 0, flags&unix.IFF_RUNNING != 0
		if unix.IoctlIfreq(fd, unix.SIOCGIFMTU, ifr) == nil {
			l.MTU = int(ifr.Uint32())
		}
		l.MAC = hardwareAddress(fd, name)
		l.Speed = speed(fd, name)
		return nil
	})
	if err != nil {
		return Link{Index: uint32(r.index)}
	}
	return l
}

// ifreq is the kernel's struct ifreq with its union as bytes or as a pointer.
type ifreqBytes struct {
	name [unix.IFNAMSIZ]byte
	data [24]byte
}

type ifreqPointer struct {
	name [unix.IFNAMSIZ]byte
	data unsafe.Pointer
	_    [16]byte
}

// bare says whether the interface has no link header, as TUN devices: its frames have no addresses.
func (r *raw) bare() bool { return r.hardware == unix.ARPHRD_NONE }

// hardwareType is the kernel's number for what an interface is like (ARPHRD_).
func hardwareType(fd int, iface string) (uint16, error) {
	var req ifreqBytes
	copy(req.name[:], iface)
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCGIFHWADDR, uintptr(unsafe.Pointer(&req))); e != 0 {
		return 0, e
	}
	return binary.NativeEndian.Uint16(req.data[:]), nil
}

func hardwareAddress(fd int, iface string) (mac [6]byte) {
	var req ifreqBytes
	copy(req.name[:], iface)
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCGIFHWADDR, uintptr(unsafe.Pointer(&req))); e != 0 {
		return mac
	}
	// A struct sockaddr: the family is the type of hardware, then its address.
	if binary.NativeEndian.Uint16(req.data[:]) == unix.ARPHRD_ETHER {
		copy(mac[:], req.data[2:])
	}
	return mac
}

// speed asks the driver, in bits per second; 0 if it does not know.
func speed(fd int, iface string) uint64 {
	// struct ethtool_cmd of <linux/ethtool.h>, which every kernel still answers.
	cmd := struct {
		cmd, supported, advertising  uint32
		speed                        uint16
		_                            [6]uint8
		maxTx, maxRx                 uint32
		speedHigh                    uint16
		_                            [2]uint8
		partner, reserved, reserved2 uint32
	}{cmd: unix.ETHTOOL_GSET}
	req := ifreqPointer{data: unsafe.Pointer(&cmd)}
	copy(req.name[:], iface)
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&req))); e != 0 {
		return 0
	}
	megabits := uint32(cmd.speedHigh)<<16 | uint32(cmd.speed)
	// All ones, in 16 or in 32 bits, is SPEED_UNKNOWN.
	if megabits == 0xffffffff || megabits == 0xffff {
		return 0
	}
	return uint64(megabits) * 1_000_000
}

func (r *raw) SetLinkUp(up bool) error {
	err := r.ask(func(fd int, ifr *unix.Ifreq) error {
		if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, ifr); err != nil {
			return err
		}
		flags := ifr.Uint16()
		was := flags&unix.IFF_UP != 0
		if was == up {
			return nil
		}
		ifr.SetUint16(flags ^ unix.IFF_UP)
		if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr); err != nil {
			return err
		}
		r.took.Store(!up)
		return nil
	})
	word := map[bool]string{true: "on", false: "off"}[up]
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("port %s: switching the interface %s needs CAP_NET_ADMIN: %w", r.name, word, err)
	case errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV):
		return fmt.Errorf("port %s: the interface does not exist any more: %w", r.name, err)
	}
	return fmt.Errorf("port %s: switching the interface %s: %w", r.name, word, err)
}

// giveBack switches the interface on again if SetLinkUp switched it off.
func (r *raw) giveBack() error {
	if !r.took.Load() {
		return nil
	}
	err := r.SetLinkUp(true)
	if errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ENODEV) {
		return nil // it went with its namespace
	}
	return err
}
