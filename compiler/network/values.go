package network

import (
	"net"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"pillion/lang/diag"
)

// text reads a string.
func (r *reader) text(v ref) (string, bool) {
	n := r.node(v)
	if n.kind == text {
		return n.text, true
	}
	hint := ""
	if n.kind == number || n.kind == boolean {
		hint = "put it in double quotes"
	}
	r.fail(v, codeKind, hint, "%s must be a string, not %v", r.key, n.kind)
	return "", false
}

// number reads an integer from low to high.
func (r *reader) number(v ref, low, high uint64) (uint64, bool) {
	n := r.node(v)
	if n.kind != number {
		r.fail(v, codeKind, "", "%s must be a number, not %v", r.key, n.kind)
		return 0, false
	}
	i, err := strconv.ParseUint(n.text, 10, 64)
	if err != nil || i < low || i > high || len(n.text) > 1 && n.text[0] == '0' {
		r.fail(v, codeChoice, "", "%s is %s; it must be a whole number from %d to %d", r.key, clip(n.text), low, high)
		return 0, false
	}
	return i, true
}

// choice reads one of a few words and returns its place among them.
func (r *reader) choice(v ref, choices ...string) (int, bool) {
	s, ok := r.text(v)
	if !ok {
		return 0, false
	}
	i := slices.Index(choices, s)
	if i < 0 {
		hint := diag.DidYouMean(s, choices)
		if hint == "" {
			hint = "it is one of " + strings.Join(choices, ", ")
		}
		r.fail(v, codeChoice, hint, "%s cannot be %q", r.key, clip(s))
	}
	return i, i >= 0
}

func (r *reader) boolean(v ref) bool {
	if r.node(v).kind != boolean {
		r.fail(v, codeKind, "", "%s must be true or false, not %v", r.key, r.node(v).kind)
		return false
	}
	return strings.EqualFold(r.node(v).text, "true")
}

const maxName = 128 // bytes

// name reads a name that is new in this file. Names of switches, sidecars,
// endpoints and middleboxes are one space: the bundle has a file for each
// target, and messages speak of all of them by name alone.
func (r *reader) name(v ref) (string, diag.Span) {
	s, ok := r.text(v)
	at := r.doc.span(v)
	switch {
	case !ok:
		return "", at
	case s == "":
		r.fail(v, codeName, "", "a name cannot be empty")
		return "", at
	case len(s) > maxName:
		r.fail(v, codeName, "", "a name can have %d bytes at most; this one has %d", maxName, len(s))
		return "", at
	}
	for i, c := range s {
		if !unicode.IsPrint(c) || strings.ContainsRune(`"\/`, c) || c == ' ' && (i == 0 || i == len(s)-1) || c == '.' && i == 0 {
			r.fail(v, codeName,
				`a name is made of letters, digits, "_", "-" and "."; other printable characters have to be quoted in the policy; double quotes, slashes and a dot or space at the start are not allowed`,
				"%q cannot be a name because of the %q", clip(s), c)
			return "", at
		}
	}
	if first, ok := r.seen.names[s]; ok {
		r.again(v, first, codeSameName, "switches, sidecars, endpoints and middleboxes need names that differ", "the name %q is used twice", s)
		return s, at
	}
	r.seen.names[s] = v
	return s, at
}

// mac reads an Ethernet address that one station can have.
func (r *reader) mac(v ref) (MAC, bool) {
	s, ok := r.text(v)
	if !ok {
		return MAC{}, false
	}
	mac, ok := parseMAC(s)
	switch {
	case !ok:
		r.fail(v, codeMAC, "a MAC address is six bytes in hexadecimal: 02:00:00:00:00:01", "%q is not a MAC address", clip(s))
	case mac == MAC{}:
		r.fail(v, codeMAC, "a locally administered one begins with 02", "the MAC address is zero")
		return mac, false
	case mac[0]&1 != 0:
		r.fail(v, codeMAC, "the lowest bit of the first byte must be 0; a locally administered address begins with 02", "%q is a multicast MAC address", s)
		return mac, false
	}
	return mac, ok
}

func parseMAC(s string) (mac MAC, ok bool) {
	if len(s) != 17 {
		return mac, false
	}
	for i := range mac {
		high, low := hexDigit(s[3*i]), hexDigit(s[3*i+1])
		if high > 15 || low > 15 || i < 5 && s[3*i+2] != ':' {
			return mac, false
		}
		mac[i] = high<<4 | low
	}
	return mac, true
}

// hexDigit is the value of a digit, or 255.
func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// ip reads an address that an endpoint can have.
func (r *reader) ip(v ref) (netip.Addr, bool) {
	s, ok := r.text(v)
	if !ok {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		hint := "an address is 10.0.0.1 or fd00::1"
		if strings.Contains(s, "/") {
			hint = "write it without the prefix length; what a gateway leads to goes into prefixes"
		}
		r.fail(v, codeIP, hint, "%q is not an IP address", clip(s))
		return addr, false
	}
	if why, hint := unusable(addr); why != "" {
		r.fail(v, codeIP, hint, "%s cannot be an endpoint's address: it is %s", clip(s), why)
		return addr, false
	}
	return addr, true
}

// unusable says why an address cannot be an endpoint's.
func unusable(a netip.Addr) (why, hint string) {
	switch {
	case a.Is4In6():
		return "an IPv4 address in IPv6 form", "write " + a.Unmap().String()
	case a.IsUnspecified():
		return "the unspecified address", ""
	case a.IsLoopback():
		return "a loopback address", ""
	case a.IsMulticast():
		return "a multicast address", "groups are declared in the policy"
	case a.IsLinkLocalUnicast():
		return "a link-local address", "link-local traffic is answered at the edge and not forwarded"
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "the broadcast address", ""
	}
	return "", ""
}

// prefix reads what a gateway leads to.
func (r *reader) prefix(v ref) (netip.Prefix, bool) {
	s, ok := r.text(v)
	if !ok {
		return netip.Prefix{}, false
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		r.fail(v, codePrefix, "a prefix is 10.0.0.0/8 or fd00::/8; everything is 0.0.0.0/0 and ::/0", "%q is not a prefix", clip(s))
		return p, false
	}
	if p.Addr().Is4In6() {
		r.fail(v, codePrefix, "write it as an IPv4 prefix", "%s is an IPv4 prefix in IPv6 form", s)
		return p, false
	}
	if m := p.Masked(); m != p {
		r.fail(v, codePrefix, "write "+m.String(), "%s has host bits set", s)
		return p, false
	}
	a := p.Addr()
	if p.Bits() > 0 && (a.IsMulticast() || a.IsLoopback() || a.IsLinkLocalUnicast()) {
		r.fail(v, codePrefix, "", "%s is not forwarded: it is multicast, loopback or link-local", s)
		return p, false
	}
	return p, true
}

const maxAddress = 512 // bytes

// address reads where a P4Runtime server listens.
func (r *reader) address(v ref) string {
	s, ok := r.text(v)
	if ok && !validAddress(s) {
		r.fail(v, codeAddress, "an address is 192.0.2.1:9559, [2001:db8::1]:9559, name.example:9559 or unix:///path/of/socket", "%q is not an address", clip(s))
		return ""
	}
	return s
}

func validAddress(s string) bool {
	if len(s) > maxAddress || strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) || c == ' ' || c == utf8.RuneError }) {
		return false
	}
	if file, ok := strings.CutPrefix(s, "unix://"); ok {
		return path.IsAbs(file) && file != "/"
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || port[0] == '0' {
		return false
	}
	if strings.HasPrefix(s, "[") {
		a, err := netip.ParseAddr(host)
		return err == nil && a.Is6()
	}
	for _, c := range host {
		if c >= utf8.RuneSelf || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-._", c) {
			return false
		}
	}
	return host != ""
}
