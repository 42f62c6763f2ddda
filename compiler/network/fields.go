package network

import (
	"fmt"
	"slices"
	"strings"

	"pillion/lang/diag"
)

// field is a key that an object may have. T is what the object is read into.
type field[T any] struct {
	key      string
	required bool
	// read takes the value, which is not null, and reports what is wrong with
	// it.
	read func(r *reader, v ref, into *T)
}

// reader turns a document into a Network.
type reader struct {
	doc  *document
	net  *Network
	list diag.List
	full bool   // no more room in list
	key  string // whose value is being read, for messages

	switches map[string]int32
	seen     seen
	guesses  int // suggestions made so far; each looks at every name
}

func (r *reader) node(v ref) *node { return &r.doc.nodes[v] }

func (r *reader) report(d diag.Diagnostic) {
	if r.full {
		return
	}
	r.list.Add(d)
	if len(r.list) >= maxReports {
		r.full = true
		r.list.Add(diag.Diagnostic{Code: codeBound, Span: diag.Span{File: r.net.File}, Message: fmt.Sprintf("more than %d errors; the rest is not shown", maxReports)})
	}
}

// fail reports an error at a value.
func (r *reader) fail(v ref, code, hint, format string, args ...any) {
	r.failAt(r.doc.span(v), code, hint, format, args...)
}

func (r *reader) failAt(at diag.Span, code, hint, format string, args ...any) {
	if r.full {
		return // formatting is what costs
	}
	r.report(diag.Diagnostic{Code: code, Span: at, Hint: hint, Message: fmt.Sprintf(format, args...)})
}

// again reports what may be there only once, with a note where it was first.
func (r *reader) again(v, first ref, code, hint, format string, args ...any) {
	r.againAt(r.doc.span(v), r.doc.span(first), code, hint, format, args...)
}

func (r *reader) againAt(at, first diag.Span, code, hint, format string, args ...any) {
	if r.full {
		return
	}
	r.report(diag.Diagnostic{
		Code: code, Span: at, Hint: hint, Message: fmt.Sprintf(format, args...),
		Notes: []diag.Note{{Span: first, Message: "the first is here"}},
	})
}

// readObject reads an object key by key. What it is called goes into messages.
// It returns the keys that are there; ok is false if v is no object at all.
func readObject[T any](r *reader, what string, fields []field[T], v ref, into *T) (given present, ok bool) {
	if r.node(v).kind != object {
		r.fail(v, codeKind, keysHint(fields), "%s must be a set of keys, not %v", what, r.node(v).kind)
		return nil, false
	}
	var found [16]ref // by field; the tables are shorter
	for k := r.node(v).child; k != 0 && !r.full; k = r.node(k).next {
		name := r.node(k).text
		i := slices.IndexFunc(fields, func(f field[T]) bool { return f.key == name })
		switch {
		case i < 0:
			hint := diag.DidYouMean(name, keys(fields))
			if hint == "" {
				hint = keysHint(fields)
			}
			r.fail(k, codeUnknown, hint, "%s has no key %q", what, clip(name))
		case found[i] != 0:
			r.again(k, found[i], codeTwice, "remove one of them", "%s has the key %s twice", what, name)
		default:
			found[i] = k
		}
	}
	// By the table and not by the file: some keys build on others.
	for i, f := range fields {
		k := found[i]
		if k == 0 {
			if f.required {
				r.fail(v, codeMissing, "", "%s needs the key %s", what, f.key)
			}
			continue
		}
		value := r.node(k).child
		r.key = f.key
		if r.node(value).kind == null {
			r.fail(value, codeKind, "remove the key, or give it a value", "%s has no value", f.key)
			continue
		}
		f.read(r, value, into)
	}
	return func(key string) bool {
		return found[slices.IndexFunc(fields, func(f field[T]) bool { return f.key == key })] != 0
	}, true
}

// present says whether an object has a key.
type present func(key string) bool

func (p present) has(key string) bool { return p(key) }

func keys[T any](fields []field[T]) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.key
	}
	return list
}

func keyList[T any](fields []field[T]) string { return strings.Join(keys(fields), ", ") }

// keysHint says which keys there are.
func keysHint[T any](fields []field[T]) string {
	if len(fields) == 1 {
		return "its only key is " + fields[0].key
	}
	return "its keys are " + keyList(fields)
}

// elements calls fn for each element of a list.
func (r *reader) elements(v ref, limit int, fn func(e ref)) {
	if r.node(v).kind != array {
		r.fail(v, codeKind, "", "%s must be a list, not %v", r.key, r.node(v).kind)
		return
	}
	key, count := r.key, 0
	for e := r.node(v).child; e != 0 && !r.full; e = r.node(e).next {
		if count++; count > limit {
			r.fail(e, codeBound, "", "%s has too many elements; the limit is %d", key, limit)
			return
		}
		r.key = key
		fn(e)
	}
}

// oneOrMore calls fn for a single value, or for each element of a list of them.
func (r *reader) oneOrMore(v ref, limit int, fn func(e ref)) {
	if r.node(v).kind != array {
		fn(v)
		return
	}
	if r.node(v).child == 0 {
		r.fail(v, codeMissing, "remove the key, or give it a value", "%s is empty", r.key)
	}
	r.elements(v, limit, fn)
}

// clip shortens what a file says before it goes into a message.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
