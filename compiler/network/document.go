package network

import "pillion/lang/diag"

type kind uint8

const (
	null kind = iota
	boolean
	number
	text
	array
	object
)

func (k kind) String() string {
	return [...]string{"nothing (null)", "true or false", "a number", "a string", "a list", "a set of keys"}[k]
}

// ref is the index of a node in its document. 0 is no node.
type ref int32

// node is one value of a file. The first child of an array is its first
// element, of an object its first key. A key is a text node, and its child is
// the value.
type node struct {
	text        string // of scalars, without quotes and escapes
	start, end  int32  // place in the file, in bytes
	child, next ref
	kind        kind
}

// document is a file's values, from YAML or from JSON. One slice holds them
// all, so that a file of a million values does not mean a million allocations.
type document struct {
	file  *diag.File
	nodes []node
	most  int // nodes that there may be
}

const maxDepth = 16 // the deepest value that means anything is at 5

// newDocument makes an empty document with room for about as many values as
// such a file has.
func newDocument(file *diag.File, most int) *document {
	return &document{file: file, most: most, nodes: make([]node, 1, 64+len(file.Text)/8)}
}

// full says that no more values may be added.
func (d *document) full() bool { return len(d.nodes) >= d.most }

// add appends a node. The caller asks full before.
func (d *document) add(n node) ref {
	d.nodes = append(d.nodes, n)
	return ref(len(d.nodes) - 1)
}

func (d *document) span(v ref) diag.Span {
	return diag.Span{File: d.file, Start: d.nodes[v].start, End: d.nodes[v].end}
}

// syntaxError is where and why a file could not be made into a document.
type syntaxError struct {
	code       string
	start, end int32 // bytes
	whole      bool  // it is about the file, not about a place in it
	message    string
	hint       string
}

func (e *syntaxError) span(file *diag.File) diag.Span {
	if e.whole {
		return diag.Span{}
	}
	return diag.Span{File: file, Start: e.start, End: e.end}
}
