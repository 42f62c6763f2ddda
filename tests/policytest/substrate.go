package policytest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
)

// Probe is one conversation to be tried: a first packet, and the answer of who gets it.
//
// TCP is a connection with data (SYN, SYN and ACK, ACK, data each way); UDP a datagram and another
// one back; ICMP an echo and its reply; any other protocol a packet and another one back. To a group, it is one
// UDP datagram, and every endpoint of the network listens.
type Probe struct {
	From        string     // the endpoint that sends
	To          string     // the endpoint that has Destination, or the gateway to it; empty for a group
	Source      netip.Addr // of From, or behind it if it is a gateway
	Destination netip.Addr
	Proto       uint8  // IANA's number; 1 stands for ICMP in both families
	SPort       uint16 // TCP and UDP
	DPort       uint16
}

// Group says whether the probe goes to a multicast group.
func (p Probe) Group() bool { return p.Destination.IsMulticast() }

// String is "tcp 10.0.0.5:40000 -> 10.0.0.1:80".
func (p Probe) String() string {
	from, to := p.Source.String(), p.Destination.String()
	if p.Proto == 6 || p.Proto == 17 {
		from, to = netip.AddrPortFrom(p.Source, p.SPort).String(), netip.AddrPortFrom(p.Destination, p.DPort).String()
	}
	return fmt.Sprintf("%s %s -> %s", protoName(p.Proto), from, to)
}

func protoName(n uint8) string {
	switch n {
	case 1:
		return "icmp"
	case 6:
		return "tcp"
	case 17:
		return "udp"
	}
	return fmt.Sprintf("proto/%d", n)
}

// Observation is what became of a probe. Middleboxes are named by instance.
type Observation struct {
	DeliveredTo []string // endpoints that got the first packet, sorted, each once
	Answered    bool     // the whole conversation took place
	Via         []string // instances that the first packet passed, in order; of a group: nil
	CopiedTo    []string // tap instances that got a copy of it, sorted

	AnswerVia      []string // the same of the answer, in its own order
	AnswerCopiedTo []string

	// DropReason says where and why the first packet or, if that was delivered, the answer was dropped; empty if
	// the substrate cannot tell.
	DropReason string
	// Trouble is what no expectation allows: a frame that came twice, changed, or by another way than the
	// packet before it. It fails the expectation whatever that is.
	Trouble []string
}

// ErrUnsupported is what Send's error wraps if this substrate cannot send such a probe; the probe is
// skipped, with the reason.
var ErrUnsupported = errors.New("not possible on this substrate")

// Substrate carries probes.
type Substrate interface {
	// Name is the word of `pillion test --on`.
	Name() string
	// Send has the conversation and reports it. That packets do not arrive is no error; an error means that
	// the substrate itself is in trouble.
	Send(context.Context, Probe) (Observation, error)
}

// Counter is a Substrate that knows how many packets each statement's counters have counted, by names such as
// "allow partner". Without it, coverage is not reported.
type Counter interface {
	Counters() (map[string]uint64, error)
}
