package packet

import (
	"encoding/binary"
	"errors"
)

// EtherTypeNSH is that of RFC 8300.
const EtherTypeNSH = 0x894F

// EncapsulationSize is what encapsulation puts in front of a frame, in bytes.
const EncapsulationSize = 14 + 24

// FlagCopy in NSH.Flags marks the copy for a tap.
const FlagCopy = 1

// NSH is a network service header of MD type 1 with the context words of this project, which are
// described in docs/wire.md. The fields not listed here have one value only.
type NSH struct {
	TTL      uint8  // 6 bits
	SPI      uint32 // 24 bits: chain and direction, group, or plain unicast
	SI       uint8
	Rules    uint8 // version of the rules that classified the packet
	Flags    uint8
	Tree     uint16
	Tenant   uint32
	Identity uint32 // of the source
	Bucket   uint16
}

// Encapsulated is a frame as it travels between edges.
type Encapsulated struct {
	Dst, Src MAC // locators
	NSH
	Inner []byte // the original frame
}

// Bytes is the frame.
func (e *Encapsulated) Bytes() []byte {
	b := make([]byte, EncapsulationSize, EncapsulationSize+len(e.Inner))
	copy(b, e.Dst[:])
	copy(b[6:], e.Src[:])
	binary.BigEndian.PutUint16(b[12:], EtherTypeNSH)
	// Version 0, no OAM, TTL, length 6 words; MD type 1, next protocol Ethernet.
	binary.BigEndian.PutUint16(b[14:], uint16(e.TTL&63)<<6|6)
	b[16], b[17] = 1, 3
	binary.BigEndian.PutUint32(b[18:], e.SPI<<8|uint32(e.SI))
	b[22], b[23] = e.Rules, e.Flags
	binary.BigEndian.PutUint16(b[24:], e.Tree)
	binary.BigEndian.PutUint32(b[26:], e.Tenant)
	binary.BigEndian.PutUint32(b[30:], e.Identity)
	binary.BigEndian.PutUint16(b[34:], e.Bucket)
	return append(b, e.Inner...)
}

// IsEncapsulated says whether a frame has the EtherType of NSH.
func IsEncapsulated(frame []byte) bool {
	return len(frame) >= 14 && binary.BigEndian.Uint16(frame[12:]) == EtherTypeNSH
}

// Decapsulate reads what Bytes writes. Inner shares the frame's memory.
func Decapsulate(frame []byte) (*Encapsulated, error) {
	switch {
	case !IsEncapsulated(frame):
		return nil, errors.New("the frame is not encapsulated: its EtherType is not 0x894F")
	case len(frame) < EncapsulationSize:
		return nil, errors.New("the frame ends inside the service header")
	}
	base := binary.BigEndian.Uint16(frame[14:])
	if base>>14 != 0 || base&63 != 6 || frame[16]&15 != 1 || frame[17] != 3 {
		return nil, errors.New("the service header is not version 0, MD type 1, length 6 words, next protocol Ethernet")
	}
	e := &Encapsulated{Inner: frame[EncapsulationSize:]}
	copy(e.Dst[:], frame)
	copy(e.Src[:], frame[6:])
	path := binary.BigEndian.Uint32(frame[18:])
	e.NSH = NSH{
		TTL: uint8(base >> 6 & 63), SPI: path >> 8, SI: uint8(path), Rules: frame[22], Flags: frame[23],
		Tree:   binary.BigEndian.Uint16(frame[24:]),
		Tenant: binary.BigEndian.Uint32(frame[26:]), Identity: binary.BigEndian.Uint32(frame[30:]), Bucket: binary.BigEndian.Uint16(frame[34:]),
	}
	return e, nil
}
