package engine

import (
	"fmt"
	"sync/atomic"
)

// ValueSet is a parser value set of a [Switch]: values that a select statement compares
// with, written by the controller.
type ValueSet struct {
	def     *vsetDef
	members atomic.Pointer[[]ValueSetMember]
	packed  atomic.Pointer[map[string]bool]
}

// ValueSetMember is one value: a big-endian byte string per field of the set.
type ValueSetMember [][]byte

type vsetDef struct {
	name   string
	width  int   // bits in all
	fields []int // bits per field, from the select statement that uses the set
	size   int   // 0: not bounded by the program
}

// maxValueSet bounds a value set for which the program gives no size.
const maxValueSet = 1 << 16

func newValueSet(d *vsetDef) *ValueSet {
	v := &ValueSet{def: d}
	v.members.Store(&[]ValueSetMember{})
	v.packed.Store(&map[string]bool{})
	return v
}

// Fields returns the bit width of each field of the set.
func (v *ValueSet) Fields() []int { return append([]int(nil), v.def.fields...) }

// Replace sets the members. Errors: ErrInvalid, ErrExists for a member given twice, ErrFull.
func (v *ValueSet) Replace(members []ValueSetMember) error {
	limit := v.def.size
	if limit == 0 {
		limit = maxValueSet
	}
	if len(members) > limit {
		return fmt.Errorf("value set %q holds %d members: %w", v.def.name, limit, ErrFull)
	}
	packed := make(map[string]bool, len(members))
	for _, m := range members {
		if len(m) != len(v.def.fields) {
			return invalidf("value set %q: a member has %d fields, not %d", v.def.name, len(m), len(v.def.fields))
		}
		var key []byte
		for i, w := range v.def.fields {
			words := make([]uint64, wordsFor(w))
			if !wordsFromBytes(words, m[i], w) {
				return invalidf("value set %q: %x does not fit %d bits", v.def.name, m[i], w)
			}
			key = appendWords(key, words, w)
		}
		if packed[string(key)] {
			return fmt.Errorf("value set %q: member %x %w", v.def.name, key, ErrExists)
		}
		packed[string(key)] = true
	}
	kept := append([]ValueSetMember(nil), members...)
	v.members.Store(&kept)
	v.packed.Store(&packed)
	return nil
}

// Members returns the members. The caller must not change them.
func (v *ValueSet) Members() []ValueSetMember { return *v.members.Load() }

// contains reports whether a select key, byte-padded per field, is a member. With a
// mask, both sides are masked first.
func (v *ValueSet) contains(key, mask []byte) bool {
	packed := *v.packed.Load()
	if mask == nil {
		return packed[string(key)]
	}
next:
	for member := range packed {
		for i := range mask {
			if (member[i]^key[i])&mask[i] != 0 {
				continue next
			}
		}
		return true
	}
	return false
}
