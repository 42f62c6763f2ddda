package engine

import (
	"encoding/binary"
	"math/bits"
)

// getBits reads width bits (1 to 64) of b from bit off on, counted from the most
// significant bit of the first byte. The bits must be there.
func getBits(b []byte, off, width int) uint64 {
	first := off / 8
	shift := off % 8
	if first+8 <= len(b) {
		v := binary.BigEndian.Uint64(b[first:]) << shift
		if shift+width > 64 {
			v |= uint64(b[first+8]) >> (8 - shift)
		}
		return v >> (64 - width)
	}
	var v uint64
	for i := first; i < (off+width+7)/8; i++ {
		v = v<<8 | uint64(b[i])
	}
	return v >> ((8 - (off+width)%8) % 8) & mask64(width)
}

// putBits writes the low width bits (1 to 64) of v at bit off of b; the bits there must
// be 0.
func putBits(b []byte, off, width int, v uint64) {
	if off%8 == 0 && width%8 == 0 {
		i := off / 8
		switch width {
		case 8:
			b[i] = byte(v)
			return
		case 16:
			binary.BigEndian.PutUint16(b[i:], uint16(v))
			return
		case 32:
			binary.BigEndian.PutUint32(b[i:], uint32(v))
			return
		case 64:
			binary.BigEndian.PutUint64(b[i:], v)
			return
		}
	}
	v &= mask64(width)
	end := off + width
	last := (end - 1) / 8
	shift := uint((8 - end%8) % 8)
	b[last] |= byte(v << shift)
	v >>= 8 - shift
	for i := last - 1; i >= off/8; i-- {
		b[i] |= byte(v)
		v >>= 8
	}
}

// getWords reads a field of any width into its words.
func getWords(dst []uint64, b []byte, off, width int) {
	n := width - 64*(len(dst)-1)
	for i := range dst {
		dst[i] = getBits(b, off, n)
		off += n
		n = 64
	}
}

// putWords is the inverse of getWords.
func putWords(b []byte, off, width int, src []uint64) {
	n := width - 64*(len(src)-1)
	for _, w := range src {
		putBits(b, off, n, w)
		off += n
		n = 64
	}
}

// extract fills a header's fields from b, which has enough bytes; varbits is the length
// of the variable-length field, if there is one.
func (t *headerType) extract(st []uint64, b []byte, varbits int) {
	off := 0
	for i := range t.fields {
		f := &t.fields[i]
		switch {
		case f.varbit:
			st[f.rel] = uint64(varbits)
			words := st[f.rel+1 : f.rel+1+wordsFor(f.width)]
			clear(words)
			for j, left := 0, varbits; left > 0; j++ {
				n := min(left, 64)
				words[j] = getBits(b, off, n) << (64 - n)
				off += n
				left -= n
			}
		case f.width == 0:
		case f.width <= 64:
			st[f.rel] = getBits(b, off, f.width)
			off += f.width
		default:
			getWords(st[f.rel:f.rel+wordsFor(f.width)], b, off, f.width)
			off += f.width
		}
	}
}

// deparse writes a header's fields at bit off of b, whose bits there are 0, and returns
// the bit after them.
func (t *headerType) deparse(st []uint64, b []byte, off int) int {
	for i := range t.fields {
		f := &t.fields[i]
		off = f.deparse(st[f.rel:], b, off)
	}
	return off
}

// deparse writes one field from its words.
func (f *fieldType) deparse(st []uint64, b []byte, off int) int {
	switch {
	case f.varbit:
		for j, left := 0, int(st[0]); left > 0; j++ {
			n := min(left, 64)
			putBits(b, off, n, st[1+j]>>(64-n))
			off += n
			left -= n
		}
		return off
	case f.width == 0:
		return off
	case f.width <= 64:
		putBits(b, off, f.width, st[0])
	default:
		putWords(b, off, f.width, st[:wordsFor(f.width)])
	}
	return off + f.width
}

func reverseBits(v uint64, width int) uint64 { return bits.Reverse64(v) >> (64 - width) }
