//go:build linux

package lab

import (
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// UDP sends datagrams from a kernel socket of one host to one of another,
// which answers each from the socket that it came to.
type UDP struct {
	From        *Namespace
	Source      netip.AddrPort // the zero address or port leaves that to the kernel
	To          *Namespace
	Destination netip.AddrPort
	Count       int           // datagrams; 0 is 1
	Size        int           // payload in bytes, 12 to 65507; 0 is 64
	Silent      bool          // the receiver does not answer
	Within      time.Duration // 0 is Expected; use Unexpected if nothing should arrive
}

// UDPResult is what the two sockets saw.
type UDPResult struct {
	Sent      int
	Delivered int            // distinct datagrams that the receiver got, undamaged
	Answered  int            // distinct answers that the sender got, undamaged
	Seen      netip.AddrPort // the source that the receiver saw last
}

// Run sends the datagrams and returns when all of them, and unless Silent all
// answers, have arrived, or the time is over.
func (v UDP) Run() (UDPResult, error) {
	var result UDPResult
	if err := checkEnds("udp", v.From, v.To, v.Source.Addr(), v.Destination); err != nil {
		return result, err
	}
	label, err := newLabel(v.Size)
	if err != nil {
		return result, err
	}
	count := max(v.Count, 1)
	receiver, err := v.To.listenUDP(v.Destination)
	if err != nil {
		return result, fmt.Errorf("udp receiver: %w", err)
	}
	defer receiver.Close()
	sender, err := v.From.listenUDP(localEnd(v.Source, v.Destination.Addr()))
	if err != nil {
		return result, fmt.Errorf("udp sender: %w", err)
	}
	defer sender.Close()

	deadline := time.Now().Add(orExpected(v.Within))
	delivered, answered := newTally(count), newTally(count)
	var receiverErr error
	var receiving sync.WaitGroup
	receiving.Go(func() {
		receiverErr = receiveUntil(receiver, deadline, label.size, func(payload []byte, from netip.AddrPort) bool {
			sequence, ok := label.sequence(payload)
			if !ok {
				return false
			}
			result.Seen = from
			if !v.Silent {
				// An answer that cannot be sent is one that does not arrive.
				_, _ = receiver.WriteToUDPAddrPort(payload, from)
			}
			return delivered.add(sequence)
		})
	})
	for sequence := range count {
		if _, err := sender.WriteToUDPAddrPort(label.payload(sequence), v.Destination); err != nil {
			receiver.Close()
			receiving.Wait()
			return result, fmt.Errorf("lab: udp: sending from %s to %s: %w", v.From.Name, v.Destination, err)
		}
		result.Sent++
	}
	var senderErr error
	if !v.Silent {
		senderErr = receiveUntil(sender, deadline, label.size, func(payload []byte, from netip.AddrPort) bool {
			sequence, ok := label.sequence(payload)
			return ok && from == v.Destination && answered.add(sequence)
		})
	}
	receiving.Wait()
	if receiverErr != nil || senderErr != nil {
		return result, fmt.Errorf("lab: udp: receiver: %v, sender: %v", receiverErr, senderErr)
	}
	result.Delivered, result.Answered = delivered.got, answered.got
	return result, nil
}

// tally counts distinct sequence numbers from 0 to below its size.
type tally struct {
	seen []bool
	got  int
}

func newTally(size int) *tally { return &tally{seen: make([]bool, size)} }

// add says whether all have come.
func (t *tally) add(sequence int) (complete bool) {
	if sequence < len(t.seen) && !t.seen[sequence] {
		t.seen[sequence] = true
		t.got++
	}
	return t.got == len(t.seen)
}
