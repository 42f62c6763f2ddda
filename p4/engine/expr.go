package engine

import (
	"encoding/json"
	"fmt"
	"math/big"
)

// exprType is the type of an expression's result.
type exprType uint8

const (
	typeData exprType = iota // an integer, of any size and sign
	typeBool
	typeHeader
	typeStack
	typeUnion
	typeUnionStack
)

func (t exprType) String() string {
	return [...]string{"data", "bool", "header", "header stack", "header union", "header union stack"}[t]
}

// exprOp is what an expression does with its operands.
type exprOp uint8

const (
	opConst exprOp = iota
	opBool
	opField // at a fixed place
	opLocal // an argument of the running action
	opRegister
	opHeader
	opStack
	opUnion
	opUnionStack
	opLastField   // field of a stack's last element
	opAccessField // field of a header that is known when the packet is there
	opUnionHeader
	opDerefStack
	opDerefUnionStack
	opLastIndex
	opSize
	opAdd
	opSub
	opMul
	opDiv
	opMod
	opShl
	opShr
	opAnd
	opOr
	opXor
	opNot // bitwise
	opTwoComp
	opUSat
	opSat
	opBoolToData
	opDataToBool
	opEq
	opNe
	opLt
	opLe
	opGt
	opGe
	opLAnd
	opLOr
	opLNot
	opValid
	opValidUnion
	opCond
)

// expr is an expression of the config, resolved and typed. Data is of infinite
// precision, as in bmv2; lo and hi bound its value, and are nil if nothing is known.
type expr struct {
	op      exprOp
	typ     exprType
	l, r, c *expr
	lo, hi  *big.Int

	val   *big.Int // opConst
	truth bool     // opBool
	loc   fieldLoc // opField
	param paramDef // opLocal
	reg   int      // opRegister: in Program.registers
	hdr   *header
	stk   *stack
	un    *union
	ust   *unionStack
	idx   int // field or member index
	width int // opTwoComp, opUSat, opSat
	htype *headerType
}

// exprBuilder resolves expressions in one context.
type exprBuilder struct {
	lay       *layout
	registers map[string]int
	regDefs   []*registerDef
	where     string
	params    []paramDef   // of the action, if any
	used      map[int]bool // registers that are read or written; nil: none may be
	depth     int
}

var binaryOps = map[string]exprOp{
	"+": opAdd, "-": opSub, "*": opMul, "/": opDiv, "%": opMod, "<<": opShl, ">>": opShr,
	"&": opAnd, "|": opOr, "^": opXor,
	"==": opEq, "!=": opNe, "<": opLt, "<=": opLe, ">": opGt, ">=": opGe,
	"and": opLAnd, "or": opLOr,
	"two_comp_mod": opTwoComp, "usat_cast": opUSat, "sat_cast": opSat,
	"dereference_header_stack": opDerefStack, "dereference_stack": opDerefStack,
	"dereference_union_stack": opDerefUnionStack,
}

var unaryOps = map[string]exprOp{
	"~": opNot, "not": opLNot, "valid": opValid, "valid_union": opValidUnion,
	"d2b": opDataToBool, "b2d": opBoolToData, "last_stack_index": opLastIndex, "size_stack": opSize,
}

func (b *exprBuilder) errorf(format string, args ...any) error {
	return configErrorf(b.where, format, args...)
}

func (b *exprBuilder) raw(m json.RawMessage) (*expr, error) {
	if len(m) == 0 || string(m) == "null" {
		return nil, nil
	}
	var v cfgValue
	if err := v.fast(m); err != nil {
		return nil, b.errorf("expression: %v", err)
	}
	return b.value(v)
}

// operand is raw for something that must be there.
func (b *exprBuilder) operand(m json.RawMessage, op string) (*expr, error) {
	e, err := b.raw(m)
	if err == nil && e == nil {
		err = b.errorf("operator %q lacks an operand", op)
	}
	return e, err
}

// ofType resolves a value that must have this type.
func (b *exprBuilder) ofType(v cfgValue, t exprType) (*expr, error) {
	e, err := b.value(v)
	if err != nil {
		return nil, err
	}
	if e.typ != t {
		return nil, b.errorf("an expression is %s, not %s", e.typ, t)
	}
	return e, nil
}

func (b *exprBuilder) value(v cfgValue) (*expr, error) {
	b.depth++
	defer func() { b.depth-- }()
	if b.depth > maxNesting {
		return nil, b.errorf("expressions are nested more than %d deep", maxNesting)
	}
	var text string
	var pair []json.RawMessage
	var err error
	switch v.Type {
	case "hexstr", "header", "header_stack", "header_union", "header_union_stack":
		err = json.Unmarshal(v.Value, &text)
	case "field", "stack_field", "register":
		if err = json.Unmarshal(v.Value, &pair); err == nil && len(pair) != 2 {
			err = fmt.Errorf("%s is not a pair", v.Value)
		}
	}
	if err != nil {
		return nil, b.errorf("%s: %v", v.Type, err)
	}
	switch v.Type {
	case "expression":
		return b.expression(v.Value)
	case "hexstr":
		n, err := parseHex(text)
		if err != nil {
			return nil, b.errorf("%v", err)
		}
		return constant(n), nil
	case "bool":
		e := &expr{op: opBool, typ: typeBool}
		if err := json.Unmarshal(v.Value, &e.truth); err != nil {
			return nil, b.errorf("bool: %v", err)
		}
		return e, nil
	case "field":
		var h, f string
		if json.Unmarshal(pair[0], &h) != nil || json.Unmarshal(pair[1], &f) != nil {
			return nil, b.errorf("%s is not a field", v.Value)
		}
		loc, _, err := b.lay.find(b.where, h, f)
		if err != nil {
			return nil, err
		}
		return fieldExpr(loc), nil
	case "local", "runtime_data":
		var i int
		if err := json.Unmarshal(v.Value, &i); err != nil || i < 0 || i >= len(b.params) {
			return nil, b.errorf("there is no parameter %s", v.Value)
		}
		p := b.params[i]
		return &expr{op: opLocal, param: p, lo: new(big.Int), hi: maxUnsigned(p.width)}, nil
	case "register":
		return b.register(pair)
	case "stack_field":
		return b.stackField(pair)
	}
	return b.object(v.Type, text)
}

// object resolves the name of a header, stack or union.
func (b *exprBuilder) object(kind, name string) (*expr, error) {
	switch kind {
	case "header":
		if h := b.lay.byName[name]; h != nil {
			b.lay.useAll(h)
			return &expr{op: opHeader, typ: typeHeader, hdr: h, htype: h.typ}, nil
		}
	case "header_stack":
		if s := b.lay.stacks[name]; s != nil {
			b.lay.useAll(s.headers...)
			return &expr{op: opStack, typ: typeStack, stk: s, htype: s.typ}, nil
		}
	case "header_union":
		if u := b.lay.unions[name]; u != nil {
			b.lay.useAll(u.headers...)
			return &expr{op: opUnion, typ: typeUnion, un: u}, nil
		}
	case "header_union_stack":
		if s := b.lay.uStacks[name]; s != nil {
			for _, u := range s.unions {
				b.lay.useAll(u.headers...)
			}
			return &expr{op: opUnionStack, typ: typeUnionStack, ust: s}, nil
		}
	default:
		return nil, &UnsupportedError{Where: b.where, Construct: fmt.Sprintf("expression type %q", kind)}
	}
	return nil, b.errorf("no %s %q", kind, name)
}

func (b *exprBuilder) register(pair []json.RawMessage) (*expr, error) {
	var name string
	if err := json.Unmarshal(pair[0], &name); err != nil {
		return nil, b.errorf("register: %v", err)
	}
	i, ok := b.registers[name]
	if !ok {
		return nil, b.errorf("no register %q", name)
	}
	index, err := b.operand(pair[1], "register")
	if err != nil {
		return nil, err
	}
	if b.used == nil {
		return nil, &UnsupportedError{Where: b.where, Construct: "reading a register outside actions and parser states"}
	}
	b.use(i)
	return &expr{op: opRegister, reg: i, r: index, lo: new(big.Int), hi: maxUnsigned(b.regDefs[i].width)}, nil
}

// use notes that the action locks this register.
func (b *exprBuilder) use(register int) {
	if b.used != nil {
		b.used[register] = true
	}
}

func (b *exprBuilder) stackField(pair []json.RawMessage) (*expr, error) {
	var name, field string
	if json.Unmarshal(pair[0], &name) != nil || json.Unmarshal(pair[1], &field) != nil {
		return nil, b.errorf("stack_field: not a pair of names")
	}
	s := b.lay.stacks[name]
	if s == nil {
		return nil, b.errorf("no header stack %q", name)
	}
	b.lay.useAll(s.headers...)
	i, ok := s.typ.byName[field]
	if !ok && field == "last" {
		// How p4c writes the last header as a whole.
		l := &expr{op: opStack, typ: typeStack, stk: s, htype: s.typ}
		i, err := b.unary(opLastIndex, "last", l)
		if err != nil {
			return nil, err
		}
		return b.binary(opDerefStack, "last", l, i)
	}
	if !ok {
		return nil, b.errorf("the headers of stack %q have no field %q", name, field)
	}
	lo, hi := s.typ.fields[i].bounds()
	return &expr{op: opLastField, stk: s, idx: i, htype: s.typ, lo: lo, hi: hi}, nil
}

func (b *exprBuilder) expression(m json.RawMessage) (*expr, error) {
	var x cfgExpression
	if err := x.fast(m); err != nil {
		return nil, b.errorf("expression: %v", err)
	}
	// p4c wraps a lone value of an expression as {"type": …, "value": …}.
	if x.Op == "" {
		var v cfgValue
		if err := v.fast(m); err != nil || v.Type == "" {
			return nil, b.errorf("an expression has neither op nor type: %.80s", m)
		}
		return b.value(v)
	}
	switch x.Op {
	case "?":
		return b.conditional(x)
	case "access_field", "access_union_header":
		return b.access(x)
	}
	if op, ok := unaryOps[x.Op]; ok {
		r, err := b.operand(x.Right, x.Op)
		if err != nil {
			return nil, err
		}
		return b.unary(op, x.Op, r)
	}
	op, ok := binaryOps[x.Op]
	if !ok {
		return nil, &UnsupportedError{Where: b.where, Construct: fmt.Sprintf("operator %q", x.Op)}
	}
	l, err := b.raw(x.Left)
	if err != nil {
		return nil, err
	}
	if l == nil {
		if op != opAdd && op != opSub {
			return nil, b.errorf("operator %q lacks an operand", x.Op)
		}
		l = constant(new(big.Int)) // unary plus and minus
	}
	r, err := b.operand(x.Right, x.Op)
	if err != nil {
		return nil, err
	}
	return b.binary(op, x.Op, l, r)
}

func (b *exprBuilder) conditional(x cfgExpression) (*expr, error) {
	c, err := b.operand(x.Cond, "?")
	if err != nil {
		return nil, err
	}
	l, err := b.operand(x.Left, "?")
	if err != nil {
		return nil, err
	}
	r, err := b.operand(x.Right, "?")
	if err != nil {
		return nil, err
	}
	if c.typ != typeBool || l.typ != r.typ || l.typ > typeBool {
		return nil, b.errorf("operator \"?\" on %s, %s and %s", c.typ, l.typ, r.typ)
	}
	e := &expr{op: opCond, typ: l.typ, c: c, l: l, r: r}
	e.setBounds()
	return e, nil
}

func (b *exprBuilder) access(x cfgExpression) (*expr, error) {
	l, err := b.operand(x.Left, x.Op)
	if err != nil {
		return nil, err
	}
	var i int
	if err := json.Unmarshal(x.Right, &i); err != nil {
		return nil, b.errorf("operator %q: %v", x.Op, err)
	}
	if x.Op == "access_union_header" {
		if l.typ != typeUnion {
			return nil, b.errorf("operator %q on %s", x.Op, l.typ)
		}
		first := l.un
		if first == nil {
			first = l.ust.unions[0]
		}
		if i < 0 || i >= len(first.headers) {
			return nil, b.errorf("operator %q: no member %d", x.Op, i)
		}
		if l.op == opUnion {
			h := first.headers[i]
			return &expr{op: opHeader, typ: typeHeader, hdr: h, htype: h.typ}, nil
		}
		return &expr{op: opUnionHeader, typ: typeHeader, l: l, idx: i, ust: l.ust, htype: first.headers[i].typ}, nil
	}
	if l.typ != typeHeader || i < 0 || i > len(l.htype.fields) {
		return nil, b.errorf("operator %q: field %d of %s", x.Op, i, l.typ)
	}
	if i == len(l.htype.fields) {
		// The hidden field that bmv2 keeps behind the others: the validity.
		return &expr{op: opBoolToData, r: &expr{op: opValid, typ: typeBool, r: l}, lo: new(big.Int), hi: big.NewInt(1)}, nil
	}
	if l.op == opHeader {
		return fieldExpr(l.hdr.field(i)), nil
	}
	lo, hi := l.htype.fields[i].bounds()
	return &expr{op: opAccessField, l: l, idx: i, htype: l.htype, lo: lo, hi: hi}, nil
}

func constant(n *big.Int) *expr {
	return &expr{op: opConst, val: n, lo: n, hi: n}
}

func fieldExpr(loc fieldLoc) *expr {
	lo, hi := loc.bounds()
	return &expr{op: opField, loc: loc, lo: lo, hi: hi}
}

// parseHex reads a hexstr: an optional sign, an optional 0x, hexadecimal digits.
func parseHex(s string) (*big.Int, error) {
	digits := s
	neg := len(digits) > 0 && digits[0] == '-'
	if neg {
		digits = digits[1:]
	}
	if len(digits) > 2 && digits[:2] == "0x" {
		digits = digits[2:]
	}
	n, ok := new(big.Int).SetString(digits, 16)
	if !ok || len(digits) > maxFieldBits/4 || n.Sign() < 0 {
		return nil, fmt.Errorf("%.40q is not a hexadecimal number", s)
	}
	if neg {
		n.Neg(n)
	}
	return n, nil
}
