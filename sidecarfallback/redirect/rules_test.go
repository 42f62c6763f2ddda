package redirect_test

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"pillion/sidecarfallback/redirect"
)

func parse(text string) (redirect.Rules, error) { return redirect.Parse(strings.NewReader(text)) }

func TestParse(t *testing.T) {
	const text = `# what leaf2 must do
quarantine 5
static 02:00:00:00:AA:02 at 3	# any order, any blanks
static   02:00:00:00:aa:01 at 10
guard 3 02:00:00:00:00:02
guard 3 02:00:00:00:00:01
guard 2 02:00:00:00:00:03

wire 8 to 10 tag 101
sample 1 in 100 to sflow [2001:db8::1]:6343
wire 7 to 9# no blank
  switch leaf2
`
	want := redirect.Rules{
		Switch: "leaf2",
		Wires:  []redirect.Wire{{Box: 7, Sidecar: 9}, {Box: 8, Sidecar: 10, Tag: 101}},
		Statics: []redirect.Static{
			{Locator: redirect.MAC{2, 0, 0, 0, 0xaa, 1}, Port: 10}, {Locator: redirect.MAC{2, 0, 0, 0, 0xaa, 2}, Port: 3},
		},
		Guards: []redirect.Guard{
			{Port: 2, MAC: redirect.MAC{2, 0, 0, 0, 0, 3}}, {Port: 3, MAC: redirect.MAC{2, 0, 0, 0, 0, 1}}, {Port: 3, MAC: redirect.MAC{2, 0, 0, 0, 0, 2}},
		},
		Sample:      redirect.Sample{OneIn: 100, Collector: netip.MustParseAddrPort("[2001:db8::1]:6343")},
		Quarantined: []uint32{5},
	}
	got, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
		t.Error(diff)
	}
	const canonical = `switch leaf2
wire 7 to 9
wire 8 to 10 tag 101
static 02:00:00:00:aa:01 at 10
static 02:00:00:00:aa:02 at 3
guard 2 02:00:00:00:00:03
guard 3 02:00:00:00:00:01
guard 3 02:00:00:00:00:02
sample 1 in 100 to sflow [2001:db8::1]:6343
quarantine 5
`
	if got := got.Text(); got != canonical {
		t.Errorf("the canonical text is\n%s", got)
	}
}

func TestSyntaxErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "1:1: the text ends without naming its switch: begin it with: switch NAME"},
		{"switch a\nswitch b", "2:1: the switch has its name already: a"},
		{`switch "a`, `1:8: "a: the quotes are not closed`},
		{`switch ""`, "1:8: the name is empty"},
		{"switch a b", "1:1: this rule has the form: switch NAME"},
		{"\n  wires 1 to 2", `2:3: "wires" begins no rule: the rules are switch, wire, static, guard, sample, quarantine`},
		{"wire 1 2", "1:1: this rule has the form: wire PORT to PORT, or: wire PORT to PORT tag ID"},
		{"wire 1 to x", `1:11: "x" is no number from 0 to 4294967295`},
		{"wire 01 to 2", `1:6: "01" is no number from 0 to 4294967295`},
		{"wire 1 to 2 tag 4096", `1:17: "4096" is no number from 0 to 4095`},
		{"wire 1 to 2 tag 0", `1:17: a VLAN id is 1 to 4094`},
		{"static 02:00:00:00:00 at 1", `1:8: "02:00:00:00:00" is no MAC address: it has six pairs of hexadecimal digits with colons between, such as 02:00:00:00:00:01`},
		{"static 02-00-00-00-00-01 at 1", `1:8: "02-00-00-00-00-01" is no MAC address: it has six pairs of hexadecimal digits with colons between, such as 02:00:00:00:00:01`},
		{"guard 3", "1:1: this rule has the form: guard PORT MAC"},
		{"guard 3 x", `1:9: "x" is no MAC address: it has six pairs of hexadecimal digits with colons between, such as 02:00:00:00:00:01`},
		{"sample 1 in 5 to port 1\nsample 1 in 5 to port 2", "2:1: there is a sampling rule already: sample 1 in 5 to port 1"},
		{"sample 1 in 5 to sflow here", `1:24: "here" is no ADDRESS:PORT, such as 192.0.2.1:6343 or [2001:db8::1]:6343`},
		{"switch " + strings.Repeat("x", 2000), "1:1: the line is longer than 1024 bytes"},
	}
	for _, test := range tests {
		_, err := parse(test.text)
		var syntax *redirect.SyntaxError
		if !errors.As(err, &syntax) || err.Error() != test.want {
			t.Errorf("%.40q gives the error\n%v, not\n%s", test.text, err, test.want)
		}
	}
}

func TestCheck(t *testing.T) {
	tests := []struct{ rules, want string }{
		{"wire 0 to 2", "wire 0 to 2: ports count from 1"},
		{"wire 1 to 0 tag 5", "wire 1 to 0 tag 5: ports count from 1"},
		{"wire 1 to 1", `wire 1 to 1: port 1 serves "wire 1 to 1" already: give one of them a port of its own`},
		{"wire 1 to 2\nwire 3 to 2", `wire 3 to 2: port 2 serves "wire 1 to 2" already: give one of them a port of its own`},
		{"wire 1 to 2\nwire 3 to 2 tag 9", `wire 3 to 2 tag 9: port 2 serves "wire 1 to 2" already: give one of them a port of its own`},
		{"wire 1 to 2 tag 9\nwire 3 to 2", `wire 3 to 2: port 2 serves "wire 1 to 2 tag 9" already: give one of them a port of its own`},
		{"wire 1 to 2 tag 9\nwire 3 to 2 tag 9", `wire 3 to 2 tag 9: tag 9 on port 2 stands for "wire 1 to 2 tag 9" already: choose another tag`},
		{"wire 1 to 2 tag 4095", "wire 1 to 2 tag 4095: a VLAN id is 1 to 4094"},
		{"static 01:00:00:00:00:01 at 1", "static 01:00:00:00:00:01 at 1: a locator is a unicast address, not zero"},
		{"static 02:00:00:00:00:01 at 1\nstatic 02:00:00:00:00:01 at 2", `static 02:00:00:00:00:01 at 2: the locator is there already: "static 02:00:00:00:00:01 at 1"`},
		{"wire 1 to 2\nstatic 02:00:00:00:00:01 at 1", `static 02:00:00:00:00:01 at 1: port 1 serves "wire 1 to 2" alone, which nothing else reaches`},
		{"wire 1 to 2\nsample 1 in 5 to port 2", `sample 1 in 5 to port 2: port 2 serves "wire 1 to 2" already: give one of them a port of its own`},
		{"sample 1 in 0 to port 2", "sample 1 in 0 to port 2: one frame in none cannot be taken: use 1 in 1 for all frames, or no rule for none"},
		{"sample 1 in 5 to port 0", "sample 1 in 5 to sflow invalid AddrPort: samples need a port, or the collector's ADDRESS:PORT without a zone"},
		{"sample 1 in 5 to sflow [fe80::1%eth0]:6343", "sample 1 in 5 to sflow [fe80::1%eth0]:6343: samples need a port, or the collector's ADDRESS:PORT without a zone"},
		{"guard 0 02:00:00:00:00:01", "guard 0 02:00:00:00:00:01: ports count from 1"},
		{"guard 1 03:00:00:00:00:01", "guard 1 03:00:00:00:00:01: a source address is a unicast address, not zero"},
		{"guard 1 02:00:00:00:00:01\nguard 2 02:00:00:00:00:01\nguard 1 02:00:00:00:00:01", "guard 1 02:00:00:00:00:01: said twice"},
		{"wire 1 to 2\nguard 1 02:00:00:00:00:01", `guard 1 02:00:00:00:00:01: port 1 serves "wire 1 to 2", where frames have many source addresses: guard the endpoints' ports`},
		{"wire 1 to 2 tag 9\nguard 2 02:00:00:00:00:01", `guard 2 02:00:00:00:00:01: port 2 serves "wire 1 to 2 tag 9", where frames have many source addresses: guard the endpoints' ports`},
		{"sample 1 in 5 to port 2\nguard 2 02:00:00:00:00:01", `guard 2 02:00:00:00:00:01: port 2 serves "sample 1 in 5 to port 2", where frames have many source addresses: guard the endpoints' ports`},
		{"static 02:00:00:00:00:01 at 1\nguard 1 02:00:00:00:00:01\nquarantine 1", ""},
		{"quarantine 4\nquarantine 4", "quarantine 4: said twice"},
		{"wire 1 to 2 tag 9\nquarantine 2", "quarantine 2: this is the sidecar's port: quarantine the endpoints' ports"},
		{"wire 1 to 2 tag 9\nquarantine 1\nstatic 02:00:00:00:00:01 at 2", ""},
		{"wire 1 to 2\nquarantine 1", ""},
	}
	for _, test := range tests {
		_, err := parse("switch s\n" + test.rules)
		if got := fmt.Sprint(err); got != test.want && !(err == nil && test.want == "") {
			t.Errorf("%q gives the error\n%v, not\n%s", test.rules, err, test.want)
		}
	}
	for name, want := range map[string]string{
		"": "the switch's name has 0 bytes: 1 to 128 are possible", strings.Repeat("x", 129): "the switch's name has 129 bytes: 1 to 128 are possible",
		"a\n": `the switch's name "a\n" holds bytes that are no text: use letters, digits and punctuation`,
	} {
		if err := (redirect.Rules{Switch: name}).Check(); fmt.Sprint(err) != want {
			t.Errorf("the name %q gives the error %v", name, err)
		}
	}
}

// drawRules draws rules that Check accepts, in any order.
func drawRules(t *rapid.T) redirect.Rules {
	r := redirect.Rules{Switch: rapid.StringMatching(`[a-zA-Z_ "#.é0-9-]{1,12}`).Draw(t, "switch")}
	ports := rapid.Permutation(rapid.SliceOfNDistinct(rapid.Uint32Range(1, 500), 24, 24, rapid.ID[uint32]).Draw(t, "ports")).Draw(t, "order")
	take := func() uint32 {
		p := ports[0]
		ports = ports[1:]
		return p
	}
	trunk := take()
	for i := range rapid.IntRange(0, 5).Draw(t, "wires") {
		if rapid.Bool().Draw(t, "tagged") {
			r.Wires = append(r.Wires, redirect.Wire{Box: take(), Sidecar: trunk, Tag: uint16(1 + i*700)})
		} else {
			r.Wires = append(r.Wires, redirect.Wire{Box: take(), Sidecar: take()})
		}
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "statics") {
		r.Statics = append(r.Statics, redirect.Static{Locator: redirect.MAC{2, 0, 0, 0, byte(rapid.IntRange(0, 9).Draw(t, "octet")), byte(i)}, Port: trunk})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "guarded") {
		port := take()
		for j := range rapid.IntRange(1, 3).Draw(t, "addresses") {
			r.Guards = append(r.Guards, redirect.Guard{Port: port, MAC: redirect.MAC{4, 0, 0, 0, byte(i), byte(rapid.IntRange(0, 9).Draw(t, "octet")<<4 + j)}})
		}
	}
	switch rapid.IntRange(0, 2).Draw(t, "sample") {
	case 1:
		r.Sample = redirect.Sample{OneIn: rapid.Uint32Min(1).Draw(t, "one in"), Port: take()}
	case 2:
		r.Sample = redirect.Sample{OneIn: 7, Collector: netip.MustParseAddrPort(rapid.SampledFrom([]string{"192.0.2.1:6343", "[2001:db8::7]:1"}).Draw(t, "collector"))}
	}
	for range rapid.IntRange(0, 4).Draw(t, "quarantined") {
		r.Quarantined = append(r.Quarantined, take())
	}
	return r
}

// What is written is read back, and the order of rules means nothing.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRules(t)
		if err := r.Check(); err != nil {
			t.Fatalf("drew bad rules: %v", err)
		}
		got, err := parse(r.Text())
		if err != nil || !reflect.DeepEqual(got, r.Canonical()) {
			t.Fatalf("%s\nis read as %+v, %v", r.Text(), got, err)
		}
		lines := rapid.Permutation(strings.SplitAfter(strings.TrimSuffix(r.Text(), "\n"), "\n")).Draw(t, "lines")
		shuffled, err := parse(strings.Join(lines, "\n"))
		if err != nil || shuffled.Text() != r.Text() {
			t.Fatalf("in another order: %v\n%s", err, shuffled.Text())
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("switch leaf2\nwire 7 to 9\nwire 8 to 10 tag 101\nstatic 02:00:00:00:aa:01 at 3\nguard 3 02:00:00:00:00:01\nguard 3 02:00:00:00:00:02\nsample 1 in 100 to port 11\nquarantine 5\n")
	f.Add("switch \"a # b\"\nsample 1 in 4294967295 to sflow [::1]:6343 # so")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parse(text)
		if err != nil {
			return
		}
		again, err := parse(r.Text())
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%q is read as %+v, and its text\n%s as %+v, %v", text, r, r.Text(), again, err)
		}
	})
}

func TestCompare(t *testing.T) {
	installed := redirect.Pieces{"same": {"a", "b"}, "part": {"a"}, "gone": {"x"}, "changed": {"a"}}
	desired := redirect.Pieces{"same": {"b", "a", "a"}, "part": {"a", "b"}, "new": {"y"}, "changed": {"b"}}
	got := redirect.Compare(installed, desired)
	got.Foreign = []string{"thing"}
	const want = "+ new\n- gone\n~ changed\n~ part\n? thing\n"
	if got.String() != want || got.Nothing() {
		t.Errorf("the change is\n%s", got)
	}
	if c := redirect.Compare(desired, desired); !c.Nothing() {
		t.Errorf("no change is\n%s", c)
	}
}

func TestUnsupported(t *testing.T) {
	cause := errors.New("cause")
	err := error(&redirect.Unsupported{What: "a thing", Since: "Linux 9", Remedy: "do so", Err: cause})
	if got := err.Error(); got != "not possible here: a thing (since Linux 9): cause: do so" || !errors.Is(err, cause) {
		t.Error(got)
	}
}
