package port

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// Options of an interface that is opened as a port.
type Options struct {
	// Namespace is the network namespace of the interface: a name under
	// /run/netns or a path to a namespace file; empty for the caller's own.
	Namespace string
	// NamespaceFD, if not nil, is an open namespace file and goes before
	// Namespace. The caller keeps it and may close it after Open.
	NamespaceFD *os.File
	// KeepOffload leaves the interface's offload settings as they are. They must
	// then be off already, or super-frames are lost.
	KeepOffload bool
}

// socketBuffer is asked for in each direction, in bytes: some 2,700 frames of
// 1,500 bytes, so that a burst of one scheduling quantum is not lost.
const socketBuffer = 8 << 20

// vnetHdrLen is the length of the kernel's struct virtio_net_hdr, which stands
// before every frame on a socket with PACKET_VNET_HDR.
const vnetHdrLen = 10

const (
	vnetNeedsCsum = 1 // VIRTIO_NET_HDR_F_NEEDS_CSUM
	vnetGSONone   = 0 // VIRTIO_NET_HDR_GSO_NONE
)

// raw is a Linux interface opened with AF_PACKET.
type raw struct {
	name  string
	file  *os.File
	conn  syscall.RawConn
	index int
	// hardware is the kernel's number for what the interface is like (ARPHRD_).
	hardware uint16
	links    *os.File // netlink: notices of changes of links

	took atomic.Bool // SetLinkUp switched the interface off

	ring *ring
	in   receiver

	closed atomic.Bool
}

// Open opens a Linux interface as a Device. It needs CAP_NET_RAW, and
// CAP_NET_ADMIN to turn offloads off.
func Open(iface string, o Options) (Device, error) {
	fd, err := packetSocket(o)
	if err != nil {
		return nil, fmt.Errorf("port %s: %w", iface, err)
	}
	r := &raw{name: iface}
	if err := r.setUp(fd, o); err != nil {
		return nil, errors.Join(fmt.Errorf("port %s: %w", iface, err), r.ring.leave(), unix.Close(fd))
	}
	r.file = os.NewFile(uintptr(fd), "packet:"+iface)
	if r.conn, err = r.file.SyscallConn(); err != nil {
		return nil, errors.Join(fmt.Errorf("port %s: %w", iface, err), r.ring.leave(), r.file.Close())
	}
	if r.links, err = linkSocket(o); err != nil {
		return nil, errors.Join(fmt.Errorf("port %s: %w", iface, err), r.ring.leave(), r.file.Close())
	}
	r.in.wait = r.arrived
	return r, nil
}

// packetSocket makes the socket in the wanted namespace. A socket stays in the
// namespace that it was made in, so everything else works from outside.
func packetSocket(o Options) (fd int, err error) {
	err = inNamespace(o, func() error {
		var e error
		// Protocol 0: nothing arrives before the socket is bound to its interface.
		fd, e = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if errors.Is(e, unix.EPERM) {
			return fmt.Errorf("no permission for a raw socket: run as root or with CAP_NET_RAW (%w)", e)
		}
		return e
	})
	return fd, err
}

func (r *raw) setUp(fd int, o Options) error {
	ifr, err := unix.NewIfreq(r.name)
	if err != nil {
		return fmt.Errorf("not an interface name: %w", err)
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifr); err != nil {
		return fmt.Errorf("no such interface in %s: %w", o.where(), err)
	}
	r.index = int(ifr.Uint32())
	if r.hardware, err = hardwareType(fd, r.name); err != nil {
		return fmt.Errorf("asking for its type: %w", err)
	}
	if !o.KeepOffload {
		if err := disableOffload(fd, r.name); err != nil {
			return err
		}
	}
	for _, opt := range []struct {
		level, name int
		what        string
	}{
		{unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, "not seeing its own frames (Linux 4.20 or newer)"},
		{unix.SOL_PACKET, unix.PACKET_VNET_HDR, "unfinished checksums"},
	} {
		if err := unix.SetsockoptInt(fd, opt.level, opt.name, 1); err != nil {
			return fmt.Errorf("the kernel cannot do %s: %w", opt.what, err)
		}
	}
	// The FORCE forms go past the system's limit and need CAP_NET_ADMIN; without it
	// the kernel's limit holds, which costs only bursts.
	for _, b := range [][2]int{{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF}, {unix.SO_SNDBUFFORCE, unix.SO_SNDBUF}} {
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, b[0], socketBuffer) != nil {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, b[1], socketBuffer)
		}
	}
	if r.ring, err = newRing(fd); err != nil {
		return err
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: r.index}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	mreq := unix.PacketMreq{Ifindex: int32(r.index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &mreq); err != nil {
		return fmt.Errorf("promiscuous mode: %w", err)
	}
	return nil
}

func htons(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}

func (r *raw) Name() string { return r.name }

func (r *raw) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	err := r.giveBack()
	return errors.Join(err, r.links.Close(), r.file.Close(), r.ring.leave())
}
