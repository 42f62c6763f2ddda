package port

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

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

// The kernel's struct tpacket_auxdata (packet(7), PACKET_AUXDATA): its length, and
// where in it what is read here stands.
const (
	auxLen      = 20
	auxStatus   = 0  // 32 bits
	auxVLANTCI  = 16 // 16 bits
	auxVLANTPID = 18 // 16 bits
)

// raw is a Linux interface opened with AF_PACKET.
type raw struct {
	name  string
	file  *os.File
	conn  syscall.RawConn
	index int
	links *os.File // netlink: notices of changes of links

	took atomic.Bool // SetLinkUp switched the interface off

	// The rest belongs to the one goroutine that reads.
	vnet    [vnetHdrLen]byte
	control [64]byte
	iov     [2]unix.Iovec
	msg     unix.Msghdr
	n       int
	errno   syscall.Errno
	recv    func(fd uintptr) bool

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
		return nil, errors.Join(fmt.Errorf("port %s: %w", iface, err), unix.Close(fd))
	}
	r.file = os.NewFile(uintptr(fd), "packet:"+iface)
	if r.conn, err = r.file.SyscallConn(); err != nil {
		return nil, errors.Join(fmt.Errorf("port %s: %w", iface, err), r.file.Close())
	}
	if r.links, err = linkSocket(o); err != nil {
		return nil, errors.Join(fmt.Errorf("port %s: %w", iface, err), r.file.Close())
	}
	r.recv = r.receive
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
		{unix.SOL_PACKET, unix.PACKET_AUXDATA, "VLAN tags"},
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

// receive is one recvmsg into what Read prepared. It reports false if there is
// nothing yet, so that the runtime waits without a thread.
func (r *raw) receive(fd uintptr) bool {
	for {
		n, _, e := unix.Syscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&r.msg)), unix.MSG_TRUNC)
		r.n, r.errno = int(n), e
		if e != unix.EINTR {
			return e != unix.EAGAIN
		}
	}
}

func (r *raw) Read(buf []byte) ([]byte, error) {
	if len(buf) < BufferSize {
		return nil, fmt.Errorf("port %s: the buffer has %d bytes; it needs %d", r.name, len(buf), BufferSize)
	}
	body := buf[Headroom:]
	r.iov[0] = unix.Iovec{Base: &r.vnet[0]}
	r.iov[0].SetLen(vnetHdrLen)
	r.iov[1] = unix.Iovec{Base: &body[0]}
	r.iov[1].SetLen(len(body))
	r.msg = unix.Msghdr{Iov: &r.iov[0], Control: &r.control[0]}
	r.msg.SetIovlen(2)
	r.msg.SetControllen(len(r.control))
	if err := r.conn.Read(r.recv); err != nil {
		if r.closed.Load() {
			return nil, net.ErrClosed
		}
		return nil, fmt.Errorf("port %s: %w", r.name, err)
	}
	switch {
	case r.errno == unix.ENETDOWN:
		return nil, fmt.Errorf("port %s: %w", r.name, ErrLinkDown)
	case r.errno != 0:
		return nil, fmt.Errorf("port %s: receive: %w", r.name, r.errno)
	case r.n < vnetHdrLen:
		return nil, fmt.Errorf("port %s: the kernel returned %d bytes, less than its own header", r.name, r.n)
	case r.n-vnetHdrLen > len(body):
		return nil, fmt.Errorf("port %s: %w (%d bytes)", r.name, ErrTruncated, r.n-vnetHdrLen)
	}
	frame := body[:r.n-vnetHdrLen]
	if r.vnet[1] != vnetGSONone {
		return nil, fmt.Errorf("port %s: %w (%d bytes)", r.name, ErrSuperFrame, len(frame))
	}
	if r.vnet[0]&vnetNeedsCsum != 0 {
		start, offset := binary.NativeEndian.Uint16(r.vnet[6:]), binary.NativeEndian.Uint16(r.vnet[8:])
		if !finishChecksum(frame, int(start), int(offset)) {
			return nil, fmt.Errorf("port %s: the kernel's checksum place %d+%d is outside the frame of %d bytes", r.name, start, offset, len(frame))
		}
	}
	if aux := r.auxdata(); aux != nil && len(frame) >= 12 {
		status := binary.NativeEndian.Uint32(aux[auxStatus:])
		tpid := uint16(unix.ETH_P_8021Q)
		if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
			tpid = binary.NativeEndian.Uint16(aux[auxVLANTPID:])
		}
		if status&unix.TP_STATUS_VLAN_VALID != 0 {
			frame = insertVLAN(buf[:Headroom+len(frame)], tpid, binary.NativeEndian.Uint16(aux[auxVLANTCI:]))
		}
	}
	return frame, nil
}

// auxdata finds the kernel's note about the frame in the control message; nil if
// there is none.
func (r *raw) auxdata() []byte {
	h := (*unix.Cmsghdr)(unsafe.Pointer(&r.control[0]))
	if int(r.msg.Controllen) < unix.SizeofCmsghdr+auxLen || h.Level != unix.SOL_PACKET || h.Type != unix.PACKET_AUXDATA {
		return nil
	}
	return r.control[unix.SizeofCmsghdr:][:auxLen]
}

// noVnet stands before a frame that is sent: no offload wanted.
var noVnet [vnetHdrLen]byte

func (r *raw) Write(frame []byte) error {
	if len(frame) == 0 {
		return fmt.Errorf("port %s: an empty frame cannot be sent", r.name)
	}
	var sendErr error
	err := r.conn.Write(func(fd uintptr) bool {
		for {
			_, sendErr = unix.Writev(int(fd), [][]byte{noVnet[:], frame})
			if sendErr != unix.EINTR {
				// Never wait: one slow port must not stop the port that the frame came from.
				return true
			}
		}
	})
	switch {
	case err != nil && r.closed.Load():
		return net.ErrClosed
	case err != nil:
		return fmt.Errorf("port %s: %w", r.name, err)
	case sendErr == nil:
		return nil
	case errors.Is(sendErr, unix.EAGAIN), errors.Is(sendErr, unix.ENOBUFS):
		return fmt.Errorf("port %s: %w", r.name, ErrQueueFull)
	case errors.Is(sendErr, unix.ENETDOWN):
		return fmt.Errorf("port %s: %w", r.name, ErrLinkDown)
	case errors.Is(sendErr, unix.EMSGSIZE):
		return fmt.Errorf("port %s: a frame of %d bytes is longer than the interface's MTU allows; raise the MTU", r.name, len(frame))
	}
	return fmt.Errorf("port %s: send %d bytes: %w", r.name, len(frame), sendErr)
}

func (r *raw) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	err := r.giveBack()
	return errors.Join(err, r.links.Close(), r.file.Close())
}
