package server

import (
	"fmt"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
)

// codec translates between the engine's flat bit strings and P4Data of one P4
// type (section "Representation of Arbitrary P4 Types"). bit, int, bool, and
// structs, headers and tuples of these are supported: what a register cell or a
// digest can hold in v1model.
type codec struct {
	kind     codecKind
	width    int // leaves
	name     string
	members  []codec
	problem  string // kind codecUnsupported: why
	typeName string
}

type codecKind uint8

const (
	codecUnsupported codecKind = iota
	codecBit
	codecInt
	codecBool
	codecStruct
	codecHeader
	codecTuple
)

// codecOf reads a type of P4Info. A type that is not supported gives a codec whose
// every use fails with the reason.
func codecOf(spec *configv1.P4DataTypeSpec, types *configv1.P4TypeInfo) codec {
	return codecAt(spec, types, 0)
}

// maxTypeDepth bounds the nesting of types, which P4 does not allow to be
// recursive but a P4Info from outside might.
const maxTypeDepth = 16

func codecAt(spec *configv1.P4DataTypeSpec, types *configv1.P4TypeInfo, depth int) codec {
	if depth > maxTypeDepth {
		return codec{problem: fmt.Sprintf("types are nested deeper than %d", maxTypeDepth)}
	}
	var out codec
	leaf := func(kind codecKind, w int32) codec {
		if w <= 0 {
			return codec{problem: fmt.Sprintf("bit width %d", w)}
		}
		return codec{kind: kind, width: int(w)}
	}
	bitstring := func(b *configv1.P4BitstringLikeTypeSpec) codec {
		switch t := b.GetTypeSpec().(type) {
		case *configv1.P4BitstringLikeTypeSpec_Bit:
			return leaf(codecBit, t.Bit.Bitwidth)
		case *configv1.P4BitstringLikeTypeSpec_Int:
			return leaf(codecInt, t.Int.Bitwidth)
		}
		return codec{problem: "varbit is not supported"}
	}
	switch t := spec.GetTypeSpec().(type) {
	case *configv1.P4DataTypeSpec_Bitstring:
		return bitstring(t.Bitstring)
	case *configv1.P4DataTypeSpec_Bool:
		return codec{kind: codecBool, width: 1}
	case *configv1.P4DataTypeSpec_NewType:
		n := types.GetNewTypes()[t.NewType.GetName()]
		if n.GetOriginalType() == nil {
			return codec{problem: fmt.Sprintf("type %s is translated or not declared", t.NewType.GetName())}
		}
		return codecAt(n.GetOriginalType(), types, depth+1)
	case *configv1.P4DataTypeSpec_SerializableEnum:
		return leafOfEnum(t.SerializableEnum.GetName(), types)
	case *configv1.P4DataTypeSpec_Struct:
		s := types.GetStructs()[t.Struct.GetName()]
		if s == nil {
			return codec{problem: fmt.Sprintf("struct %s is not declared", t.Struct.GetName())}
		}
		out = codec{kind: codecStruct, typeName: t.Struct.GetName()}
		for _, m := range s.Members {
			c := codecAt(m.TypeSpec, types, depth+1)
			c.name = m.Name
			out.members = append(out.members, c)
		}
	case *configv1.P4DataTypeSpec_Header:
		h := types.GetHeaders()[t.Header.GetName()]
		if h == nil {
			return codec{problem: fmt.Sprintf("header %s is not declared", t.Header.GetName())}
		}
		out = codec{kind: codecHeader, typeName: t.Header.GetName()}
		for _, m := range h.Members {
			c := bitstring(m.TypeSpec)
			c.name = m.Name
			out.members = append(out.members, c)
		}
	case *configv1.P4DataTypeSpec_Tuple:
		out = codec{kind: codecTuple}
		for i, m := range t.Tuple.Members {
			c := codecAt(m, types, depth+1)
			c.name = fmt.Sprintf("member %d", i+1)
			out.members = append(out.members, c)
		}
	default:
		return codec{problem: fmt.Sprintf("a type of kind %s is not supported", oneofName(spec, "type_spec"))}
	}
	for _, m := range out.members {
		if m.kind == codecUnsupported {
			return codec{problem: fmt.Sprintf("%s: %s", m.name, m.problem)}
		}
	}
	return out
}

func leafOfEnum(name string, types *configv1.P4TypeInfo) codec {
	e := types.GetSerializableEnums()[name]
	if e == nil || e.UnderlyingType.GetBitwidth() <= 0 {
		return codec{problem: fmt.Sprintf("enum %s is not declared", name)}
	}
	return codec{kind: codecBit, width: int(e.UnderlyingType.Bitwidth)}
}

// encode makes P4Data of the leaves' values, in order; it returns the rest.
func (c codec) encode(values [][]byte) (*p4.P4Data, [][]byte, error) {
	if c.kind == codecUnsupported {
		return nil, nil, unimplemented("%s", c.problem)
	}
	if c.kind <= codecBool && len(values) == 0 {
		return nil, nil, fmt.Errorf("the data plane gave fewer values than the type has")
	}
	switch c.kind {
	case codecBit:
		return bitstringData(canonical(values[0])), values[1:], nil
	case codecInt:
		return bitstringData(bitsToSigned(values[0], c.width)), values[1:], nil
	case codecBool:
		return &p4.P4Data{Data: &p4.P4Data_Bool{Bool: !isZero(values[0])}}, values[1:], nil
	}
	var members []*p4.P4Data
	for _, m := range c.members {
		d, rest, err := m.encode(values)
		if err != nil {
			return nil, nil, err
		}
		members, values = append(members, d), rest
	}
	switch c.kind {
	case codecStruct:
		return &p4.P4Data{Data: &p4.P4Data_Struct{Struct: &p4.P4StructLike{Members: members}}}, values, nil
	case codecTuple:
		return &p4.P4Data{Data: &p4.P4Data_Tuple{Tuple: &p4.P4StructLike{Members: members}}}, values, nil
	}
	header := &p4.P4Header{IsValid: true}
	for _, m := range members {
		header.Bitstrings = append(header.Bitstrings, m.GetBitstring())
	}
	return &p4.P4Data{Data: &p4.P4Data_Header{Header: header}}, values, nil
}

func bitstringData(b []byte) *p4.P4Data {
	return &p4.P4Data{Data: &p4.P4Data_Bitstring{Bitstring: append([]byte(nil), b...)}}
}

// decodeLeaf reads P4Data of a plain type into its bits.
func (c codec) decodeLeaf(d *p4.P4Data) ([]byte, error) {
	switch c.kind {
	case codecBit, codecInt:
		v, ok := d.GetData().(*p4.P4Data_Bitstring)
		if !ok {
			return nil, invalid("data is %s; want a bitstring of %d bits", oneofName(d, "data"), c.width)
		}
		check := unsigned
		if c.kind == codecInt {
			check = signedToBits
		}
		b, err := check(v.Bitstring, c.width)
		if err != nil {
			return nil, outOfRange("data: %v", err)
		}
		return b, nil
	case codecBool:
		v, ok := d.GetData().(*p4.P4Data_Bool)
		if !ok {
			return nil, invalid("data is %s; want a bool", oneofName(d, "data"))
		}
		if v.Bool {
			return []byte{1}, nil
		}
		return []byte{0}, nil
	case codecUnsupported:
		return nil, unimplemented("%s", c.problem)
	}
	return nil, unimplemented("a register of structs is not supported")
}
