package engine

import "encoding/json"

// The primitives of simple_switch that reach beyond the packet's headers: drops,
// copies, digests, hashes, counters, meters and registers.

func buildDrop(b *primitiveBuilder) (op, error) {
	std := &b.loader.prog.std
	return op{run: func(p *packet) {
		std.egressSpec.set(p, uint64(p.sw.opts.DropPort))
		std.mcastGrp.set(p, 0)
	}}, nil
}

func buildMarkToDrop(b *primitiveBuilder) (op, error) {
	// Not by typed, which would count all of its fields as used.
	var name string
	if b.params[0].Type != "header" || json.Unmarshal(b.params[0].Value, &name) != nil || b.lay.byName[name] == nil {
		return op{}, b.errorf("its parameter must be standard_metadata")
	}
	h := b.lay.byName[name]
	spec, ok := h.typ.byName["egress_spec"]
	if !ok {
		return op{}, b.errorf("header %q has no field egress_spec", name)
	}
	egress := optionalField{loc: h.field(spec), ok: true}
	var group optionalField
	if i, ok := h.typ.byName["mcast_grp"]; ok {
		group = optionalField{loc: h.field(i), ok: true}
	}
	return op{run: func(p *packet) {
		egress.set(p, uint64(p.sw.opts.DropPort))
		group.set(p, 0)
	}, writes: []wordRun{{egress.loc.off, egress.loc.words()}, {group.loc.off, group.loc.words()}}, known: true}, nil
}

// buildDigest: the first parameter, the receiver, is not used by simple_switch either.
func buildDigest(b *primitiveBuilder) (op, error) {
	e, err := b.data(1)
	if err != nil {
		return op{}, err
	}
	id := compile64(e)
	return op{run: func(p *packet) { p.learn = int(uint16(id(p))) }, known: true}, nil
}

// buildClone notes the session; simple_switch keeps 15 bits of it, and the last call counts.
func buildClone(b *primitiveBuilder) (op, error) {
	s, l, err := b.pair(0, 1)
	if err != nil {
		return op{}, err
	}
	session, list := compile64(s), compile64(l)
	return op{run: func(p *packet) {
		p.clone = true
		p.cloneSession = uint32(session(p)) & MaxCloneSession
		p.cloneList = int(uint16(list(p)))
	}, known: true}, nil
}

func buildResubmit(b *primitiveBuilder) (op, error) {
	e, err := b.data(0)
	if err != nil {
		return op{}, err
	}
	list := compile64(e)
	return op{run: func(p *packet) { p.resubmit = int(uint16(list(p))) }, known: true}, nil
}

func buildRecirculate(b *primitiveBuilder) (op, error) {
	e, err := b.data(0)
	if err != nil {
		return op{}, err
	}
	list := compile64(e)
	return op{run: func(p *packet) { p.recirculate = int(uint16(list(p))) }, known: true}, nil
}

func buildTruncate(b *primitiveBuilder) (op, error) {
	e, err := b.data(0)
	if err != nil {
		return op{}, err
	}
	length := compile64(e)
	return op{run: func(p *packet) { p.limit = min(p.limit, length(p)) }, known: true}, nil
}

// buildHash: dst = base + hash % size; a size of 0 counts as 1.
func buildHash(b *primitiveBuilder) (op, error) {
	dst, base, err := b.pair(0, 1)
	if err != nil {
		return op{}, err
	}
	calc, err := b.calculation(2)
	if err != nil {
		return op{}, err
	}
	size, err := b.data(3)
	if err != nil {
		return op{}, err
	}
	from, n := compile64(base), compile64(size)
	return b.assignResult(dst, func(p *packet) (uint64, bool) {
		return calc.output(p)%max(n(p), 1) + from(p), true
	})
}

// assignResult compiles the assignment of a 64-bit result that is computed in Go; ok
// false leaves dst alone.
func (b *primitiveBuilder) assignResult(dst *expr, result func(*packet) (v uint64, ok bool)) (op, error) {
	tmp := fieldLoc{off: b.lay.scratch(1), fieldType: fieldType{width: 64}}
	store, err := b.compileAssign(dst, fieldExpr(tmp))
	if err != nil {
		return op{}, err
	}
	return op{run: func(p *packet) {
		if v, ok := result(p); ok {
			p.st[tmp.off] = v
			store(p)
		}
	}}, nil
}

func buildRandom(b *primitiveBuilder) (op, error) {
	dst, err := b.data(0)
	if err != nil {
		return op{}, err
	}
	l, h, err := b.pair(1, 2)
	if err != nil {
		return op{}, err
	}
	lo, hi := compile64(l), compile64(h)
	return b.assignResult(dst, func(p *packet) (uint64, bool) {
		from, to := lo(p), hi(p)
		if from > to {
			return 0, false
		}
		return p.sw.random.between(from, to), true
	})
}

func buildCount(b *primitiveBuilder) (op, error) {
	c, err := b.named(0, "counter_array", b.loader.prog.counterByName)
	if err != nil {
		return op{}, err
	}
	e, err := b.data(1)
	if err != nil {
		return op{}, err
	}
	index := shiftAmount(e)
	return op{run: func(p *packet) { p.sw.counters[c].count(index(p), p.frameLen) }, known: true}, nil
}

func buildMeter(b *primitiveBuilder) (op, error) {
	m, err := b.named(0, "meter_array", b.loader.prog.meterByName)
	if err != nil {
		return op{}, err
	}
	e, dst, err := b.pair(1, 2)
	if err != nil {
		return op{}, err
	}
	index := shiftAmount(e)
	return b.assignResult(dst, func(p *packet) (uint64, bool) {
		color, ok := p.sw.meters[m].execute(index(p), p.now, p.frameLen)
		return uint64(color), ok
	})
}

func buildRegisterRead(b *primitiveBuilder) (op, error) {
	dst, err := b.data(0)
	if err != nil {
		return op{}, err
	}
	r, err := b.named(1, "register_array", b.loader.prog.registerByName)
	if err != nil {
		return op{}, err
	}
	index, err := b.data(2)
	if err != nil {
		return op{}, err
	}
	b.use(r)
	size := uint64(b.regDefs[r].size)
	src := &expr{op: opRegister, reg: r, r: index, lo: zeroBig, hi: maxUnsigned(b.regDefs[r].width)}
	store, err := b.compileAssign(dst, src)
	if err != nil {
		return op{}, err
	}
	at := shiftAmount(index)
	return op{run: func(p *packet) {
		if at(p) < size {
			store(p)
		}
	}}, nil
}

func buildRegisterWrite(b *primitiveBuilder) (op, error) {
	r, err := b.named(0, "register_array", b.loader.prog.registerByName)
	if err != nil {
		return op{}, err
	}
	index, src, err := b.pair(1, 2)
	if err != nil {
		return op{}, err
	}
	b.use(r)
	width := b.regDefs[r].width
	words := wordsFor(width)
	tmp := fieldLoc{off: b.lay.scratch(words), fieldType: fieldType{width: width}}
	store, at := storeTo(tmp, src), shiftAmount(index)
	return op{run: func(p *packet) {
		if cell := p.sw.registers[r].cell(at(p)); cell != nil {
			store(p)
			copy(cell, p.st[tmp.off:tmp.off+words])
		}
	}}, nil
}
