package network

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"pillion/lang/diag"
)

// bounds are what a file may be at most.
type bounds struct {
	json   int // bytes
	yaml   int // bytes; a YAML value takes some ten times the memory of a JSON value
	values int // of either
}

// Some 1,000,000 endpoints in JSON, and 130,000 in YAML.
var usualBounds = bounds{json: 128 << 20, yaml: 16 << 20, values: 16 << 20}

const (
	maxReports = 1000 // diagnostics; what comes after them is not looked at

	tooDeep = "values are nested too deeply"
	tooMany = "the file has too many values"
)

// Load reads a network file. The ending of its name says what it is: .json is
// JSON, .yaml and .yml are YAML. The Network is never nil, but complete only if
// the list has no errors.
func Load(path string) (*Network, diag.List) {
	fail := func(err error) (*Network, diag.List) {
		if e, ok := err.(*os.PathError); ok {
			err = e.Err // without the path, which is said already
		}
		var l diag.List
		l.Errorf(diag.Span{}, codeFile, "cannot read the network file %s: %v", path, err)
		return &Network{File: &diag.File{Name: path}, Seed: defaultSeed, Trees: defaultTrees}, l
	}
	f, err := os.Open(path)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	data, err := io.ReadAll(io.LimitReader(f, int64(usualBounds.json)+1))
	if err != nil {
		return fail(err)
	}
	return Parse(path, data)
}

// Parse is Load for a file's content. It does not keep data.
func Parse(name string, data []byte) (*Network, diag.List) {
	return usualBounds.parse(name, data)
}

func (b bounds) parse(name string, data []byte) (*Network, diag.List) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // editors on Windows put it there
	file := &diag.File{Name: name, Text: bytes.Clone(data)}
	r := &reader{net: &Network{File: file, Seed: defaultSeed, Trees: defaultTrees}, doc: newDocument(file, 1)}
	doc, root, err := b.document(file)
	if err != nil {
		r.report(diag.Diagnostic{
			Code: err.code, Message: err.message, Hint: err.hint,
			Span: err.span(file),
		})
		return r.net, r.list
	}
	r.doc = doc
	r.read(root)
	return r.net, r.list
}

// document makes a document of a file.
func (b bounds) document(file *diag.File) (*document, ref, *syntaxError) {
	limit, parser := b.yaml, parseYAML
	switch strings.ToLower(filepath.Ext(file.Name)) {
	case ".json":
		limit, parser = b.json, parseJSON
	case ".yaml", ".yml":
	default:
		return nil, 0, &syntaxError{
			code: codeFile, whole: true,
			message: fmt.Sprintf("the name of %s does not say whether it is YAML or JSON", file.Name),
			hint:    "name it .yaml, .yml or .json",
		}
	}
	if len(file.Text) > limit {
		return nil, 0, &syntaxError{
			code: codeBound, whole: true,
			message: fmt.Sprintf("%s has more than %d bytes, which is the limit", file.Name, limit),
			hint:    fmt.Sprintf("JSON is read faster than YAML, and may have %d bytes", b.json),
		}
	}
	if i := bytes.IndexByte(file.Text, 0); i >= 0 {
		return nil, 0, &syntaxError{code: codeFile, start: int32(i), end: int32(i + 1), message: "this is no text: it has a NUL byte"}
	}
	if !utf8.Valid(file.Text) {
		i := 0
		for {
			r, size := utf8.DecodeRune(file.Text[i:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			i += size
		}
		return nil, 0, &syntaxError{code: codeFile, start: int32(i), end: int32(i + 1), message: "this is not UTF-8", hint: "save the file as UTF-8"}
	}
	return parser(file, b.values)
}
