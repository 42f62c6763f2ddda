package gnmi

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
)

// Bounds of a path, of a client or in a string.
const (
	maxElements   = 32
	maxPathLength = 4096 // bytes of all names, keys and values
)

// ParsePath reads a path in the form of people: /a/b[key=value]/c. A backslash
// stands before ']' and '\' in a value, and makes \n, \r, \uXXXX and \UXXXXXXXX
// ("Representing gNMI Paths as Strings"). "/" is the root.
func ParsePath(s string) (*gpb.Path, error) {
	if len(s) > maxPathLength {
		return nil, fmt.Errorf("a path has at most %d bytes; this has %d", maxPathLength, len(s))
	}
	if !utf8.ValidString(s) {
		return nil, errors.New("the path is not UTF-8")
	}
	fail := func(err error) (*gpb.Path, error) {
		return nil, fmt.Errorf("path %q: %w; write /a/b[key=value]/c", s, err)
	}
	rest, ok := strings.CutPrefix(s, "/")
	if !ok {
		return fail(errors.New("it does not start with '/'"))
	}
	p := &gpb.Path{}
	for rest != "" || len(p.Elem) > 0 {
		if len(p.Elem) == maxElements {
			return fail(fmt.Errorf("it has more than %d elements", maxElements))
		}
		e, after, err := parseElement(rest)
		if err != nil {
			return fail(err)
		}
		p.Elem = append(p.Elem, e)
		if after == "" {
			break
		}
		rest = after[1:] // behind the '/'
	}
	return p, nil
}

// parseElement reads one element. What is left is empty or starts with '/'.
func parseElement(s string) (*gpb.PathElem, string, error) {
	end := strings.IndexAny(s, "/[]=")
	if end < 0 {
		end = len(s)
	}
	e := &gpb.PathElem{Name: s[:end]}
	if e.Name == "" {
		return nil, "", errors.New("an element has no name")
	}
	s = s[end:]
	for s != "" && s[0] == '[' {
		key, after, ok := strings.Cut(s[1:], "=")
		if !ok || key == "" || strings.ContainsAny(key, `[]/\`) {
			return nil, "", fmt.Errorf("behind %s a key is not [key=value]", e.Name)
		}
		value, after, err := parseValue(after)
		if err != nil {
			return nil, "", fmt.Errorf("key %s of %s: %w", key, e.Name, err)
		}
		if _, twice := e.Key[key]; twice {
			return nil, "", fmt.Errorf("%s has the key %s twice", e.Name, key)
		}
		if e.Key == nil {
			e.Key = map[string]string{}
		}
		e.Key[key], s = value, after
	}
	if s != "" && s[0] != '/' {
		return nil, "", fmt.Errorf("%q behind %s is neither a key nor the next element", s[:1], e.Name)
	}
	return e, s, nil
}

// parseValue reads a key's value and the ']' behind it.
func parseValue(s string) (value, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ']':
			if b.Len() == 0 {
				return "", "", errors.New("the value is empty")
			}
			return b.String(), s[i+1:], nil
		case '\\':
			n, r, err := parseEscape(s[i+1:])
			if err != nil {
				return "", "", err
			}
			b.WriteRune(r)
			i += n
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errors.New("the ']' is missing")
}

// parseEscape reads what stands behind a backslash, and how many bytes it has.
func parseEscape(s string) (int, rune, error) {
	if s == "" {
		return 0, 0, errors.New("there is nothing behind the '\\'")
	}
	digits := 0
	switch s[0] {
	case ']', '\\':
		return 1, rune(s[0]), nil
	case 'n':
		return 1, '\n', nil
	case 'r':
		return 1, '\r', nil
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	}
	if digits > 0 && len(s) > digits {
		if n, err := strconv.ParseUint(s[1:1+digits], 16, 32); err == nil && n <= utf8.MaxRune && utf8.ValidRune(rune(n)) {
			return 1 + digits, rune(n), nil
		}
	}
	return 0, 0, errors.New("behind '\\' stands one of ']', '\\', 'n', 'r', 'uXXXX' and 'UXXXXXXXX'")
}

var escape = strings.NewReplacer(`\`, `\\`, `]`, `\]`, "\n", `\n`, "\r", `\r`)

// FormatPath writes a path in the form that ParsePath reads, with the keys of an
// element in order. Several paths are put together: a prefix and what is below it.
func FormatPath(parts ...*gpb.Path) string {
	var b strings.Builder
	for _, p := range parts {
		for _, e := range p.GetElem() {
			b.WriteByte('/')
			b.WriteString(e.GetName())
			keys := make([]string, 0, len(e.GetKey()))
			for k := range e.GetKey() {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			for _, k := range keys {
				fmt.Fprintf(&b, "[%s=%s]", k, escape.Replace(e.Key[k]))
			}
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}
