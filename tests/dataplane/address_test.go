package dataplane

import "net/netip"

func pick(six bool, v4, v6 string) netip.Addr {
	if six {
		return addr(v6)
	}
	return addr(v4)
}

func outside(six bool) netip.Addr     { return pick(six, "198.51.100.7", "2001:db8::7") }
func unspecified(six bool) netip.Addr { return pick(six, "0.0.0.0", "::") }
func group(six bool) netip.Addr       { return pick(six, "239.9.9.9", "ff0e::99") }
