package bundle

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	"pillion/sidecarfallback/redirect"
)

// genValue draws canonical bytestrings.
func genValue() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return Canonical(string(rapid.SliceOfN(rapid.Byte(), 1, 16).Draw(t, "bytes")))
	})
}

func genEntity(statements int) *rapid.Generator[Entity] {
	return rapid.Custom(func(t *rapid.T) Entity {
		e := Entity{Kind: rapid.SampledFrom([]Kind{TableEntry, TableEntry, MulticastGroup, CloneSession}).Draw(t, "kind"),
			ID: rapid.Uint32Min(1).Draw(t, "id"), Counts: -1}
		if statements > 0 {
			e.Counts = int32(rapid.IntRange(-1, statements-1).Draw(t, "counts"))
			e.From = rapid.SliceOfDistinct(rapid.Uint32Range(0, uint32(statements-1)), rapid.ID).Draw(t, "from")
			slices.Sort(e.From)
		}
		if e.Kind != TableEntry {
			for _, port := range rapid.SliceOfDistinct(rapid.Uint32(), rapid.ID).Draw(t, "ports") {
				e.Replicas = append(e.Replicas, Replica{port, rapid.Uint16().Draw(t, "instance")})
			}
			slices.SortFunc(e.Replicas, compareReplica)
			return e
		}
		e.Action = rapid.Uint32Min(1).Draw(t, "action")
		e.Priority = rapid.Int32Range(0, 1<<30).Draw(t, "priority")
		for field := range rapid.Uint32Range(0, 4).Draw(t, "fields") {
			m := Match{Field: field*2 + 1, Kind: rapid.SampledFrom([]MatchKind{Exact, LPM, Ternary, Range, Optional}).Draw(t, "match"), Value: genValue().Draw(t, "value")}
			switch m.Kind {
			case LPM:
				m.PrefixLen = rapid.Int32Range(1, 128).Draw(t, "length")
			case Ternary:
				m.Mask = genValue().Filter(func(s string) bool { return s != "\x00" }).Draw(t, "mask")
			case Range:
				m.Mask = genValue().Draw(t, "high")
				if compareNumber(m.Value, m.Mask) > 0 {
					m.Value, m.Mask = m.Mask, m.Value
				}
			}
			e.Match = append(e.Match, m)
		}
		for id := range rapid.Uint32Range(0, 3).Draw(t, "params") {
			e.Params = append(e.Params, Param{id + 1, genValue().Draw(t, "param")})
		}
		return e
	})
}

func genBundle() *rapid.Generator[*Bundle] {
	return rapid.Custom(func(t *rapid.T) *Bundle {
		b := &Bundle{Network: []byte("{\"switches\": []}\n")}
		b.Statements = rapid.SliceOfDistinct(rapid.String(), rapid.ID).Draw(t, "statements")
		slices.Sort(b.Statements)
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z/. "%]{1,5}`), 0, 4, rapid.ID).Draw(t, "targets")
		slices.Sort(names)
		for _, name := range names {
			target := Target{Name: name, Kind: "switch", Address: "127.0.0.1:9559", DeviceID: rapid.Uint64().Draw(t, "device"), P4InfoHash: "ab", ConfigHash: "cd"}
			target.Entities = rapid.SliceOfDistinct(genEntity(len(b.Statements)), func(e Entity) string { return e.Key() }).Draw(t, "entities")
			Sort(target.Entities)
			b.Targets = append(b.Targets, target)
		}
		names = rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z. 日'%]{1,5}`), 0, 3, rapid.ID).Draw(t, "ordinary switches")
		slices.Sort(names)
		for _, name := range names {
			b.Redirects = append(b.Redirects, genRedirect(name, len(b.Statements)).Draw(t, "redirect"))
		}
		return b
	})
}

func genRedirect(name string, statements int) *rapid.Generator[Redirect] {
	return rapid.Custom(func(t *rapid.T) Redirect {
		rules := redirect.Rules{Switch: name}
		for port := range uint32(rapid.IntRange(0, 3).Draw(t, "wires")) {
			rules.Wires = append(rules.Wires, redirect.Wire{Box: port + 1, Sidecar: 30, Tag: uint16(port + 1)})
		}
		for port := range uint32(rapid.IntRange(0, 3).Draw(t, "shims")) {
			mac := redirect.MAC{2, 0, 0, 0, 0, byte(port)}
			rules.Statics = append(rules.Statics, redirect.Static{Locator: mac, Port: port + 10})
			rules.Guards = append(rules.Guards, redirect.Guard{MAC: mac, Port: port + 10})
		}
		if rapid.Bool().Draw(t, "sample") {
			rules.Sample = redirect.Sample{OneIn: 100, Port: 31}
		}
		r := Redirect{Switch: name, Driver: "ovs", Sidecar: rapid.SampledFrom([]string{"", "side"}).Draw(t, "sidecar")}
		for text := range strings.Lines(rules.Text()) {
			line := RedirectLine{Text: strings.TrimSuffix(text, "\n")}
			if statements > 0 {
				line.From = rapid.SliceOfDistinct(rapid.Uint32Range(0, uint32(statements-1)), rapid.ID).Draw(t, "from")
				slices.Sort(line.From)
			}
			r.Lines = append(r.Lines, line)
		}
		return r
	})
}

func TestBundleRoundTrip(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		b := genBundle().Draw(t, "bundle")
		path := filepath.Join(dir, fmt.Sprint(n))
		if err := Write(path, b); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(b, got, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("read back (-written +read):\n%s", d)
		}
		again := path + "again"
		if err := Write(again, got); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, path, again)
	})
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func sameFiles(t fataler, a, b string) {
	t.Helper()
	as, bs := readAll(t, a), readAll(t, b)
	if d := cmp.Diff(as, bs); d != "" {
		t.Fatalf("%s and %s differ:\n%s", a, b, d)
	}
}

func readAll(t fataler, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatalf("%v", err)
		}
		out[e.Name()] = string(data)
	}
	return out
}

// The text of an entity is what prototext writes of its Proto, white space and the spelling of
// bytes aside; and it means the same.
func TestTextIsPrototext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := genEntity(0).Draw(t, "entity")
		if err := e.Validate(); err != nil {
			t.Fatal(err)
		}
		text := e.AppendText(nil)
		want := &p4v1.WriteRequest{Updates: []*p4v1.Update{{Type: p4v1.Update_INSERT, Entity: e.Proto()}}}
		var got p4v1.WriteRequest
		if err := prototext.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if d := cmp.Diff(want, &got, protocmp.Transform()); d != "" {
			t.Fatal(d)
		}
		theirs, err := prototext.MarshalOptions{EmitASCII: true}.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := bare(t, text), bare(t, theirs); a != b {
			t.Fatalf("ours:   %s\ntheirs: %s", a, b)
		}
		back, ok := newScanner().entity(text)
		if !ok || back.Key() != e.Key() || !back.Equal(&e) {
			t.Fatalf("the fast reader read %+v (%v) from %s", back, ok, text)
		}
		slow, err := FromProto(want.Updates[0].Entity)
		if err != nil || !slow.Equal(&e) {
			t.Fatalf("FromProto: %+v, %v", slow, err)
		}
	})
}

// bare drops white space and the optional colon before '{', and spells every byte of a string in hex.
func bare(t fataler, text []byte) string {
	t.Helper()
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ' ':
		case c == ':' && i+1 < len(text) && strings.HasPrefix(strings.TrimLeft(string(text[i+1:]), " "), "{"):
		case c == '"':
			end := i + 1
			for text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			var v p4v1.FieldMatch_Exact
			if err := prototext.Unmarshal([]byte("value: "+string(text[i:end+1])), &v); err != nil {
				t.Fatalf("%v", err)
			}
			fmt.Fprintf(&out, "%q", fmt.Sprintf("%x", v.Value))
			i = end
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

func smallBundle() *Bundle {
	return &Bundle{
		Network:    []byte("{}\n"),
		Statements: []string{"allow partner", "deny no-ssh", "endpoint web1"},
		Targets: []Target{
			{Name: "leaf1", Kind: "switch", Address: "127.0.0.1:50051", DeviceID: 1, CPUPort: 510, P4InfoHash: "aa", ConfigHash: "bb", Entities: []Entity{
				{Kind: MulticastGroup, ID: 5, Replicas: []Replica{{1, 0}, {2, 7}}, Counts: -1},
				{ID: 33554433, Action: 16777217, Match: []Match{{Field: 1, Kind: LPM, Value: "\x0a\x00\x00\x00", PrefixLen: 8}}, Params: []Param{{1, "\x03"}}, From: []uint32{0, 2}, Counts: 0},
				{ID: 33554434, Action: 16777218, Priority: 10, Match: []Match{{Field: 1, Kind: Ternary, Value: "\x16", Mask: "\xff\xff"}}, From: []uint32{1}, Counts: -1},
			}},
			{Name: "leaf2", Kind: "switch", Address: "unix:///run/leaf2", DeviceID: 2, P4InfoHash: "aa", ConfigHash: "bb"},
		},
		Redirects: []Redirect{
			{Switch: "leaf3", Driver: "linux-bridge", Sidecar: "side3", Lines: []RedirectLine{
				{Text: "switch leaf3"}, {Text: "wire 7 to 21", From: []uint32{0, 2}}, {Text: "guard 3 02:00:00:00:00:01", From: []uint32{2}},
			}},
			{Switch: "spine 1", Driver: "ovs", Lines: []RedirectLine{{Text: `switch "spine 1"`, From: []uint32{1}}}},
		},
	}
}

func TestGoldenFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := Write(dir, smallBundle()); err != nil {
		t.Fatal(err)
	}
	for name, got := range readAll(t, dir) {
		golden := filepath.Join("testdata", "small", name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(golden), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != got {
			t.Errorf("%s (refresh with -update):\n%s", name, cmp.Diff(string(want), got))
		}
	}
}

func TestWriteKeepsForeignFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	b := smallBundle()
	if err := Write(dir, b); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"README": "mine", "notes/a/b": "deep", "old.redirect": "x", "spine%201.redirect.bak": "y"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("README", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	b.Targets, b.Redirects = b.Targets[:1], b.Redirects[:1]
	check := func() {
		t.Helper()
		var names []string
		_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if !d.IsDir() {
				names = append(names, strings.TrimPrefix(path, dir+"/"))
			}
			return err
		})
		want := []string{"README", "leaf1.txtpb", "leaf3.redirect", "link", "manifest.json", "network.json", "notes/a/b", "old.redirect", "provenance.json", "spine%201.redirect.bak"}
		if d := cmp.Diff(want, names); d != "" {
			t.Error(d)
		}
		if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) != 1 {
			t.Errorf("left beside the bundle: %v", left)
		}
		if _, err := Read(dir); err != nil {
			t.Error(err)
		}
	}
	if err := Write(dir, b); err != nil {
		t.Fatal(err)
	}
	check()

	t.Log("now from inside, where the folder cannot be exchanged")
	t.Chdir(dir)
	if err := Write(".", smallBundle()); err != nil {
		t.Fatal(err)
	}
	if err := Write(".", b); err != nil {
		t.Fatal(err)
	}
	check()
}

func TestWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, smallBundle()); err == nil || !strings.Contains(err.Error(), "is no bundle") {
		t.Errorf("a folder with foreign files: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(`{"name": "my web app"}`), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, smallBundle()); err == nil || !strings.Contains(err.Error(), "left alone") {
		t.Errorf("a folder with another program's manifest: %v", err)
	}
	for name, breakIt := range map[string]func(*Bundle){
		"two entities with one key": func(b *Bundle) {
			e := b.Targets[0].Entities[1]
			e.Params = nil
			b.Targets[0].Entities = append(b.Targets[0].Entities, e)
		},
		"targets must be sorted":    func(b *Bundle) { b.Targets[1].Name = "leaf0" },
		"statements must be sorted": func(b *Bundle) { b.Statements[1] = "allow partner" },
		"From [7]":                  func(b *Bundle) { b.Targets[0].Entities[1].From = []uint32{7} },
		"Counts 9":                  func(b *Bundle) { b.Targets[0].Entities[1].Counts = 9 },
		"is not canonical":          func(b *Bundle) { b.Targets[0].Entities[1].Params[0].Value = "\x00\x03" },
		"version 1":                 func(b *Bundle) { b.Version = 1 },
		"redirects must be sorted":  func(b *Bundle) { b.Redirects[1].Switch = "leaf3" },
		"begins no rule":            func(b *Bundle) { b.Redirects[0].Lines[1].Text = "wires 7 to 21" },
		"those of \"leaf4\"":        func(b *Bundle) { b.Redirects[0].Lines[0].Text = "switch leaf4" },
		"canonical order and form":  func(b *Bundle) { r := b.Redirects[0].Lines; r[1], r[2] = r[2], r[1] },
		"its origins [3]":           func(b *Bundle) { b.Redirects[0].Lines[1].From = []uint32{3} },
	} {
		b := smallBundle()
		breakIt(b)
		out := filepath.Join(t.TempDir(), "out")
		if err := Write(out, b); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: it was written all the same", name)
		}
	}
}

func TestReadErrors(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"leaf1.txtpb", "table_id: 33554433", "table_ix: 33554433", "leaf1.txtpb:6:47: unknown field: table_ix"},
		{"leaf1.txtpb", "INSERT entity { table_entry { table_id: 33554434", "DELETE entity { table_entry { table_id: 33554434", "leaf1.txtpb:7: an update of type DELETE"},
		{"leaf1.txtpb", "device_id: 1", "device_id: 9", "leaf1.txtpb:4: device_id 9, but manifest.json says 1"},
		{"leaf1.txtpb", "priority: 10 } } }\n", "priority: 10 } }\n", "leaf1.txtpb:7: the file ends inside"},
		{"leaf1.txtpb", "table_id: 33554434", "table_id: 0", "leaf1.txtpb:7: the id of a table"},
		{"leaf1.txtpb", "\nupdates { type: INSERT entity { packet", "\n# updates { type: INSERT entity { packet", "leaf1.txtpb:7: 2 updates, but manifest.json says 3"},
		{"manifest.json", `"version": 0`, `"version": 3`, "manifest.json:3: version 3"},
		{"manifest.json", `"device-id": 1`, `"device-id": "1"`, "manifest.json:9: "},
		{"manifest.json", "pillion bundle 1", "pillion bundle 0", "manifest.json:2: format"},
		{"manifest.json", "leaf2.txtpb", "../leaf2.txtpb", "manifest.json:17: "},
		{"provenance.json", `"counts": "allow partner"`, `"counts": "allow partners"`, `"allow partners" is not among this file's "statements"`},
		{"provenance.json", `"targets": {`, `"targets": [`, "provenance.json:8: "},
		{"provenance.json", `["allow partner", "endpoint web1"]}`, `["allow partners", "endpoint web1"]}`, `"allow partners" is not among this file's "statements"`},
		{"provenance.json", `"redirects": {`, `"redirects": [`, "provenance.json:17: "},
		{"leaf3.redirect", "wire 7 to", "wire x to", `leaf3.redirect:2:6: "x" is no number`},
		{"leaf3.redirect", "wire 7 to", "wire 21 to", "leaf3.redirect: wire 21 to 21: port 21 serves"},
		{"leaf3.redirect", "switch leaf3", "switch leaf4", `leaf3.redirect: these are rules of switch "leaf4", but manifest.json says "leaf3"`},
		{"leaf3.redirect", "wire 7 to 21\n", "", "leaf3.redirect: 2 rules, but manifest.json says 3: the file is cut off"},
		{"manifest.json", "leaf3.redirect", "../leaf3.redirect", "manifest.json:29: switch \"leaf3\": its file must be called"},
		{"manifest.json", `"switch": "leaf3"`, `"switch": "zeta"`, "manifest.json:29: switch \"zeta\": its file must be called"},
		{"manifest.json", `"switch": "spine 1"`, `"switch": "leaf3"`, "redirects must be sorted"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		if err := Write(dir, smallBundle()); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, c.file)
		data, _ := os.ReadFile(path)
		broken := strings.Replace(string(data), c.old, c.new, 1)
		if broken == string(data) {
			t.Fatalf("%q is not in %s:\n%s", c.old, c.file, data)
		}
		if err := os.WriteFile(path, []byte(broken), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Read(dir)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: got %v, want %q", c.file, c.new, err, c.want)
		}
	}
	if _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is no bundle") {
		t.Errorf("an empty folder: %v", err)
	}
}

// A person may reformat a target's file, and add comments.
func TestReadEditedFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	want := smallBundle()
	if err := Write(dir, want); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "leaf1.txtpb")
	data, _ := os.ReadFile(path)
	var request p4v1.WriteRequest
	if err := prototext.Unmarshal(data, &request); err != nil {
		t.Fatalf("prototext cannot read the whole file: %v", err)
	}
	if request.DeviceId != 1 || len(request.Updates) != 3 {
		t.Fatalf("prototext read %v", &request)
	}
	if err := os.WriteFile(filepath.Join(dir, "leaf3.redirect"), []byte("# mine\nguard 3   02:00:00:00:00:01\n\nswitch leaf3\nwire 7 to 21 # fw"), 0o666); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(request.Updates)
	edited := "# who edited this: }{\n" + prototext.MarshalOptions{Multiline: true}.Format(&request)
	if err := os.WriteFile(path, []byte(edited), 0o666); err != nil {
		t.Fatal(err)
	}
	prov := filepath.Join(dir, "provenance.json")
	data, _ = os.ReadFile(prov)
	data = bytes.Replace(data, []byte(`"statements": [`), []byte("\"statements\":\n   ["), 1)
	if err := os.WriteFile(prov, data, 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

func TestFromProtoCanonicalises(t *testing.T) {
	var p p4v1.Entity
	if err := prototext.Unmarshal([]byte(`table_entry { table_id: 1
		match { field_id: 3 exact { value: "\000\000" } }
		match { field_id: 2 ternary { value: "\000" mask: "\000\000" } }
		match { field_id: 1 lpm { value: "\000\012" prefix_len: 4 } }
		action { action { action_id: 2 params { param_id: 2 value: "\000\001" } params { param_id: 1 value: "\005" } } }
		metadata: "x" counter_data { packet_count: 4 } }`), &p); err != nil {
		t.Fatal(err)
	}
	e, err := FromProto(&p)
	if err != nil {
		t.Fatal(err)
	}
	want := Entity{ID: 1, Action: 2, Counts: -1,
		Match:  []Match{{Field: 1, Kind: LPM, Value: "\x0a", PrefixLen: 4}, {Field: 3, Value: "\x00"}},
		Params: []Param{{1, "\x05"}, {2, "\x01"}}}
	if d := cmp.Diff(want, e); d != "" {
		t.Error(d)
	}
	for _, text := range []string{
		`table_entry { table_id: 1 is_default_action: true }`,
		`table_entry { table_id: 1 action { action_profile_member_id: 4 } }`,
		`table_entry { table_id: 1 action { action { action_id: 1 } } idle_timeout_ns: 4 }`,
		`packet_replication_engine_entry { clone_session_entry { session_id: 4 class_of_service: 1 } }`,
		`packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 4 replicas { egress_port: 1 instance: 65536 } } }`,
		`counter_entry {}`,
	} {
		proto.Reset(&p)
		if err := prototext.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		if _, err := FromProto(&p); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

// Two keys with one hash each keep their own provenance. (Real ones are not to be found; the
// loop in hashes is what matters.)
func TestHashesAreUnique(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	entities := make([]Entity, 2000)
	for i := range entities {
		entities[i] = Entity{Kind: MulticastGroup, ID: uint32(r.Uint64()), Counts: -1}
	}
	sorted, err := hashes(entities)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(sorted); i++ {
		if sorted[i-1].hash >= sorted[i].hash {
			t.Fatalf("%d: %x after %x", i, sorted[i].hash, sorted[i-1].hash)
		}
	}
}
