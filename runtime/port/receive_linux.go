package port

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// receiver takes frames from a packet socket: from its ring, and those that are too
// long for a slot by recvmsg. It belongs to the one goroutine that reads.
type receiver struct {
	long    []byte // BufferSize, made when the first long frame comes
	control [64]byte
	iov     [2]unix.Iovec
	vnet    [vnetHdrLen]byte
	errno   syscall.Errno
	wait    func(fd uintptr) bool
}

// vnet is the kernel's struct virtio_net_hdr, as far as it is of use here.
type vnet struct {
	flags, gso    uint8
	start, offset uint16 // where the checksum begins, and how far from there it is stored
}

func readVnet(b []byte) vnet {
	return vnet{flags: b[0], gso: b[1], start: binary.NativeEndian.Uint16(b[6:]), offset: binary.NativeEndian.Uint16(b[8:])}
}

// readBurst waits for frames, and hands at most limit of them to handle, or the error
// that a frame met. A frame is valid until handle returns.
func (r *raw) readBurst(limit int, handle func(frame []byte, err error)) error {
	if !r.ring.enter() {
		return net.ErrClosed
	}
	defer r.ring.leave()
	if err := r.conn.Read(r.in.wait); err != nil {
		if r.closed.Load() {
			return net.ErrClosed
		}
		return fmt.Errorf("port %s: %w", r.name, err)
	}
	if e := r.in.errno; e != 0 {
		r.in.errno = 0
		if e == unix.ENETDOWN {
			return fmt.Errorf("port %s: %w", r.name, ErrLinkDown)
		}
		return fmt.Errorf("port %s: receive: %w", r.name, e)
	}
	for range limit {
		status := r.ring.status()
		if status&unix.TP_STATUS_USER == 0 {
			break
		}
		frame, err := r.take(status)
		handle(frame, err)
		r.ring.release()
	}
	return nil
}

// arrived reports whether there is something to read: a frame, or an error of the
// socket. Else the runtime waits without a thread.
func (r *raw) arrived(fd uintptr) bool {
	if r.ring.ready() {
		return true
	}
	// Reading the error clears it, or the socket would stay readable.
	if e, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR); err == nil && e != 0 {
		r.in.errno = syscall.Errno(e)
		return true
	}
	return false
}

// take makes a frame of the next slot.
func (r *raw) take(status uint32) ([]byte, error) {
	h, slot := r.ring.header(), r.ring.slot()
	at, n := int(h.Mac), int(h.Snaplen)
	tag, tpid := h.Vlan_tci, uint16(unix.ETH_P_8021Q)
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = h.Vlan_tpid
	}
	buf, hdr := slot, vnet{}
	switch {
	case status&unix.TP_STATUS_COPY != 0:
		long, v, err := r.takeLong()
		if err != nil {
			return nil, err
		}
		buf, hdr, at, n = r.in.long, v, Headroom, long
	case h.Len > h.Snaplen:
		return nil, fmt.Errorf("port %s: %w (%d bytes, and no memory)", r.name, ErrTruncated, h.Len)
	case at < unix.SizeofTpacket2Hdr+vnetHdrLen || at+n > slotSize:
		return nil, fmt.Errorf("port %s: the kernel put a frame of %d bytes at %d in a slot of %d", r.name, n, at, slotSize)
	default:
		hdr = readVnet(slot[at-vnetHdrLen:])
	}
	frame := buf[at : at+n]
	if hdr.gso != vnetGSONone {
		return nil, fmt.Errorf("port %s: %w (%d bytes)", r.name, ErrSuperFrame, n)
	}
	if hdr.flags&vnetNeedsCsum != 0 && !finishChecksum(frame, int(hdr.start), int(hdr.offset)) {
		return nil, fmt.Errorf("port %s: the kernel's checksum place %d+%d is outside the frame of %d bytes", r.name, hdr.start, hdr.offset, n)
	}
	if status&unix.TP_STATUS_VLAN_VALID != 0 && n >= 12 {
		// The tag grows into what stood before the frame, which has been read.
		frame = insertVLAN(buf[at-Headroom:at+n], tpid, tag)
	}
	return frame, nil
}

// takeLong receives the frame of a slot that is too short for it, behind Headroom in
// r.in.long, and returns its length.
func (r *raw) takeLong() (int, vnet, error) {
	if r.in.long == nil {
		r.in.long = make([]byte, BufferSize)
	}
	body := r.in.long[Headroom:]
	r.in.iov[0] = unix.Iovec{Base: &r.in.vnet[0]}
	r.in.iov[0].SetLen(vnetHdrLen)
	r.in.iov[1] = unix.Iovec{Base: &body[0]}
	r.in.iov[1].SetLen(len(body))
	// The notes that the kernel attaches are in the slot's header too.
	msg := unix.Msghdr{Iov: &r.in.iov[0], Control: &r.in.control[0]}
	msg.SetIovlen(2)
	msg.SetControllen(len(r.in.control))
	var n int
	var errno syscall.Errno
	err := r.conn.Control(func(fd uintptr) {
		got, _, e := unix.Syscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&msg)), unix.MSG_TRUNC|unix.MSG_DONTWAIT)
		n, errno = int(got), e
	})
	switch {
	case err != nil:
		return 0, vnet{}, fmt.Errorf("port %s: %w", r.name, err)
	case errno != 0:
		return 0, vnet{}, fmt.Errorf("port %s: a frame that is longer than %d bytes: %w", r.name, slotSize, errno)
	case n < vnetHdrLen:
		return 0, vnet{}, fmt.Errorf("port %s: the kernel returned %d bytes, less than its own header", r.name, n)
	case n-vnetHdrLen > len(body):
		return 0, vnet{}, fmt.Errorf("port %s: %w (%d bytes)", r.name, ErrTruncated, n-vnetHdrLen)
	}
	return n - vnetHdrLen, readVnet(r.in.vnet[:]), nil
}

// Read copies one frame out of the ring.
func (r *raw) Read(buf []byte) ([]byte, error) {
	if len(buf) < BufferSize {
		return nil, fmt.Errorf("port %s: the buffer has %d bytes; it needs %d", r.name, len(buf), BufferSize)
	}
	var out []byte
	for out == nil {
		var frameErr error
		err := r.readBurst(1, func(frame []byte, err error) {
			frameErr = err
			if err == nil {
				out = buf[:copy(buf, frame)]
			}
		})
		if err := errors.Join(err, frameErr); err != nil {
			return nil, err
		}
	}
	return out, nil
}
