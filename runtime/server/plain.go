package server

import (
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/encoding/protowire"
)

// plainUpdate inserts, modifies or deletes a table entry that has a match, a priority and an action of its
// own, and nothing else: most of what a controller writes. It holds what the message
// says, unchecked.
type plainUpdate struct {
	typ      p4.Update_Type
	table    uint32
	priority int32
	acts     bool   // it has an action
	action   uint32 // its id
	match    span   // of plainUpdates.matches
	params   span   // of plainUpdates.params
}

// span is a part of a list, from first to before end.
type span struct{ first, end int32 }

// plainUpdates is memory for many plain updates. The byte strings are slices of the message.
type plainUpdates struct {
	updates []plainUpdate
	matches []matchValue
	params  []paramValue
}

func (l *plainUpdates) matchOf(u *plainUpdate) []matchValue {
	return l.matches[u.match.first:u.match.end:u.match.end]
}

func (l *plainUpdates) paramsOf(u *plainUpdate) []paramValue {
	return l.params[u.params.first:u.params.end:u.params.end]
}

// matchValue is a match field of an entry.
type matchValue struct {
	field uint32
	kind  matchKind
	// The value, or the low end; the mask, or the high end; the prefix length.
	first, second []byte
	prefix        int32
}

// matchKind is what of a FieldMatch is set, by its number in p4runtime.proto.
type matchKind uint8

const (
	matchNothing  matchKind = 0
	matchExact    matchKind = 2
	matchTernary  matchKind = 3
	matchLPM      matchKind = 4
	matchRange    matchKind = 6
	matchOptional matchKind = 7
	matchOther    matchKind = 100
)

func (k matchKind) String() string {
	switch k {
	case matchExact:
		return "exact"
	case matchTernary:
		return "ternary"
	case matchLPM:
		return "lpm"
	case matchRange:
		return "range"
	case matchOptional:
		return "optional"
	case matchOther:
		return "other"
	}
	return "nothing"
}

// paramValue is an argument of an action.
type paramValue struct {
	id    uint32
	value []byte
}

// What fields of p4runtime.proto begin with on the wire: number and wire type. The operands of a match kind are
// the value, or the low end; and the mask, the prefix length, or the high end.
const (
	tagUpdateType   = 1<<3 | byte(protowire.VarintType)
	tagUpdateEntity = 2<<3 | byte(protowire.BytesType)

	tagEntityTableEntry = 2<<3 | byte(protowire.BytesType)

	tagEntryTable    = 1<<3 | byte(protowire.VarintType)
	tagEntryMatch    = 2<<3 | byte(protowire.BytesType)
	tagEntryAction   = 3<<3 | byte(protowire.BytesType)
	tagEntryPriority = 4<<3 | byte(protowire.VarintType)

	tagMatchField    = 1<<3 | byte(protowire.VarintType)
	tagMatchExact    = byte(matchExact)<<3 | byte(protowire.BytesType)
	tagMatchTernary  = byte(matchTernary)<<3 | byte(protowire.BytesType)
	tagMatchLPM      = byte(matchLPM)<<3 | byte(protowire.BytesType)
	tagMatchRange    = byte(matchRange)<<3 | byte(protowire.BytesType)
	tagMatchOptional = byte(matchOptional)<<3 | byte(protowire.BytesType)

	tagFirst  = 1<<3 | byte(protowire.BytesType)
	tagSecond = 2<<3 | byte(protowire.BytesType)
	tagPrefix = 2<<3 | byte(protowire.VarintType)

	tagTargetAction = 1<<3 | byte(protowire.BytesType)
	tagActionID     = 1<<3 | byte(protowire.VarintType)
	tagActionParam  = 4<<3 | byte(protowire.BytesType)
	tagParamID      = 2<<3 | byte(protowire.VarintType)
	tagParamValue   = 3<<3 | byte(protowire.BytesType)
)

// fields goes through the fields of a message that are varints or bytes, and have a number up to 15. It stops
// before anything else, and where the message is broken.
type fields struct {
	left   []byte
	tag    byte
	number uint64
	bytes  []byte
}

// next is false at the end: whole says whether that is the message's.
func (f *fields) next() bool {
	b := f.left
	if len(b) < 2 || b[0] >= 0x80 {
		return false
	}
	f.tag, f.number = b[0], uint64(b[1])
	n := 2
	if f.number >= 0x80 {
		if f.number, n = protowire.ConsumeVarint(b[1:]); n < 0 {
			return false
		}
		n++
	}
	switch protowire.Type(f.tag & 7) {
	case protowire.VarintType:
	case protowire.BytesType:
		if f.number > uint64(len(b)-n) {
			return false
		}
		end := n + int(f.number)
		f.bytes = b[n:end:end]
		n = end
	default:
		return false
	}
	f.left = b[n:]
	return true
}

func (f *fields) whole() bool { return len(f.left) == 0 }

// add decodes an update if it is plain; if not, or if the message is broken or says something
// twice, it is false and nothing is added.
func (l *plainUpdates) add(b []byte) bool {
	u := plainUpdate{match: span{first: int32(len(l.matches))}, params: span{first: int32(len(l.params))}}
	if !l.update(b, &u) {
		l.matches, l.params = l.matches[:u.match.first], l.params[:u.params.first]
		return false
	}
	u.match.end, u.params.end = int32(len(l.matches)), int32(len(l.params))
	l.updates = append(l.updates, u)
	return true
}

func (l *plainUpdates) update(b []byte, u *plainUpdate) bool {
	f, entities := fields{left: b}, 0
	for f.next() {
		switch f.tag {
		case tagUpdateType:
			u.typ = p4.Update_Type(f.number)
		case tagUpdateEntity:
			if entities++; !l.entity(f.bytes, u) {
				return false
			}
		default:
			return false
		}
	}
	return f.whole() && entities == 1
}

func (l *plainUpdates) entity(b []byte, u *plainUpdate) bool {
	f := fields{left: b}
	return f.next() && f.tag == tagEntityTableEntry && f.whole() && l.entry(f.bytes, u)
}

func (l *plainUpdates) entry(b []byte, u *plainUpdate) bool {
	f := fields{left: b}
	for f.next() {
		switch f.tag {
		case tagEntryTable:
			u.table = uint32(f.number)
		case tagEntryPriority:
			u.priority = int32(f.number)
		case tagEntryMatch:
			if !l.match(f.bytes) {
				return false
			}
		case tagEntryAction:
			if u.acts || !l.target(f.bytes, u) {
				return false
			}
			u.acts = true
		default:
			return false
		}
	}
	return f.whole()
}

func (l *plainUpdates) match(b []byte) bool {
	f := fields{left: b}
	var m matchValue
	for f.next() {
		switch f.tag {
		case tagMatchField:
			m.field = uint32(f.number)
		case tagMatchExact, tagMatchTernary, tagMatchLPM, tagMatchRange, tagMatchOptional:
			if m.kind != matchNothing {
				return false
			}
			m.kind = matchKind(f.tag >> 3)
			if !m.operands(f.bytes) {
				return false
			}
		default:
			return false
		}
	}
	l.matches = append(l.matches, m)
	return f.whole()
}

// operands decodes what is inside of a match kind.
func (m *matchValue) operands(b []byte) bool {
	f := fields{left: b}
	for f.next() {
		switch {
		case f.tag == tagFirst:
			m.first = f.bytes
		case f.tag == tagSecond && (m.kind == matchTernary || m.kind == matchRange):
			m.second = f.bytes
		case f.tag == tagPrefix && m.kind == matchLPM:
			m.prefix = int32(f.number)
		default:
			return false
		}
	}
	return f.whole()
}

func (l *plainUpdates) target(b []byte, u *plainUpdate) bool {
	f := fields{left: b}
	return f.next() && f.tag == tagTargetAction && f.whole() && l.call(f.bytes, u)
}

func (l *plainUpdates) call(b []byte, u *plainUpdate) bool {
	f := fields{left: b}
	for f.next() {
		switch f.tag {
		case tagActionID:
			u.action = uint32(f.number)
		case tagActionParam:
			if !l.param(f.bytes) {
				return false
			}
		default:
			return false
		}
	}
	return f.whole()
}

func (l *plainUpdates) param(b []byte) bool {
	f := fields{left: b}
	var p paramValue
	for f.next() {
		switch f.tag {
		case tagParamID:
			p.id = uint32(f.number)
		case tagParamValue:
			p.value = f.bytes
		default:
			return false
		}
	}
	l.params = append(l.params, p)
	return f.whole()
}
