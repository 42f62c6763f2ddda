package gnmi

import (
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/proto"
)

func elem(name string, keys ...string) *gpb.PathElem {
	e := &gpb.PathElem{Name: name}
	for i := 0; i < len(keys); i += 2 {
		if e.Key == nil {
			e.Key = map[string]string{}
		}
		e.Key[keys[i]] = keys[i+1]
	}
	return e
}

func TestParsePath(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []*gpb.PathElem
		err  string
	}{
		{in: "/"},
		{in: "/a", want: []*gpb.PathElem{elem("a")}},
		{in: "/a/b/c", want: []*gpb.PathElem{elem("a"), elem("b"), elem("c")}},
		{in: "/interfaces/interface[name=Ethernet1/2/3]/state", want: []*gpb.PathElem{elem("interfaces"), elem("interface", "name", "Ethernet1/2/3"), elem("state")}},
		{in: "/p[identifier=ISIS][name=65497]", want: []*gpb.PathElem{elem("p", "identifier", "ISIS", "name", "65497")}},
		{in: `/foo[name=\]]`, want: []*gpb.PathElem{elem("foo", "name", "]")}},
		{in: `/foo[name=[]`, want: []*gpb.PathElem{elem("foo", "name", "[")}},
		{in: `/foo[name=[\\\]]`, want: []*gpb.PathElem{elem("foo", "name", `[\]`)}},
		{in: `/foo[name=a\nb\rcäd\U0001F600]`, want: []*gpb.PathElem{elem("foo", "name", "a\nb\rcäd😀")}},
		{in: "/foo[k=a=b]", want: []*gpb.PathElem{elem("foo", "k", "a=b")}},
		{in: "/.../state/*", want: []*gpb.PathElem{elem("..."), elem("state"), elem("*")}},
		{in: "", err: "does not start with '/'"},
		{in: "a/b", err: "does not start with '/'"},
		{in: "/a/", err: "an element has no name"},
		{in: "//a", err: "an element has no name"},
		{in: "/a]", err: `"]" behind a`},
		{in: "/a=b", err: `"=" behind a`},
		{in: "/a[k=v]b", err: `"b" behind a`},
		{in: "/a[k", err: "not [key=value]"},
		{in: "/a[=v]", err: "not [key=value]"},
		{in: "/a[k=v", err: "']' is missing"},
		{in: "/a[k=]", err: "the value is empty"},
		{in: "/a[k=v][k=w]", err: "key k twice"},
		{in: `/a[k=\x]`, err: `behind '\'`},
		{in: `/a[k=\u12]`, err: `behind '\'`},
		{in: `/a[k=\ud800]`, err: `behind '\'`},
		{in: `/a[k=v\`, err: "nothing behind"},
		{in: "/a\xff", err: "not UTF-8"},
		{in: strings.Repeat("/a", maxElements), want: repeat(elem("a"), maxElements)},
		{in: strings.Repeat("/a", maxElements+1), err: "more than 32 elements"},
		{in: "/" + strings.Repeat("a", maxPathLength), err: "at most 4096 bytes"},
	} {
		got, err := ParsePath(c.in)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: %v, %v; want an error with %q", c.in, got, err, c.err)
			}
			continue
		}
		if err != nil || !proto.Equal(got, &gpb.Path{Elem: c.want}) {
			t.Errorf("%q: %v, %v", c.in, got, err)
		}
	}
}

func repeat(e *gpb.PathElem, n int) []*gpb.PathElem {
	out := make([]*gpb.PathElem, n)
	for i := range out {
		out[i] = e
	}
	return out
}

// What was read reads back from what was written of it, and the server takes any
// path without a fall.
func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"/", "/a/b[k=v]/c", `/foo[name=[\\\]]`, "/.../*", "/interfaces/interface[name=*]/state/counters", "/.../interface/.../*[name=eth0]/..."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePath(s)
		if err != nil {
			return
		}
		again, err := ParsePath(FormatPath(p))
		if err != nil || !proto.Equal(p, again) {
			t.Fatalf("%q is written %q, which reads as %v, %v", s, FormatPath(p), again, err)
		}
		if sel, err := find(nil, p); err == nil && len(sel.nodes) == 0 {
			t.Fatalf("%q: found, and nothing is found", s)
		}
	})
}

func must(t testing.TB, s string) *gpb.Path {
	t.Helper()
	p, err := ParsePath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// found writes a selection as "name:path", sorted as found.
func found(s *selection) string {
	var out []string
	for _, p := range s.nodes {
		name := p.name
		if name == "" {
			name = "*"
		}
		out = append(out, FormatPath(pathOf(p.node, name)))
	}
	return strings.Join(out, " ")
}

func TestFind(t *testing.T) {
	const list = "/interfaces/interface"
	for _, c := range []struct {
		path, want string
		exact      bool
	}{
		{"/", "/", true},
		{"/interfaces", "/interfaces", true},
		{list, list + "[name=*]", false},
		{list + "[name=*]", list + "[name=*]", false},
		{list + "[name=eth0]", list + "[name=eth0]", true},
		{list + "[name=eth0]/state/oper-status", list + "[name=eth0]/state/oper-status", true},
		{list + "/state/id", list + "[name=*]/state/id", false},
		{list + "[name=eth0]/*/enabled", list + "[name=eth0]/config/enabled " + list + "[name=eth0]/state/enabled", false},
		{list + "[name=eth0]/.../state", list + "[name=eth0]/state " + list + "[name=eth0]/ethernet/state", false},
		{"/interfaces/*[name=eth0]/state/mtu", list + "[name=eth0]/state/mtu", false},
		{"/*/*/state/mtu", list + "[name=*]/state/mtu", false},
		{"/.../oper-status", list + "[name=*]/state/oper-status", false},
		{"/interfaces/...", "/interfaces", false}, // it is below itself, and the rest below it
		{"/...", "/", false},
		{"/.../.../...", "/", false},
		{"/.../counters/in-pkts", list + "[name=*]/state/counters/in-pkts", false},
	} {
		s, err := find(nil, must(t, c.path))
		if err != nil || found(s) != c.want || s.exact != c.exact {
			t.Errorf("%s: %v\n  got  %s, exact %v\n  want %s, exact %v", c.path, err, found(s), s != nil && s.exact, c.want, c.exact)
		}
	}
}

// The deepest search that a client can ask for ends soon.
func TestFindIsBounded(t *testing.T) {
	p := &gpb.Path{}
	for range maxElements / 2 {
		p.Elem = append(p.Elem, elem("..."), elem("*"))
	}
	if s, err := find(nil, p); err == nil {
		t.Errorf("found %s", found(s))
	}
}

// The table has each leaf once, and each leaf in a container.
func TestSchema(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range leaves {
		if seen[l.path] {
			t.Errorf("%s is in the table twice", l.path)
		}
		seen[l.path] = true
	}
	n := 0
	root.each(func(x *node) {
		n++
		if len(x.children) != 0 {
			t.Errorf("the leaf %s has children", x.leaf.path)
		}
	})
	if n != len(leaves) {
		t.Errorf("%d leaves in the tree, %d in the table", n, len(leaves))
	}
	if !seen[enabledPath] || !seen[listKey] {
		t.Error("the table lacks a leaf that the code knows by name")
	}
}
