package server

import (
	"bytes"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// The tables of section "Bytestrings".
func TestBytestringExamples(t *testing.T) {
	for _, c := range []struct {
		signed bool
		width  int
		in     string
		want   string // canonical; empty: refused
	}{
		{false, 8, "\x63", "\x63"},
		{false, 16, "\x00\x63", "\x63"},
		{false, 16, "\x63", "\x63"},
		{false, 16, "\x30\x64", "\x30\x64"},
		{false, 16, "\x00\x30\x64", "\x30\x64"},
		{false, 12, "\x00\x63", "\x63"},
		{false, 12, "\x00\x00\x63", "\x63"},
		{false, 8, "\x00\x00", "\x00"},
		{true, 8, "\x63", "\x63"},
		{true, 8, "\x9d", "\x9d"},
		{true, 8, "\xff\x9d", "\x9d"},
		{true, 12, "\xfd\x1d", "\xfd\x1d"},
		{true, 16, "\x00\x00", "\x00"},
		{true, 16, "\x00", "\x00"},
		{false, 8, "\x01\x63", ""},
		{false, 8, "", ""},
		{false, 16, "\x01\x00\x63", ""},
		{false, 12, "\x10\x63", ""},
		{false, 12, "\x01\x00\x63", ""},
		{false, 12, "\x00\x40\x63", ""},
		{true, 8, "\x00\x9d", ""},
		{true, 12, "\x8d\x1d", ""},
		{true, 16, "", ""},
	} {
		var got []byte
		var err error
		if c.signed {
			if got, err = signedToBits([]byte(c.in), c.width); err == nil {
				got = bitsToSigned(got, c.width)
			}
		} else {
			got, err = unsigned([]byte(c.in), c.width)
		}
		if (err == nil) != (c.want != "") || err == nil && string(got) != c.want {
			t.Errorf("signed %t, width %d, %q: %q, %v; want %q", c.signed, c.width, c.in, got, err, c.want)
		}
	}
}

// Against math/big.
func TestBytestringsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "b")
		o := rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "o")
		width := rapid.IntRange(1, 160).Draw(t, "width")
		x, y := new(big.Int).SetBytes(b), new(big.Int).SetBytes(o)
		got, err := unsigned(b, width)
		if (err == nil) != (x.BitLen() <= width) {
			t.Fatalf("unsigned(%x, %d): %v", b, width, err)
		}
		if err == nil && (new(big.Int).SetBytes(got).Cmp(x) != 0 || len(got) > 1 && got[0] == 0) {
			t.Fatalf("unsigned(%x) = %x", b, got)
		}
		if sign(compare(b, o)) != x.Cmp(y) {
			t.Fatalf("compare(%x, %x) = %d", b, o, compare(b, o))
		}
		if covers(b, o) != (new(big.Int).AndNot(y, x).Sign() == 0) {
			t.Fatalf("covers(%x, %x) = %t", b, o, covers(b, o))
		}
		if x.Sign() != 0 && trailingZeros(b, width) != int(x.TrailingZeroBits()) {
			t.Fatalf("trailingZeros(%x) = %d", b, trailingZeros(b, width))
		}
		ones := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(width)), big.NewInt(1))
		if !bytes.Equal(allOnes(width), ones.Bytes()) {
			t.Fatalf("allOnes(%d) = %x", width, allOnes(width))
		}
		if err == nil {
			back, err := signedToBits(bitsToSigned(got, width), width)
			if err != nil || !bytes.Equal(back, got) {
				t.Fatalf("int<%d> %x came back as %x, %v", width, got, back, err)
			}
		}
	})
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
