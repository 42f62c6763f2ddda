package sflow

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// Received is one datagram and who sent it, or why it could not be read.
type Received struct {
	From     netip.AddrPort
	Datagram Datagram // its samples are valid until the next call
	Err      error
}

// Receive hands each datagram that comes in to handle, one at a time, until the
// connection is closed, which is no error. What cannot be read is handed over
// too, as it is for the caller to count.
func Receive(conn *net.UDPConn, handle func(Received)) error {
	buffer := make([]byte, MaxDatagram)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("sflow: receiving on %s: %w", conn.LocalAddr(), err)
		}
		r := Received{From: netip.AddrPortFrom(from.Addr().Unmap(), from.Port())}
		r.Datagram, r.Err = Decode(buffer[:n])
		handle(r)
	}
}
