//go:build linux

package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Ping sends ICMP or ICMPv6 echo requests from a kernel socket; the kernel of
// whoever has the destination address answers.
type Ping struct {
	From        *Namespace
	Source      netip.Addr // the zero Addr leaves it to the kernel
	Destination netip.Addr
	Count       int           // requests; 0 is 1
	Size        int           // payload in bytes, 12 to 65507; 0 is 64
	Within      time.Duration // 0 is Expected; use Unexpected if no answer should come
}

// PingResult is what the sender's socket saw.
type PingResult struct {
	Sent     int
	Answered int   // distinct echo replies, undamaged
	Reason   error // the last ICMP error that came back; nil if none
}

// Echo messages, RFC 792 and RFC 4443: type, code, checksum 2 and identifier 2
// (both filled in by the kernel), sequence 2, payload.
const (
	echoHeader      = 8
	echoRequest     = 8
	echoReply       = 0
	echoRequestIPv6 = 128
	echoReplyIPv6   = 129
)

// Run sends all requests and returns when each is answered or the time is over.
func (v Ping) Run() (PingResult, error) {
	var result PingResult
	if v.From == nil || !v.Destination.IsValid() {
		return result, errors.New("lab: ping: give a namespace, From, and a Destination")
	}
	if err := checkFamily("ping", v.Source, v.Destination); err != nil {
		return result, err
	}
	label, err := newLabel(v.Size)
	if err != nil {
		return result, err
	}
	socket, err := v.open()
	if err != nil {
		return result, fmt.Errorf("lab: ping from %s to %s: %w", v.From.Name, v.Destination, err)
	}
	defer socket.Close()

	request, reply := byte(echoRequest), byte(echoReply)
	if v.Destination.Is6() {
		request, reply = echoRequestIPv6, echoReplyIPv6
	}
	count := max(v.Count, 1)
	for sequence := range count {
		header := []byte{request, 0, 0, 0, 0, 0, byte(sequence >> 8), byte(sequence)}
		_, err := socket.Write(append(header, label.payload(sequence)...))
		if isNetworkAnswer(err) {
			result.Reason = err // of an earlier request; this one was not sent
			continue
		}
		if err != nil {
			return result, fmt.Errorf("lab: ping from %s to %s: %w", v.From.Name, v.Destination, err)
		}
		result.Sent++
	}

	if err := socket.SetReadDeadline(time.Now().Add(orExpected(v.Within))); err != nil {
		return result, fmt.Errorf("lab: ping: %w", err)
	}
	answered := newTally(count)
	buffer := make([]byte, echoHeader+maxDatagram)
	for {
		n, err := socket.Read(buffer)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			result.Answered = answered.got
			return result, nil
		case isNetworkAnswer(err):
			result.Reason = err
			continue
		case err != nil:
			return result, fmt.Errorf("lab: ping: %w", err)
		}
		if n < echoHeader || buffer[0] != reply {
			continue
		}
		sequence, ok := label.sequence(buffer[echoHeader:n])
		if ok && answered.add(sequence) {
			result.Answered = answered.got
			return result, nil
		}
	}
}

// open makes a connected ping socket: the kernel chooses the identifier and
// hands over only the replies that carry it.
func (v Ping) open() (*os.File, error) {
	family, protocol := unix.AF_INET, unix.IPPROTO_ICMP
	if v.Destination.Is6() {
		family, protocol = unix.AF_INET6, unix.IPPROTO_ICMPV6
	}
	var file *os.File
	err := v.From.Do(func() error {
		fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol)
		if err != nil {
			return fmt.Errorf("ping socket: %w", err)
		}
		file = os.NewFile(uintptr(fd), "ping")
		if v.Source.IsValid() {
			if err := unix.Bind(fd, socketAddress(netip.AddrPortFrom(v.Source, 0), 0)); err != nil {
				return fmt.Errorf("source %s: %w", v.Source, err)
			}
		}
		return unix.Connect(fd, socketAddress(netip.AddrPortFrom(v.Destination, 0), 0))
	})
	if err != nil && file != nil {
		file.Close()
	}
	return file, err
}

// socketAddress makes a kernel socket address; zone is the interface's index
// for link-local IPv6 addresses.
func socketAddress(addr netip.AddrPort, zone int) unix.Sockaddr {
	if addr.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(addr.Port()), Addr: addr.Addr().As16(), ZoneId: uint32(zone)}
}
