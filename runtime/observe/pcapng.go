package observe

import (
	"encoding/binary"
	"time"
)

// The blocks and options of pcapng (draft-ietf-opsawg-pcapng) that are written here. All numbers are little-endian, which
// the section header's magic says.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 6
	byteOrderMagic = 0x1a2b3c4d

	optionEnd        = 0
	optionName       = 2 // of interfaces: if_name
	optionResolution = 9 // of interfaces: if_tsresol
	optionFlags      = 2 // of packets: epb_flags

	flagInbound  = 1
	flagOutbound = 2

	linkEthernet = 1   // LINKTYPE_ETHERNET
	linkRaw      = 101 // LINKTYPE_RAW: IPv4 or IPv6, without link header
)

// appendHeader begins a file about one interface.
func appendHeader(b []byte, name string, link uint16) []byte {
	b, end := beginBlock(b, blockSection)
	b = binary.LittleEndian.AppendUint32(b, byteOrderMagic)
	b = binary.LittleEndian.AppendUint16(b, 1) // version 1.0
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint64(b, ^uint64(0)) // how long the section is, is not said
	b = end(b)
	b, end = beginBlock(b, blockInterface)
	b = binary.LittleEndian.AppendUint16(b, link)
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint32(b, 0) // frames are whole
	b = appendOption(b, optionName, []byte(name))
	b = appendOption(b, optionResolution, []byte{9}) // nanoseconds
	b = appendOption(b, optionEnd, nil)
	return end(b)
}

// appendPacket writes one frame.
func appendPacket(b []byte, at time.Time, outbound bool, frame []byte) []byte {
	b, end := beginBlock(b, blockPacket)
	ns := uint64(at.UnixNano())
	for _, v := range []uint32{0, uint32(ns >> 32), uint32(ns), uint32(len(frame)), uint32(len(frame))} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = pad(append(b, frame...), len(frame))
	flags := uint32(flagInbound)
	if outbound {
		flags = flagOutbound
	}
	b = appendOption(b, optionFlags, binary.LittleEndian.AppendUint32(nil, flags))
	b = appendOption(b, optionEnd, nil)
	return end(b)
}

// beginBlock writes a block's head. What it returns ends the block: its length is at both ends.
func beginBlock(b []byte, kind uint32) ([]byte, func([]byte) []byte) {
	start := len(b)
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = binary.LittleEndian.AppendUint32(b, 0)
	return b, func(b []byte) []byte {
		length := uint32(len(b) - start + 4)
		binary.LittleEndian.PutUint32(b[start+4:], length)
		return binary.LittleEndian.AppendUint32(b, length)
	}
}

func appendOption(b []byte, code uint16, value []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...), len(value))
}

// pad fills up what has n bytes to a multiple of four.
func pad(b []byte, n int) []byte { return append(b, make([]byte, -n&3)...) }
