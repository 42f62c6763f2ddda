package server

import (
	"fmt"
	"strconv"
	"sync"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
)

// Limits of the names of one translated type.
const (
	maxNames      = 1 << 16
	maxNameLength = 1024 // bytes
)

// dictionary maps the strings that controllers use for a type to the program's numbers
// (@p4runtime_translation with string, section "User-Defined Types"). A decimal number
// without leading zeros stands for itself; any other string gets the largest number
// that is free when it is first seen, and keeps it for as long as the pipeline lives.
type dictionary struct {
	width int // bits of the numbers

	mu      sync.Mutex
	numbers map[string]uint64
	strings map[uint64]string
}

func newDictionary(width int) *dictionary {
	return &dictionary{width: width, numbers: map[string]uint64{}, strings: map[uint64]string{}}
}

// number returns the number of a string, in canonical form.
func (d *dictionary) number(text []byte) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := string(text)
	if s == "" || len(s) > maxNameLength {
		return nil, fmt.Errorf("a string of %d bytes; this type takes 1 to %d", len(s), maxNameLength)
	}
	if n, ok := d.numbers[s]; ok {
		return numberBytes(n), nil
	}
	if len(d.numbers) >= maxNames {
		return nil, fmt.Errorf("%q: there are %d strings of this type already", s, len(d.numbers))
	}
	largest := uint64(1)<<d.width - 1
	n, err := strconv.ParseUint(s, 10, 64)
	switch {
	case err == nil && strconv.FormatUint(n, 10) == s:
		if n > largest {
			return nil, fmt.Errorf("%s does not fit bit<%d>", s, d.width)
		}
		if other, taken := d.strings[n]; taken {
			return nil, fmt.Errorf("the number %s stands for %q already", s, other)
		}
	default:
		n = largest
		for i := uint64(0); ; i++ {
			if _, taken := d.strings[n]; !taken {
				break
			}
			if i == largest {
				return nil, fmt.Errorf("%q: no number of bit<%d> is free", s, d.width)
			}
			n--
		}
	}
	d.numbers[s], d.strings[n] = n, s
	return numberBytes(n), nil
}

// text returns the string of a number; one that was never given is decimal.
func (d *dictionary) text(number []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	var n uint64
	for _, x := range number {
		n = n<<8 | uint64(x)
	}
	if s, ok := d.strings[n]; ok {
		return []byte(s)
	}
	return strconv.AppendUint(nil, n, 10)
}

func numberBytes(n uint64) []byte {
	var b [8]byte
	for i := range b {
		b[i] = byte(n >> (56 - 8*i))
	}
	return canonical(b[:])
}

// dictionary is that of a type with sdn_string, whose values have width bits in the
// program; nil for other types.
func (b *schemaBuilder) dictionary(t *configv1.P4NamedType, width int) (*dictionary, error) {
	if !b.isString(t) {
		return nil, nil
	}
	name := t.GetName()
	if width == 0 {
		return nil, fmt.Errorf("P4Info: type %s is a string, which is not supported in actions that only action profiles have", name)
	}
	d := b.out.dictionaries[name]
	if d == nil {
		d = newDictionary(width)
		b.out.dictionaries[name] = d
	}
	if d.width != width || width > 63 {
		return nil, fmt.Errorf("P4Info: type %s stands for bit<%d> and for bit<%d>; one width of at most 63 bits is supported", name, d.width, width)
	}
	return d, nil
}

// configWidth is the width that the device config gives a parameter of an action.
// Actions that only action profiles have are not in any table there: 0.
func (b *schemaBuilder) configWidth(name string, param int) int {
	for _, t := range b.eng.Program().Tables() {
		for _, a := range t.Actions {
			if a.Name == name && param < len(a.Params) {
				return a.Params[param].Width
			}
		}
	}
	return 0
}

// isString tells whether controllers write a type as strings.
func (b *schemaBuilder) isString(t *configv1.P4NamedType) bool {
	return b.info.GetTypeInfo().GetNewTypes()[t.GetName()].GetTranslatedType().GetSdnString() != nil
}

// number decodes a controller's value.
func (f field) number(v []byte) ([]byte, error) {
	if f.names != nil {
		return f.names.number(v)
	}
	return unsigned(v, f.width)
}

func (p param) number(v []byte) ([]byte, error) {
	if p.names != nil {
		return p.names.number(v)
	}
	return unsigned(v, p.width)
}

// text encodes a value for a controller.
func (f field) text(v []byte) []byte {
	if f.names != nil {
		return f.names.text(v)
	}
	return canonical(v)
}

func (p param) text(v []byte) []byte {
	if p.names != nil {
		return p.names.text(v)
	}
	return canonical(v)
}
