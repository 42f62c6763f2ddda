package main

import "net/netip"

// prefix is the i-th /24 from 10.0.0.0.
func prefix(i int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 0}), 24)
}
