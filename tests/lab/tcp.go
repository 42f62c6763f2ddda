//go:build linux

package lab

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// TCP connects kernel sockets of two hosts and transfers bytes in either
// direction or in both at once.
type TCP struct {
	From        *Namespace
	Source      netip.AddrPort // the zero address or port leaves that to the kernel
	To          *Namespace
	Destination netip.AddrPort
	Bytes       int64         // from From to To; 0 is none
	Back        int64         // from To to From; 0 is none
	Within      time.Duration // for connecting, and for each stall later; 0 is Expected
}

// TCPResult is what the two sockets saw.
type TCPResult struct {
	Connected bool           // both ends say so
	Delivered int64          // bytes that To read
	Returned  int64          // bytes that From read
	Intact    bool           // everything arrived with the right checksum, and both ends closed in order
	Seen      netip.AddrPort // the source that To saw
	Reason    error          // why not Connected, or why not Intact; nil otherwise
}

// Run connects, transfers and closes.
func (v TCP) Run() (TCPResult, error) {
	var result TCPResult
	if err := checkEnds("tcp", v.From, v.To, v.Source.Addr(), v.Destination); err != nil {
		return result, err
	}
	listener, err := v.To.listenTCP(v.Destination)
	if err != nil {
		return result, err
	}
	defer listener.Close()

	client, err := v.From.dialTCP(v.Source, v.Destination, orExpected(v.Within))
	if isNetworkAnswer(err) {
		result.Reason = err
		return result, nil
	}
	if err != nil {
		return result, err
	}
	defer client.Close()
	// The last segment of the handshake may still be on its way, or be lost.
	listener.SetDeadline(time.Now().Add(orExpected(v.Within)))
	server, err := listener.AcceptTCP()
	if err != nil {
		result.Reason = fmt.Errorf("only the connecting end believes in the connection: %w", err)
		return result, nil
	}
	defer server.Close()
	result.Connected = true
	result.Seen = remote(server)

	near := &stream{conn: client, stall: orExpected(v.Within)}
	far := &stream{conn: server, stall: orExpected(v.Within)}
	var ends sync.WaitGroup
	ends.Go(func() { near.exchange(v.Bytes) })
	ends.Go(func() { far.exchange(v.Back) })
	ends.Wait()
	result.Delivered, result.Returned = far.received, near.received
	result.Reason = errors.Join(near.err, far.err)
	if result.Reason == nil {
		result.Reason = errors.Join(near.compare(far), far.compare(near))
	}
	result.Intact = result.Reason == nil
	return result, nil
}

func (ns *Namespace) listenTCP(local netip.AddrPort) (listener *net.TCPListener, err error) {
	err = ns.Do(func() error {
		listener, err = net.ListenTCP(network("tcp", local.Addr()), net.TCPAddrFromAddrPort(local))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lab: %s: tcp receiver: %w", ns.Name, err)
	}
	return listener, nil
}

func (ns *Namespace) dialTCP(source, destination netip.AddrPort, within time.Duration) (*net.TCPConn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	dialer := net.Dialer{
		LocalAddr: net.TCPAddrFromAddrPort(localEnd(source, destination.Addr())),
		Control: func(_, _ string, raw syscall.RawConn) (err error) {
			raw.Control(func(fd uintptr) {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
			})
			return err
		},
	}
	var conn net.Conn
	err := ns.Do(func() (err error) {
		conn, err = dialer.DialContext(ctx, network("tcp", destination.Addr()), destination.String())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lab: %s: tcp to %s: %w", ns.Name, destination, err)
	}
	return conn.(*net.TCPConn), nil
}

// stream is one end of a connection while it sends and receives.
type stream struct {
	conn  *net.TCPConn
	stall time.Duration // how long without progress is too long

	sent, received       int64
	sentSum, receivedSum hash.Hash
	err                  error
}

// exchange sends n bytes and the end of the stream, and reads to the end of
// the other's.
func (s *stream) exchange(n int64) {
	s.sentSum, s.receivedSum = sha256.New(), sha256.New()
	var sendErr, receiveErr error
	var sending sync.WaitGroup
	sending.Go(func() {
		// Any bytes will do, if no shift or swap of them looks the same.
		source := io.LimitReader(rand.NewChaCha8([32]byte{}), n)
		s.sent, sendErr = copyStream(s.writer(), io.TeeReader(source, s.sentSum))
		if sendErr == nil {
			sendErr = s.conn.CloseWrite()
		}
	})
	s.received, receiveErr = copyStream(s.receivedSum, s.reader())
	sending.Wait()
	s.err = errors.Join(sendErr, receiveErr)
}

// compare says what is wrong with what the other end received.
func (s *stream) compare(other *stream) error {
	if s.sent != other.received {
		return fmt.Errorf("%d of %d bytes arrived", other.received, s.sent)
	}
	if string(s.sentSum.Sum(nil)) != string(other.receivedSum.Sum(nil)) {
		return fmt.Errorf("the checksum of the %d bytes differs", s.sent)
	}
	return nil
}

// copyStream hides what else the two can do, so that every piece passes
// through the deadlines and sums.
func copyStream(to io.Writer, from io.Reader) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, 64<<10))
}

func (s *stream) reader() io.Reader {
	return streamFunc(func(p []byte) (int, error) {
		s.conn.SetReadDeadline(time.Now().Add(s.stall))
		return s.conn.Read(p)
	})
}

func (s *stream) writer() io.Writer {
	return streamFunc(func(p []byte) (int, error) {
		s.conn.SetWriteDeadline(time.Now().Add(s.stall))
		return s.conn.Write(p)
	})
}

// streamFunc is a reader or a writer made of a function.
type streamFunc func(p []byte) (int, error)

func (f streamFunc) Read(p []byte) (int, error)  { return f(p) }
func (f streamFunc) Write(p []byte) (int, error) { return f(p) }

func remote(conn *net.TCPConn) netip.AddrPort {
	addr := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}
