package engine

// parserDef is the parser, compiled.
type parserDef struct {
	start *parseState

	// The core errors' values in this program.
	noError, tooShort, outOfBounds, headerTooShort, invalidArgument uint64
}

type parseState struct {
	name      string
	ops       []parserOp
	registers []int // locked while the state runs
	key       []keyPart
	keyBytes  int
	// fields is the key, if it is a few fixed fields: the state word and the number of
	// bytes of each. Then key is not needed.
	fields    []wordRun
	cases     []parseCase
	otherwise *parseState // nil: parsing ends
}

// parserOp does something. The most frequent kinds are done in the loop over them.
type parserOp struct {
	extract *header // a header without variable-length field
	assign  op      // if run is nil too
	// run returns false after setting p.parseError.
	run func(p *packet) bool
}

// keyPart appends one field of a select key, in whole bytes.
type keyPart func(p *packet, key []byte) ([]byte, bool)

// parseCase is one case of a select. Keys of up to eight bytes are compared as numbers.
type parseCase struct {
	value, mask     uint64
	longVal, longMs []byte
	vset            int // in Program.vsets; negative: none
	vsetMask        []byte
	next            *parseState
}

// maxStates bounds the states that one packet goes through: a parser may loop, and
// one that takes no bytes would never end.
const maxStates = 1 << 12

// parse runs the parser over p.frame, and leaves the rest in p.payload.
func (p *packet) parse() {
	d := p.sw.prog.parser
	p.parseError, p.checksumError = d.noError, false
	p.pos = 0
	visited := 0
	for s := d.start; s != nil; {
		p.record(func() Event { return Event{Kind: EventParser, Name: s.name} })
		if visited++; visited > maxStates {
			p.parseError = d.invalidArgument
			break
		}
		next, ok := p.enter(s)
		if !ok {
			break
		}
		s = next
	}
	p.payload = p.frame[p.pos:]
	if p.parseError != d.noError {
		p.record(func() Event { return Event{Kind: EventParserError, Name: p.sw.prog.errorNames[p.parseError]} })
	}
	for _, c := range p.sw.prog.verify {
		if !c.holds(p) {
			p.checksumError = true
			p.record(func() Event { return Event{Kind: EventChecksum, Name: c.name} })
		}
	}
}

// enter runs a state and chooses the next; false means a parser error.
func (p *packet) enter(s *parseState) (*parseState, bool) {
	if len(s.registers) > 0 {
		p.lockRegisters(s.registers)
	}
	ok := true
	for i := 0; i < len(s.ops) && ok && !p.dead; i++ {
		switch o := &s.ops[i]; {
		case o.extract != nil:
			ok = p.extract(o.extract)
		case o.run != nil:
			ok = o.run(p)
		default:
			p.assign(&o.assign)
		}
	}
	if len(s.registers) > 0 {
		p.unlockRegisters(s.registers)
	}
	if !ok || p.dead {
		return nil, false
	}
	if len(s.key) == 0 {
		return s.otherwise, true
	}
	if s.fields != nil {
		var short uint64
		for _, f := range s.fields {
			short = short<<(8*f.n) | p.st[f.off]
		}
		for i := range s.cases {
			if c := &s.cases[i]; (short^c.value)&c.mask == 0 {
				return c.next, true
			}
		}
		return s.otherwise, true
	}
	key := p.key[:0]
	for _, part := range s.key {
		if key, ok = part(p, key); !ok {
			return nil, false
		}
	}
	p.key = key
	return p.choose(s, key), true
}

func (p *packet) choose(s *parseState, key []byte) *parseState {
	var short uint64
	if s.keyBytes <= 8 {
		for _, b := range key {
			short = short<<8 | uint64(b)
		}
	}
next:
	for i := range s.cases {
		c := &s.cases[i]
		switch {
		case c.vset >= 0:
			if p.sw.vsets[c.vset].contains(key, c.vsetMask) {
				return c.next
			}
		case s.keyBytes <= 8:
			if (short^c.value)&c.mask == 0 {
				return c.next
			}
		default:
			for j := range key {
				if (key[j]^c.longVal[j])&c.longMs[j] != 0 {
					continue next
				}
			}
			return c.next
		}
	}
	return s.otherwise
}

func (p *packet) fail(code uint64) bool {
	p.parseError = code
	return false
}

// extract takes a header without variable-length field.
func (p *packet) extract(h *header) bool {
	n := h.typ.bits / 8
	if len(p.frame)-p.pos < n {
		return p.fail(p.sw.prog.parser.tooShort)
	}
	b, st := p.frame[p.pos:], p.st
	for i := range h.take {
		f := &h.take[i]
		st[f.word] = getBits(b, f.bit, f.width)
	}
	st[h.at] = uint64(p.pos)
	p.pos += n
	p.setValid(h)
	return true
}

// extractVar takes a header whose variable-length field has this many bits.
func (p *packet) extractVar(h *header, bits uint64) bool {
	d := p.sw.prog.parser
	if bits%8 != 0 {
		return p.fail(d.invalidArgument)
	}
	n := uint64(h.typ.bits)/8 + bits/8
	if uint64(len(p.frame)-p.pos) < n {
		return p.fail(d.tooShort)
	}
	if n > uint64(h.typ.maxBytes) {
		return p.fail(d.headerTooShort)
	}
	h.typ.extract(p.st[h.base:h.base+h.typ.words], p.frame[p.pos:], int(bits))
	p.pos += int(n)
	p.setValid(h)
	return true
}

// advance skips bits of the packet.
func (p *packet) advance(bits uint64) bool {
	d := p.sw.prog.parser
	if bits%8 != 0 {
		return p.fail(d.invalidArgument)
	}
	if uint64(len(p.frame)-p.pos) < bits/8 {
		return p.fail(d.tooShort)
	}
	p.pos += int(bits / 8)
	return true
}

// canSee reports whether the packet has bits up to this offset from the cursor.
func (p *packet) canSee(bits int) bool {
	return len(p.frame)-p.pos >= bytesFor(bits)
}
