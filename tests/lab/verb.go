//go:build linux

package lab

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A verb's datagrams carry its process and its number within the process, so
// that what an earlier verb left in a queue is never taken for an arrival.

// labelSize is the size of a label: process 4, verb 4, sequence 4, in bytes,
// big-endian.
const labelSize = 12

// maxDatagram is the largest UDP payload over IPv4, in bytes.
const maxDatagram = 65507

var verbs atomic.Uint32

// label makes and recognises the datagrams of one verb.
type label struct {
	head [8]byte
	size int // of the whole payload, at least labelSize
}

func newLabel(size int) (label, error) {
	if size == 0 {
		size = 64
	}
	if size < labelSize || size > maxDatagram {
		return label{}, fmt.Errorf("lab: a payload has %d to %d bytes, not %d", labelSize, maxDatagram, size)
	}
	l := label{size: size}
	binary.BigEndian.PutUint32(l.head[:], uint32(os.Getpid()))
	binary.BigEndian.PutUint32(l.head[4:], verbs.Add(1))
	return l, nil
}

func (l label) payload(sequence int) []byte {
	p := make([]byte, l.size)
	copy(p, l.head[:])
	binary.BigEndian.PutUint32(p[8:], uint32(sequence))
	for i := labelSize; i < len(p); i++ {
		p[i] = byte(i + sequence)
	}
	return p
}

// sequence reads the number back; false if it is not this verb's or damaged.
func (l label) sequence(payload []byte) (int, bool) {
	if len(payload) != l.size || [8]byte(payload[:8]) != l.head {
		return 0, false
	}
	sequence := int(binary.BigEndian.Uint32(payload[8:]))
	return sequence, string(payload) == string(l.payload(sequence))
}

// orExpected replaces a duration that is not set.
func orExpected(d time.Duration) time.Duration { return cmp.Or(d, Expected) }

func checkEnds(verb string, from, to *Namespace, source netip.Addr, destination netip.AddrPort) error {
	switch {
	case from == nil || to == nil:
		return fmt.Errorf("lab: %s: give both namespaces, From and To", verb)
	case !destination.IsValid() || destination.Port() == 0:
		return fmt.Errorf("lab: %s: destination %q needs an address and a port", verb, destination)
	}
	return checkFamily(verb, source, destination.Addr())
}

func checkFamily(verb string, source, destination netip.Addr) error {
	if source.IsValid() && source.Is4() != destination.Is4() {
		return fmt.Errorf("lab: %s: source %s and destination %s are of different address families", verb, source, destination)
	}
	return nil
}

// network is net's name for a protocol over the family of an address.
func network(protocol string, addr netip.Addr) string {
	if addr.Is4() {
		return protocol + "4"
	}
	return protocol + "6"
}

// localEnd is what a sender binds to: the unspecified address of the right
// family where the source names none.
func localEnd(source netip.AddrPort, destination netip.Addr) netip.AddrPort {
	if source.Addr().IsValid() {
		return source
	}
	unspecified := netip.IPv6Unspecified()
	if destination.Is4() {
		unspecified = netip.IPv4Unspecified()
	}
	return netip.AddrPortFrom(unspecified, source.Port())
}

// listenUDP opens a UDP socket in the namespace.
func (ns *Namespace) listenUDP(local netip.AddrPort) (conn *net.UDPConn, err error) {
	err = ns.Do(func() error {
		conn, err = net.ListenUDP(network("udp", local.Addr()), net.UDPAddrFromAddrPort(local))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lab: %s: %w", ns.Name, err)
	}
	return conn, nil
}

// receiveUntil reads datagrams until take says that it has enough or the
// deadline passes, which is no error. ICMP errors that the socket reports are
// passed over. Datagrams longer than size bytes are cut to size+1.
func receiveUntil(conn *net.UDPConn, deadline time.Time, size int, take func(payload []byte, from netip.AddrPort) (enough bool)) error {
	if err := conn.SetReadDeadline(deadline); err != nil {
		return err
	}
	buffer := make([]byte, size+1)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, net.ErrClosed):
			return nil
		case isNetworkAnswer(err):
			continue
		case err != nil:
			return err
		}
		if take(buffer[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port())) {
			return nil
		}
	}
}

// isNetworkAnswer says whether a socket error tells what the network did with
// a packet (an ICMP error, a reset, silence), rather than what is wrong with
// the lab.
func isNetworkAnswer(err error) bool {
	for _, e := range []syscall.Errno{
		unix.ECONNREFUSED, unix.ECONNRESET, unix.EHOSTUNREACH, unix.EHOSTDOWN,
		unix.ENETUNREACH, unix.EACCES, unix.EPROTO, unix.ETIMEDOUT, unix.EPIPE,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	var timed net.Error
	return errors.As(err, &timed) && timed.Timeout()
}
