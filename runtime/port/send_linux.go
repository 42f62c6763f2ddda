package port

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// noVnet stands before a frame that is sent: no offload wanted.
var noVnet [vnetHdrLen]byte

// mmsghdr is the kernel's struct mmsghdr (sendmmsg(2)).
type mmsghdr struct {
	msg unix.Msghdr
	n   uint32
	_   [unsafe.Sizeof(uintptr(0)) - 4]byte
}

// sender sends many frames with one system call. It is for one goroutine at a time.
type sender struct {
	r     *raw
	msgs  [maxBurst]mmsghdr
	iov   [maxBurst][2]unix.Iovec
	first int // what is sent next, and how many there are
	count int
	errno syscall.Errno
	send  func(fd uintptr) bool
}

func (r *raw) newSender() burstSender {
	s := &sender{r: r}
	for i := range s.msgs {
		s.iov[i][0] = unix.Iovec{Base: &noVnet[0]}
		s.iov[i][0].SetLen(vnetHdrLen)
		s.msgs[i].msg = unix.Msghdr{Iov: &s.iov[i][0]}
		s.msgs[i].msg.SetIovlen(2)
	}
	s.send = s.write
	return s
}

// sendBurst sends at most maxBurst frames, none of them empty, in order. It says how many
// it sent, and why not the next one.
func (s *sender) sendBurst(frames [][]byte) (int, error) {
	for i, f := range frames {
		f = s.r.whole(f)
		s.iov[i][1].Base = &f[0]
		s.iov[i][1].SetLen(len(f))
	}
	s.first, s.count = 0, len(frames)
	err := s.r.conn.Write(s.send)
	if err == nil && s.first == s.count {
		return s.first, nil
	}
	return s.first, s.r.sendError(err, s.errno, len(frames[min(s.first, len(frames)-1)]))
}

// write is sendmmsg until everything is sent or the next frame cannot be. It never
// waits: one slow port must not stop the port that the frames came from.
func (s *sender) write(fd uintptr) bool {
	for s.first < s.count {
		n, _, e := unix.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&s.msgs[s.first])), uintptr(s.count-s.first), unix.MSG_DONTWAIT, 0, 0)
		switch {
		case e == unix.EINTR:
		case e != 0:
			s.errno = e
			return true
		default:
			s.first += int(n)
		}
	}
	return true
}

func (r *raw) Write(frame []byte) error {
	if len(frame) == 0 {
		return fmt.Errorf("port %s: an empty frame cannot be sent", r.name)
	}
	frame = r.whole(frame)
	var errno syscall.Errno
	err := r.conn.Write(func(fd uintptr) bool {
		for {
			_, e := unix.Writev(int(fd), [][]byte{noVnet[:], frame})
			if e != unix.EINTR {
				errno, _ = e.(syscall.Errno)
				return true
			}
		}
	})
	if err == nil && errno == 0 {
		return nil
	}
	return r.sendError(err, errno, len(frame))
}

// ethernetHeader is the length of an Ethernet header, in bytes.
const ethernetHeader = 14

// whole fills a frame up to a header's length: the kernel would do so for root, and refuse shorter frames of others.
func (r *raw) whole(frame []byte) []byte {
	if len(frame) >= ethernetHeader || r.hardware != unix.ARPHRD_ETHER {
		return frame
	}
	var header [ethernetHeader]byte
	copy(header[:], frame)
	return header[:]
}

// sendError says in words why a frame of n bytes was not sent.
func (r *raw) sendError(err error, errno syscall.Errno, n int) error {
	switch {
	case err != nil && r.closed.Load():
		return net.ErrClosed
	case err != nil:
		return fmt.Errorf("port %s: %w", r.name, err)
	case errors.Is(errno, unix.EAGAIN), errors.Is(errno, unix.ENOBUFS):
		return fmt.Errorf("port %s: %w", r.name, ErrQueueFull)
	case errors.Is(errno, unix.ENETDOWN):
		return fmt.Errorf("port %s: %w", r.name, ErrLinkDown)
	case errors.Is(errno, unix.EMSGSIZE):
		return fmt.Errorf("port %s: a frame of %d bytes is longer than the interface's MTU allows; raise the MTU", r.name, n)
	}
	return fmt.Errorf("port %s: send %d bytes: %w", r.name, n, errno)
}
