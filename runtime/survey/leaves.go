package survey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
)

// maxLeaves bounds what is kept of one switch's answers.
const maxLeaves = 1 << 20

// leaves are values as text by interface and by path below the interface:
// leaves["eth0"]["state/oper-status"] is "UP". Whatever the encoding and however a
// switch cuts the tree into updates, the leaves are the same.
type leaves struct {
	of    map[string]map[string]string
	count int
}

// add takes in a notification.
func (l *leaves) add(n *gpb.Notification) error {
	for _, u := range n.GetUpdate() {
		at := place{}
		for _, p := range []*gpb.Path{n.GetPrefix(), u.GetPath()} {
			for _, e := range p.GetElem() {
				at = at.below(e.GetName())
				if at.isInterface() {
					at.name = e.GetKey()["name"]
				}
			}
		}
		v, err := decode(u.GetVal())
		if err != nil {
			return fmt.Errorf("the value of /%s: %w", at.path, err)
		}
		if err := l.walk(at, v); err != nil {
			return err
		}
	}
	return nil
}

// place is where in the tree a value stands.
type place struct {
	path string // names of elements without their modules, with '/' in between
	name string // of the interface
}

const listPath = "interfaces/interface"

func (p place) below(element string) place {
	if _, bare, ok := strings.Cut(element, ":"); ok { // module:name, RFC 7951, section 4
		element = bare
	}
	if p.path != "" {
		element = p.path + "/" + element
	}
	return place{path: element, name: p.name}
}

func (p place) isInterface() bool { return p.path == listPath }

// decode makes nil, a bool, a string, a json.Number, a []any or a map[string]any of a value.
func decode(v *gpb.TypedValue) (any, error) {
	switch v := v.GetValue().(type) {
	case *gpb.TypedValue_JsonVal:
		return decodeJSON(v.JsonVal)
	case *gpb.TypedValue_JsonIetfVal:
		return decodeJSON(v.JsonIetfVal)
	case *gpb.TypedValue_StringVal:
		return v.StringVal, nil
	case *gpb.TypedValue_AsciiVal:
		return v.AsciiVal, nil
	case *gpb.TypedValue_BoolVal:
		return v.BoolVal, nil
	case *gpb.TypedValue_UintVal:
		return strconv.FormatUint(v.UintVal, 10), nil
	case *gpb.TypedValue_IntVal:
		return strconv.FormatInt(v.IntVal, 10), nil
	}
	return nil, nil // of no use here
}

func decodeJSON(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is something behind the JSON value")
	}
	return v, nil
}

// walk keeps the leaves of a value.
func (l *leaves) walk(at place, v any) error {
	switch v := v.(type) {
	case map[string]any:
		if name, ok := keyOf(v); ok && at.isInterface() && at.name == "" {
			at.name = name
		}
		// In order: a switch may give one leaf with and without its module's name.
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if err := l.walk(at.below(k), v[k]); err != nil {
				return err
			}
		}
	case []any:
		if !at.isInterface() {
			return nil // a list of something else
		}
		for _, entry := range v {
			if err := l.walk(place{path: at.path}, entry); err != nil {
				return err
			}
		}
	case nil:
	default:
		return l.keep(at, fmt.Sprint(v))
	}
	return nil
}

// keyOf is the key of an interface's JSON object.
func keyOf(v map[string]any) (string, bool) {
	for _, k := range []string{"name", "openconfig-interfaces:name"} {
		if name, ok := v[k].(string); ok {
			return name, true
		}
	}
	return "", false
}

func (l *leaves) keep(at place, value string) error {
	leaf, ok := strings.CutPrefix(at.path, listPath+"/")
	if !ok || at.name == "" {
		return nil
	}
	if l.count++; l.count > maxLeaves {
		return fmt.Errorf("more than %d values", maxLeaves)
	}
	if l.of == nil {
		l.of = map[string]map[string]string{}
	}
	if l.of[at.name] == nil {
		l.of[at.name] = map[string]string{}
	}
	l.of[at.name][leaf] = value
	return nil
}
