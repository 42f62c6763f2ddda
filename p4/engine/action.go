package engine

import (
	"encoding/json"
	"fmt"
	"sort"
)

// op is one step of an action. The most frequent assignments are done in the loop over
// them, without a call.
type op struct {
	kind     opKind
	dst, src int // words of the state, or for opArgument src of the arguments
	words    int
	value    uint64
	run      func(*packet)
	cond     fn64
	target   int
	// writes is what run may change of the state, if known.
	writes []wordRun
	known  bool
}

type opKind uint8

const (
	opRun      opKind = iota
	opSet             // the word dst = value
	opCopy            // the words from dst = those from src
	opArgument        // the words from dst = those from src of the arguments
	opJump
	opJumpIfZero // if cond gives 0
)

// effect is what an op may change of the state; known is false if that may be anything.
func (o *op) effect() (writes []wordRun, known bool) {
	switch o.kind {
	case opRun:
		return o.writes, o.known
	case opJump, opJumpIfZero:
		return nil, true
	}
	return []wordRun{{o.dst, o.words}}, true
}

// execute runs an action.
func (p *packet) execute(a *actionDef, args []uint64) {
	p.args = args
	if len(a.registers) > 0 {
		p.lockRegisters(a.registers)
		defer p.unlockRegisters(a.registers)
	}
	p.runOps(a.ops)
}

// maxLoops bounds the jumps back in one run of an action. p4c makes them of P4's loops.
const maxLoops = 1 << 16

func (p *packet) runOps(ops []op) {
	loops := 0
	for i := 0; i < len(ops); {
		o := &ops[i]
		i++
		switch o.kind {
		case opSet, opCopy, opArgument:
			p.assign(o)
		case opRun:
			if o.run(p); p.dead {
				return
			}
		case opJump, opJumpIfZero:
			if o.cond != nil && o.cond(p) != 0 {
				continue
			}
			if o.target < i {
				if loops++; loops > maxLoops {
					p.dead = true
					p.log(fmt.Sprintf("an action looped more than %d times", maxLoops))
					return
				}
			}
			i = o.target
		}
	}
}

// assign does an op that is no jump.
func (p *packet) assign(o *op) {
	switch o.kind {
	case opSet:
		p.st[o.dst] = o.value
	case opCopy:
		for i := range o.words {
			p.st[o.dst+i] = p.st[o.src+i]
		}
	case opArgument:
		for i := range o.words {
			p.st[o.dst+i] = p.args[o.src+i]
		}
	default:
		o.run(p)
	}
}

// lockRegisters locks in the order of the indices, so that actions cannot wait for
// each other in a circle.
func (p *packet) lockRegisters(list []int) {
	for _, i := range list {
		p.sw.registers[i].mu.Lock()
	}
}

func (p *packet) unlockRegisters(list []int) {
	for _, i := range list {
		p.sw.registers[i].mu.Unlock()
	}
}

// loader builds a Program from a config.
type loader struct {
	cfg     *config
	prog    *Program
	lay     *layout
	actions map[int]*actionDef
	calcs   map[string]*calculation
	errors  map[string]uint64
}

func (ld *loader) exprs(where string, params []paramDef) *exprBuilder {
	return &exprBuilder{
		lay: ld.lay, registers: ld.prog.registerByName, regDefs: ld.prog.registers,
		where: where, params: params,
	}
}

func (ld *loader) loadActions() error {
	ld.actions = map[int]*actionDef{}
	for i := range ld.cfg.Actions {
		ca := &ld.cfg.Actions[i]
		a := &actionDef{name: ca.Name, id: ca.ID}
		where := fmt.Sprintf("action %q", ca.Name)
		for _, d := range ca.RuntimeData {
			if d.Bitwidth < 0 || d.Bitwidth > maxFieldBits {
				return configErrorf(where, "parameter %q: width %d is not in 0..%d", d.Name, d.Bitwidth, maxFieldBits)
			}
			a.params = append(a.params, paramDef{name: d.Name, width: d.Bitwidth, off: a.argWords})
			a.argWords += wordsFor(d.Bitwidth)
		}
		ops, registers, err := ld.primitives(where, a.params, ca.Primitives)
		if err != nil {
			return err
		}
		a.ops, a.registers = ops, registers
		if ld.actions[a.id] != nil {
			return configErrorf(where, "its id %d is there twice", a.id)
		}
		ld.actions[a.id] = a
	}
	return nil
}

// primitives compiles a list of primitive calls, and lists the registers they use.
func (ld *loader) primitives(where string, params []paramDef, list []cfgPrimitive) ([]op, []int, error) {
	used := map[int]bool{}
	var ops []op
	for i := range list {
		b := &primitiveBuilder{
			loader: ld, of: len(list),
			exprBuilder: ld.exprs(fmt.Sprintf("%s, primitive %d (%s)", where, i, list[i].Op), params),
		}
		b.exprBuilder.used = used
		o, err := b.build(&list[i])
		if err != nil {
			return nil, nil, err
		}
		ops = append(ops, o)
	}
	var registers []int
	for r := range used {
		registers = append(registers, r)
	}
	sort.Ints(registers)
	return ops, registers, nil
}

// primitiveBuilder compiles one primitive call.
type primitiveBuilder struct {
	*exprBuilder
	loader *loader
	of     int // primitives in the action
	params []cfgValue
}

// primitive describes a primitive: how many parameters it takes, and how it is compiled.
type primitive struct {
	params int
	build  func(b *primitiveBuilder) (op, error)
}

func (b *primitiveBuilder) build(c *cfgPrimitive) (op, error) {
	prim, ok := primitiveTable[c.Op]
	if !ok {
		var names []string
		for name := range primitiveTable {
			names = append(names, name)
		}
		sort.Strings(names)
		return op{}, &UnsupportedError{Where: b.where, Construct: fmt.Sprintf("primitive %q", c.Op), Choices: quotedNames(names)}
	}
	if len(c.Parameters) != prim.params {
		return op{}, b.errorf("it takes %d parameters, not %d", prim.params, len(c.Parameters))
	}
	b.params = c.Parameters
	return prim.build(b)
}

// data compiles parameter i as an integer.
func (b *primitiveBuilder) data(i int) (*expr, error) {
	v := b.params[i]
	e, err := b.value(v)
	if err != nil {
		return nil, err
	}
	if e.typ == typeBool {
		e = &expr{op: opBoolToData, r: e}
		e.setBounds()
	}
	if e.typ != typeData {
		return nil, b.errorf("parameter %d is %s, not data", i, e.typ)
	}
	return e, nil
}

func (b *primitiveBuilder) typed(i int, t exprType) (*expr, error) {
	return b.ofType(b.params[i], t)
}

// named resolves parameter i, a reference to an object of the config by name.
func (b *primitiveBuilder) named(i int, kind string, index map[string]int) (int, error) {
	var name string
	if b.params[i].Type != kind {
		return 0, b.errorf("parameter %d is of type %q, not %q", i, b.params[i].Type, kind)
	}
	if err := json.Unmarshal(b.params[i].Value, &name); err != nil {
		return 0, b.errorf("parameter %d: %v", i, err)
	}
	n, ok := index[name]
	if !ok {
		return 0, b.errorf("no %s %q", kind, name)
	}
	return n, nil
}

// jumpTarget reads the constant parameter i as a place in the action.
func (b *primitiveBuilder) jumpTarget(i int) (int, error) {
	e, err := b.data(i)
	if err != nil {
		return 0, err
	}
	if e.op != opConst || !e.val.IsInt64() || e.val.Int64() < 0 || e.val.Int64() > int64(b.of) {
		return 0, b.errorf("a jump must go to a primitive of its action")
	}
	return int(e.val.Int64()), nil
}
