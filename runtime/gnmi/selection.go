package gnmi

import (
	"slices"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// origin is the only schema tree that there is; it is the default too (2.7.1).
const origin = "openconfig"

func invalid(format string, a ...any) error {
	return status.Errorf(codes.InvalidArgument, format, a...)
}

func unimplemented(format string, a ...any) error {
	return status.Errorf(codes.Unimplemented, format, a...)
}

// selection is what a path means: some nodes of the schema, and which interfaces.
type selection struct {
	// text is the path for errors.
	text  string
	exact bool // no wildcard, and no key left out
	nodes []place
}

// place is a node that a path leads to, for one interface or for all.
type place struct {
	*node
	name string // of the interface; "": all
}

// checkPrefix looks at what may stand in a prefix only there (2.2.2.1, 2.7).
func checkPrefix(prefix *gpb.Path) error {
	if err := boundPath(prefix); err != nil {
		return err
	}
	if o := prefix.GetOrigin(); o != "" && o != origin {
		return unimplemented("prefix: there is no origin %q; leave it out or write %q", o, origin)
	}
	return nil
}

// absolute puts a prefix and a path together (2.4.1) and bounds the result.
func absolute(prefix, path *gpb.Path) (*gpb.Path, error) {
	if err := boundPath(prefix, path); err != nil {
		return nil, err
	}
	if err := checkPrefix(prefix); err != nil {
		return nil, err
	}
	switch o := path.GetOrigin(); {
	case path.GetTarget() != "":
		return nil, invalid("path %s: the target %q belongs into the prefix", FormatPath(path), path.GetTarget())
	case o != "" && prefix.GetOrigin() != "":
		return nil, invalid("path %s: the origin %q belongs into the prefix or into the path, not into both", FormatPath(path), o)
	case o != "" && len(prefix.GetElem()) > 0:
		return nil, invalid("path %s: a prefix with elements takes the origin %q", FormatPath(path), o)
	case o != "" && o != origin:
		return nil, unimplemented("path %s: there is no origin %q; leave it out or write %q", FormatPath(path), o, origin)
	}
	out := &gpb.Path{Elem: slices.Concat(prefix.GetElem(), path.GetElem())}
	for _, e := range out.Elem {
		if e.GetName() == "" {
			return nil, invalid("path %s: an element has no name", FormatPath(out))
		}
		if strings.ContainsAny(e.GetName(), "/[]=") {
			return nil, invalid("path %s: %q is no name of an element; keys stand in PathElem.key, and each element in its own PathElem", FormatPath(out), e.GetName())
		}
		for k, v := range e.GetKey() {
			if k == "" || v == "" {
				return nil, invalid("path %s: a key of %s is empty", FormatPath(out), e.GetName())
			}
		}
	}
	if legacy(prefix, path) {
		return nil, invalid("the path is in the field \"element\", which is not used since gNMI 0.4; use \"elem\"")
	}
	return out, nil
}

// boundPath refuses what is too long even to repeat in an error.
func boundPath(paths ...*gpb.Path) error {
	elements, size := 0, 0
	for _, p := range paths {
		elements += len(p.GetElem())
		size += len(p.GetTarget()) + len(p.GetOrigin())
		for _, e := range p.GetElem() {
			size += len(e.GetName())
			for k, v := range e.GetKey() {
				size += len(k) + len(v)
			}
		}
	}
	if elements > maxElements || size > maxPathLength {
		return invalid("a path with its prefix has at most %d elements and %d bytes; this has %d and %d", maxElements, maxPathLength, elements, size)
	}
	return nil
}

// legacy says whether a path is only in the field that came before elem.
func legacy(paths ...*gpb.Path) bool {
	for _, p := range paths {
		//lint:ignore SA1019 it is looked at to be refused
		if len(p.GetElem()) == 0 && len(p.GetElement()) > 0 {
			return true
		}
	}
	return false
}

// find says what a path below a prefix means. A path that the schema does not have
// is UNIMPLEMENTED (3.3.4, 3.5.2.4).
func find(prefix, path *gpb.Path) (*selection, error) {
	p, err := absolute(prefix, path)
	if err != nil {
		return nil, err
	}
	s := &selection{text: FormatPath(p), exact: true}
	for _, e := range p.Elem {
		if e.GetName() == "*" || e.GetName() == "..." {
			s.exact = false
		}
		if e.GetName() == "..." && len(e.GetKey()) > 0 {
			return nil, invalid("path %s: \"...\" has no keys", s.text)
		}
	}
	w := walk{elems: slices.CompactFunc(p.Elem, func(a, b *gpb.PathElem) bool { return a.GetName() == "..." && b.GetName() == "..." })}
	w.from(root, 0, "")
	if w.err != nil && len(w.found) == 0 {
		return nil, status.Errorf(status.Code(w.err), "path %s: %s", s.text, status.Convert(w.err).Message())
	}
	if len(w.found) == 0 {
		return nil, unimplemented("path %s: nothing that is served matches it; below / there is %s", s.text, root.names())
	}
	for _, f := range w.found {
		if f.name == "" && f.belowList() {
			s.exact = false
		}
	}
	s.nodes = topmost(w.found)
	return s, nil
}

// belowList says whether the node is part of a list's entry, or one.
func (n *node) belowList() bool {
	for ; n != nil; n = n.parent {
		if n.list {
			return true
		}
	}
	return false
}

// walk matches the elements of a path with the schema.
type walk struct {
	elems []*gpb.PathElem
	found []place
	err   error // where the way ended, furthest down
	depth int
}

// from goes on at a node with element i. name is the interface of the keys so far.
func (w *walk) from(at *node, i int, name string) {
	if i == len(w.elems) {
		if p := (place{at, name}); !slices.Contains(w.found, p) {
			w.found = append(w.found, p)
		}
		return
	}
	e := w.elems[i]
	if e.GetName() == "..." {
		w.from(at, i+1, name) // no level at all
		for _, c := range at.children {
			w.from(c, i, name)
		}
		return
	}
	matched := false
	for _, c := range at.children {
		if e.GetName() != "*" && e.GetName() != c.name {
			continue
		}
		below, ok := w.key(c, e, name, i)
		if ok {
			w.from(c, i+1, below)
		}
		matched = true
	}
	if !matched {
		if at.leaf != nil {
			w.fail(i, unimplemented("%s is a leaf; nothing is below it", at.name))
		} else {
			w.fail(i, unimplemented("%s is not served; the choices are %s", e.GetName(), at.names()))
		}
	}
}

// key looks at the keys of an element that is to be the node c.
func (w *walk) key(c *node, e *gpb.PathElem, name string, i int) (string, bool) {
	for k := range e.GetKey() {
		switch {
		case !c.list:
			if e.GetName() != "*" {
				w.fail(i, invalid("%s has no keys", c.name))
			}
			return "", false
		case k != listKey:
			w.fail(i, invalid("%s has no key %s; its key is %s", c.name, k, listKey))
			return "", false
		}
	}
	if v := e.GetKey()[listKey]; v != "" && v != "*" {
		return v, true
	}
	return name, true
}

// fail keeps the error that is furthest down the path.
func (w *walk) fail(depth int, err error) {
	if w.err == nil || depth > w.depth {
		w.err, w.depth = err, depth
	}
}

// topmost leaves out the places that are below others.
func topmost(found []place) []place {
	var out []place
	for _, f := range found {
		below := slices.ContainsFunc(found, func(o place) bool {
			if o.name != "" && o.name != f.name {
				return false
			}
			for n := f.parent; n != nil; n = n.parent {
				if n == o.node {
					return true
				}
			}
			return false
		})
		if !below {
			out = append(out, f)
		}
	}
	return out
}

// covers says whether a place includes an interface.
func (p place) covers(i *Interface) bool { return p.name == "" || p.name == i.Name }

// each calls f for every leaf of the interface that the selection includes.
func (s *selection) each(i *Interface, f func(*node)) {
	for _, p := range s.nodes {
		if p.covers(i) {
			p.node.each(f)
		}
	}
}

// pathOf is the absolute path of a node of one interface.
func pathOf(n *node, name string) *gpb.Path {
	var elems []*gpb.PathElem
	for ; n.parent != nil; n = n.parent {
		e := &gpb.PathElem{Name: n.name}
		if n.list {
			e.Key = map[string]string{listKey: name}
		}
		elems = append(elems, e)
	}
	slices.Reverse(elems)
	return &gpb.Path{Elem: elems}
}

// responsePrefix is the prefix of notifications: what the client called us (2.2.2.1)
// and the origin, if it gave one.
func responsePrefix(prefix *gpb.Path, paths ...*gpb.Path) *gpb.Path {
	out := &gpb.Path{Target: prefix.GetTarget(), Origin: prefix.GetOrigin()}
	for _, p := range paths {
		if p.GetOrigin() != "" {
			out.Origin = p.GetOrigin()
		}
	}
	if out.Target == "" && out.Origin == "" {
		return nil
	}
	return out
}
