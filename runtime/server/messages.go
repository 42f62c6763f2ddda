package server

import p4 "github.com/p4lang/p4runtime/go/p4/v1"

// messages makes messages of plain updates. It allocates those of many updates together.
type messages struct {
	rows    chunk[row]
	matches []*p4.FieldMatch // slices of it are in the entries
	params  []*p4.Action_Param

	exact    chunk[exactMatch]
	ternary  chunk[ternaryMatch]
	lpm      chunk[lpmMatch]
	ranges   chunk[rangeMatch]
	optional chunk[optionalMatch]
	nothing  chunk[p4.FieldMatch]
	param    chunk[p4.Action_Param]
}

// row is the messages of which an update has one each.
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

// update makes the message. Its byte strings are u's.
func (c *messages) update(l *plainUpdates, u *plainUpdate) *p4.Update {
	r := c.rows.next()
	r.update.Type, r.update.Entity = u.typ, &r.entity
	r.entity.Entity, r.kind.TableEntry = &r.kind, &r.entry
	r.entry.TableId, r.entry.Priority = u.table, u.priority
	first := len(c.matches)
	for i := range l.matchOf(u) {
		c.matches = append(c.matches, c.match(&l.matchOf(u)[i]))
	}
	if first < len(c.matches) {
		r.entry.Match = c.matches[first:len(c.matches):len(c.matches)]
	}
	if !u.acts {
		return &r.update
	}
	r.entry.Action, r.target.Type, r.direct.Action = &r.target, &r.direct, &r.action
	r.action.ActionId = u.action
	first = len(c.params)
	for _, v := range l.paramsOf(u) {
		p := c.param.next()
		p.ParamId, p.Value = v.id, v.value
		c.params = append(c.params, p)
	}
	if first < len(c.params) {
		r.action.Params = c.params[first:len(c.params):len(c.params)]
	}
	return &r.update
}

func (c *messages) match(v *matchValue) (m *p4.FieldMatch) {
	switch v.kind {
	case matchExact:
		x := c.exact.next()
		m, x.kind.Exact, x.match.FieldMatchType = &x.match, &x.value, &x.kind
		x.value.Value = v.first
	case matchTernary:
		x := c.ternary.next()
		m, x.kind.Ternary, x.match.FieldMatchType = &x.match, &x.value, &x.kind
		x.value.Value, x.value.Mask = v.first, v.second
	case matchLPM:
		x := c.lpm.next()
		m, x.kind.Lpm, x.match.FieldMatchType = &x.match, &x.value, &x.kind
		x.value.Value, x.value.PrefixLen = v.first, v.prefix
	case matchRange:
		x := c.ranges.next()
		m, x.kind.Range, x.match.FieldMatchType = &x.match, &x.value, &x.kind
		x.value.Low, x.value.High = v.first, v.second
	case matchOptional:
		x := c.optional.next()
		m, x.kind.Optional, x.match.FieldMatchType = &x.match, &x.value, &x.kind
		x.value.Value = v.first
	default:
		m = c.nothing.next()
	}
	m.FieldId = v.field
	return m
}
