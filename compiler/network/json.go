package network

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"pillion/lang/diag"
)

// parseJSON makes a document of a JSON text (RFC 8259), which must be UTF-8.
// encoding/json has no places for its values and takes duplicate keys; besides,
// this is several times as fast.
func parseJSON(file *diag.File, most int) (*document, ref, *syntaxError) {
	p := &jsonParser{src: string(file.Text), doc: newDocument(file, most)}
	p.space()
	root := p.value(0)
	p.space()
	if p.err == nil && p.at < len(p.src) {
		p.fail(p.at, "unexpected %s after the end of the JSON value", "there must be one value, an object")
	}
	return p.doc, root, p.err
}

type jsonParser struct {
	src string
	at  int
	doc *document
	err *syntaxError // the first
}

// fail notes an error at a byte. %s in the message is what is found there.
func (p *jsonParser) fail(at int, message, hint string) {
	if p.err != nil {
		return
	}
	found, size := "end of the file", 0
	if at < len(p.src) {
		var r rune
		r, size = utf8.DecodeRuneInString(p.src[at:])
		found = strconv.QuoteRune(r)
	}
	p.err = &syntaxError{
		code: codeSyntax, start: int32(at), end: int32(at + size),
		message: strings.Replace(message, "%s", found, 1), hint: hint,
	}
}

func (p *jsonParser) space() {
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case ' ', '\n', '\t', '\r':
			p.at++
		default:
			return
		}
	}
}

// peek is the next byte, or 0 at the end. (A file with a NUL does not get here.)
func (p *jsonParser) peek() byte {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return 0
}

// value reads one value at p.at, which is not white space.
func (p *jsonParser) value(depth int) ref {
	if depth >= maxDepth {
		p.tooMuch(tooDeep)
		return 0
	}
	if p.doc.full() {
		p.tooMuch(tooMany)
		return 0
	}
	start := p.at
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.string()
	case c == '-' || c >= '0' && c <= '9':
		p.number()
		return p.doc.add(node{kind: number, text: p.src[start:p.at], start: int32(start), end: int32(p.at)})
	case p.word("true"), p.word("false"):
		return p.doc.add(node{kind: boolean, text: p.src[start:p.at], start: int32(start), end: int32(p.at)})
	case p.word("null"):
		return p.doc.add(node{kind: null, text: "null", start: int32(start), end: int32(p.at)})
	}
	p.fail(p.at, "unexpected %s, want a JSON value", "a value is an object, a list, a string in double quotes, a number, true, false or null")
	return 0
}

func (p *jsonParser) tooMuch(message string) {
	p.fail(p.at, message, "")
	p.err.code = codeBound
}

func (p *jsonParser) word(w string) bool {
	if !strings.HasPrefix(p.src[p.at:], w) {
		return false
	}
	p.at += len(w)
	return true
}

func (p *jsonParser) object(depth int) ref {
	v := p.doc.add(node{kind: object, start: int32(p.at)})
	p.at++
	last := ref(0)
	for p.space(); ; p.space() {
		if p.peek() == '}' && last == 0 {
			break
		}
		if p.peek() != '"' {
			p.fail(p.at, "unexpected %s, want a key in double quotes", "no comma goes before the closing brace, and JSON has no comments")
			return 0
		}
		key := p.string()
		p.space()
		if p.err == nil && p.peek() != ':' {
			p.fail(p.at, "unexpected %s, want a colon after the key", "")
		}
		if p.err != nil {
			return 0
		}
		p.at++
		p.space()
		value := p.value(depth + 1)
		if p.err != nil {
			return 0
		}
		p.doc.nodes[key].child = value
		p.link(v, last, key)
		last = key
		p.space()
		if p.peek() != ',' {
			break
		}
		p.at++
	}
	return p.close(v, '}', "unexpected %s, want a comma or the closing brace")
}

func (p *jsonParser) array(depth int) ref {
	v := p.doc.add(node{kind: array, start: int32(p.at)})
	p.at++
	last := ref(0)
	for p.space(); ; p.space() {
		if p.peek() == ']' && last == 0 {
			break
		}
		element := p.value(depth + 1)
		if p.err != nil {
			return 0
		}
		p.link(v, last, element)
		last = element
		p.space()
		if p.peek() != ',' {
			break
		}
		p.at++
	}
	return p.close(v, ']', "unexpected %s, want a comma or the closing bracket")
}

// link makes a node the next child of v, after last.
func (p *jsonParser) link(v, last, child ref) {
	if last == 0 {
		p.doc.nodes[v].child = child
	} else {
		p.doc.nodes[last].next = child
	}
}

func (p *jsonParser) close(v ref, with byte, message string) ref {
	if p.peek() != with {
		p.fail(p.at, message, "")
		return 0
	}
	p.at++
	p.doc.nodes[v].end = int32(p.at)
	return v
}

// number checks the form of a number and passes it.
func (p *jsonParser) number() {
	digits := func() {
		if c := p.peek(); c < '0' || c > '9' {
			p.fail(p.at, "unexpected %s, want a digit", "")
		}
		for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
			p.at++
		}
	}
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
		if c := p.peek(); c >= '0' && c <= '9' {
			p.fail(p.at, "unexpected %s after a leading zero", "JSON numbers have no leading zeros")
		}
	} else {
		digits()
	}
	if p.peek() == '.' {
		p.at++
		digits()
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		digits()
	}
}

// string reads a string at its opening quote. Without escapes, which is the
// rule, its text is a part of the source.
func (p *jsonParser) string() ref {
	start := p.at
	p.at++
	for p.at < len(p.src) {
		switch c := p.src[p.at]; {
		case c == '"':
			s := p.src[start+1 : p.at]
			p.at++
			return p.doc.add(node{kind: text, text: s, start: int32(start), end: int32(p.at)})
		case c == '\\':
			return p.escaped(start)
		case c < 0x20:
			p.fail(p.at, "unexpected %s in a string", "a string ends on its line; a line break in it is written \\n")
			return 0
		}
		p.at++
	}
	p.fail(start, "a string begins here and has no end", "")
	return 0
}

// escaped reads the rest of a string from its first backslash on.
func (p *jsonParser) escaped(start int) ref {
	b := []byte(p.src[start+1 : p.at])
	for p.at < len(p.src) {
		c := p.src[p.at]
		switch {
		case c == '"':
			p.at++
			return p.doc.add(node{kind: text, text: string(b), start: int32(start), end: int32(p.at)})
		case c < 0x20:
			p.fail(p.at, "unexpected %s in a string", "a string ends on its line; a line break in it is written \\n")
			return 0
		case c != '\\':
			b = append(b, c)
			p.at++
			continue
		}
		p.at++
		e := p.peek()
		if i := strings.IndexByte(`"\/bfnrt`, e); i >= 0 && e != 0 {
			b = append(b, "\"\\/\b\f\n\r\t"[i])
			p.at++
			continue
		}
		r, ok := p.codePoint()
		if !ok {
			p.fail(p.at, "unexpected %s after a backslash", `an escape is one of \" \\ \/ \b \f \n \r \t \u0041`)
			return 0
		}
		b = utf8.AppendRune(b, r)
	}
	p.fail(start, "a string begins here and has no end", "")
	return 0
}

// codePoint reads uXXXX, or two of them that make a surrogate pair.
func (p *jsonParser) codePoint() (rune, bool) {
	hex := func(at int) rune {
		if at+5 > len(p.src) || p.src[at] != 'u' {
			return -1
		}
		n, err := strconv.ParseUint(p.src[at+1:at+5], 16, 16)
		if err != nil {
			return -1
		}
		return rune(n)
	}
	r := hex(p.at)
	if r < 0 {
		return 0, false
	}
	if utf16.IsSurrogate(r) {
		if p.at+6 > len(p.src) || p.src[p.at+5] != '\\' {
			return 0, false
		}
		r = utf16.DecodeRune(r, hex(p.at+6))
		p.at += 6
		if r == utf8.RuneError {
			return 0, false
		}
	}
	p.at += 5
	return r, true
}
