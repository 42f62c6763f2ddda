package diff

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	p4configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"pgregory.net/rapid"

	"pillion/backends/bundle"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

const infoText = `
tables { preamble { id: 1 alias: "acl" } match_fields { id: 1 name: "src" bitwidth: 32 } match_fields { id: 2 name: "dport" bitwidth: 16 } }
tables { preamble { id: 2 alias: "edge" } match_fields { id: 1 name: "edge" bitwidth: 16 } }
actions { preamble { id: 10 alias: "permit" } }
actions { preamble { id: 11 alias: "deny" } params { id: 1 name: "reason" bitwidth: 8 } }
actions { preamble { id: 12 alias: "forward" } params { id: 1 name: "port" bitwidth: 9 } }
`

func infos(t testing.TB) map[string]*p4configv1.P4Info {
	var info p4configv1.P4Info
	if err := prototext.Unmarshal([]byte(infoText), &info); err != nil {
		t.Fatal(err)
	}
	return map[string]*p4configv1.P4Info{"switch": &info}
}

func acl(last byte, action uint32, from ...uint32) bundle.Entity {
	e := bundle.Entity{ID: 1, Action: action, Priority: 10, Match: []bundle.Match{{Field: 1, Kind: bundle.Ternary, Value: string([]byte{10, 0, 0, last}), Mask: "\xff\xff\xff\xff"}}, From: from, Counts: -1}
	if action == 11 {
		e.Params = []bundle.Param{{ID: 1, Value: "\x08"}}
	}
	return e
}

func edge(id, port byte, from ...uint32) bundle.Entity {
	return bundle.Entity{ID: 2, Action: 12, Match: []bundle.Match{{Field: 1, Value: string([]byte{id})}}, Params: []bundle.Param{{ID: 1, Value: string([]byte{port})}}, From: from, Counts: -1}
}

func target(name string, entities ...bundle.Entity) bundle.Target {
	bundle.Sort(entities)
	return bundle.Target{Name: name, Kind: "switch", Address: name + ":9559", DeviceID: 1, P4InfoHash: "a", ConfigHash: "b", Entities: entities}
}

// ordinary is an ordinary switch, each of whose lines is from one statement.
func ordinary(name, sidecar string, from uint32, lines ...string) bundle.Redirect {
	r := bundle.Redirect{Switch: name, Driver: "ovs", Sidecar: sidecar}
	for _, text := range append([]string{"switch " + name}, lines...) {
		r.Lines = append(r.Lines, bundle.RedirectLine{Text: text, From: []uint32{from}})
	}
	return r
}

func twoBundles() (old, new *bundle.Bundle) {
	old = &bundle.Bundle{
		Statements: []string{"allow partner", "allow world", "deny no-ssh"},
		Targets: []bundle.Target{
			target("leaf1", acl(1, 10, 0), acl(2, 10, 1), acl(3, 11, 2), edge(1, 3), edge(2, 3)),
			target("leaf2", acl(1, 10, 0)),
			target("leaf3", edge(1, 1)),
			target("leaf4", edge(1, 1)),
		},
		Redirects: []bundle.Redirect{
			ordinary("leaf0", "side0", 0, "wire 7 to 30 tag 7", "wire 8 to 30 tag 8", "static 02:00:00:00:00:01 at 3", "guard 3 02:00:00:00:00:01", "sample 1 in 100 to port 31"),
			ordinary("leaf3", "", 0, "static 02:00:00:00:00:01 at 3"),
			ordinary("leaf9", "", 0, "static 02:00:00:00:00:01 at 3"),
		},
	}
	new = &bundle.Bundle{
		Statements: []string{"allow partner", "allow | `odd` <b>", "deny no-ssh", "endpoint web1"},
		Targets: []bundle.Target{
			target("leaf1", acl(1, 11, 0, 2), acl(3, 11, 2), acl(4, 10, 0, 3), acl(5, 10, 1), edge(1, 4), edge(2, 3),
				bundle.Entity{Kind: bundle.MulticastGroup, ID: 7, Replicas: []bundle.Replica{{Port: 1}}, From: []uint32{3}}),
			target("leaf2", acl(1, 10, 3)), // only the provenance changes
			target("leaf4", edge(1, 1)),
			target("leaf5", edge(9, 9, 3)),
		},
		Redirects: []bundle.Redirect{
			ordinary("leaf0", "side1", 3, "wire 7 to 21", "static 02:00:00:00:00:01 at 3", "static 02:00:00:00:00:02 at 4", "guard 3 02:00:00:00:00:02", "sample 1 in 10 to sflow 127.0.0.1:6343"),
			ordinary("leaf9", "", 3, "static 02:00:00:00:00:01 at 3"), // only the provenance changes
		},
	}
	new.Targets[2].Address, new.Targets[2].ConfigHash = "leaf4:1", "c"
	return old, new
}

func TestGolden(t *testing.T) {
	old, new := twoBundles()
	d := Compare(old, new, infos(t))
	same := Compare(old, old, infos(t))
	for name, write := range map[string]func(io.Writer) error{
		"diff.txt":     func(w io.Writer) error { return d.WriteText(w, false) },
		"diff.ansi":    func(w io.Writer) error { return d.WriteText(w, true) },
		"diff.json":    d.WriteJSON,
		"diff.md":      d.WriteMarkdown,
		"cut.md":       func(w io.Writer) error { return d.writeMarkdown(w, 1000) },
		"same.txt":     func(w io.Writer) error { return same.WriteText(w, false) },
		"same.json":    same.WriteJSON,
		"same.md":      same.WriteMarkdown,
		"no-names.txt": func(w io.Writer) error { return Compare(old, new, nil).WriteText(w, false) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s (refresh with -update):\n%s", name, diff)
		}
	}
}

func TestMarkdownIsBounded(t *testing.T) {
	var many []bundle.Entity
	for i := range 200 {
		many = append(many, acl(byte(i), 10))
	}
	var statements []string
	for i := range 3000 {
		statements = append(statements, fmt.Sprintf("allow a-rule-with-a-long-name-%06d-ä", i))
	}
	for i := range many {
		for j := range uint32(15) {
			many[i].From = append(many[i].From, uint32(i)*15+j)
		}
	}
	new := &bundle.Bundle{Statements: statements}
	for i := range 50 {
		new.Targets = append(new.Targets, target(fmt.Sprintf("leaf%02d", i), many...))
	}
	for _, statements := range []int{0, len(statements)} {
		d := Compare(&bundle.Bundle{}, new, infos(t))
		d.NewStatements = d.NewStatements[:0]
		d.Statements = d.Statements[:statements]
		var b bytes.Buffer
		if err := d.WriteMarkdown(&b); err != nil {
			t.Fatal(err)
		}
		n := utf8.RuneCount(b.Bytes())
		if n > MaxMarkdown || n < MaxMarkdown*9/10 || !strings.Contains(b.String(), "lines are left out") {
			t.Errorf("%d characters; it ends with %q", n, b.String()[b.Len()-200:])
		}
		if strings.Count(b.String(), "<details>") != strings.Count(b.String(), "</details>") || strings.Count(b.String(), "```")%2 != 0 {
			t.Error("a fold or a fence stays open")
		}
	}
}

// Applying the diff to the old state gives the new one.
func TestDiffApplies(t *testing.T) {
	names := infos(t)
	rapid.Check(t, func(t *rapid.T) {
		gen := func(label string) *bundle.Bundle {
			var entities []bundle.Entity
			for id := range rapid.ByteRange(0, 20).Draw(t, label) {
				if rapid.Bool().Draw(t, "in") {
					entities = append(entities, edge(id, rapid.ByteRange(0, 2).Draw(t, "port"), 0))
				}
			}
			return &bundle.Bundle{Statements: []string{"s"}, Targets: []bundle.Target{target("x", entities...)}}
		}
		old, new := gen("old"), gen("new")
		d := Compare(old, new, names)
		lines := func(b *bundle.Bundle) map[string]string {
			out := map[string]string{}
			n := bundle.NewNames(names["switch"])
			for i := range b.Targets[0].Entities {
				e := &b.Targets[0].Entities[i]
				out[n.Match(e)] = n.Action(e)
			}
			return out
		}
		state := lines(old)
		var counts Counts
		for _, target := range d.Targets {
			for _, c := range target.Entities {
				counts.add(c.Change)
				if state[c.Match] != c.Old {
					t.Fatalf("%v: there was %q", c, state[c.Match])
				}
				if c.New == "" {
					delete(state, c.Match)
				} else {
					state[c.Match] = c.New
				}
			}
		}
		if diff := cmp.Diff(lines(new), state); diff != "" {
			t.Fatal(diff)
		}
		if counts != d.Counts || counts == (Counts{}) != d.Empty() {
			t.Fatalf("%+v, %+v", counts, d.Counts)
		}
		if s := d.Statements; len(s) > 0 && s[0].Counts != counts {
			t.Fatalf("%+v", s)
		}
	})
}
