package engine

import "math/big"

var zeroBig = new(big.Int)

// storer writes an integer of some expression into a field.
type storer func(p *packet)

// compileAssign compiles dst = src. The value is cut to the field's width, or
// saturated if the field is a saturating one.
func (b *exprBuilder) compileAssign(dst, src *expr) (storer, error) {
	if src.typ != typeData {
		return nil, b.errorf("a field is assigned %s", src.typ)
	}
	b.noteWrite(dst)
	switch dst.op {
	case opField:
		if dst.loc.varbit {
			return nil, b.errorf("a variable-length field is assigned an integer")
		}
		return storeTo(dst.loc, saturated(dst.loc.fieldType, src)), nil
	case opAccessField, opLastField:
		f := dst.htype.fields[dst.idx].fieldType
		if f.varbit {
			return nil, b.errorf("a variable-length field is assigned an integer")
		}
		at, words := compilePlace(dst), wordsFor(f.width)
		// Evaluate into a scratch run at the state's end, then copy to the place.
		scratch := fieldLoc{off: b.lay.scratch(words), fieldType: f}
		store := storeTo(scratch, saturated(f, src))
		return func(p *packet) {
			store(p)
			if off := at(p); off >= 0 {
				copy(p.st[off:off+words], p.st[scratch.off:scratch.off+words])
			}
		}, nil
	}
	return nil, b.errorf("the destination is not a field")
}

// noteWrite notes what an assignment to dst may write.
func (b *exprBuilder) noteWrite(dst *expr) {
	switch dst.op {
	case opField:
		b.lay.written[dst.loc.off] = true
	case opAccessField, opLastField:
		b.lay.writeType(dst.htype)
	}
}

// scratch reserves words in the state that belong to no header.
func (l *layout) scratch(words int) int {
	off := l.words
	l.words += words
	return off
}

func saturated(f fieldType, src *expr) *expr {
	if !f.saturating || f.width == 0 {
		return src
	}
	e := &expr{op: opUSat, l: src, width: f.width}
	if f.signed {
		e.op = opSat
	}
	e.setBounds()
	return e
}

func storeTo(f fieldLoc, src *expr) storer {
	off := f.off
	switch {
	case f.width == 0:
		return func(*packet) {}
	case f.width <= 64:
		m := mask64(f.width)
		if src.op == opConst {
			k := u128FromBig(src.val).lo & m
			return func(p *packet) { p.st[off] = k }
		}
		v := compile64(src)
		if src.lo != nil && src.lo.Sign() >= 0 && src.hi.BitLen() <= f.width {
			return func(p *packet) { p.st[off] = v(p) }
		}
		return func(p *packet) { p.st[off] = v(p) & m }
	case f.width <= 128:
		m := topMask(f.width)
		if hi, lo, ok := halves(src); ok {
			return storeHalves(off, combine(opAnd, hi, constantHalf(m)), lo)
		}
		v := compile128(src)
		return func(p *packet) {
			x := v(p)
			p.st[off], p.st[off+1] = x.hi&m, x.lo
		}
	}
	n, width := f.words(), f.width
	if from, ok := sameShape(f, src); ok {
		return func(p *packet) { copy(p.st[off:off+n], from(p)) }
	}
	v := compileBig(src)
	return func(p *packet) { wordsFromBig(p.st[off:off+n], v(p), width) }
}

// storeHalves writes two words.
func storeHalves(off int, hi, lo half) storer {
	h, l := hi.load(), lo.load()
	if k := hi.value; hi.kind == constHalf {
		return func(p *packet) { p.st[off+1], p.st[off] = l(p), k }
	}
	// Both are read before one is written: the source may be the destination.
	return func(p *packet) { p.st[off], p.st[off+1] = h(p), l(p) }
}

// sameShape finds the words of a wide source that can be copied as they are.
func sameShape(f fieldLoc, src *expr) (func(p *packet) []uint64, bool) {
	n := f.words()
	switch {
	case src.op == opField && src.loc.width == f.width && !src.loc.varbit:
		off := src.loc.off
		return func(p *packet) []uint64 { return p.st[off : off+n] }, true
	case src.op == opLocal && src.param.width == f.width:
		off := src.param.off
		return func(p *packet) []uint64 { return p.args[off : off+n] }, true
	}
	return nil, false
}

// setValid makes a header valid, and the other members of its union invalid.
func (p *packet) setValid(h *header) {
	p.st[h.valid] = 1
	for _, w := range h.siblings {
		p.st[w] = 0
	}
}

// bytes is the length of a header in the packet.
func (h *header) bytes(p *packet) int {
	n := h.typ.bits
	if h.typ.varbit >= 0 {
		n += int(p.st[h.base+h.typ.fields[h.typ.varbit].rel])
	}
	return n / 8
}

// addHeader is P4's setValid: a header that was invalid starts with zeros.
func (p *packet) addHeader(h *header) {
	if h == nil || p.st[h.valid] != 0 {
		return
	}
	clear(p.st[h.base : h.base+h.typ.words])
	p.setValid(h)
	p.length += uint64(h.bytes(p))
}

// removeHeader is P4's setInvalid.
func (p *packet) removeHeader(h *header) {
	if h == nil || p.st[h.valid] == 0 {
		return
	}
	p.length -= uint64(h.bytes(p))
	p.st[h.valid] = 0
}

// assignHeader copies validity, and the fields of a valid header. Like bmv2 it leaves
// the packet's length alone.
func (p *packet) assignHeader(dst, src *header) {
	if dst == nil {
		return
	}
	if src == nil || p.st[src.valid] == 0 {
		p.st[dst.valid] = 0
		return
	}
	copy(p.st[dst.base:dst.base+dst.typ.words], p.st[src.base:src.base+src.typ.words])
	p.setValid(dst)
}

// move copies a header as it is, for the assignment of stacks.
func (p *packet) move(dst, src *header) {
	p.st[dst.valid] = p.st[src.valid]
	copy(p.st[dst.base:dst.base+dst.typ.words], p.st[src.base:src.base+src.typ.words])
}

// swap exchanges two headers as they are, for the shifts of stacks. What is shifted out
// lives on in the elements that became invalid, as in bmv2.
func (p *packet) swap(a, b *header) {
	p.st[a.valid], p.st[b.valid] = p.st[b.valid], p.st[a.valid]
	x, y := p.st[a.base:a.base+a.typ.words], p.st[b.base:b.base+b.typ.words]
	for i := range x {
		x[i], y[i] = y[i], x[i]
	}
}

// push shifts a stack's elements up; the first n become invalid. width is the number
// of headers per element (more than one for unions).
func (p *packet) push(elems [][]*header, next int, n uint64) {
	size := uint64(len(elems))
	n = min(n, size)
	p.st[next] = min(size, p.st[next]+n)
	for i := size; i > n; i-- {
		for j, h := range elems[i-1] {
			p.swap(h, elems[i-1-n][j])
		}
	}
	for i := range n {
		for _, h := range elems[i] {
			p.st[h.valid] = 0
		}
	}
}

// pop shifts a stack's elements down; the last n become invalid.
func (p *packet) pop(elems [][]*header, next int, n uint64) {
	size := uint64(len(elems))
	n = min(n, size)
	p.st[next] -= min(p.st[next], n)
	for i := range size - n {
		for j, h := range elems[i] {
			p.swap(h, elems[i+n][j])
		}
	}
	for i := size - n; i < size; i++ {
		for _, h := range elems[i] {
			p.st[h.valid] = 0
		}
	}
}
