package engine

import "encoding/json"

// primitiveTable is what actions, parsers and deparsers can call: the core primitives
// of bmv2 and those of simple_switch.
var primitiveTable map[string]primitive

func init() {
	primitiveTable = map[string]primitive{
		"assign":       {2, buildAssign},
		"modify_field": {2, buildAssign},

		"add_to_field":        {2, buildUpdate(opAdd)},
		"subtract_from_field": {2, buildUpdate(opSub)},
		"add":                 {3, buildArith(opAdd)},
		"subtract":            {3, buildArith(opSub)},
		"bit_xor":             {3, buildArith(opXor)},
		"bit_or":              {3, buildArith(opOr)},
		"bit_and":             {3, buildArith(opAnd)},
		"shift_left":          {3, buildArith(opShl)},
		"shift_right":         {3, buildArith(opShr)},

		"assign_VL":           {2, buildAssignVL},
		"assign_header":       {2, buildAssignHeader},
		"copy_header":         {2, buildAssignHeader},
		"assign_union":        {2, buildAssignUnion},
		"assign_header_stack": {2, buildAssignStack},
		"assign_union_stack":  {2, buildAssignStack},
		"push":                {2, buildShift((*packet).push)},
		"pop":                 {2, buildShift((*packet).pop)},
		"add_header":          {1, buildHeaderOp((*packet).addHeader, false)},
		"add_header_fast": {1, buildHeaderOp(func(p *packet, h *header) {
			if h != nil {
				p.setValid(h)
			}
		}, false)},
		"remove_header": {1, buildHeaderOp((*packet).removeHeader, true)},

		"_jump":         {1, buildJump},
		"_jump_if_zero": {2, buildJumpIfZero},
		"exit":          {0, plain(func(p *packet) { p.exit = true })},
		"no_op":         {0, plain(func(*packet) {})},
		"assert":        {1, buildAssert("assert")},
		"assume":        {1, buildAssert("assume")},
		"log_msg":       {2, buildLog},

		"drop":                        {0, buildDrop},
		"mark_to_drop":                {1, buildMarkToDrop},
		"generate_digest":             {2, buildDigest},
		"clone_ingress_pkt_to_egress": {2, buildClone},
		"clone_egress_pkt_to_egress":  {2, buildClone},
		"resubmit":                    {1, buildResubmit},
		"recirculate":                 {1, buildRecirculate},
		"truncate":                    {1, buildTruncate},

		"modify_field_with_hash_based_offset": {4, buildHash},
		"modify_field_rng_uniform":            {3, buildRandom},
		"count":                               {2, buildCount},
		"execute_meter":                       {3, buildMeter},
		"register_read":                       {3, buildRegisterRead},
		"register_write":                      {3, buildRegisterWrite},
	}
}

func plain(f func(*packet)) func(*primitiveBuilder) (op, error) {
	return func(*primitiveBuilder) (op, error) { return op{run: f, known: true}, nil }
}

func (b *primitiveBuilder) assign(dst, src *expr) (op, error) {
	if o, ok := plainAssign(dst, src); ok {
		b.noteWrite(dst)
		return o, nil
	}
	s, err := b.compileAssign(dst, src)
	o := op{run: s}
	if dst.op == opField && !dst.loc.varbit {
		o.writes, o.known = []wordRun{{dst.loc.off, dst.loc.words()}}, true
	}
	return o, err
}

// plainAssign finds an assignment that sets or copies words as they are.
func plainAssign(dst, src *expr) (op, bool) {
	f := dst.loc
	if dst.op != opField || src.typ != typeData || f.varbit || f.saturating || f.width == 0 {
		return op{}, false
	}
	o := op{dst: f.off, words: f.words()}
	width := 0 // of an unsigned source
	switch src.op {
	case opConst:
		o.kind, o.value = opSet, u128FromBig(src.val).lo&mask64(f.width)
		return o, f.width <= 64
	case opField:
		if src.loc.varbit || src.loc.signed {
			return op{}, false
		}
		o.kind, o.src, width = opCopy, src.loc.off, src.loc.width
	case opLocal:
		o.kind, o.src, width = opArgument, src.param.off, src.param.width
	}
	return o, 0 < width && width <= f.width && wordsFor(width) == o.words
}

// pair compiles two data parameters.
func (b *primitiveBuilder) pair(i, j int) (l, r *expr, err error) {
	if l, err = b.data(i); err != nil {
		return nil, nil, err
	}
	r, err = b.data(j)
	return l, r, err
}

func buildAssign(b *primitiveBuilder) (op, error) {
	dst, src, err := b.pair(0, 1)
	if err != nil {
		return op{}, err
	}
	return b.assign(dst, src)
}

func buildUpdate(o exprOp) func(*primitiveBuilder) (op, error) {
	return func(b *primitiveBuilder) (op, error) {
		dst, by, err := b.pair(0, 1)
		if err != nil {
			return op{}, err
		}
		sum, err := b.binary(o, "update", dst, by)
		if err != nil {
			return op{}, err
		}
		return b.assign(dst, sum)
	}
}

func buildArith(o exprOp) func(*primitiveBuilder) (op, error) {
	return func(b *primitiveBuilder) (op, error) {
		dst, err := b.data(0)
		if err != nil {
			return op{}, err
		}
		l, r, err := b.pair(1, 2)
		if err != nil {
			return op{}, err
		}
		v, err := b.binary(o, "arithmetic", l, r)
		if err != nil {
			return op{}, err
		}
		return b.assign(dst, v)
	}
}

func buildAssignVL(b *primitiveBuilder) (op, error) {
	dst, src, err := b.pair(0, 1)
	if err != nil {
		return op{}, err
	}
	if dst.op != opField || src.op != opField || !dst.loc.varbit || !src.loc.varbit {
		return op{}, b.errorf("both parameters must be variable-length fields")
	}
	d, s, n := dst.loc.off, src.loc.off, 1+min(dst.loc.words(), src.loc.words())
	limit := uint64(64 * (n - 1))
	return op{run: func(p *packet) {
		copy(p.st[d:d+n], p.st[s:s+n])
		p.st[d] = min(p.st[d], limit)
	}}, nil
}

func buildAssignHeader(b *primitiveBuilder) (op, error) {
	dst, err := b.typed(0, typeHeader)
	if err != nil {
		return op{}, err
	}
	src, err := b.typed(1, typeHeader)
	if err != nil {
		return op{}, err
	}
	if dst.htype != src.htype {
		return op{}, b.errorf("header types %q and %q differ", dst.htype.name, src.htype.name)
	}
	b.lay.writeType(dst.htype)
	d, s := compileHeader(dst), compileHeader(src)
	return op{run: func(p *packet) { p.assignHeader(d(p), s(p)) }}, nil
}

func buildAssignUnion(b *primitiveBuilder) (op, error) {
	dst, err := b.typed(0, typeUnion)
	if err != nil {
		return op{}, err
	}
	src, err := b.typed(1, typeUnion)
	if err != nil {
		return op{}, err
	}
	members := dst.un
	if members == nil {
		members = dst.ust.unions[0]
	}
	for _, h := range members.headers {
		b.lay.writeType(h.typ)
	}
	d, s := compileUnion(dst), compileUnion(src)
	return op{run: func(p *packet) {
		if a, c := d(p), s(p); a != nil && c != nil && len(a.headers) == len(c.headers) {
			p.assignUnion(a, c)
		}
	}}, nil
}

// assignUnion copies the valid member last, for it to stay the valid one.
func (p *packet) assignUnion(dst, src *union) {
	i := src.validMember(p)
	for j, h := range dst.headers {
		if j != i {
			p.st[h.valid] = 0
		}
	}
	if i >= 0 {
		p.assignHeader(dst.headers[i], src.headers[i])
	}
}

// elements lists the headers of each element of a stack of headers or unions, and the
// stack's next word.
func (b *primitiveBuilder) elements(i int) ([][]*header, int, error) {
	e, err := b.value(b.params[i])
	if err != nil {
		return nil, 0, err
	}
	var out [][]*header
	switch e.op {
	case opStack:
		b.lay.writeType(e.htype)
		for _, h := range e.stk.headers {
			out = append(out, []*header{h})
		}
		return out, e.stk.next, nil
	case opUnionStack:
		for _, u := range e.ust.unions {
			b.lay.writeAll(u.headers...)
			out = append(out, u.headers)
		}
		return out, e.ust.next, nil
	}
	return nil, 0, b.errorf("parameter %d is %s, not a stack", i, e.typ)
}

func buildAssignStack(b *primitiveBuilder) (op, error) {
	dst, dstNext, err := b.elements(0)
	if err != nil {
		return op{}, err
	}
	src, srcNext, err := b.elements(1)
	if err != nil {
		return op{}, err
	}
	if len(dst) != len(src) || len(dst[0]) != len(src[0]) {
		return op{}, b.errorf("the stacks differ in size or type")
	}
	return op{run: func(p *packet) {
		p.st[dstNext] = p.st[srcNext]
		for i := range dst {
			for j, h := range dst[i] {
				p.move(h, src[i][j])
			}
		}
	}}, nil
}

func buildShift(shift func(*packet, [][]*header, int, uint64)) func(*primitiveBuilder) (op, error) {
	return func(b *primitiveBuilder) (op, error) {
		elems, next, err := b.elements(0)
		if err != nil {
			return op{}, err
		}
		e, err := b.data(1)
		if err != nil {
			return op{}, err
		}
		n := shiftAmount(e)
		return op{run: func(p *packet) { shift(p, elems, next, n(p)) }}, nil
	}
}

// buildHeaderOp: removing a header leaves its fields alone.
func buildHeaderOp(f func(*packet, *header), removes bool) func(*primitiveBuilder) (op, error) {
	return func(b *primitiveBuilder) (op, error) {
		e, err := b.typed(0, typeHeader)
		if err != nil {
			return op{}, err
		}
		if !removes {
			b.lay.writeType(e.htype)
		}
		if e.op == opHeader {
			h := e.hdr
			writes := []wordRun{{h.valid, 1}, {h.base, h.typ.words}}
			for _, w := range h.siblings {
				writes = append(writes, wordRun{w, 1})
			}
			return op{run: func(p *packet) { f(p, h) }, writes: writes, known: true}, nil
		}
		h := compileHeader(e)
		return op{run: func(p *packet) { f(p, h(p)) }}, nil
	}
}

func buildJump(b *primitiveBuilder) (op, error) {
	target, err := b.jumpTarget(0)
	return op{kind: opJump, target: target}, err
}

func buildJumpIfZero(b *primitiveBuilder) (op, error) {
	cond, err := b.data(0)
	if err != nil {
		return op{}, err
	}
	target, err := b.jumpTarget(1)
	return op{kind: opJumpIfZero, cond: compile64(cond), target: target}, err
}

// buildAssert: where bmv2 aborts the process, the packet is dropped and it is logged.
func buildAssert(what string) func(*primitiveBuilder) (op, error) {
	return func(b *primitiveBuilder) (op, error) {
		e, err := b.data(0)
		if err != nil {
			return op{}, err
		}
		holds, where := compileCompare(opNe, e, constant(zeroBig)), b.where
		return op{run: func(p *packet) {
			if !holds(p) {
				p.dead = true
				p.log(where + ": " + what + " failed")
			}
		}}, nil
	}
}

func buildLog(b *primitiveBuilder) (op, error) {
	var format string
	var values []cfgValue
	if b.params[0].Type != "string" || b.params[1].Type != "parameters_vector" {
		return op{}, b.errorf("its parameters are %q and %q, not a string and a parameters_vector", b.params[0].Type, b.params[1].Type)
	}
	if err := json.Unmarshal(b.params[0].Value, &format); err != nil {
		return op{}, b.errorf("%v", err)
	}
	// p4c writes an empty vector as {}.
	if v := b.params[1].Value; len(v) > 0 && v[0] != '{' {
		if err := json.Unmarshal(v, &values); err != nil {
			return op{}, b.errorf("%v", err)
		}
	}
	b.params = values
	var args []fnBig
	for i := range values {
		e, err := b.data(i)
		if err != nil {
			return op{}, err
		}
		args = append(args, compileBig(e))
	}
	return op{run: func(p *packet) {
		if p.logging() {
			p.log(formatLog(format, p, args))
		}
	}}, nil
}

// formatLog replaces each {} by the next value; \{ and \} are braces.
func formatLog(format string, p *packet, args []fnBig) string {
	var out []byte
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch {
		case c == '\\' && i+1 < len(format) && (format[i+1] == '{' || format[i+1] == '}'):
			i++
			out = append(out, format[i])
		case c == '{' && i+1 < len(format) && format[i+1] == '}' && len(args) > 0:
			i++
			out = args[0](p).Append(out, 10)
			args = args[1:]
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
