package lang

// maxAddress bounds how far the scanner looks for the end of an IPv6 address.
// The longest one is 45 bytes.
const maxAddress = 64

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func isNameByte(c byte) bool { return isNameStart(c) || isDigit(c) || c == '.' || c == '-' }

// nameLength returns the length of the name at the start of text, which starts
// with a letter. A name does not end in '-'.
func nameLength(text []byte) int {
	n := 1
	for n < len(text) && isNameByte(text[n]) {
		n++
	}
	for text[n-1] == '-' {
		n--
	}
	return n
}

// IsName says whether a name needs no quotes by its characters; a reserved word
// needs them still.
func IsName(name string) bool {
	return name != "" && isNameStart(name[0]) && nameLength([]byte(name)) == len(name)
}

func digits(text []byte) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}

func hexDigits(text []byte) int {
	n := 0
	for n < len(text) && isHex(text[n]) {
		n++
	}
	return n
}

// ipv4Length returns the length of four numbers with dots between them at the
// start of text, 0 when there are none.
func ipv4Length(text []byte) int {
	text = text[:min(len(text), maxAddress)]
	at := 0
	for part := range 4 {
		if part > 0 {
			if at >= len(text) || text[at] != '.' {
				return 0
			}
			at++
		}
		n := digits(text[at:])
		if n == 0 {
			return 0
		}
		at += n
	}
	return at
}

// ipv6Length returns the length of the longest IPv6 address at the start of
// text, 0 when there is none. An address has eight groups or a "::", so that
// neither a:b nor the colon behind a rule's name makes one.
func ipv6Length(text []byte) int {
	text = text[:min(len(text), maxAddress)]
	at, whole := 0, 0
	for group := 1; ; group++ {
		if group == 7 {
			if n := ipv4Length(text[at:]); n > 0 {
				whole = at + n
			}
		}
		at += hexDigits(text[at:])
		if group == 8 {
			whole = max(whole, at)
		}
		if at+1 >= len(text) || text[at] != ':' {
			return whole
		}
		if text[at+1] == ':' {
			return at + 2 + ipv6Tail(text[at+2:])
		}
		if at == 0 || !isHex(text[at+1]) {
			return whole
		}
		at++
	}
}

// ipv6Tail returns the length of the groups behind "::".
func ipv6Tail(text []byte) int {
	at := 0
	for {
		if n := ipv4Length(text[at:]); n > 0 {
			return at + n
		}
		n := hexDigits(text[at:])
		if n == 0 {
			return max(0, at-1) // without the colon that was behind the last group
		}
		at += n
		if at >= len(text) || text[at] != ':' {
			return at
		}
		at++
	}
}
