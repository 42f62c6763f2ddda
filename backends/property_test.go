package backends

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"pillion/backends/bundle"
	"pillion/compiler/network"
	"pillion/compiler/plan"
)

// somePlan makes a plan with unique keys in every table, in any order.
func somePlan(t *rapid.T) *plan.Plan {
	p := &plan.Plan{Statements: rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,5}`), 1, 6, rapid.ID).Draw(t, "statements")}
	statement := rapid.IntRange(0, len(p.Statements)-1)
	origin := func(counted bool) plan.Origin {
		o := plan.Origin{Counts: -1}
		for _, s := range rapid.SliceOfNDistinct(statement, 0, 3, rapid.ID).Draw(t, "from") {
			o.From = append(o.From, uint32(s))
		}
		if counted && rapid.Bool().Draw(t, "counts") {
			o.Counts = int32(statement.Draw(t, "counts for"))
		}
		return o
	}
	u32 := func() uint32 {
		return rapid.OneOf(rapid.Uint32Range(0, 300), rapid.Uint32()).Draw(t, "u32")
	}
	u24 := func() uint32 { return u32() & 0xFFFFFF }
	u16 := func() uint16 { return uint16(u32()) }
	mac := func() (m network.MAC) {
		copy(m[rapid.IntRange(0, 5).Draw(t, "leading zeros"):], rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "mac"))
		return m
	}
	address := func() netip.Addr {
		b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "address")
		if rapid.Bool().Draw(t, "v4") {
			b = b[:4]
		}
		a, _ := netip.AddrFromSlice(b)
		return a
	}
	prefix := func() netip.Prefix {
		a := address()
		return netip.PrefixFrom(a, rapid.IntRange(0, a.BitLen()).Draw(t, "length"))
	}
	ports := func() plan.Ports {
		p := plan.Ports{AnyProto: rapid.Bool().Draw(t, "any"), Proto: uint8(u16()), KnownPorts: rapid.Bool().Draw(t, "known"),
			SLo: u16(), SHi: u16(), DLo: u16(), DHi: u16()}
		p.SLo, p.SHi = min(p.SLo, p.SHi), max(p.SLo, p.SHi)
		p.DLo, p.DHi = min(p.DLo, p.DHi), max(p.DLo, p.DHi)
		return p
	}
	n := func() int { return rapid.IntRange(0, 8).Draw(t, "rows") }
	for _, name := range []string{"a", "b"}[:rapid.IntRange(0, 2).Draw(t, "switches")] {
		s := plan.Switch{Name: name, DeviceID: uint64(u32()), Locator: mac()}
		for range n() {
			s.Sources = append(s.Sources, plan.Source{Origin: origin(false), Port: u32() & 511, MAC: mac(), Prefix: prefix(),
				Kind: plan.SourceKind(rapid.IntRange(0, 2).Draw(t, "kind")), Identity: u32(), Tenant: u32()})
		}
		for range n() {
			s.Destinations = append(s.Destinations, plan.Destination{Origin: origin(false), Prefix: prefix(), Nowhere: rapid.Bool().Draw(t, "nowhere"),
				Port: u32() & 511, Locator: mac(), Tree: u16(), MAC: mac(), Identity: u32(), Answers: rapid.Bool().Draw(t, "answers")})
		}
		for range n() {
			s.Policies = append(s.Policies, plan.Policy{Origin: origin(true), Pair: plan.Pair{Source: u32(), Destination: u32()},
				Kind: plan.PolicyKind(rapid.IntRange(0, 2).Draw(t, "kind")), RuleSet: u32()})
		}
		for i := range n() {
			s.Rules = append(s.Rules, plan.Rule{Origin: origin(false), RuleSet: u32(), Priority: int32(i + 1), Ports: ports(), Slot: u32()})
		}
		for i := range n() {
			r := plan.ChainRule{Origin: origin(false), ChainSet: u32(), Priority: int32(i + 1), Ports: ports(),
				Order: plan.Order(rapid.IntRange(0, 2).Draw(t, "order")), Fragment: rapid.Bool().Draw(t, "fragment"), Slot: u32()}
			s.ChainRules = append(s.ChainRules, r)
		}
		for i := range n() {
			s.Taps = append(s.Taps, plan.Tap{Origin: origin(false), TapSet: uint32(i), Lo: uint8(i), Hi: 255, Session: u16()})
		}
		for range n() {
			s.Gates = append(s.Gates, plan.Gate{Origin: origin(false), SPI: u24(), SI: uint8(u16()), Copy: rapid.Bool().Draw(t, "copy"),
				Kind: plan.GateKind(rapid.IntRange(0, 3).Draw(t, "kind")), NextSI: uint8(u16()), Type: u32(), TapSet: u32()})
		}
		for range n() {
			s.Multicasts = append(s.Multicasts, plan.Multicast{Origin: origin(true), Group: address(), Source: u32(), SPI: u24()})
		}
		for i := range n() {
			g := plan.Group{Origin: origin(false), ID: uint16(1 + 7*i)}
			for j := range n() {
				g.Replicas = append(g.Replicas, plan.Replica{Port: uint32(j), Instance: u16()})
			}
			s.Groups = append(s.Groups, g)
			s.Sessions = append(s.Sessions, plan.Session(g))
		}
		unique(&s.Sources, func(r plan.Source) any { return []any{r.Port, r.MAC, r.Prefix.Masked()} })
		unique(&s.Destinations, func(r plan.Destination) any { return r.Prefix.Masked() })
		unique(&s.Policies, func(r plan.Policy) any { return r.Pair })
		unique(&s.Gates, func(r plan.Gate) any { return []any{r.SPI, r.SI, r.Copy} })
		unique(&s.Multicasts, func(r plan.Multicast) any { return []any{r.Group.As16(), r.Source} })
		p.Switches = append(p.Switches, s)
	}
	return p
}

// unique keeps the first row of each key.
func unique[T any](rows *[]T, key func(T) any) {
	var kept []T
	for _, r := range *rows {
		if !slices.ContainsFunc(kept, func(k T) bool { return reflect.DeepEqual(key(k), key(r)) }) {
			kept = append(kept, r)
		}
	}
	*rows = kept
}

func shuffle[T any](rows []T) {
	random := rand.New(rand.NewPCG(1, uint64(len(rows))))
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}

// Whatever the plan: entities are valid, sorted by their text, and the same after a trip through P4Runtime's
// messages; and the order of rows does not matter.
func TestLowerAlways(t *testing.T) {
	program := pillion(t)
	rapid.Check(t, func(t *rapid.T) {
		p := somePlan(t)
		b, _, err := Lower(p, program, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Targets {
			var last []byte
			for j := range b.Targets[i].Entities {
				e := &b.Targets[i].Entities[j]
				if err := e.Validate(); err != nil {
					t.Fatalf("%s: %v", e.Key(), err)
				}
				text := e.AppendText(nil)
				if bytes.Compare(last, text) >= 0 {
					t.Errorf("out of order:\n%s\n%s", last, text)
				}
				last = text
				wire, err := proto.Marshal(e.Proto())
				if err != nil {
					t.Fatal(err)
				}
				message := e.Proto()
				proto.Reset(message)
				if err := proto.Unmarshal(wire, message); err != nil {
					t.Fatal(err)
				}
				if again, err := bundle.FromProto(message); err != nil || !again.Equal(e) {
					t.Errorf("%s\nbecame\n%s (%v)", text, again.AppendText(nil), err)
				}
			}
		}
		for i := range p.Switches {
			s := &p.Switches[i]
			shuffle(s.Sources)
			shuffle(s.Destinations)
			shuffle(s.Policies)
			shuffle(s.Rules)
			shuffle(s.ChainRules)
			shuffle(s.Taps)
			shuffle(s.Gates)
			shuffle(s.Multicasts)
			shuffle(s.Groups)
			shuffle(s.Sessions)
		}
		again, _, err := Lower(p, program, nil)
		if err != nil {
			t.Fatal(err)
		}
		names := bundle.NewNames(program.Info)
		if describe(b, names) != describe(again, names) {
			t.Error("another order of rows makes another bundle")
		}
	})
}
