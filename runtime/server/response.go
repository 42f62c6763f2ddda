package server

import (
	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

// A response holds up to so many entities and bytes: well below the 4 MiB that
// gRPC clients take by default.
const (
	responseEntities = 4096
	responseBytes    = 1 << 20
)

// response is the answer to a read, as ReadResponse messages on the wire. Table entries, of which there may be very
// many, are written without a message for each.
type response struct {
	parts    [][]byte
	entities int // in the last part
	err      error
}

// begin makes room for an entity, and gives what of its part is there.
func (r *response) begin() []byte {
	if last := len(r.parts) - 1; last >= 0 && r.entities < responseEntities && len(r.parts[last]) < responseBytes {
		r.entities++
		return r.parts[last]
	}
	r.entities = 1
	var room []byte
	if last := len(r.parts) - 1; last >= 0 {
		room = make([]byte, 0, len(r.parts[last])+1024) // as the last
	}
	r.parts = append(r.parts, room)
	return room
}

func (r *response) end(b []byte) { r.parts[len(r.parts)-1] = b }

// tagEntities is the field of ReadResponse.
const tagEntities = 1<<3 | byte(protowire.BytesType)

// add takes any entity.
func (r *response) add(e *p4.Entity) {
	b := append(r.begin(), tagEntities)
	b = protowire.AppendVarint(b, uint64(proto.Size(e)))
	b, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(b, e)
	if err != nil && r.err == nil {
		r.err = err
	}
	r.end(b)
}

// addEntry does the same for table.encodeEntry of an entry.
func (r *response) addEntry(t *table, e *engine.EntryInfo, want *p4.TableEntry) {
	act := t.actionByName[e.Action]
	if e.Kind != engine.Direct || act == nil || e.Default || e.Const || e.Opaque != nil || e.IdleTimeout != 0 ||
		want.GetMeterConfig() != nil || want.GetTimeSinceLastHit() != nil {
		r.add(&p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: t.encodeEntry(*e, want)}})
		return
	}
	b := r.begin()
	b, entity := open(b, tagEntities)
	b, entry := open(b, tagEntityTableEntry)
	b = appendNumber(b, tagEntryTable, uint64(t.id))
	for i := range t.fields {
		b = appendMatch(b, &t.fields[i], &e.Key[i])
	}
	b, target := open(b, tagEntryAction)
	b, call := open(b, tagTargetAction)
	b = appendNumber(b, tagActionID, uint64(act.id))
	for i := range act.params {
		p := &act.params[i]
		var param int
		b, param = open(b, tagActionParam)
		b = appendNumber(b, tagParamID, uint64(p.id))
		b = appendBytes(b, tagParamValue, p.text(e.Args[i]))
		b = closed(b, param)
	}
	b = closed(b, call)
	b = closed(b, target)
	b = appendNumber(b, tagEntryPriority, uint64(e.Priority))
	if want.GetCounterData() != nil && t.counted {
		var counter int
		b, counter = open(b, tagEntryCounter)
		b = appendNumber(b, tagCounterBytes, e.Counter.Bytes)
		b = appendNumber(b, tagCounterPackets, e.Counter.Packets)
		b = closed(b, counter)
	}
	b = closed(b, entry)
	r.end(closed(b, entity))
}

const (
	tagEntryCounter   = 7<<3 | byte(protowire.BytesType)
	tagCounterBytes   = 1<<3 | byte(protowire.VarintType)
	tagCounterPackets = 2<<3 | byte(protowire.VarintType)
)

// appendMatch writes a field of a key as encodeMatch does: not at all if it matches everything.
func appendMatch(b []byte, f *field, k *engine.KeyField) []byte {
	first, second, prefix := f.text(k.Value), []byte(nil), 0
	switch f.kind {
	case configv1.MatchField_OPTIONAL:
		if isZero(k.Mask) {
			return b
		}
	case configv1.MatchField_LPM:
		if prefix = k.PrefixLen; prefix == 0 {
			return b
		}
	case configv1.MatchField_TERNARY:
		if second = canonical(k.Mask); isZero(second) {
			return b
		}
	case configv1.MatchField_RANGE:
		if second = canonical(k.High); isZero(first) && compare(second, f.ones) == 0 {
			return b
		}
	}
	b, match := open(b, tagEntryMatch)
	b = appendNumber(b, tagMatchField, uint64(f.id))
	b, kind := open(b, byte(f.match)<<3|byte(protowire.BytesType))
	b = appendBytes(b, tagFirst, first)
	b = appendBytes(b, tagSecond, second)
	b = appendNumber(b, tagPrefix, uint64(prefix))
	b = closed(b, kind)
	return closed(b, match)
}

// appendNumber writes a varint, unless it is 0.
func appendNumber(b []byte, tag byte, v uint64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(append(b, tag), v)
}

// appendBytes writes a byte string, unless it is empty.
func appendBytes(b []byte, tag byte, v []byte) []byte {
	if len(v) == 0 {
		return b
	}
	return append(protowire.AppendVarint(append(b, tag), uint64(len(v))), v...)
}

// open begins a message inside of another. It leaves a byte for its length, and says where its content begins.
func open(b []byte, tag byte) ([]byte, int) {
	b = append(b, tag, 0)
	return b, len(b)
}

// closed ends the message whose content begins at start.
func closed(b []byte, start int) []byte {
	n := uint64(len(b) - start)
	if more := protowire.SizeVarint(n) - 1; more > 0 {
		b = append(b, make([]byte, more)...)
		copy(b[start+more:], b[start:start+int(n)])
	}
	protowire.AppendVarint(b[:start-1], n)
	return b
}
