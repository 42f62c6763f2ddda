package gnmi

import (
	"context"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// settable is what Set changes, for errors.
const settable = "/interfaces/interface[name=NAME]/" + enabledPath

// defaultEnabled is what deleting the leaf makes of it: the model's default.
const defaultEnabled = true

// operation is one part of a Set, understood: interfaces (by port) to enable or stop.
type operation struct {
	ports   []uint32
	enabled bool
	result  *gpb.UpdateResult
}

// Set changes which interfaces are enabled: all that the request says, or nothing
// (3.4.3).
func (s *Server) Set(_ context.Context, r *gpb.SetRequest) (*gpb.SetResponse, error) {
	if err := refuseExtensions(r.GetExtension()); err != nil {
		return nil, err
	}
	if len(r.GetUnionReplace()) > 0 {
		return nil, unimplemented("union_replace is not supported; the choices are delete, replace and update of %s", settable)
	}
	if err := s.bounded(len(r.GetDelete())+len(r.GetReplace())+len(r.GetUpdate()), "operations"); err != nil {
		return nil, err
	}
	if err := checkPrefix(r.GetPrefix()); err != nil {
		return nil, err
	}
	s.set.Lock()
	defer s.set.Unlock()
	interfaces := s.source.Interfaces()
	ops, err := plan(r, interfaces)
	if err != nil {
		return nil, err
	}
	if err := s.apply(ops, interfaces); err != nil {
		return nil, err
	}
	out := &gpb.SetResponse{Prefix: r.GetPrefix(), Timestamp: time.Now().UnixNano()}
	for _, op := range ops {
		out.Response = append(out.Response, op.result)
	}
	return out, nil
}

// plan understands all operations, in the order in which they are done: deletes,
// replaces, updates (3.4).
func plan(r *gpb.SetRequest, interfaces []Interface) ([]operation, error) {
	var ops []operation
	add := func(path *gpb.Path, kind gpb.UpdateResult_Operation, val *gpb.TypedValue) error {
		ports, err := target(r.GetPrefix(), path, kind == gpb.UpdateResult_DELETE, interfaces)
		if err != nil {
			return err
		}
		op := operation{ports: ports, enabled: defaultEnabled, result: &gpb.UpdateResult{Path: path, Op: kind}}
		if kind != gpb.UpdateResult_DELETE {
			if op.enabled, err = parseBool(val); err != nil {
				return status.Errorf(status.Code(err), "path %s: %s", FormatPath(r.GetPrefix(), path), status.Convert(err).Message())
			}
		}
		ops = append(ops, op)
		return nil
	}
	for _, p := range r.GetDelete() {
		if err := add(p, gpb.UpdateResult_DELETE, nil); err != nil {
			return nil, err
		}
	}
	for _, u := range r.GetReplace() {
		if err := add(u.GetPath(), gpb.UpdateResult_REPLACE, u.GetVal()); err != nil {
			return nil, err
		}
	}
	for _, u := range r.GetUpdate() {
		if err := add(u.GetPath(), gpb.UpdateResult_UPDATE, u.GetVal()); err != nil {
			return nil, err
		}
	}
	return ops, nil
}

// target finds the ports that a path of a Set means. A delete may have wildcards, and
// what it does not find is gone already (3.4.6).
func target(prefix, path *gpb.Path, isDelete bool, interfaces []Interface) ([]uint32, error) {
	sel, err := find(prefix, path)
	if o := path.GetOrigin(); status.Code(err) == codes.Unimplemented && (o == "" || o == origin) {
		// Of a path that cannot be changed because there is none, Set says NOT_FOUND (3.4.7).
		return nil, status.Errorf(codes.NotFound, "%s; Set changes %s", status.Convert(err).Message(), settable)
	}
	if err != nil {
		return nil, err
	}
	for _, p := range sel.nodes {
		if p.leaf == nil || p.leaf.path != enabledPath {
			return nil, status.Errorf(codes.PermissionDenied, "path %s cannot be changed; Set changes %s", sel.text, settable)
		}
	}
	if !isDelete && !sel.exact {
		return nil, invalid("path %s: an update or replace names one interface, without wildcards; the interfaces are %s", sel.text, interfaceNames(interfaces))
	}
	var ports []uint32
	for i := range interfaces {
		for _, p := range sel.nodes {
			if p.covers(&interfaces[i]) {
				ports = append(ports, interfaces[i].Number)
			}
		}
	}
	if !isDelete && len(ports) == 0 {
		return nil, status.Errorf(codes.NotFound, "path %s: there is no such interface; the interfaces are %s", sel.text, interfaceNames(interfaces))
	}
	return ports, nil
}

// apply does the operations. What the request leaves as it was is never touched, even
// if it was changed and changed back on the way. After an error everything is as before.
func (s *Server) apply(ops []operation, interfaces []Interface) error {
	was, want := map[uint32]bool{}, map[uint32]bool{}
	for _, i := range interfaces {
		was[i.Number] = i.Enabled
	}
	for _, op := range ops {
		for _, p := range op.ports {
			want[p] = op.enabled
		}
	}
	var done []uint32
	for _, i := range interfaces {
		enabled, ok := want[i.Number]
		if !ok || enabled == was[i.Number] {
			continue
		}
		if err := s.source.SetEnabled(i.Number, enabled); err != nil {
			for _, p := range done {
				if back := s.source.SetEnabled(p, was[p]); back != nil {
					return status.Errorf(codes.Internal, "interface %s: %v; and taking port %d back: %v", i.Name, err, p, back)
				}
			}
			return status.Errorf(codes.Aborted, "interface %s: %v; nothing was changed", i.Name, err)
		}
		done = append(done, i.Number)
	}
	return nil
}
