package engine

import (
	"encoding/json"
	"fmt"
)

func (ld *loader) loadErrors() error {
	ld.errors = map[string]uint64{}
	ld.prog.errorNames = map[uint64]string{}
	largest := uint64(0)
	for _, e := range ld.cfg.Errors {
		if !e[0].IsText || e[1].IsText || e[1].Number < 0 {
			return configErrorf("errors", "an entry is not a pair of name and number")
		}
		v := uint64(e[1].Number)
		ld.errors[e[0].Text] = v
		ld.prog.errorNames[v] = e[0].Text
		largest = max(largest, v)
	}
	// Core errors that the compiler left out get values of their own.
	for _, name := range []string{"NoError", "PacketTooShort", "NoMatch", "StackOutOfBounds", "HeaderTooShort", "ParserTimeout", "ParserInvalidArgument"} {
		if _, ok := ld.errors[name]; !ok {
			largest++
			ld.errors[name] = largest
			ld.prog.errorNames[largest] = name
		}
	}
	return nil
}

func (ld *loader) loadValueSets() error {
	ld.prog.valueSetByName = map[string]int{}
	for _, v := range ld.cfg.ParseVsets {
		if v.Width < 0 || v.Width > maxFieldBits {
			return configErrorf(fmt.Sprintf("value set %q", v.Name), "width %d is not in 0..%d", v.Width, maxFieldBits)
		}
		ld.prog.valueSetByName[v.Name] = len(ld.prog.vsets)
		ld.prog.vsets = append(ld.prog.vsets, &vsetDef{name: v.Name, width: v.Width, fields: []int{v.Width}, size: v.MaxSize})
	}
	return nil
}

func (ld *loader) loadParser() error {
	d := &parserDef{
		noError: ld.errors["NoError"], tooShort: ld.errors["PacketTooShort"],
		outOfBounds: ld.errors["StackOutOfBounds"], headerTooShort: ld.errors["HeaderTooShort"],
		invalidArgument: ld.errors["ParserInvalidArgument"],
	}
	ld.prog.parser = d
	var cp *cfgParser
	for i := range ld.cfg.Parsers {
		if ld.cfg.Parsers[i].Name == "parser" {
			cp = &ld.cfg.Parsers[i]
		}
	}
	if cp == nil {
		return configErrorf("parsers", `none is named "parser": is this a program for v1model?`)
	}
	states := map[string]*parseState{}
	for i := range cp.States {
		if states[cp.States[i].Name] != nil {
			return configErrorf("parser", "state %q is there twice", cp.States[i].Name)
		}
		states[cp.States[i].Name] = &parseState{name: cp.States[i].Name}
	}
	for i := range cp.States {
		b := &stateBuilder{ld: ld, states: states, cfg: &cp.States[i], state: states[cp.States[i].Name],
			where: fmt.Sprintf("parser state %q", cp.States[i].Name)}
		if err := b.build(); err != nil {
			return err
		}
	}
	if d.start = states[cp.InitState]; d.start == nil {
		return configErrorf("parser", "no state %q, the first", cp.InitState)
	}
	return nil
}

// stateBuilder compiles one parser state.
type stateBuilder struct {
	ld     *loader
	states map[string]*parseState
	cfg    *cfgState
	state  *parseState
	where  string
	widths []int // bits of the key's parts
	used   map[int]bool
}

func (b *stateBuilder) exprs() *exprBuilder {
	e := b.ld.exprs(b.where, nil)
	e.used = b.used
	return e
}

func (b *stateBuilder) build() error {
	b.used = map[int]bool{}
	for i := range b.cfg.Ops {
		o, err := b.op(&b.cfg.Ops[i])
		if err != nil {
			return err
		}
		b.state.ops = append(b.state.ops, o)
	}
	for i := range b.ld.prog.registers {
		if b.used[i] {
			b.state.registers = append(b.state.registers, i)
		}
	}
	for _, v := range b.cfg.TransitionKey {
		part, width, err := b.keyPart(v)
		if err != nil {
			return err
		}
		b.state.key = append(b.state.key, part)
		b.state.keyBytes += bytesFor(width)
		b.widths = append(b.widths, width)
	}
	for i := range b.cfg.Transitions {
		if err := b.transition(&b.cfg.Transitions[i]); err != nil {
			return err
		}
	}
	b.shorten()
	return nil
}

// shorten notes a key of fixed fields that fits one word.
func (b *stateBuilder) shorten() {
	if b.state.keyBytes > 8 {
		return
	}
	for _, c := range b.state.cases {
		if c.vset >= 0 {
			return
		}
	}
	var fields []wordRun
	for _, v := range b.cfg.TransitionKey {
		if v.Type != "field" {
			return
		}
		loc, _, err := b.ld.field(b.where, v)
		if err != nil || loc.varbit || loc.width == 0 {
			return
		}
		fields = append(fields, wordRun{loc.off, bytesFor(loc.width)})
	}
	b.state.fields = fields
}

func (b *stateBuilder) params(o *cfgParserOp, n int) ([]cfgValue, error) {
	if len(o.Parameters) != n {
		return nil, configErrorf(b.where, "%s takes %d parameters, not %d", o.Op, n, len(o.Parameters))
	}
	out := make([]cfgValue, n)
	for i, m := range o.Parameters {
		// shift and old verify statements have plain numbers.
		if err := json.Unmarshal(m, &out[i]); err != nil {
			var n int
			if json.Unmarshal(m, &n) != nil || n < 0 {
				return nil, configErrorf(b.where, "%s: parameter %d: %v", o.Op, i, err)
			}
			out[i] = cfgValue{Type: "hexstr", Value: fmt.Appendf(nil, `"0x%x"`, n)}
		}
	}
	return out, nil
}

func (b *stateBuilder) op(o *cfgParserOp) (parserOp, error) {
	switch o.Op {
	case "extract":
		return b.extract(o, false)
	case "extract_VL":
		return b.extract(o, true)
	case "set":
		return b.set(o)
	case "verify":
		return b.verify(o)
	case "advance", "shift":
		v, err := b.params(o, 1)
		if err != nil {
			return parserOp{}, err
		}
		e, err := b.exprs().ofType(v[0], typeData)
		if err != nil {
			return parserOp{}, err
		}
		n, unit := shiftAmount(e), uint64(1)
		if o.Op == "shift" {
			unit = 8
		}
		return parserOp{run: func(p *packet) bool { return p.advance(n(p) * unit) }}, nil
	case "primitive":
		if len(o.Parameters) != 1 {
			return parserOp{}, configErrorf(b.where, "primitive takes 1 parameter, not %d", len(o.Parameters))
		}
		var c cfgPrimitive
		if err := json.Unmarshal(o.Parameters[0], &c); err != nil {
			return parserOp{}, configErrorf(b.where, "primitive: %v", err)
		}
		ops, registers, err := b.ld.primitives(b.where, nil, []cfgPrimitive{c})
		if err != nil {
			return parserOp{}, err
		}
		for _, r := range registers {
			b.used[r] = true
		}
		return parserOp{run: func(p *packet) bool { p.runOps(ops); return true }}, nil
	}
	return parserOp{}, &UnsupportedError{Where: b.where, Construct: fmt.Sprintf("parser operation %q", o.Op),
		Choices: "extract, extract_VL, set, verify, advance, shift, primitive"}
}

func (b *stateBuilder) set(o *cfgParserOp) (parserOp, error) {
	v, err := b.params(o, 2)
	if err != nil {
		return parserOp{}, err
	}
	dst, err := b.exprs().ofType(v[0], typeData)
	if err != nil {
		return parserOp{}, err
	}
	if v[1].Type == "lookahead" {
		return b.setLookahead(dst, v[1])
	}
	src, err := b.exprs().value(v[1])
	if err != nil {
		return parserOp{}, err
	}
	if src.typ == typeBool {
		src = &expr{op: opBoolToData, r: src}
		src.setBounds()
	}
	if dst.op == opField && src.op == opField && dst.loc.varbit && src.loc.varbit {
		d, s, n := dst.loc.off, src.loc.off, 1+min(dst.loc.words(), src.loc.words())
		return parserOp{run: func(p *packet) bool { copy(p.st[d:d+n], p.st[s:s+n]); return true }}, nil
	}
	if o, ok := plainAssign(dst, src); ok {
		b.exprs().noteWrite(dst)
		return parserOp{assign: o}, nil
	}
	store, err := b.exprs().compileAssign(dst, src)
	if err != nil {
		return parserOp{}, err
	}
	return parserOp{assign: op{run: store}}, nil
}

func (b *stateBuilder) lookahead(v cfgValue) (off, width int, err error) {
	var pair [2]int
	if err := json.Unmarshal(v.Value, &pair); err != nil || pair[0] < 0 || pair[0] > maxFieldBits || pair[1] < 0 || pair[1] > maxFieldBits {
		return 0, 0, configErrorf(b.where, "lookahead %s is not a pair of offset and width in bits", v.Value)
	}
	return pair[0], pair[1], nil
}

func (b *stateBuilder) setLookahead(dst *expr, v cfgValue) (parserOp, error) {
	off, width, err := b.lookahead(v)
	if err != nil {
		return parserOp{}, err
	}
	n := wordsFor(width)
	tmp := fieldLoc{off: b.ld.lay.scratch(n), fieldType: fieldType{width: width}}
	store, err := b.exprs().compileAssign(dst, fieldExpr(tmp))
	if err != nil {
		return parserOp{}, err
	}
	return parserOp{run: func(p *packet) bool {
		if !p.canSee(off + width) {
			return p.fail(p.sw.prog.parser.tooShort)
		}
		if width > 0 {
			getWords(p.st[tmp.off:tmp.off+n], p.frame[p.pos:], off, width)
		}
		store(p)
		return true
	}}, nil
}

func (b *stateBuilder) verify(o *cfgParserOp) (parserOp, error) {
	v, err := b.params(o, 2)
	if err != nil {
		return parserOp{}, err
	}
	c, err := b.exprs().ofType(v[0], typeBool)
	if err != nil {
		return parserOp{}, err
	}
	e, err := b.exprs().ofType(v[1], typeData)
	if err != nil {
		return parserOp{}, err
	}
	cond, code := compileBool(c), compile64(e)
	return parserOp{run: func(p *packet) bool { return cond(p) || p.fail(code(p)) }}, nil
}
