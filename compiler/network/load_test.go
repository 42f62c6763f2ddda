package network

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"pillion/lang/diag"
)

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "net.yaml")
	if err := os.WriteFile(path, []byte("switches: [{name: s1}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n, list := Load(path)
	if len(list) != 0 || len(n.Switches) != 1 || n.Switches[0].Name != "s1" {
		t.Errorf("got %+v and %v", n, list)
	}
	n, list = Load(filepath.Join(dir, "none.yaml"))
	if n == nil || len(list) != 1 || list[0].Code != codeFile || !strings.HasSuffix(list[0].Message, "none.yaml: no such file or directory") {
		t.Errorf("a file that does not exist gives %v, %v", n, list)
	}
	if _, list = Load(dir); len(list) != 1 || list[0].Code != codeFile {
		t.Errorf("a directory gives %v", list)
	}
}

// Bytes that an editor or a terminal would not show in a golden file.
func TestBytes(t *testing.T) {
	for _, c := range []struct{ name, text, code, place string }{
		{"bom.yaml", "\ufeffswitches: []", "", ""},
		{"bom.json", "\ufeff{\"switches\": []}", "", ""},
		{"crlf.yaml", "switches:\r\n  - {name: s1}\r\nlinks: []\r\n", "", ""},
		{"crlf.json", "{\"switches\":\r\n[]}\r\n", "", ""},
		{"nul.yaml", "switches: []\x00", codeFile, "1:13"},
		{"nul.json", "{\n\x00}", codeFile, "2:1"},
		{"latin1.json", "{\"switches\": [{\"name\": \"caf\xe9\"}]}", codeFile, "1:28"},
		{"utf16.yaml", "\xff\xfes\x00w\x00", codeFile, "1:4"},
		{"surrogate.yaml", "a: \xed\xa0\x80", codeFile, "1:4"},
		{"empty.yaml", "", codeMissing, "1:1"},
		{"empty.json", "", codeSyntax, "1:1"},
		{"tabs.json", "{\n\t\t\"seed\": x}", codeSyntax, "2:11"},
		{"wide.yaml", "switches: [{name: 日本, nam: 1}]", codeUnknown, "1:23"},
		{"old-mac.yaml", "switches:\r  - {nam: 1}\r", codeMissing, "1:11"},
	} {
		_, list := Parse(c.name, []byte(c.text))
		if c.code == "" {
			if len(list) > 0 {
				t.Errorf("%s: %v", c.name, list)
			}
			continue
		}
		found := slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
			p := d.Span.Position()
			return d.Code == c.code && (fmt.Sprintf("%d:%d", p.Line, p.Column) == c.place || c.name == "old-mac.yaml")
		})
		if !found {
			t.Errorf("%s: want %s at %s, got %v at %v", c.name, c.code, c.place, list, list[0].Span.Position())
		}
	}
}

func TestBounds(t *testing.T) {
	many := func(item string, n int, end string) []byte {
		return append(bytes.Repeat([]byte(item), n), end...)
	}
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"big.yaml", bytes.Repeat([]byte("#"), 100_001), "big.yaml has more than 100000 bytes"},
		{"big.json", bytes.Repeat([]byte(" "), 200_001), "big.json has more than 200000 bytes"},
		{"values.json", slices.Concat([]byte("["), many("0,", 10_000, "0]")), tooMany},
		{"values.yaml", slices.Concat([]byte("["), many("0,", 10_000, "0]")), tooMany},
		{"errors.json", slices.Concat([]byte(`{"switches":[`), many("0,", 5000, "0]}")), "more than 1000 errors"},
		{"brackets.json", many("[", 100000, ""), tooDeep},
		{"braces.yaml", many("{a: ", 9000, ""), "not YAML"},
		{"brackets.yaml", many("[", 9000, string(many("]", 9000, ""))), tooDeep},
	} {
		_, list := bounds{json: 200_000, yaml: 100_000, values: 10_000}.parse(c.name, c.data)
		if len(list) == 0 || len(list) > maxReports+1 {
			t.Fatalf("%s: %d diagnostics", c.name, len(list))
		}
		last := list[len(list)-1]
		if !strings.Contains(last.Message, c.want) {
			t.Errorf("%s: %s, want %q", c.name, last.Message, c.want)
		}
	}
}

var sameNetwork = []cmp.Option{
	cmpopts.IgnoreTypes(diag.Span{}), cmpopts.IgnoreFields(Network{}, "File"),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmpopts.EquateComparable(netip.AddrPort{}),
	cmpopts.EquateEmpty(),
}

// What JSON writes reads back as the same network, from JSON and from YAML, of
// which it is a subset.
func checkRoundTrip(t interface{ Fatalf(string, ...any) }, n *Network) {
	first := n.JSON()
	again, list := Parse("again.json", first)
	if len(list) > 0 {
		t.Fatalf("the canonical form is refused: %v\n%s", list, first)
	}
	if second := again.JSON(); !bytes.Equal(first, second) {
		t.Fatalf("the canonical form changes:\n%s", cmp.Diff(string(first), string(second)))
	}
	asYAML, list := Parse("again.yaml", first)
	if len(list) > 0 {
		t.Fatalf("the canonical form is refused as YAML: %v\n%s", list, first)
	}
	if d := cmp.Diff(again, asYAML, sameNetwork...); d != "" {
		t.Fatalf("YAML and JSON differ:\n%s", d)
	}
}

func TestGoldenNetworksRoundTrip(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/good.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range inputs(archive) {
		n, list := Parse(f.Name, f.Data)
		if len(list) > 0 {
			t.Fatalf("%s: %v", f.Name, list)
		}
		checkRoundTrip(t, n)
	}
}

func TestRandomNetworksRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawNetwork(t)
		checkRoundTrip(t, n)
		// The order of declaration does not matter to the bytes.
		m := *n
		m.Endpoints = slices.Clone(n.Endpoints)
		slices.Reverse(m.Endpoints)
		m.Links = slices.Clone(n.Links)
		slices.Reverse(m.Links)
		for i := range m.Links {
			m.Links[i].Ends[0], m.Links[i].Ends[1] = m.Links[i].Ends[1], m.Links[i].Ends[0]
		}
		if !bytes.Equal(n.JSON(), m.JSON()) {
			t.Fatalf("order matters:\n%s", cmp.Diff(string(n.JSON()), string(m.JSON())))
		}
		// And nothing is lost on the way.
		back, _ := Parse("n.json", n.JSON())
		sortByName(n)
		if d := cmp.Diff(n, back, append(sameNetwork, cmpopts.IgnoreFields(Network{}, "Links"))...); d != "" {
			t.Fatalf("read back:\n%s", d)
		}
		if len(n.Links) != len(back.Links) {
			t.Fatalf("%d links became %d", len(n.Links), len(back.Links))
		}
	})
}

// drawNetwork makes a network without errors, whose switches are in the order
// of their names.
func drawNetwork(t *rapid.T) *Network {
	n := &Network{Seed: rapid.Uint64().Draw(t, "seed"), Trees: rapid.IntRange(1, maxTrees).Draw(t, "trees")}
	letters := rapid.StringOfN(rapid.SampledFrom([]rune("ab-_.:é日 'x#")), 0, 6, -1)
	port := map[int32]uint32{}
	place := func() Port {
		sw := int32(rapid.IntRange(0, len(n.Switches)-1).Draw(t, "switch"))
		port[sw]++
		return Port{sw, port[sw]}
	}
	for i := range rapid.IntRange(1, 5).Draw(t, "switches") {
		s := Switch{Name: fmt.Sprintf("s%d%s!", i, letters.Draw(t, "name")), CPUPort: defaultCPUPort}
		if rapid.Bool().Draw(t, "legacy") {
			s.Target, s.CPUPort, s.Driver = Legacy, 0, rapid.SampledFrom(drivers).Draw(t, "driver")
		} else if rapid.Bool().Draw(t, "address") {
			s.Address, s.DeviceID = "unix:///run/p4", uint64(i)
			s.Locator = MAC{0x06, 0, 0, 0, 0, byte(i)}
		}
		n.Switches = append(n.Switches, s)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "sidecars") {
		at := place()
		if sw := &n.Switches[at.Switch]; sw.Target == Legacy && sw.Sidecar == "" {
			sw.Sidecar = fmt.Sprintf("side%d", i)
			n.Sidecars = append(n.Sidecars, Sidecar{Name: sw.Sidecar, At: at, Address: "[::1]:9559", DeviceID: uint64(i)})
		}
	}
	for range rapid.IntRange(0, 8).Draw(t, "links") {
		if a, b := place(), place(); a.Switch != b.Switch {
			n.Links = append(n.Links, Link{Ends: [2]Port{a, b}, MTU: rapid.IntRange(1538, maxMTU).Draw(t, "mtu")})
		}
	}
	for i := range rapid.IntRange(0, 8).Draw(t, "endpoints") {
		e := Endpoint{
			Name: fmt.Sprintf("h%d%s!", i, letters.Draw(t, "name")), MAC: MAC{2, 0, 0, 0, 0, byte(i)},
			IPs: []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})}, At: place(),
			MTU: rapid.IntRange(minMTU6, defaultEndpointMTU).Draw(t, "mtu"),
		}
		if rapid.Bool().Draw(t, "v6") {
			e.IPs = append(e.IPs, netip.AddrFrom16([16]byte{0xfd, 15: byte(i + 1)}))
		}
		if rapid.Bool().Draw(t, "gateway") {
			e.Prefixes = []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{20, byte(i)}), 16)}
		} else if n.Switches[e.At.Switch].Target == Legacy {
			e.Shim = fmt.Sprintf("127.0.0.1:%d", 1000+i)
		}
		n.Endpoints = append(n.Endpoints, e)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "middleboxes") {
		m := Middlebox{Name: fmt.Sprintf("m%d", i), At: place(), Out: nowhere, Down: rapid.Bool().Draw(t, "down"), NonLearning: rapid.Bool().Draw(t, "nonlearning")}
		if rapid.Bool().Draw(t, "out") {
			port[m.At.Switch]++
			m.Out = Port{m.At.Switch, port[m.At.Switch]}
		}
		n.Middleboxes = append(n.Middleboxes, m)
	}
	for i := range n.Sidecars {
		drawWires(t, n, &n.Sidecars[i], port)
	}
	return n
}

// drawWires gives some ports at a sidecar's switch wires of their own, and draws its samples.
func drawWires(t *rapid.T, n *Network, s *Sidecar, port map[int32]uint32) {
	next := func() uint32 { port[s.At.Switch]++; return port[s.At.Switch] }
	wire := func(p Port) {
		if p.Switch == s.At.Switch && p.Number != 0 && rapid.Bool().Draw(t, "wire") {
			s.Wires = append(s.Wires, Wire{Port: p.Number, Via: next()})
		}
	}
	for i := range n.Endpoints {
		if n.Endpoints[i].Shim == "" {
			wire(n.Endpoints[i].At)
		}
	}
	for i := range n.Middleboxes {
		wire(n.Middleboxes[i].At)
		wire(n.Middleboxes[i].Out)
	}
	slices.SortFunc(s.Wires, func(a, b Wire) int { return int(a.Port) - int(b.Port) })
	switch rapid.IntRange(0, 2).Draw(t, "sample") {
	case 1:
		s.Sample = Sampling{OneIn: rapid.Uint32Min(1).Draw(t, "one in"), Via: next()}
	case 2:
		s.Sample = Sampling{OneIn: 100, Collector: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), rapid.Uint16Min(1).Draw(t, "port"))}
	}
}

func sortByName(n *Network) {
	slices.SortFunc(n.Sidecars, func(a, b Sidecar) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(n.Endpoints, func(a, b Endpoint) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(n.Middleboxes, func(a, b Middlebox) int { return strings.Compare(a.Name, b.Name) })
}

// JSON does not change the network.
func TestJSONLeavesTheNetworkAlone(t *testing.T) {
	const text = `{"switches": [{"name": "b"}, {"name": "a"}], "links": [["b:1", "a:1"]]}`
	n, _ := Parse("n.json", []byte(text))
	before := fmt.Sprintf("%+v", *n)
	n.JSON()
	if after := fmt.Sprintf("%+v", *n); !reflect.DeepEqual(before, after) {
		t.Errorf("before %s, after %s", before, after)
	}
}

func TestTooManyOfOneKind(t *testing.T) {
	ips := strings.Repeat(`"10.0.0.1",`, maxAddresses) + `"10.0.0.1"`
	_, list := Parse("n.json", []byte(`{"switches": [{"name": "s"}], "endpoints": [{"name": "h", "mac": "02:00:00:00:00:01", "at": "s:1", "ip": [`+ips+`]}]}`))
	if !slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
		return d.Code == codeBound && d.Message == "ip has too many elements; the limit is 64"
	}) {
		t.Errorf("%d addresses give %v", maxAddresses+1, list)
	}
}

// A file without line ends is read in a time that grows with it, not with its
// square; a test that took minutes would be noticed.
func TestOneLongLine(t *testing.T) {
	flow := large(20_000)
	for i, c := range flow {
		if c == '\n' {
			flow[i] = ' '
		}
	}
	n, list := Parse("net.yaml", flow)
	if len(list) > 0 || len(n.Endpoints) != 20_000 {
		t.Fatalf("%d endpoints, %v", len(n.Endpoints), list)
	}
	last := n.Endpoints[len(n.Endpoints)-1]
	if got, want := last.Span.Text(), `"`+last.Name+`"`; got != want {
		t.Errorf("the last name is said to be at %q, want %s", got, want)
	}
}
