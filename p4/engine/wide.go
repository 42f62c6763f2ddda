package engine

import (
	"math/big"
	"math/bits"
)

// Values wider than 64 bits are runs of 64-bit words, the most significant first. A
// value of w bits takes wordsFor(w) words; the bits above w are zero.

func wordsFor(width int) int { return (width + 63) / 64 }

func bytesFor(width int) int { return (width + 7) / 8 }

// topMask is the mask of the most significant word of a value of this width.
func topMask(width int) uint64 {
	if r := width % 64; r != 0 {
		return 1<<r - 1
	}
	return ^uint64(0)
}

// mask64 has the low width bits set, for widths from 0 to 64.
func mask64(width int) uint64 {
	if width >= 64 {
		return ^uint64(0)
	}
	return 1<<width - 1
}

// wordsFromBytes reads big-endian bytes into dst, which has wordsFor(width) words. It
// reports false if the value does not fit the width.
func wordsFromBytes(dst []uint64, b []byte, width int) bool {
	clear(dst)
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	if len(b) > len(dst)*8 {
		return false
	}
	for i, c := range b {
		fromEnd := len(b) - 1 - i
		dst[len(dst)-1-fromEnd/8] |= uint64(c) << (8 * (fromEnd % 8))
	}
	return len(dst) == 0 || dst[0]&^topMask(width) == 0
}

// appendWords appends the value in bytesFor(width) big-endian bytes.
func appendWords(out []byte, words []uint64, width int) []byte {
	n := bytesFor(width)
	for i := n - 1; i >= 0; i-- {
		out = append(out, byte(words[len(words)-1-i/8]>>(8*(i%8))))
	}
	return out
}

func compareWords(a, b []uint64) int {
	for i := range a {
		if a[i] != b[i] {
			if a[i] < b[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// wordsFromBig writes v modulo 2^width.
func wordsFromBig(dst []uint64, v *big.Int, width int) {
	m := new(big.Int).Set(v)
	if m.Sign() < 0 || m.BitLen() > width {
		mask := new(big.Int).Lsh(big.NewInt(1), uint(width))
		m.And(m, mask.Sub(mask, big.NewInt(1)))
	}
	// The value fits by construction.
	wordsFromBytes(dst, m.Bytes(), width)
}

// bigFromWords reads a value; a signed one in two's complement of this width.
func bigFromWords(words []uint64, width int, signed bool) *big.Int {
	v := new(big.Int)
	for _, w := range words {
		v.Lsh(v, 64)
		v.Or(v, new(big.Int).SetUint64(w))
	}
	if signed && width > 0 && v.Bit(width-1) == 1 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(width)))
	}
	return v
}

// u128 is an integer modulo 2^128. Whether it stands for a signed or an unsigned value
// is decided by whoever uses it.
type u128 struct{ hi, lo uint64 }

func (a u128) add(b u128) u128 {
	lo, c := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, c)
	return u128{hi, lo}
}

func (a u128) sub(b u128) u128 {
	lo, c := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, c)
	return u128{hi, lo}
}

func (a u128) mul(b u128) u128 {
	hi, lo := bits.Mul64(a.lo, b.lo)
	return u128{hi + a.hi*b.lo + a.lo*b.hi, lo}
}

func (a u128) shl(n uint64) u128 {
	switch {
	case n >= 128:
		return u128{}
	case n >= 64:
		return u128{a.lo << (n - 64), 0}
	}
	return u128{a.hi<<n | a.lo>>(64-n), a.lo << n}
}

// shr shifts zeros in from the left.
func (a u128) shr(n uint64) u128 {
	switch {
	case n >= 128:
		return u128{}
	case n >= 64:
		return u128{0, a.hi >> (n - 64)}
	}
	return u128{a.hi >> n, a.lo>>n | a.hi<<(64-n)}
}

// sar shifts copies of the sign bit in from the left.
func (a u128) sar(n uint64) u128 {
	sign := uint64(int64(a.hi) >> 63)
	switch {
	case n >= 128:
		return u128{sign, sign}
	case n >= 64:
		return u128{sign, uint64(int64(a.hi) >> (n - 64))}
	}
	return u128{uint64(int64(a.hi) >> n), a.lo>>n | a.hi<<(64-n)}
}

func (a u128) less(b u128) bool {
	return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo
}

func (a u128) lessSigned(b u128) bool {
	return int64(a.hi) < int64(b.hi) || a.hi == b.hi && a.lo < b.lo
}

// signExtend takes the low width bits (1 to 128) as two's complement.
func (a u128) signExtend(width int) u128 {
	n := uint64(128 - width)
	return a.shl(n).sar(n)
}

func u128FromBig(v *big.Int) u128 {
	var w [2]uint64
	wordsFromBig(w[:], v, 128)
	return u128{w[0], w[1]}
}
