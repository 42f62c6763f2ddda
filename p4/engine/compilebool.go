package engine

// fnBool gives the value of a boolean expression.
type fnBool func(*packet) bool

func compileBool(e *expr) fnBool {
	switch e.op {
	case opBool:
		v := e.truth
		return func(*packet) bool { return v }
	case opLNot:
		r := compileBool(e.r)
		return func(p *packet) bool { return !r(p) }
	case opLAnd:
		l, r := compileBool(e.l), compileBool(e.r)
		return func(p *packet) bool { return l(p) && r(p) }
	case opLOr:
		l, r := compileBool(e.l), compileBool(e.r)
		return func(p *packet) bool { return l(p) || r(p) }
	case opCond:
		c, l, r := compileBool(e.c), compileBool(e.l), compileBool(e.r)
		return func(p *packet) bool {
			if c(p) {
				return l(p)
			}
			return r(p)
		}
	case opDataToBool:
		return compileCompare(opNe, e.r, constant(zeroBig))
	case opValid:
		if e.r.op == opHeader {
			w := e.r.hdr.valid
			return func(p *packet) bool { return p.st[w] != 0 }
		}
		h := compileHeader(e.r)
		return func(p *packet) bool { x := h(p); return x != nil && p.st[x.valid] != 0 }
	case opValidUnion:
		u := compileUnion(e.r)
		return func(p *packet) bool { return u(p).validMember(p) >= 0 }
	case opEq, opNe:
		return compileEqual(e)
	}
	return compileCompare(e.op, e.l, e.r)
}

func compileEqual(e *expr) fnBool {
	want := e.op == opEq
	switch e.l.typ {
	case typeBool:
		l, r := compileBool(e.l), compileBool(e.r)
		return func(p *packet) bool { return (l(p) == r(p)) == want }
	case typeHeader:
		l, r := compileHeader(e.l), compileHeader(e.r)
		return func(p *packet) bool { return p.sameHeaders(l(p), r(p)) == want }
	case typeUnion:
		l, r := compileUnion(e.l), compileUnion(e.r)
		return func(p *packet) bool {
			a, b := l(p), r(p)
			i := a.validMember(p)
			same := i >= 0 && i == b.validMember(p) && p.sameHeaders(a.headers[i], b.headers[i])
			return same == want
		}
	}
	return compileCompare(e.op, e.l, e.r)
}

// compileCompare compares two integers in the cheapest arithmetic that holds both.
func compileCompare(op exprOp, le, re *expr) fnBool {
	switch t := tierOf(le, re); t {
	case unsigned64, signed64:
		return compare64(op, le, re, t == signed64)
	case unsigned128, signed128:
		return compare128(op, compile128(le), compile128(re), t == signed128)
	}
	l, r := compileBig(le), compileBig(re)
	return func(p *packet) bool { return holds(op, l(p).Cmp(r(p))) }
}

// holds tells whether a comparison with this outcome (negative, 0, positive) satisfies op.
func holds(op exprOp, cmp int) bool {
	switch op {
	case opEq:
		return cmp == 0
	case opNe:
		return cmp != 0
	case opLt:
		return cmp < 0
	case opLe:
		return cmp <= 0
	case opGt:
		return cmp > 0
	}
	return cmp >= 0
}

func compare64(op exprOp, le, re *expr, signed bool) fnBool {
	l := compile64(le)
	if re.op == opConst && (op == opEq || op == opNe) {
		k := u128FromBig(re.val).lo
		if op == opEq {
			return func(p *packet) bool { return l(p) == k }
		}
		return func(p *packet) bool { return l(p) != k }
	}
	r := compile64(re)
	switch op {
	case opEq:
		return func(p *packet) bool { return l(p) == r(p) }
	case opNe:
		return func(p *packet) bool { return l(p) != r(p) }
	case opGt, opLe:
		l, r = r, l // a > b is b < a, and a <= b is not b < a
	}
	negate := op == opGe || op == opLe
	if signed {
		return func(p *packet) bool {
			a, b := int64(l(p)), int64(r(p))
			return (a < b) != negate
		}
	}
	return func(p *packet) bool {
		a, b := l(p), r(p)
		return (a < b) != negate
	}
}

func compare128(op exprOp, l, r fn128, signed bool) fnBool {
	switch op {
	case opEq:
		return func(p *packet) bool { return l(p) == r(p) }
	case opNe:
		return func(p *packet) bool { return l(p) != r(p) }
	case opGt, opLe:
		l, r = r, l
	}
	negate := op == opGe || op == opLe
	if signed {
		return func(p *packet) bool { return l(p).lessSigned(r(p)) != negate }
	}
	return func(p *packet) bool { return l(p).less(r(p)) != negate }
}

// validMember is the index of the member that is valid, or -1.
func (u *union) validMember(p *packet) int {
	if u != nil {
		for i, h := range u.headers {
			if p.st[h.valid] != 0 {
				return i
			}
		}
	}
	return -1
}

// sameHeaders is P4's == as bmv2 has it: both valid, of one type, and equal in all fields.
func (p *packet) sameHeaders(a, b *header) bool {
	return a != nil && b != nil && a.typ == b.typ && p.st[a.valid] != 0 && p.st[b.valid] != 0 &&
		equalWords(p.st[a.base:a.base+a.typ.words], p.st[b.base:b.base+b.typ.words])
}

// compileHeader compiles a header-valued expression; nil stands for an index that is
// not in the stack.
func compileHeader(e *expr) func(*packet) *header {
	switch e.op {
	case opHeader:
		h := e.hdr
		return func(*packet) *header { return h }
	case opUnionHeader:
		u, i := compileUnion(e.l), e.idx
		return func(p *packet) *header {
			if x := u(p); x != nil {
				return x.headers[i]
			}
			return nil
		}
	}
	s, index := e.stk, shiftAmount(e.r)
	return func(p *packet) *header {
		if i := index(p); i < uint64(len(s.headers)) {
			return s.headers[i]
		}
		return nil
	}
}

func compileUnion(e *expr) func(*packet) *union {
	if e.op == opUnion {
		u := e.un
		return func(*packet) *union { return u }
	}
	s, index := e.ust, shiftAmount(e.r)
	return func(p *packet) *union {
		if i := index(p); i < uint64(len(s.unions)) {
			return s.unions[i]
		}
		return nil
	}
}

// compilePlace gives the first word of a field that is known only with the packet;
// negative if there is no such element.
func compilePlace(e *expr) func(*packet) int {
	rel := e.htype.fields[e.idx].rel
	if e.op == opLastField {
		s := e.stk
		return func(p *packet) int {
			if n := p.st[s.next]; n > 0 {
				return s.headers[n-1].base + rel
			}
			return -1
		}
	}
	h := compileHeader(e.l)
	return func(p *packet) int {
		if x := h(p); x != nil {
			return x.base + rel
		}
		return -1
	}
}
