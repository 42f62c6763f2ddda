package gnmi

// tree writes the data below nodes as JSON.
type tree struct {
	interfaces []Interface
	ietf       bool             // as RFC 7951 wants
	want       func(*leaf) bool // the leaves to write
}

// object writes the content of a container, a list's entry or the root, of which
// the interface is i (nil above the list). Members have their module's name where it
// is not the parent's (RFC 7951, section 4); at the top they always have it. It
// reports false, and nothing is written, if there is no content.
func (t *tree) object(b []byte, n *node, i *Interface, top bool) ([]byte, bool) {
	start := len(b)
	b = append(b, '{')
	some := false
	for _, c := range n.children {
		before := len(b)
		if some {
			b = append(b, ',')
		}
		name := c.name
		if t.ietf && (top || c.module != n.module) {
			name = c.module + ":" + name
		}
		b = append(appendString(b, name), ':')
		var ok bool
		if b, ok = t.member(b, c, i); !ok {
			b = b[:before]
			continue
		}
		some = true
	}
	if !some {
		return b[:start], false
	}
	return append(b, '}'), true
}

// member writes the value of one member.
func (t *tree) member(b []byte, n *node, i *Interface) ([]byte, bool) {
	switch {
	case n.leaf != nil:
		if !t.want(n.leaf) {
			return b, false
		}
		v := n.leaf.value(i)
		if v == nil {
			return b, false
		}
		return appendValue(b, v, t.ietf), true
	case n.list:
		return t.list(b, n)
	}
	return t.object(b, n, i, false)
}

// list writes all entries.
func (t *tree) list(b []byte, n *node) ([]byte, bool) {
	start := len(b)
	b = append(b, '[')
	some := false
	for k := range t.interfaces {
		before := len(b)
		if some {
			b = append(b, ',')
		}
		var ok bool
		if b, ok = t.object(b, n, &t.interfaces[k], false); !ok {
			b = b[:before]
			continue
		}
		some = true
	}
	if !some {
		return b[:start], false
	}
	return append(b, ']'), true
}
