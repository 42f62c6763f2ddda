package server

import (
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers what wireCodec falls back on
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// wireCodec is gRPC's own for protocol buffers, but for write requests: a batch of table entries is
// most of what a controller sends, and the general decoder allocates a dozen times for
// each. Everything unusual is left to that one, so the result is always the same.
type wireCodec struct{ encoding.CodecV2 }

func newCodec() wireCodec { return wireCodec{encoding.GetCodecV2("proto")} }

// Unmarshal implements encoding.CodecV2.
func (c wireCodec) Unmarshal(data mem.BufferSlice, v any) error {
	r, ok := v.(*p4.WriteRequest)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	// One copy of the message backs all byte strings in it.
	return decodeWrite(data.Materialize(), r)
}

// The field numbers of p4runtime.proto that are decoded here.
const (
	requestUpdates = 4

	updateType, updateEntity = 1, 2
	entityTableEntry         = 2

	entryTable, entryMatch, entryAction, entryPriority = 1, 2, 3, 4

	matchField, matchExact, matchTernary, matchLPM, matchRange, matchOptional = 1, 2, 3, 4, 6, 7

	// Of each match kind: the value, or the low end; the mask, the prefix length, or the high end.
	operand, secondOperand = 1, 2

	targetAction          = 1
	actionID, actionParam = 1, 4
	paramID, paramValue   = 2, 3
)

// decodeWrite is proto.Unmarshal of a write request that may keep b.
func decodeWrite(b []byte, r *p4.WriteRequest) error {
	proto.Reset(r)
	var d batchDecoder
	var rest []byte
	for at := b; len(at) > 0; {
		num, typ, n := protowire.ConsumeTag(at)
		if n < 0 {
			return proto.Unmarshal(b, r) // for its error
		}
		m := protowire.ConsumeFieldValue(num, typ, at[n:])
		if m < 0 {
			return proto.Unmarshal(b, r)
		}
		if num != requestUpdates || typ != protowire.BytesType {
			rest = append(rest, at[:n+m]...)
			at = at[n+m:]
			continue
		}
		body, _ := protowire.ConsumeBytes(at[n:])
		at = at[n+m:]
		u := d.update(body)
		if u == nil {
			u = new(p4.Update)
			if err := proto.Unmarshal(body, u); err != nil {
				return err
			}
		}
		d.updates = append(d.updates, u)
	}
	if err := proto.Unmarshal(rest, r); err != nil {
		return err
	}
	r.Updates = d.updates
	return nil
}

// batchDecoder allocates the messages of many updates together.
type batchDecoder struct {
	updates []*p4.Update
	rows    chunk[row]
	matches []*p4.FieldMatch // slices of it are in the entries
	params  []*p4.Action_Param

	exact    chunk[exactMatch]
	ternary  chunk[ternaryMatch]
	lpm      chunk[lpmMatch]
	ranges   chunk[rangeMatch]
	optional chunk[optionalMatch]
	param    chunk[p4.Action_Param]
}

// row is the messages of which an update of a table entry has one each.
type row struct {
	update p4.Update
	entity p4.Entity
	kind   p4.Entity_TableEntry
	entry  p4.TableEntry
	target p4.TableAction
	direct p4.TableAction_Action
	action p4.Action
}

type exactMatch struct {
	match p4.FieldMatch
	kind  p4.FieldMatch_Exact_
	value p4.FieldMatch_Exact
}

type ternaryMatch struct {
	match p4.FieldMatch
	kind  p4.FieldMatch_Ternary_
	value p4.FieldMatch_Ternary
}

type lpmMatch struct {
	match p4.FieldMatch
	kind  p4.FieldMatch_Lpm
	value p4.FieldMatch_LPM
}

type rangeMatch struct {
	match p4.FieldMatch
	kind  p4.FieldMatch_Range_
	value p4.FieldMatch_Range
}

type optionalMatch struct {
	match p4.FieldMatch
	kind  p4.FieldMatch_Optional_
	value p4.FieldMatch_Optional
}

// chunk allocates many of a kind at a time: the more, the more there were.
type chunk[T any] struct {
	left []T
	size int
}

const maxChunk = 64

func (c *chunk[T]) next() *T {
	if len(c.left) == 0 {
		c.size = min(max(1, 2*c.size), maxChunk)
		c.left = make([]T, c.size)
	}
	t := &c.left[0]
	c.left = c.left[1:]
	return t
}

var noBytes = []byte{}

// scan calls f for each field of a message. It is false if f is, or at a field that is
// neither a varint nor bytes, or if the message is broken. body is nil for a varint.
func scan(b []byte, f func(num protowire.Number, v uint64, body []byte) bool) bool {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return false
		}
		b = b[n:]
		var v uint64
		var body []byte
		switch typ {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			if body, n = protowire.ConsumeBytes(b); len(body) == 0 {
				body = noBytes // not nil, which says that there are none
			}
			body = body[:len(body):len(body)]
		default:
			return false
		}
		if n < 0 || !f(num, v, body) {
			return false
		}
		b = b[n:]
	}
	return true
}

// update decodes an update that inserts, modifies or deletes a table entry with an action and
// without anything unusual; nil if it is another one, or says something twice.
func (d *batchDecoder) update(b []byte) *p4.Update {
	r := d.rows.next()
	ok := scan(b, func(num protowire.Number, v uint64, body []byte) bool {
		switch {
		case num == updateType && body == nil:
			r.update.Type = p4.Update_Type(v)
			return true
		case num == updateEntity && body != nil && r.update.Entity == nil:
			r.update.Entity = &r.entity
			return d.entity(r, body)
		}
		return false
	})
	if !ok {
		return nil
	}
	return &r.update
}

func (d *batchDecoder) entity(r *row, b []byte) bool {
	return scan(b, func(num protowire.Number, _ uint64, body []byte) bool {
		if num != entityTableEntry || body == nil || r.entity.Entity != nil {
			return false
		}
		r.kind.TableEntry = &r.entry
		r.entity.Entity = &r.kind
		return d.entry(r, body)
	})
}

func (d *batchDecoder) entry(r *row, b []byte) bool {
	first := len(d.matches)
	ok := scan(b, func(num protowire.Number, v uint64, body []byte) bool {
		switch {
		case num == entryTable && body == nil:
			r.entry.TableId = uint32(v)
		case num == entryPriority && body == nil:
			r.entry.Priority = int32(v)
		case num == entryMatch && body != nil:
			m := d.match(body)
			if m == nil {
				return false
			}
			d.matches = append(d.matches, m)
		case num == entryAction && body != nil && r.entry.Action == nil:
			r.entry.Action = &r.target
			return d.target(r, body)
		default:
			return false
		}
		return true
	})
	if first < len(d.matches) {
		r.entry.Match = d.matches[first:len(d.matches):len(d.matches)]
	}
	return ok
}

func (d *batchDecoder) target(r *row, b []byte) bool {
	return scan(b, func(num protowire.Number, _ uint64, body []byte) bool {
		if num != targetAction || body == nil || r.target.Type != nil {
			return false
		}
		r.direct.Action = &r.action
		r.target.Type = &r.direct
		return d.action(r, body)
	})
}

func (d *batchDecoder) action(r *row, b []byte) bool {
	first := len(d.params)
	ok := scan(b, func(num protowire.Number, v uint64, body []byte) bool {
		switch {
		case num == actionID && body == nil:
			r.action.ActionId = uint32(v)
			return true
		case num == actionParam && body != nil:
			p := d.param.next()
			d.params = append(d.params, p)
			return scan(body, func(num protowire.Number, v uint64, body []byte) bool {
				switch {
				case num == paramID && body == nil:
					p.ParamId = uint32(v)
				case num == paramValue && body != nil:
					p.Value = body
				default:
					return false
				}
				return true
			})
		}
		return false
	})
	if first < len(d.params) {
		r.action.Params = d.params[first:len(d.params):len(d.params)]
	}
	return ok
}

// match decodes a match field of any kind; nil if it is unusual.
func (d *batchDecoder) match(b []byte) *p4.FieldMatch {
	var m *p4.FieldMatch
	var field uint32
	ok := scan(b, func(num protowire.Number, v uint64, body []byte) bool {
		if num == matchField && body == nil {
			field = uint32(v)
			return true
		}
		if body == nil || m != nil {
			return false
		}
		switch num {
		case matchExact:
			x := d.exact.next()
			m, x.kind.Exact, x.match.FieldMatchType = &x.match, &x.value, &x.kind
			return operands(body, &x.value.Value, nil, nil)
		case matchTernary:
			x := d.ternary.next()
			m, x.kind.Ternary, x.match.FieldMatchType = &x.match, &x.value, &x.kind
			return operands(body, &x.value.Value, &x.value.Mask, nil)
		case matchLPM:
			x := d.lpm.next()
			m, x.kind.Lpm, x.match.FieldMatchType = &x.match, &x.value, &x.kind
			return operands(body, &x.value.Value, nil, &x.value.PrefixLen)
		case matchRange:
			x := d.ranges.next()
			m, x.kind.Range, x.match.FieldMatchType = &x.match, &x.value, &x.kind
			return operands(body, &x.value.Low, &x.value.High, nil)
		case matchOptional:
			x := d.optional.next()
			m, x.kind.Optional, x.match.FieldMatchType = &x.match, &x.value, &x.kind
			return operands(body, &x.value.Value, nil, nil)
		}
		return false
	})
	if !ok || m == nil {
		return nil
	}
	m.FieldId = field
	return m
}

// operands decodes what is inside of a match kind; second and number are nil where it has none.
func operands(b []byte, first, second *[]byte, number *int32) bool {
	return scan(b, func(num protowire.Number, v uint64, body []byte) bool {
		switch {
		case num == operand && body != nil:
			*first = body
		case num == secondOperand && body != nil && second != nil:
			*second = body
		case num == secondOperand && body == nil && number != nil:
			*number = int32(v)
		default:
			return false
		}
		return true
	})
}
