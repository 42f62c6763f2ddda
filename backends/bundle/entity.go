package bundle

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Key is the identity of an entity among those of its target: kind, id, match and priority, but
// not the action or the replicas. It reads like "table 33554433 1=0a000001/32 priority 7",
// with values in hex. P4Runtime 1.5, section 9.1: two entries with one key cannot both be there.
func (e *Entity) Key() string { return string(e.AppendKey(nil)) }

// AppendKey appends what Key returns.
func (e *Entity) AppendKey(b []byte) []byte {
	switch e.Kind {
	case MulticastGroup:
		return strconv.AppendUint(append(b, "multicast "...), uint64(e.ID), 10)
	case CloneSession:
		return strconv.AppendUint(append(b, "clone "...), uint64(e.ID), 10)
	}
	b = strconv.AppendUint(append(b, "table "...), uint64(e.ID), 10)
	for i := range e.Match {
		m := &e.Match[i]
		b = strconv.AppendUint(append(b, ' '), uint64(m.Field), 10)
		b = appendHex(append(b, '='), m.Value)
		switch m.Kind {
		case LPM:
			b = strconv.AppendInt(append(b, '/'), int64(m.PrefixLen), 10)
		case Ternary:
			b = appendHex(append(b, '&'), m.Mask)
		case Range:
			b = appendHex(append(b, ".."...), m.Mask)
		case Optional:
			b = append(b, '?')
		}
	}
	if e.Priority != 0 {
		b = strconv.AppendInt(append(b, " priority "...), int64(e.Priority), 10)
	}
	return b
}

const hexDigits = "0123456789abcdef"

func appendHex(b []byte, s string) []byte {
	for i := range len(s) {
		b = append(b, hexDigits[s[i]>>4], hexDigits[s[i]&15])
	}
	return b
}

// keyHash is the 64-bit FNV-1a hash of a key's text.
func keyHash(key []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range key {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// Equal says whether a target that holds e need not be changed to hold f: everything is the same
// but From and Counts, which no target knows.
func (e *Entity) Equal(f *Entity) bool {
	return e.Kind == f.Kind && e.ID == f.ID && e.Priority == f.Priority && e.Action == f.Action &&
		slices.Equal(e.Match, f.Match) && slices.Equal(e.Params, f.Params) && slices.Equal(e.Replicas, f.Replicas)
}

// Canonical is the shortest form of a big-endian bytestring that keeps its value: no leading zero
// bytes, but at least one byte (P4Runtime 1.5, section 8.4).
func Canonical(v string) string {
	if t := strings.TrimLeft(v, "\x00"); t != "" {
		return t
	}
	return "\x00"
}

func isCanonical(v string) bool { return len(v) == 1 || len(v) > 1 && v[0] != 0 }

// Validate says what is wrong with an entity that no P4Runtime server could take, whatever its
// P4Info: an id of 0, a bytestring that is not canonical, fields out of order.
func (e *Entity) Validate() error {
	if e.ID == 0 {
		return fmt.Errorf("the id of a table, multicast group or clone session cannot be 0")
	}
	if e.Kind != TableEntry {
		return e.validateReplication()
	}
	if e.Action == 0 {
		return fmt.Errorf("table entry without an action")
	}
	if e.Priority < 0 {
		return fmt.Errorf("priority %d: a priority is 0 (for tables without priorities) or positive", e.Priority)
	}
	if len(e.Replicas) != 0 {
		return fmt.Errorf("a table entry has no replicas")
	}
	for i := range e.Match {
		if i > 0 && e.Match[i-1].Field >= e.Match[i].Field {
			return fmt.Errorf("match fields must be in ascending order of their ids, each at most once; %d comes after %d", e.Match[i].Field, e.Match[i-1].Field)
		}
		if err := e.Match[i].validate(); err != nil {
			return err
		}
	}
	for i, p := range e.Params {
		if p.ID == 0 || i > 0 && e.Params[i-1].ID >= p.ID {
			return fmt.Errorf("parameters must be in ascending order of their ids, each at most once; param %d is out of place", p.ID)
		}
		if !isCanonical(p.Value) {
			return fmt.Errorf("param %d: %s is not canonical (big-endian, shortest, at least one byte)", p.ID, appendQuoted(nil, p.Value))
		}
	}
	return nil
}

func (e *Entity) validateReplication() error {
	if e.Action != 0 || e.Priority != 0 || len(e.Match) != 0 || len(e.Params) != 0 {
		return fmt.Errorf("a multicast group or clone session has an id and replicas, and nothing else")
	}
	for i := 1; i < len(e.Replicas); i++ {
		if compareReplica(e.Replicas[i-1], e.Replicas[i]) >= 0 {
			return fmt.Errorf("replicas must be sorted by port and instance, each at most once; (%d, %d) is out of place",
				e.Replicas[i].Port, e.Replicas[i].Instance)
		}
	}
	return nil
}

func compareReplica(a, b Replica) int {
	return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Instance, b.Instance))
}

func (m *Match) validate() error {
	if m.Field == 0 {
		return fmt.Errorf("the id of a match field cannot be 0")
	}
	if !isCanonical(m.Value) {
		return fmt.Errorf("match field %d: %s is not canonical (big-endian, shortest, at least one byte)", m.Field, appendQuoted(nil, m.Value))
	}
	switch m.Kind {
	case Ternary, Range:
		if !isCanonical(m.Mask) {
			return fmt.Errorf("match field %d: %s is not canonical (big-endian, shortest, at least one byte)", m.Field, appendQuoted(nil, m.Mask))
		}
		if m.PrefixLen != 0 {
			return fmt.Errorf("match field %d: only an LPM field has a prefix length", m.Field)
		}
		if m.Kind == Ternary && m.Mask == "\x00" {
			return fmt.Errorf("match field %d: an all-zero mask matches everything: leave the field out", m.Field)
		}
		if m.Kind == Range && compareNumber(m.Value, m.Mask) > 0 {
			return fmt.Errorf("match field %d: the range's low end is above its high end", m.Field)
		}
	case LPM:
		if m.PrefixLen <= 0 {
			return fmt.Errorf("match field %d: a prefix of length %d matches everything: leave the field out", m.Field, m.PrefixLen)
		}
		fallthrough
	default:
		if m.Mask != "" {
			return fmt.Errorf("match field %d: only a ternary or range field has a second value", m.Field)
		}
		if m.Kind != LPM && m.PrefixLen != 0 {
			return fmt.Errorf("match field %d: only an LPM field has a prefix length", m.Field)
		}
	}
	return nil
}

// compareNumber compares two canonical bytestrings as numbers.
func compareNumber(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
