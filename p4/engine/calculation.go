package engine

import (
	"encoding/json"
	"fmt"
)

// calculation is a hash over a list of fields, constants, headers and the payload. The
// bits are concatenated without padding; the last byte is filled with zeros.
type calculation struct {
	name    string
	hash    hashFunc
	inputs  []hashInput
	payload bool
}

// hashInput is a run of bits. What belongs to an invalid header is left out.
type hashInput struct {
	field    fieldLoc
	header   *header  // a whole header
	constant []uint64 // or a constant of field.width bits
	valid    int      // state word; negative: always there
}

func (ld *loader) loadCalculations() error {
	ld.calcs = map[string]*calculation{}
	for i := range ld.cfg.Calculations {
		c := &ld.cfg.Calculations[i]
		calc, err := ld.buildCalculation(fmt.Sprintf("calculation %q", c.Name), c.Name, c.Algo, c.Input)
		if err != nil {
			return err
		}
		ld.calcs[c.Name] = calc
	}
	return nil
}

func (ld *loader) buildCalculation(where, name, algo string, inputs []cfgValue) (*calculation, error) {
	h, err := findHash(where, algo)
	if err != nil {
		return nil, err
	}
	c := &calculation{name: name, hash: h}
	for _, v := range inputs {
		in := hashInput{valid: -1}
		switch v.Type {
		case "field":
			loc, hdr, err := ld.field(where, v)
			if err != nil {
				return nil, err
			}
			in.field = loc
			if !hdr.metadata {
				in.valid = hdr.valid
			}
		case "hexstr":
			var text string
			if err := json.Unmarshal(v.Value, &text); err != nil || v.Bitwidth < 0 || v.Bitwidth > maxFieldBits {
				return nil, configErrorf(where, "constant %s of %d bits", v.Value, v.Bitwidth)
			}
			n, err := parseHex(text)
			if err != nil {
				return nil, configErrorf(where, "%v", err)
			}
			in.field.width = v.Bitwidth
			in.constant = make([]uint64, wordsFor(v.Bitwidth))
			wordsFromBig(in.constant, n, v.Bitwidth)
		case "header":
			e, err := ld.exprs(where, nil).ofType(v, typeHeader)
			if err != nil {
				return nil, err
			}
			in.header, in.valid = e.hdr, e.hdr.valid
		case "payload":
			c.payload = true
			continue
		default:
			return nil, &UnsupportedError{Where: where, Construct: fmt.Sprintf("input type %q", v.Type), Choices: "field, hexstr, header, payload"}
		}
		c.inputs = append(c.inputs, in)
	}
	return c, nil
}

// field resolves a value of type field.
func (ld *loader) field(where string, v cfgValue) (fieldLoc, *header, error) {
	var pair [2]string
	if v.Type != "field" {
		return fieldLoc{}, nil, &UnsupportedError{Where: where, Construct: fmt.Sprintf("value of type %q", v.Type), Choices: "field"}
	}
	if err := json.Unmarshal(v.Value, &pair); err != nil {
		return fieldLoc{}, nil, configErrorf(where, "%s is not a field", v.Value)
	}
	return ld.lay.find(where, pair[0], pair[1])
}

func (b *primitiveBuilder) calculation(i int) (*calculation, error) {
	var name string
	if b.params[i].Type != "calculation" || json.Unmarshal(b.params[i].Value, &name) != nil {
		return nil, b.errorf("parameter %d is not a calculation", i)
	}
	if c := b.loader.calcs[name]; c != nil {
		return c, nil
	}
	return nil, b.errorf("no calculation %q", name)
}

// output computes the hash for a packet.
func (c *calculation) output(p *packet) uint64 {
	bits := 0
	for i := range c.inputs {
		bits += c.inputs[i].bits(p)
	}
	n := bytesFor(bits)
	size := n
	if c.payload {
		size += len(p.payload)
	}
	buf := p.scratch(size)
	clear(buf[:n])
	off := 0
	for i := range c.inputs {
		in := &c.inputs[i]
		switch {
		case in.valid >= 0 && p.st[in.valid] == 0:
		case in.header != nil:
			off = in.header.typ.deparse(p.st[in.header.base:], buf, off)
		case in.constant != nil:
			off = in.field.deparse(in.constant, buf, off)
		default:
			off = in.field.deparse(p.st[in.field.off:], buf, off)
		}
	}
	if c.payload {
		copy(buf[n:], p.payload)
	}
	return c.hash(buf)
}

func (in *hashInput) bits(p *packet) int {
	switch {
	case in.valid >= 0 && p.st[in.valid] == 0:
		return 0
	case in.header != nil:
		return 8 * in.header.bytes(p)
	case in.field.varbit:
		return int(p.st[in.field.off])
	}
	return in.field.width
}

// checksumDef is a checksum that is verified after parsing or updated before deparsing.
type checksumDef struct {
	name   string
	target fieldLoc
	header *header
	calc   *calculation
	cond   fnBool // nil: always
	store  storer // writes p.result into target
	load   fn64
}

func (ld *loader) loadChecksums() error {
	for i := range ld.cfg.Checksums {
		c := &ld.cfg.Checksums[i]
		where := fmt.Sprintf("checksum %q", c.Name)
		if c.Type != "generic" {
			return &UnsupportedError{Where: where, Construct: fmt.Sprintf("checksum type %q", c.Type), Choices: "generic"}
		}
		loc, hdr, err := ld.lay.find(where, c.Target[0], c.Target[1])
		if err != nil {
			return err
		}
		d := &checksumDef{name: c.Name, target: loc, header: hdr, calc: ld.calcs[c.Calculation], load: loc.load64()}
		if d.calc == nil {
			return configErrorf(where, "no calculation %q", c.Calculation)
		}
		if c.IfCond != nil && c.IfCond.Type != "" {
			e, err := ld.exprs(where, nil).ofType(*c.IfCond, typeBool)
			if err != nil {
				return err
			}
			d.cond = compileBool(e)
		}
		tmp := fieldLoc{off: ld.lay.scratch(1), fieldType: fieldType{width: 64}}
		store := storeTo(loc, fieldExpr(tmp))
		calc := d.calc
		d.store = func(p *packet) {
			p.st[tmp.off] = calc.output(p)
			store(p)
		}
		if c.Verify == nil || *c.Verify {
			ld.prog.verify = append(ld.prog.verify, d)
		}
		if c.Update == nil || *c.Update {
			ld.lay.written[loc.off] = true
			ld.prog.update = append(ld.prog.update, d)
		}
	}
	return nil
}

// holds verifies the checksum; it holds where it does not apply.
func (d *checksumDef) holds(p *packet) bool {
	if p.st[d.header.valid] == 0 || d.cond != nil && !d.cond(p) {
		return true
	}
	return d.calc.output(p) == d.load(p)
}

func (d *checksumDef) apply(p *packet) {
	if d.cond == nil || d.cond(p) {
		d.store(p)
	}
}
