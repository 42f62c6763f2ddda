package engine

import "math/big"

// fn128 gives an expression's value modulo 2^128.
type fn128 func(*packet) u128

// at128 reads the low two words of a field, sign-extended.
func (f fieldLoc) at128(p *packet) u128 {
	if f.varbit {
		return u128FromBig(f.big(p))
	}
	if f.width == 0 {
		return u128{}
	}
	last := f.off + f.words() - 1
	v := u128{lo: p.st[last]}
	if f.words() > 1 {
		v.hi = p.st[last-1]
	}
	if f.signed && f.width < 128 {
		return v.signExtend(f.width)
	}
	return v
}

// compile128 compiles a data expression for its low 128 bits.
func compile128(e *expr) fn128 {
	if t := tierOf(e); t <= signed64 && e.op != opConst && !needs128(e) {
		v := compile64(e)
		if t == unsigned64 {
			return func(p *packet) u128 { return u128{lo: v(p)} }
		}
		return func(p *packet) u128 {
			lo := v(p)
			return u128{uint64(int64(lo) >> 63), lo}
		}
	}
	switch e.op {
	case opConst:
		v := u128FromBig(e.val)
		return func(*packet) u128 { return v }
	case opField:
		f := e.loc
		if f.width > 64 && f.width <= 128 && !f.signed && !f.varbit {
			off := f.off
			return func(p *packet) u128 { return u128{p.st[off], p.st[off+1]} }
		}
		return f.at128
	case opLocal:
		off, n := e.param.off, wordsFor(e.param.width)
		return func(p *packet) u128 { return u128{p.args[off+n-2], p.args[off+n-1]} }
	case opAccessField, opLastField:
		at, f := compilePlace(e), e.htype.fields[e.idx].fieldType
		return func(p *packet) u128 {
			if off := at(p); off >= 0 {
				return fieldLoc{off, f}.at128(p)
			}
			return u128{}
		}
	case opRegister:
		index, reg := shiftAmount(e.r), e.reg
		return func(p *packet) u128 {
			if c := p.sw.registers[reg].cell(index(p)); len(c) >= 2 {
				return u128{c[len(c)-2], c[len(c)-1]}
			}
			return u128{}
		}
	case opCond:
		c, l, r := compileBool(e.c), compile128(e.l), compile128(e.r)
		return func(p *packet) u128 {
			if c(p) {
				return l(p)
			}
			return r(p)
		}
	case opNot:
		r := compile128(e.r)
		return func(p *packet) u128 { v := r(p); return u128{^v.hi, ^v.lo} }
	case opAdd, opSub, opMul, opAnd, opOr, opXor, opShl:
		return modular128(e)
	case opTwoComp:
		l := compile128(e.l)
		if e.width >= 128 {
			return l
		}
		w := e.width
		return func(p *packet) u128 { return l(p).signExtend(w) }
	}
	return exact128(e)
}

// needs128 breaks the circle between exact64 and compile128: these results fit 64
// bits, but their operands do not.
func needs128(e *expr) bool {
	switch e.op {
	case opShr:
		return tierOf(e.l) > signed64
	case opDiv, opMod:
		return tierOf(e.l, e.r) > unsigned64
	case opUSat, opSat:
		return tierOf(e.l) > signed64 || e.width > 63
	}
	return false
}

func modular128(e *expr) fn128 {
	l := compile128(e.l)
	if e.op == opShl {
		n := shiftAmount(e.r)
		return func(p *packet) u128 { return l(p).shl(n(p)) }
	}
	r := compile128(e.r)
	switch e.op {
	case opAdd:
		return func(p *packet) u128 { return l(p).add(r(p)) }
	case opSub:
		return func(p *packet) u128 { return l(p).sub(r(p)) }
	case opMul:
		return func(p *packet) u128 { return l(p).mul(r(p)) }
	case opAnd:
		return func(p *packet) u128 { a, b := l(p), r(p); return u128{a.hi & b.hi, a.lo & b.lo} }
	case opOr:
		return func(p *packet) u128 { a, b := l(p), r(p); return u128{a.hi | b.hi, a.lo | b.lo} }
	}
	return func(p *packet) u128 { a, b := l(p), r(p); return u128{a.hi ^ b.hi, a.lo ^ b.lo} }
}

func exact128(e *expr) fn128 {
	if t := tierOf(e.l); e.op == opShr && t <= signed128 {
		l, n := compile128(e.l), shiftAmount(e.r)
		if t == unsigned64 || t == unsigned128 {
			return func(p *packet) u128 { return l(p).shr(n(p)) }
		}
		return func(p *packet) u128 { return l(p).sar(n(p)) }
	}
	v := compileBig(e)
	return func(p *packet) u128 { return u128FromBig(v(p)) }
}

// fnBig gives an expression's value exactly. The result must not be changed.
type fnBig func(*packet) *big.Int

// compileBig compiles a data expression in unlimited precision. It allocates: it is
// for what does not fit 128 bits.
func compileBig(e *expr) fnBig {
	switch e.op {
	case opConst:
		v := e.val
		return func(*packet) *big.Int { return v }
	case opField:
		f := e.loc
		return func(p *packet) *big.Int { return f.big(p) }
	case opLocal:
		off, w := e.param.off, e.param.width
		return func(p *packet) *big.Int { return bigFromWords(p.args[off:off+wordsFor(w)], w, false) }
	case opAccessField, opLastField:
		at, f := compilePlace(e), e.htype.fields[e.idx].fieldType
		return func(p *packet) *big.Int {
			if off := at(p); off >= 0 {
				return fieldLoc{off, f}.big(p)
			}
			return new(big.Int)
		}
	case opRegister:
		index, reg := shiftAmount(e.r), e.reg
		return func(p *packet) *big.Int {
			r := p.sw.registers[reg]
			return bigFromWords(r.cell(index(p)), r.def.width, false)
		}
	case opBoolToData, opLastIndex, opSize:
		v := compile64(e)
		return func(p *packet) *big.Int { return big.NewInt(int64(v(p))) }
	case opCond:
		c, l, r := compileBool(e.c), compileBig(e.l), compileBig(e.r)
		return func(p *packet) *big.Int {
			if c(p) {
				return l(p)
			}
			return r(p)
		}
	case opNot:
		r := compileBig(e.r)
		return func(p *packet) *big.Int { return new(big.Int).Not(r(p)) }
	case opTwoComp, opUSat, opSat:
		l, f := compileBig(e.l), castBig(e)
		return func(p *packet) *big.Int { return f(l(p)) }
	}
	l, r, f := compileBig(e.l), compileBig(e.r), arithBig(e.op)
	return func(p *packet) *big.Int { return f(l(p), r(p)) }
}

func (f fieldLoc) big(p *packet) *big.Int {
	if f.varbit {
		// As an integer, the bits that it has now.
		n := int(p.st[f.off])
		v := bigFromWords(p.st[f.off+1:f.off+1+wordsFor(n)], n, false)
		return v.Rsh(v, uint(64*wordsFor(n)-n))
	}
	return bigFromWords(p.st[f.off:f.off+f.words()], f.width, f.signed)
}

func castBig(e *expr) func(*big.Int) *big.Int {
	width := e.width
	if e.op == opTwoComp {
		return func(v *big.Int) *big.Int {
			words := make([]uint64, wordsFor(width))
			wordsFromBig(words, v, width)
			return bigFromWords(words, width, true)
		}
	}
	lo, hi := e.lo, e.hi
	return func(v *big.Int) *big.Int { return bigMin(bigMax(v, lo), hi) }
}

func arithBig(op exprOp) func(a, b *big.Int) *big.Int {
	return func(a, b *big.Int) *big.Int {
		z := new(big.Int)
		switch op {
		case opAdd:
			return z.Add(a, b)
		case opSub:
			return z.Sub(a, b)
		case opMul:
			return z.Mul(a, b)
		case opDiv:
			if a.Sign() < 0 || b.Sign() <= 0 {
				return z // bmv2 requires that this does not happen
			}
			return z.Quo(a, b)
		case opMod:
			if a.Sign() < 0 || b.Sign() <= 0 {
				return z
			}
			return z.Rem(a, b)
		case opShl:
			return z.Lsh(a, clampShift(b))
		case opShr:
			return z.Rsh(a, clampShift(b))
		case opAnd:
			return z.And(a, b)
		case opOr:
			return z.Or(a, b)
		case opXor:
			return z.Xor(a, b)
		}
		panic("engine: not a data operator")
	}
}
