package stf

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func ExampleParse() {
	statements, err := Parse("example.stf", `
add ingress.acl 10 hdr.ip.dst:0x0a0000** hdr.ip.proto:6 ingress.send(port:2) = web
packet 1 0a000001 06
expect 2 0a00**01 06 $
check_counter ingress.hits($web) packets == 1
`)
	for _, s := range statements {
		switch {
		case s.Add != nil:
			fmt.Println(s.Line, s.Add.Table, *s.Add.Priority, s.Add.Key[0].Value.Mask, s.Add.Action, s.Add.Label)
		case s.Packet != nil:
			fmt.Println(s.Line, s.Packet.Port, hex.EncodeToString(s.Packet.Frame))
		case s.Expect != nil:
			fmt.Println(s.Line, s.Expect.Port, s.Expect.Pattern)
		case s.Check != nil:
			fmt.Println(s.Line, s.Check.Counter, s.Check.Label, s.Check.Compare, s.Check.Number)
		}
	}
	fmt.Println(err)
	// Output:
	// 2 ingress.acl 10 4294967040 ingress.send web
	// 3 1 0a00000106
	// 4 2 0a00**0106$
	// 5 ingress.hits web == 1
	// <nil>
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"register_write a.r 5 0x100", "register_write a.r [5] 256 []"},
		{"MC_NODE_CREATE 400 6 7 8", "mc_node_create  [400 6 7 8] <nil> []"},
		{"meter_set_rates c.m 2 0.000005:4 0.00002:5", "meter_set_rates c.m [2] <nil> [{5e-06 4} {2e-05 5}]"},
		{"meter_array_set_rates c.m 1:4 2:5 # both", "meter_array_set_rates c.m [] <nil> [{1 4} {2 5}]"},
		{"mirroring_add 1 5", "mirroring_add  [1 5] <nil> []"},
	} {
		s, err := Parse("t", c.text)
		if err != nil || len(s) != 1 {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		x := s[0].Command
		if got := fmt.Sprintf("%s %s %v %v %v", x.Name, x.Object, x.Numbers, x.Value.Number, x.Rates); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestSpaces(t *testing.T) {
	s, err := Parse("t", `add t "a.b$1.c" : 0x10/12 act( x : 1 ,y:2 )`)
	if err != nil {
		t.Fatal(err)
	}
	a := s[0].Add
	if a.Key[0].Name != "a.b$1.c" || a.Key[0].Value.Prefix != 12 || a.Key[0].Value.Bits != 8 || len(a.Args) != 2 || a.Args[1].Name != "y" || a.Priority != nil {
		t.Errorf("got %+v", a)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"jump 1", "t:1: jump: no such statement"},
		{"packet", "the port is missing"},
		{"packet 0x1 aa", `port "0x1"`},
		{"packet 1 abc", "odd length"},
		{"expect 1 xy", `'x' in an expected frame`},
		{"add", "the table is missing"},
		{"add t a:1", "want ACTION(ARG:VALUE"},
		{"add t (a:1)", "the action is missing"},
		{"add t high a:1 act()", "want a priority"},
		{"add t a:1* act()", "only hexadecimal"},
		{"add t a:-1 act()", "is not a number"},
		{"add t a:0x act()", "is not a number"},
		{"add t a:1/x act()", "prefix length"},
		{"add t a:1 act(b)", "want NAME:VALUE"},
		{"add t a:1 act() label", "want = LABEL"},
		{"setdefault t 1 act()", "no key and no priority"},
		{"remove 1", "remove all"},
		{"check_counter c", "want NAME(INDEX)"},
		{"check_counter c()", "a number or a $LABEL"},
		{"check_counter c(1) frames == 1", "want packets or bytes"},
		{"check_counter c(1) packets = 1", "want ==,"},
		{"register_read r", "argument 2 is missing"},
		{"register_read r x", "want a number"},
		{"register_read r 1 2", "one argument too many"},
		{"meter_array_set_rates m 1", "want RATE:BURST"},
	} {
		if _, err := Parse("t", c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
		}
	}
}

func TestPattern(t *testing.T) {
	frame := []byte{0x0a, 0xbc, 0xde}
	for _, c := range []struct {
		pattern string
		match   bool
	}{
		{"0abcde", true}, {"0abc", true}, {"0ABC", true}, {"0a**", true}, {"*", true}, {"0abcde$", true},
		{"0abc$", false}, {"0abcdef0", false}, {"0abd", false}, {"****d*f", false},
	} {
		p, err := parsePattern([]string{c.pattern})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Match(frame); (got == "") != c.match {
			t.Errorf("%s: %q, want match %v", c.pattern, got, c.match)
		}
	}
}

// FuzzParse: whatever the text, Parse returns.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("../testdata/stf/*.stf")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, text string) {
		statements, _ := Parse("fuzz", text)
		for _, s := range statements {
			if s.Expect != nil && s.Expect.Pattern != nil {
				s.Expect.Pattern.Match([]byte(text))
			}
		}
	})
}
