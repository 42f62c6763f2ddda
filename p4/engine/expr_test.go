package engine

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestTiers compares the arithmetic in 64 and 128 bits with that in unlimited
// precision, over random expressions and values.
func TestTiers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &packet{sw: &Switch{}}
		b := &exprBuilder{lay: &layout{named: map[int]bool{}}, where: "test"}
		e := drawExpr(t, p, b, rapid.IntRange(1, 4).Draw(t, "depth"))
		exact := compileBig(e)(p)
		if e.lo != nil && (exact.Cmp(e.lo) < 0 || exact.Cmp(e.hi) > 0) {
			t.Fatalf("%v is not in %v..%v", exact, e.lo, e.hi)
		}
		if got, want := compile64(e)(p), u128FromBig(exact).lo; got != want {
			t.Fatalf("64 bits: got %#x, want %#x of %v", got, want, exact)
		}
		if got, want := compile128(e)(p), u128FromBig(exact); got != want {
			t.Fatalf("128 bits: got %x, want %x of %v", got, want, exact)
		}
		if hi, lo, ok := halves(e); ok {
			got := u128{hi.load()(p), lo.load()(p)}
			if want := u128FromBig(exact); got != want {
				t.Fatalf("halves: got %x, want %x of %v", got, want, exact)
			}
			if got.hi&^hi.can != 0 || got.lo&^lo.can != 0 {
				t.Fatalf("halves: %x has bits that cannot be, %x %x", got, hi.can, lo.can)
			}
		}
		other := drawExpr(t, p, b, 1)
		for op := opEq; op <= opGe; op++ {
			want := holds(op, exact.Cmp(compileBig(other)(p)))
			if got := compileCompare(op, e, other)(p); got != want {
				t.Fatalf("comparison %d: got %v", op, got)
			}
			if got := branches(p, &expr{op: op, typ: typeBool, l: e, r: other}); got != want {
				t.Fatalf("branches of comparison %d: got %v", op, got)
			}
		}
	})
}

// drawExpr makes an expression over new fields of p.
func drawExpr(t *rapid.T, p *packet, b *exprBuilder, depth int) *expr {
	if depth == 0 || rapid.IntRange(0, 5).Draw(t, "leaf") == 0 {
		width := rapid.SampledFrom([]int{1, 8, 31, 32, 63, 64, 65, 100, 127, 128, 129, 200}).Draw(t, "width")
		v := new(big.Int).SetBytes(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 0, 1, 0x7f, 0x80, 0xff, 0xff}), 25, 25).Draw(t, "value"))
		if rapid.IntRange(0, 3).Draw(t, "constant") == 0 {
			v.And(v, maxUnsigned(width))
			if rapid.Bool().Draw(t, "negative") {
				v.Neg(v)
			}
			return constant(v)
		}
		f := fieldLoc{off: len(p.st), fieldType: fieldType{width: width, signed: width > 1 && rapid.Bool().Draw(t, "signed")}}
		p.st = append(p.st, make([]uint64, f.words())...)
		wordsFromBig(p.st[f.off:], v, width)
		return fieldExpr(f)
	}
	l := drawExpr(t, p, b, depth-1)
	var e *expr
	var err error
	switch n := rapid.IntRange(0, 13).Draw(t, "operator"); n {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		ops := []exprOp{opAdd, opSub, opMul, opAnd, opOr, opXor, opDiv, opMod}
		e, err = b.binary(ops[n], "test", l, drawExpr(t, p, b, depth-1))
	case 8, 9:
		shift := constant(big.NewInt(int64(rapid.IntRange(0, 140).Draw(t, "shift"))))
		if rapid.Bool().Draw(t, "variable shift") {
			f := fieldLoc{off: len(p.st), fieldType: fieldType{width: 8}}
			p.st = append(p.st, shift.val.Uint64())
			shift = fieldExpr(f)
		}
		e, err = b.binary([]exprOp{opShl, opShr}[n-8], "test", l, shift)
	case 10, 11, 12:
		width := constant(big.NewInt(int64(rapid.SampledFrom([]int{1, 8, 63, 64, 65, 128, 129, 200}).Draw(t, "cast"))))
		e, err = b.binary([]exprOp{opTwoComp, opUSat, opSat}[n-10], "test", l, width)
	default:
		e, err = b.unary(opNot, "test", l)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestBits compares getBits and putBits with a bit-by-bit version.
func TestBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 1, 24).Draw(t, "bytes")
		off := rapid.IntRange(0, len(b)*8-1).Draw(t, "offset")
		width := rapid.IntRange(1, min(64, len(b)*8-off)).Draw(t, "width")
		var want uint64
		for i := off; i < off+width; i++ {
			want = want<<1 | uint64(b[i/8]>>(7-i%8)&1)
		}
		if got := getBits(b, off, width); got != want {
			t.Fatalf("getBits: got %#x, want %#x", got, want)
		}
		out := make([]byte, len(b))
		putBits(out, off, width, want)
		if got := getBits(out, off, width); got != want {
			t.Fatalf("putBits: wrote %#x, want %#x", got, want)
		}
		clear := make([]byte, len(b))
		putBits(clear, off, width, 0)
		for i := range len(b) * 8 {
			if (i < off || i >= off+width) && out[i/8]>>(7-i%8)&1 != 0 {
				t.Fatalf("putBits touched bit %d", i)
			}
		}
	})
}

// branches runs a condition as steps.
func branches(p *packet, e *expr) (truth bool) {
	p.job = &job{}
	result := func(v bool) *step {
		return &step{kind: stepCond, cond: func(*packet) bool { truth = v; return true }}
	}
	p.run((&flowBuilder{}).branch(e, result(true), result(false)))
	return truth
}
