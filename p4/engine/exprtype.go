package engine

import "math/big"

func maxUnsigned(width int) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), uint(width))
	return n.Sub(n, big.NewInt(1))
}

func signedBounds(width int) (lo, hi *big.Int) {
	if width == 0 {
		return new(big.Int), new(big.Int)
	}
	hi = maxUnsigned(width - 1)
	return new(big.Int).Not(hi), hi
}

// bounds are the smallest and largest value of a field; nil for one of variable
// length, which only the unlimited arithmetic reads.
func (f fieldType) bounds() (lo, hi *big.Int) {
	if f.varbit {
		return nil, nil
	}
	if f.signed {
		return signedBounds(f.width)
	}
	return new(big.Int), maxUnsigned(f.width)
}

func (b *exprBuilder) unary(op exprOp, name string, r *expr) (*expr, error) {
	e := &expr{op: op, r: r}
	var want exprType
	switch op {
	case opNot:
		want = typeData
	case opLNot:
		want, e.typ = typeBool, typeBool
	case opDataToBool:
		want, e.typ = typeData, typeBool
	case opBoolToData:
		want = typeBool
	case opValid:
		want, e.typ = typeHeader, typeBool
	case opValidUnion:
		want, e.typ = typeUnion, typeBool
	case opLastIndex, opSize:
		want, e.stk = typeStack, r.stk
	}
	if r.typ != want {
		return nil, b.errorf("operator %q on %s", name, r.typ)
	}
	e.setBounds()
	return e, nil
}

func (b *exprBuilder) binary(op exprOp, name string, l, r *expr) (*expr, error) {
	e := &expr{op: op, l: l, r: r}
	wantL, wantR := typeData, typeData
	switch op {
	case opEq, opNe:
		e.typ = typeBool
		wantL, wantR = l.typ, l.typ
		if l.typ == typeStack || l.typ == typeUnionStack {
			return nil, b.errorf("operator %q on %s", name, l.typ)
		}
	case opLt, opLe, opGt, opGe:
		e.typ = typeBool
	case opLAnd, opLOr:
		wantL, wantR, e.typ = typeBool, typeBool, typeBool
	case opTwoComp, opUSat, opSat:
		if r.op != opConst || !r.val.IsInt64() || r.val.Int64() < 1 || r.val.Int64() > maxFieldBits {
			return nil, b.errorf("operator %q needs a constant width", name)
		}
		e.width = int(r.val.Int64())
	case opDerefStack:
		wantL, e.typ, e.stk, e.htype = typeStack, typeHeader, l.stk, l.htype
	case opDerefUnionStack:
		wantL, e.typ, e.ust = typeUnionStack, typeUnion, l.ust
	}
	if l.typ != wantL || r.typ != wantR {
		return nil, b.errorf("operator %q on %s and %s", name, l.typ, r.typ)
	}
	// A constant index makes the element known now.
	if r.op == opConst && r.val.IsInt64() {
		i := r.val.Int64()
		if op == opDerefStack && i >= 0 && i < int64(len(l.stk.headers)) {
			h := l.stk.headers[i]
			return &expr{op: opHeader, typ: typeHeader, hdr: h, htype: h.typ}, nil
		}
		if op == opDerefUnionStack && i >= 0 && i < int64(len(l.ust.unions)) {
			return &expr{op: opUnion, typ: typeUnion, un: l.ust.unions[i]}, nil
		}
	}
	e.setBounds()
	return e, nil
}

// maxBoundBits is how wide bounds may get before they are given up.
const maxBoundBits = 1 << 12

// setBounds derives lo and hi of a data expression from its operands.
func (e *expr) setBounds() {
	if e.typ != typeData {
		return
	}
	zero := new(big.Int)
	switch e.op {
	case opBoolToData:
		e.lo, e.hi = zero, big.NewInt(1)
		return
	case opLastIndex:
		e.lo, e.hi = big.NewInt(-1), big.NewInt(int64(len(e.stk.headers)-1))
		return
	case opSize:
		e.lo, e.hi = zero, big.NewInt(int64(len(e.stk.headers)))
		return
	case opTwoComp, opSat:
		e.lo, e.hi = signedBounds(e.width)
		return
	case opUSat:
		e.lo, e.hi = zero, maxUnsigned(e.width)
		return
	case opNot:
		if e.r.lo != nil {
			e.lo, e.hi = new(big.Int).Not(e.r.hi), new(big.Int).Not(e.r.lo)
		}
		return
	case opAnd:
		e.andBounds()
		return
	}
	l, r := e.l, e.r
	if l.lo == nil || r.lo == nil {
		return
	}
	switch e.op {
	case opAdd:
		e.lo, e.hi = new(big.Int).Add(l.lo, r.lo), new(big.Int).Add(l.hi, r.hi)
	case opSub:
		e.lo, e.hi = new(big.Int).Sub(l.lo, r.hi), new(big.Int).Sub(l.hi, r.lo)
	case opMul:
		e.spread(func(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) })
	case opDiv:
		e.lo, e.hi = zero, bigMax(l.hi, zero)
	case opMod:
		e.lo, e.hi = zero, bigMax(bigMin(l.hi, r.hi), zero)
	case opShl, opShr:
		if r.lo.Sign() < 0 || e.op == opShl && (!r.hi.IsInt64() || r.hi.Int64() > maxBoundBits) {
			return
		}
		e.spread(func(a, b *big.Int) *big.Int {
			if e.op == opShl {
				return new(big.Int).Lsh(a, uint(b.Int64()))
			}
			return new(big.Int).Rsh(a, clampShift(b))
		})
	case opOr, opXor:
		n := max(l.lo.BitLen(), l.hi.BitLen(), r.lo.BitLen(), r.hi.BitLen())
		if l.lo.Sign() >= 0 && r.lo.Sign() >= 0 {
			e.lo, e.hi = zero, maxUnsigned(n)
		} else {
			e.lo, e.hi = signedBounds(n + 1)
		}
	case opCond:
		e.lo, e.hi = bigMin(l.lo, r.lo), bigMax(l.hi, r.hi)
	}
	if e.lo.BitLen() > maxBoundBits || e.hi.BitLen() > maxBoundBits {
		e.lo, e.hi = nil, nil
	}
}

// andBounds uses that the result is not above an operand that is not negative; that is
// how p4c's masks bound what they cut off.
func (e *expr) andBounds() {
	for _, x := range []*expr{e.l, e.r} {
		if x.lo != nil && x.lo.Sign() >= 0 {
			e.lo = new(big.Int)
			if e.hi == nil || x.hi.Cmp(e.hi) < 0 {
				e.hi = x.hi
			}
		}
	}
	if e.lo == nil && e.l.lo != nil && e.r.lo != nil {
		n := max(e.l.lo.BitLen(), e.l.hi.BitLen(), e.r.lo.BitLen(), e.r.hi.BitLen())
		e.lo, e.hi = signedBounds(n + 1)
	}
}

// spread takes the extremes of f over the corners of the operands' bounds.
func (e *expr) spread(f func(a, b *big.Int) *big.Int) {
	for _, a := range []*big.Int{e.l.lo, e.l.hi} {
		for _, b := range []*big.Int{e.r.lo, e.r.hi} {
			v := f(a, b)
			if e.lo == nil {
				e.lo, e.hi = v, v
			}
			e.lo, e.hi = bigMin(e.lo, v), bigMax(e.hi, v)
		}
	}
}

func bigMin(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func bigMax(a, b *big.Int) *big.Int {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

// clampShift is a shift distance that is safe to use; no value here is that long.
func clampShift(n *big.Int) uint {
	if !n.IsInt64() || n.Int64() > maxFieldBits {
		return maxFieldBits
	}
	return uint(max(n.Int64(), 0))
}

// tier is the arithmetic that holds a value exactly.
type tier uint8

const (
	unsigned64 tier = iota
	signed64
	unsigned128
	signed128
	unlimited
)

// tierOf is the cheapest arithmetic that holds all of these values exactly.
func tierOf(es ...*expr) tier {
	for t := unsigned64; t < unlimited; t++ {
		width := 64
		if t >= unsigned128 {
			width = 128
		}
		lo, hi := new(big.Int), maxUnsigned(width)
		if t == signed64 || t == signed128 {
			lo, hi = signedBounds(width)
		}
		fits := true
		for _, e := range es {
			fits = fits && e.lo != nil && e.lo.Cmp(lo) >= 0 && e.hi.Cmp(hi) <= 0
		}
		if fits {
			return t
		}
	}
	return unlimited
}
