//go:build linux

package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrQuiet says that no frame that matches came in time.
var ErrQuiet = errors.New("no such frame arrived")

const (
	// portBuffer is how much a raw port holds that nobody has read yet, in
	// bytes of kernel memory (a small frame takes some 800).
	portBuffer = 16 << 20
	// maxFrame is the longest frame that can come from a veth without
	// offloads: the largest MTU, Ethernet's header and a VLAN tag.
	maxFrame = 65535 + 14 + 4
	// sendPatience bounds how long a full send queue is waited for.
	sendPatience = time.Second
)

// Frame is one Ethernet frame without its check sequence.
type Frame struct {
	Time     time.Time // when the kernel had it, nanoseconds
	Outgoing bool      // this machine's end of the wire sent it
	Data     []byte    // from the destination address on, VLAN tag included
}

// Port is a raw (AF_PACKET) socket on one interface: it sends crafted frames
// and receives every frame of the wire, from the moment that it is opened.
type Port struct {
	name    string // NAMESPACE/INTERFACE
	file    *os.File
	raw     syscall.RawConn
	forget  func()
	control []byte // for recvmsg; only the one reader uses it
	buffer  []byte
}

// Direction chooses which frames a port receives.
type Direction int

const (
	Incoming Direction = iota // what the other end of the wire sent
	Both                      // and what this end sent, but not this port itself
)

// OpenPort opens a raw socket on an interface, in promiscuous mode.
func (ns *Namespace) OpenPort(ifname string, direction Direction) (*Port, error) {
	return ns.openPort(ifname, direction, unix.ETH_P_ALL)
}

// OpenProtocol opens a raw socket on an interface, in promiscuous mode, that receives incoming frames of one EtherType. The
// kernel hands it a frame where the host's own protocols get it: after the programs (tc, TCX) that are attached to the interface,
// and as they left it. A port for every frame sees them before.
func (ns *Namespace) OpenProtocol(ifname string, etherType uint16) (*Port, error) {
	return ns.openPort(ifname, Incoming, etherType)
}

func (ns *Namespace) openPort(ifname string, direction Direction, etherType uint16) (*Port, error) {
	p := &Port{
		name:    ns.Name + "/" + ifname,
		control: make([]byte, 256),
		buffer:  make([]byte, maxFrame),
	}
	var fd int
	err := ns.Do(func() (err error) {
		fd, err = packetSocket(ifname, direction, etherType)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lab: raw port %s: %w", p.name, err)
	}
	p.file = os.NewFile(uintptr(fd), p.name)
	if p.raw, err = p.file.SyscallConn(); err != nil {
		p.file.Close()
		return nil, fmt.Errorf("lab: raw port %s: %w", p.name, err)
	}
	if p.forget, err = ns.lab.onClose(p.closeFile); err != nil {
		return nil, err
	}
	return p, nil
}

// packetSocket opens the socket in the calling thread's namespace. It takes no
// frame before it is bound to the interface, as its protocol is zero until then.
func packetSocket(ifname string, direction Direction, etherType uint16) (fd int, err error) {
	iface, err := net.InterfaceByName(ifname)
	if err != nil {
		return -1, err
	}
	fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
		}
	}()
	options := []struct {
		level, name, value int
	}{
		{unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, portBuffer},
		{unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1},
		{unix.SOL_PACKET, unix.PACKET_AUXDATA, 1}, // where the kernel puts the VLAN tag
	}
	if direction == Incoming {
		options = append(options, struct{ level, name, value int }{unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1})
	}
	for _, o := range options {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return fd, fmt.Errorf("socket option %d/%d: %w", o.level, o.name, err)
		}
	}
	promiscuous := &unix.PacketMreq{Ifindex: int32(iface.Index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, promiscuous); err != nil {
		return fd, fmt.Errorf("promiscuous mode: %w", err)
	}
	return fd, unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: bigEndian(etherType), Ifindex: iface.Index})
}

// bigEndian gives a 16-bit number in network byte order, as sockaddr_ll wants.
func bigEndian(v uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v))
}

// Send puts one frame on the wire, from its destination address on, at least
// 14 bytes.
func (p *Port) Send(frame []byte) error {
	deadline := time.Now().Add(sendPatience)
	for {
		var sent error
		err := p.raw.Control(func(fd uintptr) { _, sent = unix.Write(int(fd), frame) })
		if err == nil {
			err = sent
		}
		full := errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.ENOBUFS)
		if full && time.Now().Before(deadline) {
			time.Sleep(50 * time.Microsecond)
			continue
		}
		if err != nil {
			return fmt.Errorf("lab: raw port %s: sending %d bytes: %w", p.name, len(frame), err)
		}
		return nil
	}
}

// Receive returns the first frame, of those that came since the last call,
// that match says yes to; nil matches any. Frames that do not match are
// dropped: there is always chatter. After the given time it returns ErrQuiet.
// One goroutine may receive at a time.
func (p *Port) Receive(within time.Duration, match func(Frame) bool) (Frame, error) {
	if err := p.file.SetReadDeadline(time.Now().Add(within)); err != nil {
		return Frame{}, fmt.Errorf("lab: raw port %s: %w", p.name, err)
	}
	var found Frame
	var failed error
	err := p.raw.Read(func(fd uintptr) bool {
		for {
			frame, err := p.receive(int(fd))
			switch {
			case errors.Is(err, unix.EAGAIN):
				return false // wait for more
			case err != nil:
				failed = err
				return true
			case match == nil || match(frame):
				found = frame
				return true
			}
		}
	})
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Frame{}, fmt.Errorf("lab: raw port %s: %w within %v", p.name, ErrQuiet, within)
	case err != nil:
		return Frame{}, fmt.Errorf("lab: raw port %s: %w", p.name, err)
	case failed != nil:
		return Frame{}, fmt.Errorf("lab: raw port %s: %w", p.name, failed)
	}
	return found, nil
}

// receive takes one frame off the socket without waiting: EAGAIN if there is
// none.
func (p *Port) receive(fd int) (Frame, error) {
	for {
		n, nc, _, from, err := unix.Recvmsg(fd, p.buffer, p.control, unix.MSG_DONTWAIT)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if errors.Is(err, unix.ENETDOWN) {
			continue // the interface went down; told once, and frames may come again
		}
		if err != nil {
			return Frame{}, err
		}
		frame := Frame{Time: time.Now()}
		if link, ok := from.(*unix.SockaddrLinklayer); ok {
			frame.Outgoing = link.Pkttype == unix.PACKET_OUTGOING
		}
		var tag []byte
		messages, err := unix.ParseSocketControlMessage(p.control[:nc])
		if err != nil {
			return Frame{}, err
		}
		for _, m := range messages {
			switch {
			case m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})):
				frame.Time = time.Unix((*unix.Timespec)(unsafe.Pointer(&m.Data[0])).Unix())
			case m.Header.Level == unix.SOL_PACKET && m.Header.Type == unix.PACKET_AUXDATA:
				tag = vlanTag(m.Data)
			}
		}
		frame.Data = withTag(p.buffer[:n], tag)
		return frame, nil
	}
}

// auxdataSize is the size of struct tpacket_auxdata, in bytes: status 4, len
// 4, snaplen 4, mac 2, net 2, vlan_tci 2, vlan_tpid 2, in host byte order.
const auxdataSize = 20

// vlanTag makes the four bytes of the tag that the kernel took out of the
// frame; nil if there was none.
func vlanTag(aux []byte) []byte {
	if len(aux) < auxdataSize {
		return nil
	}
	status := binary.NativeEndian.Uint32(aux)
	if status&unix.TP_STATUS_VLAN_VALID == 0 {
		return nil
	}
	tpid := uint16(unix.ETH_P_8021Q)
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = binary.NativeEndian.Uint16(aux[18:])
	}
	tag := binary.BigEndian.AppendUint16(nil, tpid)
	return binary.BigEndian.AppendUint16(tag, binary.NativeEndian.Uint16(aux[16:]))
}

// withTag copies a frame, with the tag back in its place behind the addresses.
func withTag(frame, tag []byte) []byte {
	const addresses = 12
	if len(tag) == 0 || len(frame) < addresses {
		return append([]byte(nil), frame...)
	}
	out := make([]byte, 0, len(frame)+len(tag))
	out = append(out, frame[:addresses]...)
	out = append(out, tag...)
	return append(out, frame[addresses:]...)
}

// Close closes the socket.
func (p *Port) Close() error {
	p.forget()
	return p.closeFile()
}

func (p *Port) closeFile() error {
	if err := p.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// Lost counts the frames that the kernel dropped since the last call because
// nobody read them in time.
func (p *Port) Lost() (int, error) {
	var stats *unix.TpacketStats
	var asked error
	err := p.raw.Control(func(fd uintptr) {
		stats, asked = unix.GetsockoptTpacketStats(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS)
	})
	if err == nil {
		err = asked
	}
	if err != nil {
		return 0, fmt.Errorf("lab: raw port %s: statistics: %w", p.name, err)
	}
	return int(stats.Drops), nil
}

// serve hands every frame to handle, one at a time, until the port is closed.
// The returned drain hands over what has arrived so far before it returns, and
// may be called from any goroutine but not by handle; wait returns when
// serving has ended.
func (p *Port) serve(handle func(Frame)) (drain, wait func()) {
	var turn sync.Mutex
	done := make(chan struct{})
	empty := func(fd uintptr) {
		turn.Lock()
		defer turn.Unlock()
		for {
			frame, err := p.receive(int(fd))
			if err != nil {
				return
			}
			handle(frame)
		}
	}
	go func() {
		defer close(done)
		// Read ends when the file is closed; until then every arrival calls
		// the function once more.
		p.raw.Read(func(fd uintptr) bool {
			empty(fd)
			return false
		})
	}()
	return func() { p.raw.Control(empty) }, func() { <-done }
}
