package gnmi

import (
	"context"
	"slices"
	"strings"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Get answers with a snapshot, one notification for each path (3.3).
func (s *Server) Get(_ context.Context, r *gpb.GetRequest) (*gpb.GetResponse, error) {
	if err := refuseExtensions(r.GetExtension()); err != nil {
		return nil, err
	}
	if err := checkEncoding(r.GetEncoding()); err != nil {
		return nil, err
	}
	if err := s.bounded(len(r.GetPath()), "paths"); err != nil {
		return nil, err
	}
	inModels, err := modelFilter(r.GetUseModels())
	if err != nil {
		return nil, err
	}
	ofType, err := typeFilter(r.GetType())
	if err != nil {
		return nil, err
	}
	if err := checkPrefix(r.GetPrefix()); err != nil {
		return nil, err
	}
	paths := r.GetPath()
	if len(paths) == 0 && len(r.GetPrefix().GetElem()) > 0 {
		paths = []*gpb.Path{{}} // the prefix alone says it
	}
	selections := make([]*selection, len(paths))
	for i, p := range paths {
		if selections[i], err = find(r.GetPrefix(), p); err != nil {
			return nil, err
		}
	}
	g := snapshot{
		tree:     tree{interfaces: s.source.Interfaces(), ietf: r.GetEncoding() == gpb.Encoding_JSON_IETF},
		encoding: r.GetEncoding(),
	}
	g.want = func(l *leaf) bool { return inModels(l) && ofType(l) }
	now := time.Now().UnixNano()
	out := &gpb.GetResponse{}
	for i, sel := range selections {
		n := &gpb.Notification{Timestamp: now, Prefix: responsePrefix(r.GetPrefix(), paths[i])}
		if n.Update, err = g.updates(sel); err != nil {
			return nil, err
		}
		out.Notification = append(out.Notification, n)
	}
	return out, nil
}

// typeFilter is what a type leaves of the leaves (3.3.1).
func typeFilter(t gpb.GetRequest_DataType) (func(*leaf) bool, error) {
	switch t {
	case gpb.GetRequest_ALL:
		return func(*leaf) bool { return true }, nil
	case gpb.GetRequest_CONFIG:
		return func(l *leaf) bool { return l.kind == config }, nil
	case gpb.GetRequest_STATE:
		return func(l *leaf) bool { return l.kind != config }, nil
	case gpb.GetRequest_OPERATIONAL:
		return func(l *leaf) bool { return l.kind == operational }, nil
	}
	return nil, invalid("there is no type %d; the choices are ALL, CONFIG, STATE and OPERATIONAL", t)
}

// snapshot answers a Get from one look at the interfaces.
type snapshot struct {
	tree
	encoding gpb.Encoding
}

// updates are the values of everything that a path means.
func (g *snapshot) updates(sel *selection) ([]*gpb.Update, error) {
	var out []*gpb.Update
	exists := false
	add := func(n *node, i *Interface) {
		name := ""
		if i != nil {
			name = i.Name
		}
		exists = exists || n.leaf == nil || n.leaf.value(i) != nil
		if v := g.value(n, i); v != nil {
			out = append(out, &gpb.Update{Path: pathOf(n, name), Val: v})
		}
	}
	for _, p := range sel.nodes {
		switch {
		case g.encoding == gpb.Encoding_PROTO || g.encoding == gpb.Encoding_ASCII:
			exists = exists || !p.belowList()
			for i := range g.interfaces {
				if p.covers(&g.interfaces[i]) {
					exists = exists || p.leaf == nil
					p.node.each(func(n *node) { add(n, &g.interfaces[i]) })
				}
			}
		case !p.belowList():
			add(p.node, nil)
		default:
			for i := range g.interfaces {
				if p.covers(&g.interfaces[i]) {
					add(p.node, &g.interfaces[i])
				}
			}
		}
	}
	if sel.exact && !exists {
		return nil, status.Errorf(codes.NotFound, "path %s does not exist; the interfaces are %s", sel.text, g.names())
	}
	return out, nil
}

// value encodes a node of an interface (nil: above the list); nil if there is nothing.
func (g *snapshot) value(n *node, i *Interface) *gpb.TypedValue {
	if n.leaf != nil {
		if v := n.leaf.value(i); v != nil && g.want(n.leaf) {
			return typed(v, g.encoding)
		}
		return nil
	}
	t := g.tree
	// The entries of a list always have their key, or nobody could tell them apart.
	t.want = func(l *leaf) bool { return l.path == listKey || g.want(l) }
	b, ok := t.object(nil, n, i, true)
	switch {
	case !ok && i != nil:
		return nil
	case !ok:
		b = []byte("{}")
	}
	if g.ietf {
		return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: b}}
	}
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: b}}
}

// names lists the interfaces for an error, bounded.
func (t *tree) names() string { return interfaceNames(t.interfaces) }

func interfaceNames(list []Interface) string {
	const most = 12
	var names []string
	for _, i := range list {
		names = append(names, i.Name)
	}
	slices.Sort(names)
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		names = append(names[:most], "…")
	}
	return strings.Join(names, ", ")
}
