package network

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"pillion/lang/diag"
)

// parseYAML makes a document of a YAML text. What YAML has beyond JSON's values
// is refused: anchors, aliases and tags (so a small file stays small), several
// documents, keys that are not strings.
func parseYAML(file *diag.File, most int) (*document, ref, *syntaxError) {
	c := &yamlConverter{doc: newDocument(file, most), src: file.Text, lines: yamlLines(file.Text)}
	decoder := yaml.NewDecoder(bytes.NewReader(file.Text))
	var root, more yaml.Node
	if err := decoder.Decode(&root); errors.Is(err, io.EOF) {
		return c.doc, 0, nil // an empty file
	} else if err != nil {
		return c.doc, 0, c.readerError(err)
	}
	v := c.value(&root, 0)
	if c.err != nil {
		return c.doc, 0, c.err
	}
	switch err := decoder.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return c.doc, 0, c.readerError(err)
	default:
		c.fail(&more, codeYAML, "a second YAML document begins here", "a network is one document; remove the --- between them")
	}
	return c.doc, v, c.err
}

type yamlConverter struct {
	doc   *document
	src   []byte
	lines []int32 // where each line begins
	err   *syntaxError

	// The place found last. Values come in order, so that the next one is found
	// from here, even if the whole file is one line.
	line, column, at int
}

// yamlLines finds where lines begin as YAML 1.1 counts them: it takes NEL, LS,
// PS and a lone CR for line breaks too.
func yamlLines(src []byte) []int32 {
	lines := []int32{0}
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\n', c == '\r' && (i+1 == len(src) || src[i+1] != '\n'):
			lines = append(lines, int32(i+1))
		case c == 0xc2 && i+1 < len(src) && src[i+1] == 0x85:
			lines = append(lines, int32(i+2))
		case c == 0xe2 && i+2 < len(src) && src[i+1] == 0x80 && (src[i+2] == 0xa8 || src[i+2] == 0xa9):
			lines = append(lines, int32(i+3))
		}
	}
	return lines
}

// offset is the byte at a line and a column, which is in characters; both
// count from 1.
func (c *yamlConverter) offset(line, column int) int32 {
	if line < 1 {
		return 0
	}
	if line > len(c.lines) {
		return int32(len(c.src))
	}
	if line != c.line || column < c.column {
		c.line, c.column, c.at = line, 1, int(c.lines[line-1])
	}
	for ; c.column < column && c.at < len(c.src); c.column++ {
		_, size := utf8.DecodeRune(c.src[c.at:])
		c.at += size
	}
	return int32(c.at)
}

// place is where a value is in the file. YAML says only where it begins; the
// end is found for what stands on one line.
func (c *yamlConverter) place(n *yaml.Node) (start, end int32) {
	start = c.offset(n.Line, n.Column)
	rest := c.src[start:]
	length := 1
	switch {
	case n.Kind != yaml.ScalarNode:
	case n.Style&yaml.DoubleQuotedStyle != 0:
		length = quotedLength(rest, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		length = quotedLength(rest, '\'')
	case bytes.HasPrefix(rest, []byte(n.Value)):
		length = len(n.Value)
	}
	return start, start + int32(min(length, len(rest)))
}

// quotedLength is the length of a quoted string at the beginning of text, or of
// its first line if it goes on after that.
func quotedLength(text []byte, quote byte) int {
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote == '"':
			i++
		case c == quote:
			return i + 1
		case c == '\n' || c == '\r':
			return i
		}
	}
	return len(text)
}

func (c *yamlConverter) fail(n *yaml.Node, code, message, hint string) ref {
	if c.err == nil {
		start, end := c.place(n)
		c.err = &syntaxError{code: code, start: start, end: end, message: message, hint: hint}
	}
	return 0
}

func (c *yamlConverter) value(n *yaml.Node, depth int) ref {
	switch {
	case depth >= maxDepth:
		return c.fail(n, codeBound, tooDeep, "")
	case c.doc.full():
		return c.fail(n, codeBound, tooMany, "")
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return c.fail(n, codeYAML, "anchors and aliases (& and *) are not supported", "write the value out")
	case n.Style&yaml.TaggedStyle != 0:
		return c.fail(n, codeYAML, "tags ("+n.Tag+") are not supported", "quote the value if it is to be a string")
	}
	start, end := c.place(n)
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 0 {
			return 0
		}
		return c.value(n.Content[0], depth)
	case yaml.MappingNode:
		v := c.doc.add(node{kind: object, start: start, end: end})
		last := ref(0)
		for i := 0; i+1 < len(n.Content) && c.err == nil; i += 2 {
			k := n.Content[i]
			if k.Kind == yaml.MappingNode || k.Kind == yaml.SequenceNode {
				return c.fail(k, codeKind, "a key must be a string", "")
			}
			key := c.value(k, depth+1)
			value := c.value(n.Content[i+1], depth+1)
			if c.err != nil {
				return 0
			}
			c.doc.nodes[key].kind = text
			c.doc.nodes[key].child = value
			last = c.link(v, last, key)
		}
		return v
	case yaml.SequenceNode:
		v := c.doc.add(node{kind: array, start: start, end: end})
		last := ref(0)
		for _, e := range n.Content {
			element := c.value(e, depth+1)
			if c.err != nil {
				return 0
			}
			last = c.link(v, last, element)
		}
		return v
	}
	return c.doc.add(node{kind: scalarKind(n), text: n.Value, start: start, end: end})
}

func (c *yamlConverter) link(v, last, child ref) ref {
	if last == 0 {
		c.doc.nodes[v].child = child
	} else {
		c.doc.nodes[last].next = child
	}
	return child
}

func scalarKind(n *yaml.Node) kind {
	switch n.ShortTag() {
	case "!!null":
		return null
	case "!!bool":
		return boolean
	case "!!int", "!!float":
		return number
	}
	return text // what looks like a date is a string here, too
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// readerError gives the library's message a place. It knows the line only.
func (c *yamlConverter) readerError(err error) *syntaxError {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	e := &syntaxError{code: codeSyntax, hint: "indentation is by spaces; a text with \": \" or \" #\" in it must be quoted"}
	if m := yamlLine.FindStringSubmatchIndex(message); m != nil {
		line, _ := strconv.Atoi(message[m[2]:m[3]])
		e.start = c.offset(line, 1)
		e.end = c.offset(line+1, 1)
		for e.start < e.end && (c.src[e.start] == ' ' || c.src[e.start] == '\t') {
			e.start++
		}
		for e.end > e.start && bytes.IndexByte([]byte(" \r\n"), c.src[e.end-1]) >= 0 {
			e.end--
		}
		message = message[:m[0]] + message[m[1]:]
	}
	e.message = "this is not YAML: " + strings.Join(strings.Fields(message), " ")
	return e
}
