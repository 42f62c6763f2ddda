package lang

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parseOK parses one file that must have no errors.
func parseOK(t *testing.T, text string) *Policy {
	t.Helper()
	policy, list := Parse([]Input{{Name: "test.pol", Text: []byte(text)}}, Options{})
	for _, d := range list {
		t.Errorf("%s: %s: %s", d.Span, d.Code, d.Message)
	}
	return policy
}

func TestParse(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"comments", "# only\n  # comments", ""},
		{"byte order mark", "\uFEFFservice a = tcp", `service "a" = 6`},
		{"carriage returns", "service a = tcp # x\r\nservice b = udp\r\n", "service \"a\" = 6\nservice \"b\" = 17"},
		{"one line", "service a=tcp service b=udp", "service \"a\" = 6\nservice \"b\" = 17"},
		{"line ends anywhere", "service\na\n=\ntcp\n/\n80\n-\n90", `service "a" = 6/80-90`},

		{"empty tenant", "tenant a {}", `tenant "a" isolated=false shared=false offers=[]`},
		{"isolated", "tenant a isolated { }", `tenant "a" isolated=true shared=false offers=[]`},
		{"both flags", "tenant a shared isolated { offers dns, tcp/80 }", `tenant "a" isolated=true shared=true offers=["dns" 6/80-80]`},
		{"groups", "tenant a { group w = w1, w2 group d = d1 }", `tenant "a" isolated=false shared=false offers=[]
  group "w" = ["w1" "w2"]
  group "d" = ["d1"]`},

		{"protocols", "service s = tcp, udp, icmp, proto/47, proto/0, proto/255", `service "s" = 6 17 1 47 0 255`},
		{"ports", "service s = tcp/80, udp/1-65535, tcp/9-9", `service "s" = 6/80-80 17/1-65535 6/9-9`},

		{"allow", "allow r: a -> b", `allow "r" ["a"] -> ["b"] on [] one-way=false`},
		{"no blanks", "allow r:a->b on http,tcp/22", `allow "r" ["a"] -> ["b"] on ["http" 6/22-22] one-way=false`},
		{"one-way", "allow r: a -> b one-way", `allow "r" ["a"] -> ["b"] on [] one-way=true`},
		{"one-way with services", "allow r: a -> b on x one-way", `allow "r" ["a"] -> ["b"] on ["x"] one-way=true`},
		{"deny", "deny r: any -> acme.db on tcp/22", `deny "r" [any] -> ["acme.db"] on [6/22-22] one-way=false`},
		{"lists", "allow r: a, b.c, any -> d, e", `allow "r" ["a" "b.c" any] -> ["d" "e"] on [] one-way=false`},
		{"hexadecimal names", "allow a:b->c allow fd00:dead -> beef", "allow \"a\" [\"b\"] -> [\"c\"] on [] one-way=false\n" +
			`allow "fd00" ["dead"] -> ["beef"] on [] one-way=false`},

		{"IPv4", "allow r: 10.0.0.0/8, 10.1.2.3 -> 0.0.0.0/0", `allow "r" [10.0.0.0/8 10.1.2.3/32] -> [0.0.0.0/0] on [] one-way=false`},
		{"IPv6", "allow r: fd00::/8, ::1, 1:2:3:4:5:6:7:8 -> ::/0", `allow "r" [fd00::/8 ::1/128 1:2:3:4:5:6:7:8/128] -> [::/0] on [] one-way=false`},
		{"IPv6 with IPv4 inside", "allow r: 64:ff9b::192.0.2.1, 1:2:3:4:5:6:1.2.3.4 -> b", `allow "r" [64:ff9b::c000:201/128 1:2:3:4:5:6:102:304/128] -> ["b"] on [] one-way=false`},

		{"quoted names", `allow "a rule": "web 1" -> "a\"b\\c", "größe"`, `allow "a rule" ["web 1"] -> ["a\"b\\c" "größe"] on [] one-way=false`},
		{"quoted parts", `allow r: "my tenant".web -> acme."my group", "a"."b".c`, `allow "r" ["my tenant.web"] -> ["acme.my group" "a.b.c"] on [] one-way=false`},
		{"quoted reserved words", `tenant "group" { group "on" = "any" }`, "tenant \"group\" isolated=false shared=false offers=[]\n  group \"on\" = [\"any\"]"},
		{"odd names", "allow _: a.b-c_1 -> a--b", `allow "_" ["a.b-c_1"] -> ["a--b"] on [] one-way=false`},

		{"middlebox", "middlebox m { instances a, b }", `middlebox "m" ["a" "b"] stateful=false tap=false rewrites=false open=false`},
		{"middlebox, every clause", "middlebox m { on-failure open rewrites tap stateful instances a }", `middlebox "m" ["a"] stateful=true tap=true rewrites=true open=true`},
		{"closed", "middlebox m { instances closed, open on-failure closed }", `middlebox "m" ["closed" "open"] stateful=false tap=false rewrites=false open=false`},

		{"chain", "chain c: a -> b via f", `chain "c" ["a"] -> ["b"] on [] via "f" reversed=false priority=false 0`},
		{"chain, everything", "chain c: a, b -> c on x, udp/53 via f reversed -> g -> h reversed priority -5",
			`chain "c" ["a" "b"] -> ["c"] on ["x" 17/53-53] via "f" reversed=true, "g" reversed=false, "h" reversed=true priority=true -5`},
		{"widest priorities", "chain c: a -> b via f priority 2147483647 chain d: a -> b via f priority -2147483648",
			"chain \"c\" [\"a\"] -> [\"b\"] on [] via \"f\" reversed=false priority=true 2147483647\n" +
				`chain "d" ["a"] -> ["b"] on [] via "f" reversed=false priority=true -2147483648`},

		{"multicast", "multicast m { group 239.1.1.1, ff0e::1 senders a, b.c receivers any }", `multicast "m" 239.1.1.1 ff0e::1 from ["a" "b.c"] to [any]`},
		{"no receivers", "multicast m { receivers group 239.1.1.1 senders a }", `multicast "m" 239.1.1.1 from ["a"] to []`},

		{"test", `test "t" { a -> b: dropped }`, `test "t"
  "a" -> "b" ip=false on [] port=0 delivered=false to=[] via=false[] copied=[]`},
		{"expectations", `test "t" {
			a -> b on tcp/80, icmp from-port 1024: delivered
			a -> b: delivered via f -> g copied to x, y
			a -> 239.1.1.1: delivered to b, c via f
			a -> ff0e::1: delivered to b d -> ff0e:::dropped
		}`, `test "t"
  "a" -> "b" ip=false on [6/80-80 1] port=1024 delivered=true to=[] via=false[] copied=[]
  "a" -> "b" ip=false on [] port=0 delivered=true to=[] via=true["f" "g"] copied=["x" "y"]
  "a" -> "239.1.1.1" ip=true on [] port=0 delivered=true to=["b" "c"] via=true["f"] copied=[]
  "a" -> "ff0e::1" ip=true on [] port=0 delivered=true to=["b"] via=false[] copied=[]
  "d" -> "ff0e::" ip=true on [] port=0 delivered=false to=[] via=false[] copied=[]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := strings.TrimSuffix(dump(parseOK(t, test.text)), "\n")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestWords holds the rule for names: a reserved word must be quoted wherever a
// name stands, every other word of the language need not be.
func TestWords(t *testing.T) {
	places := map[string]string{
		"tenant":            "tenant %s { }",
		"group":             "tenant t { group %s = a }",
		"endpoint":          "tenant t { group g = a, %s, b }",
		"service":           "service %s = tcp",
		"service ref":       "allow r: a -> b on %s, x",
		"rule":              "deny %s: a -> b",
		"selector":          "allow r: %s -> a, %s",
		"middlebox":         "middlebox %s { instances a }",
		"instance":          "middlebox m { instances %s }",
		"last of instances": "middlebox m { instances a, %s stateful }",
		"chain":             "chain %s: a -> b via f",
		"gate":              "chain c: a -> b via %s reversed -> %s",
		"sender":            "multicast m { group 239.1.1.1 senders %s receivers }",
		"expectation":       `test "t" { %s -> %s: delivered to %s via %s copied to %s }`,
	}
	for kind := 1; literal(kind) != `"->"`; kind++ {
		word := strings.Trim(literal(kind), `"`)
		for place, format := range places {
			policy := strings.ReplaceAll(format, "%s", word)
			_, list := Parse([]Input{{Name: "test.pol", Text: []byte(policy)}}, Options{})
			// any is no error where a selector stands, nor a protocol where a service does.
			operand := word == "any" && (place == "selector" || place == "sender") ||
				place == "service ref" && (word == "tcp" || word == "udp" || word == "icmp")
			if want := Reserved(word) && !operand; list.HasErrors() != want {
				t.Errorf("%s as the name of a %s: error %t, want %t: %v", word, place, list.HasErrors(), want, list)
			}
			quoted := strings.ReplaceAll(format, "%s", `"`+word+`"`)
			if _, list := Parse([]Input{{Name: "test.pol", Text: []byte(quoted)}}, Options{}); list.HasErrors() {
				t.Errorf("%q as the name of a %s: %v", word, place, list)
			}
		}
	}
}

func TestSpans(t *testing.T) {
	policy := parseOK(t, "# x\n tenant \"a b\" {\n  group g = e1 # y\n } allow r: \"a b\".g, 10.0.0.0/8 -> b on tcp/80-90, x one-way # z")
	tenant, rule := policy.Tenants[0], policy.Rules[0]
	for _, test := range []struct{ got, want string }{
		{tenant.Name.Span.Text(), `"a b"`},
		{tenant.Name.Span.String(), "test.pol:2:9"},
		{tenant.Groups[0].Span.Text(), "group g = e1"},
		{tenant.Groups[0].Endpoints[0].Span.Text(), "e1"},
		{rule.Span.Text(), "allow r: \"a b\".g, 10.0.0.0/8 -> b on tcp/80-90, x one-way"},
		{rule.Span.String(), "test.pol:4:4"},
		{rule.From[0].Span.Text(), `"a b".g`},
		{rule.From[0].Name.Span.Text(), `"a b".g`},
		{rule.From[1].Span.Text(), "10.0.0.0/8"},
		{rule.On[0].Span.Text(), "tcp/80-90"},
		{rule.On[0].Item.Span.Text(), "tcp/80-90"},
		{rule.On[1].Name.Span.Text(), "x"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
	if !strings.HasPrefix(tenant.Span.Text(), "tenant") || !strings.HasSuffix(tenant.Span.Text(), "}") {
		t.Errorf("the tenant's span is %q", tenant.Span.Text())
	}
}
