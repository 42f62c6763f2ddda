package sflow

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

const (
	// MaxDatagram bounds a datagram, in bytes: what UDP can carry.
	MaxDatagram = 65535
	// maxSamples bounds the samples of a datagram, and the records of a
	// sample. A datagram that fits an Ethernet frame holds far fewer.
	maxSamples = 4096
)

// Datagram is one report of an agent.
type Datagram struct {
	Agent    netip.Addr // who says that it is the sender
	SubAgent uint32     // tells several senders with one address apart
	Sequence uint32     // counts this sub-agent's datagrams
	Uptime   uint32     // of the agent, in milliseconds
	Samples  []Sample
}

// Sample is the beginning of one frame that a switch took out at random.
type Sample struct {
	Sequence uint32 // counts the samples of this source
	Source   uint32 // index of what was sampled, such as an interface
	Rate     uint32 // one in so many frames is taken
	Pool     uint32 // frames that could have been taken so far
	Drops    uint32 // samples lost so far for want of resources
	Input    Port   // where the frame came in
	Output   Port   // where it went, if that is one port
	// Length is that of the frame on the wire, in bytes, with the Stripped
	// ones that are not in Header; usually those are the check sequence.
	Length   uint32
	Stripped uint32
	// Header is how the frame begins, from its destination address on. It
	// points into the datagram.
	Header []byte
}

// Port is an interface as sFlow names it. Format 0 is an interface's index; 1
// says that the frame was dropped, and why; 2 that it went to so many ports. The
// index 0x3fffffff of format 0 is unknown or internal.
type Port struct {
	Format uint32
	Value  uint32
}

// Formats of enterprise 0 (sFlow Version 5, section 5).
const (
	version         = 5
	flowSample      = 1
	expandedSample  = 3
	rawHeader       = 1
	ethernet        = 1
	addressIPv4     = 1
	addressIPv6     = 2
	compactIndexLen = 24 // bits of a compact source's index
	compactPortLen  = 30 // bits of a compact port's value
)

// Decode reads one datagram. Numbers are in network byte order, and everything
// is padded to four bytes. A datagram that is cut short or of another version
// is an error; nothing of it is returned.
func Decode(data []byte) (Datagram, error) {
	if len(data) > MaxDatagram {
		return Datagram{}, fmt.Errorf("sflow: %d bytes are more than a datagram can have (%d)", len(data), MaxDatagram)
	}
	r := &reader{rest: data, whole: len(data)}
	if v := r.number(); r.err == nil && v != version {
		return Datagram{}, fmt.Errorf("sflow: version %d is not %d, the only one that is read here: configure the switch for it", v, version)
	}
	var d Datagram
	d.Agent = r.address()
	d.SubAgent, d.Sequence, d.Uptime = r.number(), r.number(), r.number()
	for range r.count() {
		format, body := r.block()
		if format != flowSample && format != expandedSample {
			continue
		}
		sample, ok := body.sample(format == expandedSample)
		if r.take(body); ok {
			d.Samples = append(d.Samples, sample)
		}
	}
	if r.err != nil {
		return Datagram{}, fmt.Errorf("sflow: %w", r.err)
	}
	return d, nil
}

// reader takes numbers off the front. After an error all it gives is zero.
type reader struct {
	rest  []byte
	whole int // length of the datagram, for errors
	after int // bytes of the datagram behind rest
	err   error
}

func (r *reader) place() int { return r.whole - r.after - len(r.rest) }

func (r *reader) bytes(n uint32) []byte {
	if r.err == nil && uint64(n) > uint64(len(r.rest)) {
		r.err = fmt.Errorf("at byte %d: %d bytes should follow, and there are %d", r.place(), n, len(r.rest))
	}
	if r.err != nil {
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) number() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// count reads how many things follow.
func (r *reader) count() uint32 {
	n := r.number()
	if r.err == nil && n > maxSamples {
		r.err = fmt.Errorf("at byte %d: %d samples or records are more than any datagram holds", r.place()-4, n)
	}
	if r.err != nil {
		return 0
	}
	return n
}

func (r *reader) address() netip.Addr {
	switch kind := r.number(); {
	case r.err != nil:
	case kind == addressIPv4:
		if b := r.bytes(4); b != nil {
			return netip.AddrFrom4([4]byte(b))
		}
	case kind == addressIPv6:
		if b := r.bytes(16); b != nil {
			return netip.AddrFrom16([16]byte(b))
		}
	case kind != 0: // 0: unknown, without an address
		r.err = fmt.Errorf("at byte %d: address type %d is neither IPv4 (1) nor IPv6 (2)", r.place()-4, kind)
	}
	return netip.Addr{}
}

// block reads the format and length of a sample or record, and its body.
func (r *reader) block() (format uint32, body *reader) {
	format = r.number()
	b := r.bytes(r.number())
	return format, &reader{rest: b, whole: r.whole, after: r.after + len(r.rest), err: r.err}
}

// take makes a body's error the whole's.
func (r *reader) take(body *reader) {
	if r.err == nil {
		r.err = body.err
	}
}

// sample reads a flow sample; ok says whether it quotes an Ethernet frame.
func (r *reader) sample(expanded bool) (s Sample, ok bool) {
	s.Sequence = r.number()
	if expanded {
		r.number() // the source's type
		s.Source = r.number()
	} else {
		s.Source = r.number() & (1<<compactIndexLen - 1)
	}
	s.Rate, s.Pool, s.Drops = r.number(), r.number(), r.number()
	s.Input, s.Output = r.port(expanded), r.port(expanded)
	for range r.count() {
		format, body := r.block()
		if format != rawHeader {
			continue
		}
		protocol := body.number()
		length, stripped := body.number(), body.number()
		header := body.bytes(body.number())
		if r.take(body); r.err == nil && protocol == ethernet {
			s.Length, s.Stripped, s.Header, ok = length, stripped, header, true
		}
	}
	return s, ok && r.err == nil
}

func (r *reader) port(expanded bool) Port {
	if expanded {
		return Port{Format: r.number(), Value: r.number()}
	}
	n := r.number()
	return Port{Format: n >> compactPortLen, Value: n & (1<<compactPortLen - 1)}
}
