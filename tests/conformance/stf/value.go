package stf

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// maxDigits bounds the literals that are read: 4,096 bits.
const maxDigits = 4096

// Value is a number, perhaps with bits that do not matter.
type Value struct {
	Number *big.Int
	// Mask has a 1 for each written bit that matters; nil if none was written as *.
	// Bits above the written ones matter, and are 0, unless Digits says otherwise.
	Mask *big.Int
	// Bits is how many bits were written: digits times the bits of one, 0 for decimals.
	Bits int
	// Prefix is the length that follows a slash; -1 if none does.
	Prefix int
}

// Wild tells whether a bit was written as *.
func (v Value) Wild() bool { return v.Mask != nil }

// parseValue reads a literal.
func parseValue(text string) (Value, error) {
	v := Value{Prefix: -1}
	if before, after, ok := strings.Cut(text, "/"); ok {
		n, err := strconv.Atoi(after)
		if err != nil || n < 0 || n > maxDigits {
			return v, fmt.Errorf("prefix length %q: want a number from 0 to %d", after, maxDigits)
		}
		text, v.Prefix = before, n
	}
	if len(text) > maxDigits {
		return v, fmt.Errorf("a number of %d digits: at most %d are read", len(text), maxDigits)
	}
	base, each, digits := 10, 0, text
	if len(text) > 2 && text[0] == '0' {
		switch text[1] {
		case 'x', 'X':
			base, each, digits = 16, 4, text[2:]
		case 'o', 'O':
			base, each, digits = 8, 3, text[2:]
		case 'b', 'B':
			base, each, digits = 2, 1, text[2:]
		}
	}
	number, ok := new(big.Int).SetString(strings.ReplaceAll(digits, "*", "0"), base)
	if !ok || number.Sign() < 0 || strings.ContainsAny(digits, "+-_") {
		return v, fmt.Errorf("%q is not a number: want 17, 0x11, 0b10001, or with * for digits that do not matter 0x1*", text)
	}
	v.Number, v.Bits = number, len(digits)*each
	if strings.Contains(digits, "*") {
		if base == 10 {
			return v, fmt.Errorf("%q: only hexadecimal, octal and binary digits may be *", text)
		}
		v.Mask = new(big.Int)
		for _, d := range digits {
			v.Mask.Lsh(v.Mask, uint(each))
			if d != '*' {
				v.Mask.Or(v.Mask, big.NewInt(int64(base-1)))
			}
		}
	}
	return v, nil
}
