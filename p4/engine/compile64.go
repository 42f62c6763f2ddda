package engine

// fn64 gives an expression's value modulo 2^64: exact if the value is known to fit.
type fn64 func(*packet) uint64

// load64 reads the low word of a field, sign-extended.
func (f fieldLoc) load64() fn64 {
	last := f.off + f.words() - 1
	if f.varbit || f.width == 0 {
		return f.low
	}
	if f.signed && f.width < 64 {
		n := 64 - f.width
		return func(p *packet) uint64 { return uint64(int64(p.st[last]<<n) >> n) }
	}
	return func(p *packet) uint64 { return p.st[last] }
}

// compile64 compiles a data expression for its low 64 bits.
func compile64(e *expr) fn64 {
	switch e.op {
	case opConst:
		v := u128FromBig(e.val).lo
		return func(*packet) uint64 { return v }
	case opField:
		return e.loc.load64()
	case opLocal:
		last := e.param.off + wordsFor(e.param.width) - 1
		if e.param.width == 0 {
			return func(*packet) uint64 { return 0 }
		}
		return func(p *packet) uint64 { return p.args[last] }
	case opAccessField, opLastField:
		at := compilePlace(e)
		f := e.htype.fields[e.idx].fieldType
		return func(p *packet) uint64 {
			off := at(p)
			if off < 0 {
				return 0
			}
			return fieldLoc{off, f}.low(p)
		}
	case opRegister:
		index, reg := shiftAmount(e.r), e.reg
		return func(p *packet) uint64 {
			if c := p.sw.registers[reg].cell(index(p)); len(c) > 0 {
				return c[len(c)-1]
			}
			return 0
		}
	case opBoolToData:
		b := compileBool(e.r)
		return func(p *packet) uint64 {
			if b(p) {
				return 1
			}
			return 0
		}
	case opLastIndex:
		next := e.stk.next
		return func(p *packet) uint64 { return p.st[next] - 1 }
	case opSize:
		next := e.stk.next
		return func(p *packet) uint64 { return p.st[next] }
	case opCond:
		c, l, r := compileBool(e.c), compile64(e.l), compile64(e.r)
		return func(p *packet) uint64 {
			if c(p) {
				return l(p)
			}
			return r(p)
		}
	case opNot:
		r := compile64(e.r)
		return func(p *packet) uint64 { return ^r(p) }
	case opAdd, opSub, opMul, opAnd, opOr, opXor, opShl:
		return modular64(e)
	case opTwoComp:
		l := compile64(e.l)
		if e.width >= 64 {
			return l
		}
		n := 64 - e.width
		return func(p *packet) uint64 { return uint64(int64(l(p)<<n) >> n) }
	}
	return exact64(e)
}

// low is load64 for a place that is known only now.
func (f fieldLoc) low(p *packet) uint64 {
	if f.varbit {
		return u128FromBig(f.big(p)).lo
	}
	if f.width == 0 {
		return 0
	}
	v := p.st[f.off+f.words()-1]
	if f.signed && f.width < 64 {
		n := 64 - f.width
		return uint64(int64(v<<n) >> n)
	}
	return v
}

// modular64 compiles the operators whose low bits depend on the low bits of their
// operands only.
func modular64(e *expr) fn64 {
	l := compile64(e.l)
	if e.r.op == opConst && e.op != opShl {
		return modularConst64(e, l, u128FromBig(e.r.val).lo)
	}
	if e.op == opShl {
		n := shiftAmount(e.r)
		return func(p *packet) uint64 { return l(p) << n(p) }
	}
	r := compile64(e.r)
	switch e.op {
	case opAdd:
		return func(p *packet) uint64 { return l(p) + r(p) }
	case opSub:
		return func(p *packet) uint64 { return l(p) - r(p) }
	case opMul:
		return func(p *packet) uint64 { return l(p) * r(p) }
	case opAnd:
		return func(p *packet) uint64 { return l(p) & r(p) }
	case opOr:
		return func(p *packet) uint64 { return l(p) | r(p) }
	}
	return func(p *packet) uint64 { return l(p) ^ r(p) }
}

func modularConst64(e *expr, l fn64, k uint64) fn64 {
	switch e.op {
	case opAdd:
		return func(p *packet) uint64 { return l(p) + k }
	case opSub:
		return func(p *packet) uint64 { return l(p) - k }
	case opMul:
		return func(p *packet) uint64 { return l(p) * k }
	case opAnd:
		// A mask that keeps all that the operand can have costs nothing.
		if e.l.lo != nil && e.l.lo.Sign() >= 0 && e.l.hi.IsUint64() {
			if n := e.l.hi.BitLen(); k&mask64(n) == mask64(n) {
				return l
			}
		}
		return func(p *packet) uint64 { return l(p) & k }
	case opOr:
		return func(p *packet) uint64 { return l(p) | k }
	}
	return func(p *packet) uint64 { return l(p) ^ k }
}

// exact64 compiles the operators that need their operands exactly.
func exact64(e *expr) fn64 {
	switch t := tierOf(e.l); {
	case e.op == opShr && t <= signed64:
		l, n := compile64(e.l), shiftAmount(e.r)
		if t == unsigned64 {
			return func(p *packet) uint64 { return l(p) >> n(p) }
		}
		return func(p *packet) uint64 { return uint64(int64(l(p)) >> n(p)) }
	case (e.op == opDiv || e.op == opMod) && tierOf(e.l, e.r) == unsigned64:
		l, r := compile64(e.l), compile64(e.r)
		if e.op == opDiv {
			return func(p *packet) uint64 {
				if d := r(p); d != 0 {
					return l(p) / d
				}
				return 0
			}
		}
		return func(p *packet) uint64 {
			if d := r(p); d != 0 {
				return l(p) % d
			}
			return 0
		}
	case (e.op == opUSat || e.op == opSat) && t <= signed64 && e.width <= 63:
		l := compile64(e.l)
		lo, hi := int64(0), int64(mask64(e.width))
		if e.op == opSat {
			hi = int64(mask64(e.width - 1))
			lo = ^hi
		}
		if t == unsigned64 {
			return func(p *packet) uint64 { return min(l(p), uint64(hi)) }
		}
		return func(p *packet) uint64 { return uint64(min(max(int64(l(p)), lo), hi)) }
	}
	wide := compile128(e)
	return func(p *packet) uint64 { return wide(p).lo }
}

// shiftAmount compiles an operand that counts or indexes: its value if it is in
// 0..2^64-1, and what is too large or negative stays too large.
func shiftAmount(e *expr) fn64 {
	if tierOf(e) == unsigned64 {
		return compile64(e)
	}
	v := compileBig(e)
	return func(p *packet) uint64 {
		if n := v(p); n.IsUint64() {
			return n.Uint64()
		}
		return ^uint64(0)
	}
}
