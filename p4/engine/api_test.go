package engine

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
)

func expectError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func expectNone(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestProfileReferences(t *testing.T) {
	sw := New(loadProgram(t, "stateful"), Options{})
	p, tab := sw.Profile("Forward.paths"), sw.Table("Forward.by_path")
	key := func(x byte) []KeyField { return []KeyField{{Value: []byte{x}}} }
	send := func(id uint32, port byte) Member {
		return Member{ID: id, Action: "Forward.send", Args: [][]byte{{port}}}
	}
	expectNone(t, p.InsertMember(send(1, 1)), p.InsertMember(send(2, 2)))
	expectError(t, "member twice", p.InsertMember(send(1, 3)), ErrExists)
	expectError(t, "no such action", p.InsertMember(Member{ID: 3, Action: "nope"}), ErrInvalid)
	expectNone(t, p.InsertGroup(Group{ID: 1, Members: []GroupMember{{Member: 1, Weight: 1}}}))
	expectError(t, "group twice", p.InsertGroup(Group{ID: 1}), ErrExists)
	expectError(t, "weight 0", p.InsertGroup(Group{ID: 2, Members: []GroupMember{{Member: 1}}}), ErrInvalid)
	expectError(t, "member in a group", p.DeleteMember(1), ErrInUse)
	expectNone(t, tab.Insert(Entry{Key: key(1), Kind: ViaGroup, Group: 1}), tab.Insert(Entry{Key: key(2), Kind: ViaMember, Member: 2}))
	expectError(t, "no such group", tab.Insert(Entry{Key: key(3), Kind: ViaGroup, Group: 9}), ErrNotFound)
	expectError(t, "group in use", p.DeleteGroup(1), ErrInUse)
	expectError(t, "member in use", p.DeleteMember(2), ErrInUse)

	egress := func(x byte) (port uint32) {
		sw.Process(1, []byte{6, 0, x, 0, 0, 0, 0, 0, 0, 0, 0}, func(p uint32, _ []byte) { port = p })
		return port
	}
	if egress(1) != 1 || egress(2) != 2 {
		t.Errorf("got ports %d and %d", egress(1), egress(2))
	}
	// Changes of members and groups reach the entries.
	expectNone(t, p.ModifyMember(send(2, 7)), p.ModifyGroup(Group{ID: 1, Members: []GroupMember{{Member: 2, Weight: 3}}}))
	if egress(1) != 7 || egress(2) != 7 {
		t.Errorf("got ports %d and %d, want 7", egress(1), egress(2))
	}
	expectNone(t, p.DeleteMember(1))
	// An empty group: no action runs.
	expectNone(t, p.ModifyGroup(Group{ID: 1}))
	if egress(1) != 1 {
		t.Errorf("got port %d from an empty group", egress(1))
	}
	// A one-shot set belongs to its entry.
	set := []WeightedAction{{Action: "Forward.send", Args: [][]byte{{5}}, Weight: 2}}
	expectNone(t, tab.Modify(Entry{Key: key(1), Kind: OneShot, Set: set}))
	if got, ok := tab.Get(Entry{Key: key(1)}); egress(1) != 5 || !ok || len(got.Set) != 1 {
		t.Errorf("got port %d, entry %+v", egress(1), got)
	}
	expectNone(t, p.DeleteGroup(1), tab.Delete(Entry{Key: key(2)}), p.DeleteMember(2))
	if len(p.Members()) != 0 || len(p.Groups()) != 0 || tab.Len() != 1 {
		t.Error("something is left over")
	}
}

func TestReplication(t *testing.T) {
	sw := New(loadProgram(t, "copies"), Options{})
	expectError(t, "group 0", sw.SetMulticast(0, nil), ErrInvalid)
	expectError(t, "too many", sw.SetMulticast(1, make([]Replica, maxReplicas+1)), ErrInvalid)
	expectError(t, "no group", sw.DeleteMulticast(7), ErrNotFound)
	expectNone(t, sw.SetMulticast(7, []Replica{{Port: 1}}), sw.SetMulticast(300, nil), sw.SetMulticast(7+256, nil))
	if ids := sw.MulticastGroups(); len(ids) != 3 || ids[0] != 7 || ids[1] != 263 || ids[2] != 300 {
		t.Errorf("groups are %v", ids)
	}
	expectNone(t, sw.DeleteMulticast(7))
	if _, ok := sw.Multicast(7); ok {
		t.Error("group 7 is still there")
	}
	expectError(t, "session id", sw.SetCloneSession(MaxCloneSession+1, CloneSession{}), ErrInvalid)
	expectError(t, "no session", sw.DeleteCloneSession(1), ErrNotFound)
	expectNone(t, sw.SetCloneSession(0, CloneSession{Class: 3}))
	if c, ok := sw.CloneSession(0); !ok || c.Class != 3 || len(sw.CloneSessions()) != 1 {
		t.Errorf("session 0 is %+v", c)
	}
	expectNone(t, sw.DeleteCloneSession(0))
}

// TestEndless: a program that clones its clones, or recirculates for ever, ends.
func TestEndless(t *testing.T) {
	sw := New(loadProgram(t, "copies"), Options{MaxPasses: 10, MaxCopies: 50})
	expectNone(t, sw.SetCloneSession(5, CloneSession{Replicas: []Replica{{Port: 3}, {Port: 4}}}))
	// An ingress clone has instance type 1, whose egress clone has type 2, which op 0x16
	// clones again; op 0x11 starts it.
	for _, op := range []byte{0x11, 0x16} {
		n := 0
		sw.Process(1, []byte{op, 0, 5}, func(uint32, []byte) { n++ })
		if n == 0 || n > 50 {
			t.Errorf("op %#x: %d packets left", op, n)
		}
	}
}

func TestValueSet(t *testing.T) {
	v := New(loadProgram(t, "stateful"), Options{}).ValueSet("P.special")
	one := ValueSetMember{{0, 1}}
	expectNone(t, v.Replace([]ValueSetMember{one}))
	expectError(t, "twice", v.Replace([]ValueSetMember{one, {{1}}}), ErrExists)
	expectError(t, "too wide", v.Replace([]ValueSetMember{{{1, 0, 0}}}), ErrInvalid)
	expectError(t, "too many", v.Replace([]ValueSetMember{{{1}}, {{2}}, {{3}}, {{4}}, {{5}}}), ErrFull)
	if len(v.Members()) != 1 || len(v.Fields()) != 1 || v.Fields()[0] != 16 {
		t.Errorf("members %v of fields %v", v.Members(), v.Fields())
	}
}

func TestTableState(t *testing.T) {
	prog := loadProgram(t, "stateful")
	sw := New(prog, Options{})
	m := sw.Table("Forward.metered")
	for i := range byte(8) {
		expectNone(t, m.Insert(Entry{Key: []KeyField{{Value: []byte{i}}}, Action: "Forward.colour_it"}))
	}
	e := Entry{Key: []KeyField{{Value: []byte{9}}}, Action: "NoAction"}
	expectError(t, "full", m.Insert(e), ErrFull)
	expectError(t, "no counter", m.SetCounter(e, CounterData{}), ErrInvalid)
	e.Key[0].Value[0] = 3
	expectNone(t, m.SetMeter(e, &MeterConfig{CIR: 1, CBurst: 2, PIR: 3, PBurst: 4}))
	if got, ok := m.Get(e); !ok || got.Meter == nil || got.Meter.PBurst != 4 {
		t.Errorf("entry is %+v", got)
	}
	expectNone(t, m.SetMeter(e, nil))
	if got, _ := m.Get(e); got.Meter != nil {
		t.Errorf("the meter is still there")
	}
	expectError(t, "timeout", m.Modify(Entry{Key: e.Key, Action: "NoAction", IdleTimeout: 1}), ErrInvalid)
	if info := m.Info(); !info.DirectMeter || info.Size != 8 || len(info.Keys) != 1 || info.Keys[0].Name != "h.i.x" {
		t.Errorf("info is %+v", info)
	}
	if _, ok := m.Match([][]byte{{3}}); !ok {
		t.Error("no match for 3")
	}
	if info := sw.Table("Forward.by_path").Info(); info.Profile != "Forward.paths" || !info.Selector {
		t.Errorf("info is %+v", info)
	}

	routes := New(loadProgram(t, "router"), Options{}).Table("Forward.routes")
	route := Entry{Key: []KeyField{{Value: []byte{10, 0, 0, 0}, PrefixLen: 8}}, Action: "Forward.direct", Args: [][]byte{{1}}, Opaque: "mine"}
	expectNone(t, routes.Insert(route), routes.SetCounter(route, CounterData{3, 4}), routes.SetCounter(Entry{}, CounterData{5, 6}))
	if got, _ := routes.Get(route); got.Counter != (CounterData{3, 4}) || got.Opaque != "mine" {
		t.Errorf("entry is %+v", got)
	}
	if got := routes.Default(); got.Counter != (CounterData{5, 6}) {
		t.Errorf("default is %+v", got)
	}
	if sw.Table("nope") != nil || sw.Profile("nope") != nil || sw.Counter("nope") != nil || sw.Meter("nope") != nil || sw.Register("nope") != nil || sw.ValueSet("nope") != nil {
		t.Error("something is there that is not")
	}
	if len(prog.Tables()) == 0 || len(prog.Registers()) != 2 || len(prog.Meters()) != 2 || len(prog.Profiles()) != 2 || len(prog.ValueSets()) != 1 || len(prog.Counters()) != 0 {
		t.Error("the program does not list what it has")
	}
	if sw.Program() != prog {
		t.Error("another program")
	}
}

// TestRefused: what the engine does not do is refused by name, and nonsense by place.
func TestRefused(t *testing.T) {
	b, err := os.ReadFile("testdata/stateful.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, from, to, want string }{
		{"primitive", `"op" : "log_msg"`, `"op" : "launch"`, `primitive "launch" is not supported (supported: "_jump"`},
		{"operator", `"op" : "+"`, `"op" : "**"`, `operator "**" is not supported`},
		{"hash", `"algo" : "crc32"`, `"algo" : "round_robin"`, `hash algorithm "round_robin" is not supported`},
		{"match", `"match_type" : "exact"`, `"match_type" : "fuzzy"`, `match type "fuzzy" is not supported`},
		{"parser", `"op" : "extract"`, `"op" : "guess"`, `parser state "start": parser operation "guess" is not supported`},
		{"pipeline", `"name" : "egress"`, `"name" : "aside"`, `pipeline "aside" is not supported`},
		{"extern", `"extern_instances" : []`, `"extern_instances" : [{"name": "x", "type": "clock"}]`, `extern type "clock" is not supported`},
		{"version", `"version" : [2, 23]`, `"version" : [3, 0]`, `format version 3.0 is not supported (supported: 2.x)`},
		{"syntax", `"header_types" :`, `"header_types" `, `line `},
		{"reference", `"action_profile" : "Forward.shared"`, `"action_profile" : "Forward.secret"`, `table "Forward.by_profile": no action profile "Forward.secret"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(string(b), c.from, c.to, 1)
			if text == string(b) {
				t.Fatalf("%s is not in the config", c.from)
			}
			if _, err := Load([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if _, err := Load(make([]byte, maxConfigBytes+1)); err == nil {
		t.Error("a config that is too large was read")
	}
	if _, err := Load([]byte("{}")); err == nil {
		t.Error("an empty config was read")
	}
}

// TestHashes compares with the check values of the CRC catalogues: the hash of "123456789".
func TestHashes(t *testing.T) {
	for name, want := range map[string]uint64{
		"crc16": 0xbb3d, "crc32": 0xcbf43926, "crcCCITT": 0x29b1, "crc_16_genibus": 0xd64e, "x_25": 0x906e,
		"crc_32c": 0xe3069283, "crc_32_bzip2": 0xfc891918, "crc_8": 0xf4, "crc_8_maxim": 0xa1, "crc_64_we": 0x62ec59e3f1a4f00a,
		"kermit": 0x2189, "xmodem": 0x31c3, "modbus": 0x4b37, "crc32_custom": 0xcbf43926,
		"poly_0x18005_init_0x0000_xout_0x0000": 0xbb3d, "poly_0x11021_init_0xffff_not_rev": 0x29b1,
		"identity": 0x3132333435363738,
	} {
		h, err := findHash("test", name)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := h([]byte("123456789")); got != want {
			t.Errorf("%s: got %#x, want %#x", name, got, want)
		}
	}
	// RFC 1071's example, and an odd length.
	if got := onesComplement16([]byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}); got != 0x220d {
		t.Errorf("csum16: got %#x", got)
	}
	if got := onesComplement16([]byte{0x12, 0x34, 0x56}); got != ^uint64(0x1234+0x5600)&0xffff {
		t.Errorf("csum16: got %#x", got)
	}
	if got := xorHash([]byte{1, 2, 3, 4, 5}, 2); got != 0x0102^0x0304^0x0500 {
		t.Errorf("xor16: got %#x", got)
	}
	if got := xorHash([]byte{1, 2, 3, 4, 5}, 4); got != 0x01020304^0x05000000 {
		t.Errorf("xor32: got %#x", got)
	}
	for _, name := range []string{"xxh64", "poly_0x7", "poly_", "poly_zz", "init_0x1", "poly_0x18005_lsb"} {
		if _, err := findHash("test", name); err == nil {
			t.Errorf("%s was found", name)
		}
	}
}

// TestScan: entries one after the other in the same memory are those of Each.
func TestScan(t *testing.T) {
	router, _ := routerSwitch(t, 20)
	stateful := New(loadProgram(t, "stateful"), Options{})
	paths, byPath := stateful.Profile("Forward.paths"), stateful.Table("Forward.by_path")
	expectNone(t, paths.InsertMember(Member{ID: 1, Action: "Forward.send", Args: [][]byte{{1}}}), paths.InsertGroup(Group{ID: 1}),
		byPath.Insert(Entry{Key: []KeyField{{Value: []byte{1}}}, Kind: ViaGroup, Group: 1}), byPath.Insert(Entry{Key: []KeyField{{Value: []byte{2}}}, Kind: ViaMember, Member: 1}))
	seen := 0
	for _, sw := range []*Switch{router, stateful} {
		for _, info := range sw.Program().Tables() {
			table := sw.Table(info.Name)
			var want []EntryInfo
			table.Each(func(e EntryInfo) bool {
				want = append(want, e)
				return true
			})
			at := 0
			table.Scan(func(e *EntryInfo) bool {
				if at >= len(want) || !reflect.DeepEqual(*e, want[at]) {
					t.Errorf("table %s, entry %d: %+v, want another", info.Name, at, *e)
					return false
				}
				at++
				return true
			})
			if at != len(want) {
				t.Errorf("table %s: %d entries of %d", info.Name, at, len(want))
			}
			seen += at
		}
	}
	if seen < 20 {
		t.Errorf("%d entries were looked at", seen)
	}
}
