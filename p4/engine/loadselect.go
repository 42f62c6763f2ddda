package engine

import (
	"encoding/json"
	"fmt"
	"math/big"
)

// extract compiles extract and extract_VL into a header, a header stack or a stack of
// header unions.
func (b *stateBuilder) extract(o *cfgParserOp, variable bool) (parserOp, error) {
	count := 1
	if variable {
		count = 2
	}
	v, err := b.params(o, count)
	if err != nil {
		return parserOp{}, err
	}
	var length fn64
	if variable {
		e, err := b.exprs().ofType(v[1], typeData)
		if err != nil {
			return parserOp{}, err
		}
		length = shiftAmount(e)
	}
	into := func(t *headerType) (func(p *packet, h *header) bool, error) {
		switch {
		case !variable && t.varbit >= 0:
			return nil, &UnsupportedError{Where: b.where, Construct: fmt.Sprintf("extract of header type %q with length_exp", t.name), Choices: "extract_VL"}
		case variable && t.varbit < 0:
			return nil, configErrorf(b.where, "extract_VL of header type %q, which has no variable-length field", t.name)
		case variable:
			return func(p *packet, h *header) bool { return p.extractVar(h, length(p)) }, nil
		}
		return (*packet).extract, nil
	}
	switch v[0].Type {
	case "regular":
		h, err := b.exprs().ofType(cfgValue{Type: "header", Value: v[0].Value}, typeHeader)
		if err != nil {
			return parserOp{}, err
		}
		f, err := into(h.htype)
		if err != nil {
			return parserOp{}, err
		}
		hdr := h.hdr
		if !variable {
			return parserOp{extract: hdr}, nil
		}
		return parserOp{run: func(p *packet) bool { return f(p, hdr) }}, nil
	case "stack":
		e, err := b.exprs().ofType(cfgValue{Type: "header_stack", Value: v[0].Value}, typeStack)
		if err != nil {
			return parserOp{}, err
		}
		f, err := into(e.htype)
		if err != nil {
			return parserOp{}, err
		}
		return parserOp{run: intoStack(e.stk.headers, e.stk.next, f)}, nil
	case "union_stack":
		var pair [2]string
		if err := json.Unmarshal(v[0].Value, &pair); err != nil {
			return parserOp{}, configErrorf(b.where, "union_stack %s is not a pair of names", v[0].Value)
		}
		members, us, err := b.unionMembers(pair[0], pair[1])
		if err != nil {
			return parserOp{}, err
		}
		f, err := into(members[0].typ)
		if err != nil {
			return parserOp{}, err
		}
		return parserOp{run: intoStack(members, us.next, f)}, nil
	}
	return parserOp{}, &UnsupportedError{Where: b.where, Construct: fmt.Sprintf("extract into %q", v[0].Type), Choices: "regular, stack, union_stack"}
}

// unionMembers lists one member of each union of a stack.
func (b *stateBuilder) unionMembers(stackName, member string) ([]*header, *unionStack, error) {
	us := b.ld.lay.uStacks[stackName]
	if us == nil {
		return nil, nil, configErrorf(b.where, "no header union stack %q", stackName)
	}
	i, ok := us.unions[0].members[member]
	if !ok {
		return nil, nil, configErrorf(b.where, "the unions of stack %q have no member %q", stackName, member)
	}
	var out []*header
	for _, u := range us.unions {
		out = append(out, u.headers[i])
	}
	b.ld.lay.useAll(out...)
	return out, us, nil
}

func intoStack(elems []*header, next int, f func(*packet, *header) bool) func(*packet) bool {
	return func(p *packet) bool {
		i := p.st[next]
		if i >= uint64(len(elems)) {
			return p.fail(p.sw.prog.parser.outOfBounds)
		}
		if !f(p, elems[i]) {
			return false
		}
		p.st[next] = i + 1
		return true
	}
}

func (b *stateBuilder) keyPart(v cfgValue) (keyPart, int, error) {
	switch v.Type {
	case "field":
		loc, _, err := b.ld.field(b.where, v)
		if err != nil {
			return nil, 0, err
		}
		if loc.varbit {
			return nil, 0, &UnsupportedError{Where: b.where, Construct: "select on a field of variable length"}
		}
		off, n, width := loc.off, loc.words(), loc.width
		return func(p *packet, key []byte) ([]byte, bool) {
			return appendWords(key, p.st[off:off+n], width), true
		}, width, nil
	case "stack_field":
		e, err := b.exprs().value(v)
		if err != nil {
			return nil, 0, err
		}
		at, f := compilePlace(e), e.htype.fields[e.idx].fieldType
		return placePart(at, f.width), f.width, nil
	case "union_stack_field":
		var names [3]string
		if err := json.Unmarshal(v.Value, &names); err != nil {
			return nil, 0, configErrorf(b.where, "union_stack_field %s is not three names", v.Value)
		}
		members, us, err := b.unionMembers(names[0], names[1])
		if err != nil {
			return nil, 0, err
		}
		i, ok := members[0].typ.byName[names[2]]
		if !ok {
			return nil, 0, configErrorf(b.where, "header type %q has no field %q", members[0].typ.name, names[2])
		}
		at := func(p *packet) int {
			if n := p.st[us.next]; n > 0 {
				return members[n-1].field(i).off
			}
			return -1
		}
		width := members[0].typ.fields[i].width
		return placePart(at, width), width, nil
	case "lookahead":
		off, width, err := b.lookahead(v)
		if err != nil {
			return nil, 0, err
		}
		words := wordsFor(width)
		tmp := b.ld.lay.scratch(words)
		return func(p *packet, key []byte) ([]byte, bool) {
			if !p.canSee(off + width) {
				return key, p.fail(p.sw.prog.parser.tooShort)
			}
			if width == 0 {
				return key, true
			}
			w := p.st[tmp : tmp+words]
			getWords(w, p.frame[p.pos:], off, width)
			return appendWords(key, w, width), true
		}, width, nil
	}
	return nil, 0, &UnsupportedError{Where: b.where, Construct: fmt.Sprintf("select on %q", v.Type), Choices: "field, stack_field, union_stack_field, lookahead"}
}

// placePart is a key part at a place that is known only with the packet; zeros if there
// is none.
func placePart(at func(*packet) int, width int) keyPart {
	n := wordsFor(width)
	zeros := make([]uint64, n)
	return func(p *packet, key []byte) ([]byte, bool) {
		if off := at(p); off >= 0 {
			return appendWords(key, p.st[off:off+n], width), true
		}
		return appendWords(key, zeros, width), true
	}
}

func (b *stateBuilder) transition(t *cfgTransition) error {
	var next *parseState
	if t.NextState != nil {
		if next = b.states[*t.NextState]; next == nil {
			return configErrorf(b.where, "no state %q", *t.NextState)
		}
	}
	kind := t.Type
	if kind == "" {
		kind = "hexstr"
	}
	if kind == "hexstr" && t.Value != nil && *t.Value == "default" {
		kind = "default"
	}
	c := parseCase{vset: -1, next: next}
	switch kind {
	case "default":
		b.state.otherwise = next
		return nil
	case "hexstr":
		if t.Value == nil {
			return configErrorf(b.where, "a transition has no value")
		}
		var err error
		if c.longVal, err = b.caseBytes(*t.Value, b.state.keyBytes); err != nil {
			return err
		}
		c.longMs = make([]byte, b.state.keyBytes)
		for i := range c.longMs {
			c.longMs[i] = 0xff
		}
		if t.Mask != nil {
			if c.longMs, err = b.caseBytes(*t.Mask, b.state.keyBytes); err != nil {
				return err
			}
		}
		if b.state.keyBytes <= 8 {
			c.value, c.mask = identityHash(c.longVal), identityHash(c.longMs)
		}
	case "parse_vset":
		if t.Value == nil {
			return configErrorf(b.where, "a transition has no value set")
		}
		i, ok := b.ld.prog.valueSetByName[*t.Value]
		if !ok {
			return configErrorf(b.where, "no value set %q", *t.Value)
		}
		d := b.ld.prog.vsets[i]
		sum := 0
		for _, w := range b.widths {
			sum += w
		}
		if sum != d.width {
			return configErrorf(b.where, "value set %q has %d bits, the select key %d", d.name, d.width, sum)
		}
		d.fields = b.widths
		c.vset = i
		if t.Mask != nil {
			var err error
			if c.vsetMask, err = b.caseBytes(*t.Mask, b.state.keyBytes); err != nil {
				return err
			}
		}
	default:
		return &UnsupportedError{Where: b.where, Construct: fmt.Sprintf("transition of type %q", kind), Choices: "default, hexstr, parse_vset"}
	}
	b.state.cases = append(b.state.cases, c)
	return nil
}

// caseBytes reads the hexstr of a transition, which has the length of the key.
func (b *stateBuilder) caseBytes(text string, n int) ([]byte, error) {
	v, err := parseHex(text)
	if err != nil || v.Sign() < 0 || v.BitLen() > 8*n {
		return nil, configErrorf(b.where, "transition value %q does not fit the %d bytes of the key", text, n)
	}
	return new(big.Int).Set(v).FillBytes(make([]byte, n)), nil
}
