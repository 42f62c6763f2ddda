package engine

// half is the high or the low 64 bits of an expression of up to 128 bits: a constant, a
// word of the state, or something to compute. Bitwise operators, and shifts by constants, work
// on the halves, which is cheaper than 128 bits at once: of a concatenation such as
// 96w0xFFFF ++ hdr.ipv4.src one half is constant.
type half struct {
	kind  halfKind
	value uint64 // constHalf
	word  int    // wordHalf
	fn    fn64   // fnHalf
	can   uint64 // the bits that may be set
}

type halfKind uint8

const (
	constHalf halfKind = iota
	wordHalf
	fnHalf
)

func constantHalf(v uint64) half { return half{kind: constHalf, value: v, can: v} }

// load gives the value for a packet.
func (h half) load() fn64 {
	switch h.kind {
	case constHalf:
		v := h.value
		return func(*packet) uint64 { return v }
	case wordHalf:
		w := h.word
		return func(p *packet) uint64 { return p.st[w] }
	}
	return h.fn
}

// halves takes an expression apart; ok is false if that cannot be done.
func halves(e *expr) (hi, lo half, ok bool) {
	if e.typ != typeData || e.lo == nil || e.lo.Sign() < 0 || e.hi.BitLen() > 128 {
		return hi, lo, false
	}
	switch e.op {
	case opConst:
		v := u128FromBig(e.val)
		return constantHalf(v.hi), constantHalf(v.lo), true
	case opField:
		if !wordField(e) || e.loc.width > 128 {
			return hi, lo, false
		}
		lo = half{kind: wordHalf, word: e.loc.off + e.loc.words() - 1, can: mask64(min(e.loc.width, 64))}
		if e.loc.width > 64 {
			hi = half{kind: wordHalf, word: e.loc.off, can: mask64(e.loc.width - 64)}
		}
		return hi, lo, true
	case opAnd, opOr, opXor:
		lh, ll, ok := halves(e.l)
		rh, rl, ok2 := halves(e.r)
		return combine(e.op, lh, rh), combine(e.op, ll, rl), ok && ok2
	case opShl, opShr:
		hi, lo, ok = halves(e.l)
		if !ok || e.r.op != opConst || !e.r.val.IsInt64() || e.r.val.Sign() < 0 {
			return hi, lo, false
		}
		n := e.r.val.Int64()
		if e.op == opShl {
			return combine(opOr, hi.shift(n), lo.shift(n-64)), lo.shift(n), true
		}
		return hi.shift(-n), combine(opOr, lo.shift(-n), hi.shift(64-n)), true
	}
	return hi, lo, false
}

// shift moves left by n bits, or right if n is negative, within 64 bits.
func (h half) shift(n int64) half {
	switch {
	case n == 0:
		return h
	case n >= 64 || n <= -64:
		return constantHalf(0)
	case h.kind == constHalf && n > 0:
		return constantHalf(h.value << n)
	case h.kind == constHalf:
		return constantHalf(h.value >> -n)
	}
	f := h.load()
	if n > 0 {
		return half{kind: fnHalf, can: h.can << n, fn: func(p *packet) uint64 { return f(p) << n }}
	}
	n = -n
	return half{kind: fnHalf, can: h.can >> n, fn: func(p *packet) uint64 { return f(p) >> n }}
}

// combine does a bitwise operator, and leaves out what changes nothing.
func combine(op exprOp, a, b half) half {
	if a.kind == constHalf {
		a, b = b, a // all three commute
	}
	if a.kind == constHalf {
		switch op {
		case opAnd:
			return constantHalf(a.value & b.value)
		case opOr:
			return constantHalf(a.value | b.value)
		}
		return constantHalf(a.value ^ b.value)
	}
	if b.kind == constHalf {
		k := b.value
		switch {
		case op == opAnd && a.can&k == 0:
			return constantHalf(0)
		case op == opAnd && a.can&k == a.can, op != opAnd && k == 0:
			return a
		}
		f := a.load()
		switch op {
		case opAnd:
			return half{kind: fnHalf, can: a.can & k, fn: func(p *packet) uint64 { return f(p) & k }}
		case opOr:
			if w := a.word; a.kind == wordHalf {
				return half{kind: fnHalf, can: a.can | k, fn: func(p *packet) uint64 { return p.st[w] | k }}
			}
			return half{kind: fnHalf, can: a.can | k, fn: func(p *packet) uint64 { return f(p) | k }}
		}
		return half{kind: fnHalf, can: a.can | k, fn: func(p *packet) uint64 { return f(p) ^ k }}
	}
	f, g := a.load(), b.load()
	switch op {
	case opAnd:
		return half{kind: fnHalf, can: a.can & b.can, fn: func(p *packet) uint64 { return f(p) & g(p) }}
	case opOr:
		return half{kind: fnHalf, can: a.can | b.can, fn: func(p *packet) uint64 { return f(p) | g(p) }}
	}
	return half{kind: fnHalf, can: a.can | b.can, fn: func(p *packet) uint64 { return f(p) ^ g(p) }}
}
