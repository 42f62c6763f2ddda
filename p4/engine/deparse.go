package engine

import "encoding/binary"

// deparse turns headers and payload into bytes, valid until the packet is released. Headers
// that are as they were extracted are copied from the frame; if all of the packet is one
// piece of the frame, nothing is copied.
func (p *packet) deparse() []byte {
	for _, c := range p.sw.prog.update {
		c.apply(p)
	}
	d := p.sw.prog.deparse
	if len(d.ops) > 0 {
		p.lockRegisters(d.registers)
		p.runOps(d.ops)
		p.unlockRegisters(d.registers)
	}
	out := p.leaving[:0]
	from, to := 0, 0 // the piece of the frame that comes next
	for _, h := range d.order {
		if p.st[h.valid] == 0 {
			continue
		}
		if !h.asExtracted {
			out = append(out, p.frame[from:to]...)
			from, to = 0, 0
			out = h.append(out, p)
			continue
		}
		at := int(p.st[h.at])
		if at != to || from == to {
			out = append(out, p.frame[from:to]...)
			from = at
		}
		to = at + h.typ.bits/8
	}
	if from == to || to != p.pos {
		out = append(out, p.frame[from:to]...)
		from = p.pos
	}
	if len(out) == 0 {
		out = p.frame[from:]
	} else {
		out = append(out, p.frame[from:]...)
		p.leaving = out[:0]
	}
	return out[:min(uint64(len(out)), p.limit)]
}

// append appends the bytes of a header.
func (h *header) append(out []byte, p *packet) []byte {
	t, st := h.typ, p.st[h.base:h.base+h.typ.words]
	if t.varbit >= 0 {
		n := len(out)
		out = append(out, make([]byte, h.bytes(p))...)
		t.deparse(st, out[n:], 0)
		return out
	}
	// The bits that are not a whole word yet, in the low bits of word.
	word, have := uint64(0), 0
	for i := range t.fields {
		f := &t.fields[i]
		n := f.width - 64*(wordsFor(f.width)-1)
		for _, v := range st[f.rel : f.rel+wordsFor(f.width)] {
			if have+n >= 64 {
				more := have + n - 64 // bits of v for the next word
				out = binary.BigEndian.AppendUint64(out, word<<(n-more)|v>>more)
				word, have = v&mask64(more), more
			} else {
				word, have = word<<n|v, have+n
			}
			n = 64
		}
	}
	for ; have > 0; have -= 8 {
		out = append(out, byte(word>>(have-8)))
	}
	return out
}
