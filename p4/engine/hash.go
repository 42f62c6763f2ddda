package engine

import (
	"fmt"
	"math/big"
	"strings"
)

// hashFunc is one of bmv2's hash algorithms: bytes to an integer.
type hashFunc func(b []byte) uint64

// crcParams are a cyclic redundancy check, in the terms of the usual catalogues:
// polynomial without its highest term, start value, what the result is XORed with, and
// whether bytes and result are bit-reversed.
type crcParams struct {
	width         int
	poly, init    uint64
	xorOut        uint64
	refIn, refOut bool
}

// crc makes a table-driven hash.
func (c crcParams) hash() hashFunc {
	mask, top := mask64(c.width), uint64(1)<<(c.width-1)
	table := new([256]uint64)
	for i := range table {
		r := uint64(i) << (c.width - 8)
		for range 8 {
			if r&top != 0 {
				r = r<<1 ^ c.poly
			} else {
				r <<= 1
			}
		}
		table[i] = r & mask
	}
	var in [256]byte
	for i := range in {
		in[i] = byte(i)
		if c.refIn {
			in[i] = byte(reverseBits(uint64(i), 8))
		}
	}
	return func(b []byte) uint64 {
		r := c.init
		for _, x := range b {
			r = (table[byte(r>>(c.width-8))^in[x]] ^ r<<8) & mask
		}
		if c.refOut {
			r = reverseBits(r, c.width)
		}
		return r ^ c.xorOut
	}
}

// namedCRCs are those that bmv2 knows by name.
var namedCRCs = map[string]crcParams{
	"crc16":    {16, 0x8005, 0, 0, true, true},
	"crc32":    {32, 0x04c11db7, 0xffffffff, 0xffffffff, true, true},
	"crcCCITT": {16, 0x1021, 0xffff, 0, false, false},
	// What bmv2's custom CRCs compute until they are configured, which P4Runtime cannot.
	"crc8_custom":  {8, 0x07, 0, 0, false, false},
	"crc16_custom": {16, 0x8005, 0, 0, true, true},
	"crc32_custom": {32, 0x04c11db7, 0xffffffff, 0xffffffff, true, true},
	"crc64_custom": {64, 0x1b, 0, 0, true, true},

	"crc_8":        {8, 0x07, 0x00, 0x00, false, false},
	"crc_8_darc":   {8, 0x39, 0x00, 0x00, true, true},
	"crc_8_i_code": {8, 0x1d, 0xfd, 0x00, false, false},
	"crc_8_itu":    {8, 0x07, 0x00, 0x55, false, false},
	"crc_8_maxim":  {8, 0x31, 0x00, 0x00, true, true},
	"crc_8_rohc":   {8, 0x07, 0xff, 0x00, true, true},
	"crc_8_wcdma":  {8, 0x9b, 0x00, 0x00, true, true},

	"crc_16":          {16, 0x8005, 0x0000, 0x0000, true, true},
	"crc_16_buypass":  {16, 0x8005, 0x0000, 0x0000, false, false},
	"crc_16_dds_110":  {16, 0x8005, 0x800d, 0x0000, false, false},
	"crc_16_dect":     {16, 0x0589, 0x0000, 0x0001, false, false},
	"crc_16_dnp":      {16, 0x3d65, 0x0000, 0xffff, true, true},
	"crc_16_en_13757": {16, 0x3d65, 0x0000, 0xffff, false, false},
	"crc_16_genibus":  {16, 0x1021, 0xffff, 0xffff, false, false},
	"crc_16_maxim":    {16, 0x8005, 0x0000, 0xffff, true, true},
	"crc_16_mcrf4xx":  {16, 0x1021, 0xffff, 0x0000, true, true},
	"crc_16_riello":   {16, 0x1021, 0xb2aa, 0x0000, true, true},
	"crc_16_t10_dif":  {16, 0x8bb7, 0x0000, 0x0000, false, false},
	"crc_16_teledisk": {16, 0xa097, 0x0000, 0x0000, false, false},
	"crc_16_usb":      {16, 0x8005, 0xffff, 0xffff, true, true},
	"x_25":            {16, 0x1021, 0xffff, 0xffff, true, true},
	"xmodem":          {16, 0x1021, 0x0000, 0x0000, false, false},
	"modbus":          {16, 0x8005, 0xffff, 0x0000, true, true},
	"kermit":          {16, 0x1021, 0x0000, 0x0000, true, true},
	"crc_ccitt_false": {16, 0x1021, 0xffff, 0x0000, false, false},
	"crc_aug_ccitt":   {16, 0x1021, 0x1d0f, 0x0000, false, false},

	"crc_32":       {32, 0x04c11db7, 0xffffffff, 0xffffffff, true, true},
	"crc_32_bzip2": {32, 0x04c11db7, 0xffffffff, 0xffffffff, false, false},
	"crc_32c":      {32, 0x1edc6f41, 0xffffffff, 0xffffffff, true, true},
	"crc_32d":      {32, 0xa833982b, 0xffffffff, 0xffffffff, true, true},
	"crc_32_mpeg":  {32, 0x04c11db7, 0xffffffff, 0x00000000, false, false},
	"posix":        {32, 0x04c11db7, 0x00000000, 0xffffffff, false, false},
	"crc_32q":      {32, 0x814141ab, 0x00000000, 0x00000000, false, false},
	"jamcrc":       {32, 0x04c11db7, 0xffffffff, 0x00000000, true, true},
	"xfer":         {32, 0x000000af, 0x00000000, 0x00000000, false, false},

	"crc_64":       {64, 0x1b, 0, 0, true, true},
	"crc_64_we":    {64, 0x42f0e1eba9ea3693, 0xffffffffffffffff, 0xffffffffffffffff, false, false},
	"crc_64_jones": {64, 0xad93d23594c935a9, 0xffffffffffffffff, 0, true, true},
}

// findHash returns the algorithm of this name.
func findHash(where, name string) (hashFunc, error) {
	switch name {
	case "csum16", "cksum16":
		return onesComplement16, nil
	case "xor16":
		return func(b []byte) uint64 { return xorHash(b, 2) }, nil
	case "xor32":
		return func(b []byte) uint64 { return xorHash(b, 4) }, nil
	case "identity":
		return identityHash, nil
	}
	if c, ok := namedCRCs[name]; ok {
		return c.hash(), nil
	}
	if c, ok := parseCRC(name); ok {
		return c.hash(), nil
	}
	return nil, &UnsupportedError{
		Where: where, Construct: fmt.Sprintf("hash algorithm %q", name),
		Choices: "csum16, xor16, xor32, identity, crc16, crc32, and bmv2's other CRCs",
	}
}

// parseCRC reads a CRC in the notation of P4_14, for example
// poly_0x18005_init_0x0000_xout_0x0000_not_rev.
func parseCRC(name string) (crcParams, bool) {
	c := crcParams{refIn: true, refOut: true}
	tokens := strings.Split(name, "_")
	for i := 0; i < len(tokens); i += 2 {
		if i+1 == len(tokens) {
			return c, false
		}
		arg := tokens[i+1]
		if tokens[i] == "not" && arg == "rev" {
			c.refIn, c.refOut = false, false
			continue
		}
		v, err := parseHex(arg)
		if err != nil || v.Sign() < 0 || v.BitLen() > 65 {
			return c, false
		}
		low := new(big.Int).And(v, maxUnsigned(64)).Uint64()
		switch tokens[i] {
		case "poly":
			c.width = v.BitLen() - 1
			c.poly = low & mask64(max(c.width, 0))
		case "init":
			c.init = low
		case "xout":
			c.xorOut = low
		default:
			return c, false
		}
	}
	c.init &= mask64(c.width)
	c.xorOut &= mask64(c.width)
	return c, c.width == 8 || c.width == 16 || c.width == 32 || c.width == 64
}

// onesComplement16 is the Internet checksum, RFC 1071; an odd last byte is the high one.
func onesComplement16(b []byte) uint64 {
	var sum uint64
	for ; len(b) >= 4; b = b[4:] {
		sum += uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8 | uint64(b[3])
	}
	switch len(b) {
	case 3:
		sum += uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8
	case 2:
		sum += uint64(b[0])<<24 | uint64(b[1])<<16
	case 1:
		sum += uint64(b[0]) << 24
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return ^sum & 0xffff
}

// xorHash XORs words of n bytes, the last one padded with zeros.
func xorHash(b []byte, n int) uint64 {
	var v uint64
	for i, x := range b {
		v ^= uint64(x) << (8 * (n - 1 - i%n))
	}
	return v
}

// identityHash is the first eight bytes, or all if there are fewer.
func identityHash(b []byte) uint64 {
	var v uint64
	for _, x := range b[:min(len(b), 8)] {
		v = v<<8 | uint64(x)
	}
	return v
}
