package engine

import (
	"encoding/json"
	"errors"
)

var errNotObject = errors.New("not a JSON object")

// members takes an object apart without copying or checking its values, which are a part of
// a document that encoding/json has read. Nested expressions are thousands of bytes at
// each level: to decode every level anew takes seconds for a large program.
func members(m json.RawMessage, visit func(key string, value json.RawMessage)) error {
	i := skipSpace(m, 0)
	if i == len(m) || m[i] != '{' {
		return errNotObject
	}
	for i = skipSpace(m, i+1); i < len(m) && m[i] != '}'; i = skipSpace(m, i) {
		if m[i] == ',' {
			i++
			continue
		}
		key := i
		i = skipValue(m, i)
		name := string(m[key:i])
		i = skipSpace(m, i)
		if i == len(m) || m[i] != ':' {
			return errNotObject
		}
		value := skipSpace(m, i+1)
		if i = skipValue(m, value); i == value {
			return errNotObject
		}
		visit(name, m[value:i])
	}
	return nil
}

func skipSpace(m []byte, i int) int {
	for i < len(m) && (m[i] == ' ' || m[i] == '\n' || m[i] == '\t' || m[i] == '\r') {
		i++
	}
	return i
}

// skipValue is where the value that begins at i ends.
func skipValue(m []byte, i int) int {
	for depth := 0; i < len(m); i++ {
		switch m[i] {
		case '"':
			for i++; i < len(m) && m[i] != '"'; i++ {
				if m[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return min(i+1, len(m))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return len(m)
}

// fast reads the value of an expression.
func (v *cfgValue) fast(m json.RawMessage) error {
	var text json.RawMessage
	if err := members(m, func(key string, value json.RawMessage) {
		switch key {
		case `"type"`:
			text = value
		case `"value"`:
			v.Value = value
		}
	}); err != nil || text == nil {
		return err
	}
	return json.Unmarshal(text, &v.Type)
}

// fast reads an operator with its operands.
func (x *cfgExpression) fast(m json.RawMessage) error {
	var op json.RawMessage
	if err := members(m, func(key string, value json.RawMessage) {
		switch key {
		case `"op"`:
			op = value
		case `"left"`:
			x.Left = value
		case `"right"`:
			x.Right = value
		case `"cond"`:
			x.Cond = value
		}
	}); err != nil || op == nil {
		return err
	}
	return json.Unmarshal(op, &x.Op)
}
