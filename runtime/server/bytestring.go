package server

import (
	"bytes"
	"fmt"
	"math/bits"
)

// Bytestrings are P4Runtime's integers: big-endian, at least one byte, and when
// the server sends them as short as possible (section "Bytestrings").

// canonical cuts leading zero bytes off, and keeps at least one byte. It does not
// copy.
func canonical(b []byte) []byte {
	for len(b) > 1 && b[0] == 0 {
		b = b[1:]
	}
	if len(b) == 0 {
		return []byte{0}
	}
	return b
}

// bitLen is the number of bits up to the highest one that is set.
func bitLen(b []byte) int {
	for i, x := range b {
		if x != 0 {
			return 8*(len(b)-i-1) + bits.Len8(x)
		}
	}
	return 0
}

// unsigned checks that b is a bit<width> and returns it in canonical form.
func unsigned(b []byte, width int) ([]byte, error) {
	if len(b) == 0 {
		return nil, fmt.Errorf("the value is empty; a bit<%d> takes 1 byte or more", width)
	}
	if n := bitLen(b); n > width {
		return nil, fmt.Errorf("the value 0x%x needs %d bits and does not fit bit<%d>", b, n, width)
	}
	return canonical(b), nil
}

// allOnes is the largest bit<width>, in canonical form.
func allOnes(width int) []byte {
	b := bytes.Repeat([]byte{0xff}, (width+7)/8)
	if rest := width % 8; rest != 0 {
		b[0] = 1<<rest - 1
	}
	return b
}

// isZero reports whether the value is 0.
func isZero(b []byte) bool { return bitLen(b) == 0 }

// compare orders two unsigned values.
func compare(a, b []byte) int {
	a, b = canonical(a), canonical(b)
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return bytes.Compare(a, b)
}

// covers reports whether value has no bit outside mask.
func covers(mask, value []byte) bool {
	mask, value = canonical(mask), canonical(value)
	if len(value) > len(mask) {
		return false
	}
	mask = mask[len(mask)-len(value):]
	for i := range value {
		if value[i]&^mask[i] != 0 {
			return false
		}
	}
	return true
}

// trailingZeros counts the zero bits at the low end; width for the value 0.
func trailingZeros(b []byte, width int) int {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != 0 {
			return 8*(len(b)-1-i) + bits.TrailingZeros8(b[i])
		}
	}
	return width
}

// pad returns b as exactly n bytes with zeros in front. b must fit.
func pad(b []byte, n int) []byte {
	b = canonical(b)
	if len(b) > n {
		return b[len(b)-n:]
	}
	out := make([]byte, n)
	copy(out[n-len(b):], b)
	return out
}

// signedToBits takes an int<width> in two's complement of any length and returns
// its width bits as an unsigned value.
func signedToBits(b []byte, width int) ([]byte, error) {
	if len(b) == 0 {
		return nil, fmt.Errorf("the value is empty; an int<%d> takes 1 byte or more", width)
	}
	short := shortestSigned(b)
	if n := signedLen(short); n > width {
		return nil, fmt.Errorf("the value 0x%x needs %d bits and does not fit int<%d>", b, n, width)
	}
	// Sign extension to whole bytes, then cut to width.
	n := (width + 7) / 8
	out := make([]byte, n)
	if short[0]&0x80 != 0 {
		for i := range out {
			out[i] = 0xff
		}
	}
	copy(out[n-len(short):], short)
	if rest := width % 8; rest != 0 {
		out[0] &= 1<<rest - 1
	}
	return canonical(out), nil
}

// bitsToSigned is the inverse of signedToBits, in canonical form.
func bitsToSigned(b []byte, width int) []byte {
	n := (width + 7) / 8
	out := pad(b, n)
	top := uint(width-1) % 8
	if out[0]&(1<<top) != 0 {
		out[0] |= ^byte(0) << top
	}
	return shortestSigned(out)
}

// shortestSigned undoes sign extension by whole bytes.
func shortestSigned(b []byte) []byte {
	for len(b) > 1 && (b[0] == 0 && b[1]&0x80 == 0 || b[0] == 0xff && b[1]&0x80 != 0) {
		b = b[1:]
	}
	return b
}

// signedLen is the number of bits of a two's complement value without sign
// extension; b is in shortest form.
func signedLen(b []byte) int {
	top := b[0]
	if top&0x80 != 0 {
		top = ^top
	}
	return 8*(len(b)-1) + bits.Len8(top) + 1
}
