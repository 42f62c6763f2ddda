package dataplane

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pillion/backends"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/p4"
	"pillion/runtime/packet"
	"pillion/runtime/simulate"
)

// The rules of docs/language.md, in the plainest form: no sets of identities, no tables, no order. Random policies
// on the switches must let through what this says, and nothing else.

// members of the groups that random policies speak of. A tenant's name stands for all its groups.
var members = map[string][]string{
	"red.a": {"a1", "a2"}, "red.b": {"b1"}, "red.ab": {"a1", "b1"}, "red": {"a1", "a2", "b1"},
	"blue.c": {"c1"}, "blue.d": {"d1"}, "blue": {"c1", "d1"},
	"free": {"free"}, "any": {"a1", "a2", "b1", "c1", "d1", "free"},
}

var (
	selectors = []string{"any", "blue", "blue.c", "blue.d", "free", "red", "red.a", "red.ab", "red.b"}
	people    = members["any"]
	tenants   = map[string]string{"a1": "red", "a2": "red", "b1": "red", "c1": "blue", "d1": "blue"}
)

const groups = `
tenant red%s { group a = a1, a2   group b = b1   group ab = a1, b1 }
tenant blue%s { group c = c1   group d = d1%s }
`

const oracleNetwork = `
switches:
  - {name: s1, target: p4runtime, address: "127.0.0.1:50051", device-id: 1}
  - {name: s2, target: p4runtime, address: "127.0.0.1:50052", device-id: 2}
  - {name: s3, target: p4runtime, address: "127.0.0.1:50053", device-id: 3}
links:
  - [s1:1, s2:1]
  - [s2:2, s3:2]
  - [s3:1, s1:2]
endpoints:
  - {name: a1, mac: "02:00:00:00:00:01", ip: [10.0.0.1, "fd00::1"], at: s1:11}
  - {name: a2, mac: "02:00:00:00:00:02", ip: [10.0.0.2, "fd00::2"], at: s2:11}
  - {name: b1, mac: "02:00:00:00:00:03", ip: [10.0.0.3, "fd00::3"], at: s1:12}
  - {name: c1, mac: "02:00:00:00:00:04", ip: [10.0.0.4, "fd00::4"], at: s2:12}
  - {name: d1, mac: "02:00:00:00:00:05", ip: [10.0.0.5, "fd00::5"], at: s3:11}
  - {name: free, mac: "02:00:00:00:00:06", ip: [10.0.0.6, "fd00::6"], at: s3:12}
middleboxes:
  - {name: fw1, at: s1:21, out: s1:22, nonlearning: true}
  - {name: fw2, at: s3:21, out: s3:22, nonlearning: true}
  - {name: ips1, at: s2:21}
  - {name: ids1, at: s3:23}
  - {name: ids2, at: s1:23}
`

// service is an item of an `on` list. Protocol 0 is everything; high 0 is every port.
type service struct {
	proto     uint8
	low, high uint16
}

func (s service) String() string {
	switch {
	case s.proto != packet.TCP && s.proto != packet.UDP:
		return map[uint8]string{packet.ICMP: "icmp", 99: "proto/99"}[s.proto]
	case s.high == 0:
		return map[uint8]string{packet.TCP: "tcp", packet.UDP: "udp"}[s.proto]
	}
	return fmt.Sprintf("%s/%d-%d", map[uint8]string{packet.TCP: "tcp", packet.UDP: "udp"}[s.proto], s.low, s.high)
}

// covers says whether a packet with this port as the service's is the service.
func (s service) covers(p *packet.Packet, port uint16) bool {
	return s.proto == 0 || s.proto == p.Proto && (s.high == 0 || s.low <= port && port <= s.high)
}

// statement is an allow, a deny or a chain.
type statement struct {
	name     string
	deny     bool
	oneWay   bool
	from, to string
	on       []service
	via      []string
}

func (s *statement) String() string {
	word := "allow"
	if s.deny {
		word = "deny"
	} else if s.via != nil {
		word = "chain"
	}
	out := fmt.Sprintf("%s %s: %s -> %s", word, s.name, s.from, s.to)
	for i, on := range s.on {
		if on.proto != 0 {
			out += map[bool]string{true: " on ", false: ", "}[i == 0] + on.String()
		}
	}
	if s.oneWay {
		out += " one-way"
	}
	if s.via != nil {
		out += " via " + strings.Join(s.via, " -> ")
	}
	return out + "\n"
}

// forward says whether a packet from s to d is one of the statement's.
func (s *statement) forward(from, to string, p *packet.Packet) bool {
	return slices.Contains(members[s.from], from) && slices.Contains(members[s.to], to) &&
		slices.ContainsFunc(s.on, func(on service) bool { return on.covers(p, p.DPort) })
}

// answer says whether it is an answer to one of the statement's packets; what begins a TCP connection is none.
func (s *statement) answer(from, to string, p *packet.Packet) bool {
	begins := p.Proto == packet.TCP && p.Flags&(packet.SYN|packet.ACK) == packet.SYN
	return !begins && s.turned(from, to, p)
}

func (s *statement) turned(from, to string, p *packet.Packet) bool {
	return slices.Contains(members[s.from], to) && slices.Contains(members[s.to], from) &&
		slices.ContainsFunc(s.on, func(on service) bool { return on.covers(p, p.SPort) })
}

// rules is a random policy.
type rules struct {
	statements []statement
	isolated   map[string]bool
	offers     []service // of tenant blue, which is shared then
}

func (r *rules) String() string {
	words := func(tenant string) string {
		out := ""
		if r.isolated[tenant] {
			out += " isolated"
		}
		if tenant == "blue" && r.offers != nil {
			out += " shared"
		}
		return out
	}
	offers := ""
	for i, o := range r.offers {
		offers += map[bool]string{true: "   offers ", false: ", "}[i == 0] + o.String()
	}
	out := fmt.Sprintf(groups, words("red"), words("blue"), offers)
	out += "middlebox fw { instances fw1, fw2 stateful }\nmiddlebox ips { instances ips1 }\nmiddlebox ids { instances ids1, ids2 tap }\n"
	for i := range r.statements {
		out += r.statements[i].String()
	}
	return out
}

// permits is the oracle.
func (r *rules) permits(from, to string, p *packet.Packet) bool {
	for i := range r.statements {
		if s := &r.statements[i]; s.deny && s.forward(from, to, p) {
			return false
		}
	}
	for i := range r.statements {
		s := &r.statements[i]
		if !s.deny && s.via == nil && (s.forward(from, to, p) || !s.oneWay && s.answer(from, to, p)) {
			return true
		}
	}
	tenant := tenants[from]
	if tenant != "" && tenant == tenants[to] && !r.isolated[tenant] {
		return true
	}
	for _, o := range r.offers {
		shared := statement{from: "red", to: "blue", on: []service{o}}
		if tenant == "blue" && tenants[to] == "blue" {
			shared.from = "blue"
		}
		if shared.forward(from, to, p) || shared.answer(from, to, p) {
			return true
		}
	}
	return false
}

// gates is the path of a packet, with taps in brackets: that of the only chain that speaks of it.
func (r *rules) gates(from, to string, p *packet.Packet) []string {
	for i := range r.statements {
		s := &r.statements[i]
		if s.via == nil {
			continue
		}
		if s.forward(from, to, p) {
			return s.via
		}
		if s.turned(from, to, p) {
			back := slices.Clone(s.via)
			slices.Reverse(back)
			return back
		}
	}
	return nil
}

var services = []service{
	{}, {proto: packet.ICMP}, {proto: 99}, {proto: packet.TCP}, {proto: packet.UDP},
	{packet.TCP, 10, 10}, {packet.TCP, 5, 12}, {packet.TCP, 12, 20}, {packet.UDP, 10, 10}, {packet.UDP, 8, 30}, {packet.TCP, 1, 65535},
}

func drawRules(t *rapid.T) *rules {
	r := &rules{isolated: map[string]bool{"red": rapid.Bool().Draw(t, "red isolated"), "blue": rapid.Bool().Draw(t, "blue isolated")}}
	draw := func(list []service, label string) []service {
		first := rapid.IntRange(0, len(list)-1).Draw(t, label)
		on := []service{list[first]}
		if first > 0 && rapid.Bool().Draw(t, "two") {
			if second := rapid.IntRange(1, len(list)-1).Draw(t, label); second != first {
				on = append(on, list[second])
			}
		}
		return on
	}
	if rapid.Bool().Draw(t, "shared") {
		r.offers = []service{rapid.SampledFrom(services[1:]).Draw(t, "offer")}
	}
	for i := range rapid.IntRange(1, 5).Draw(t, "statements") {
		s := statement{
			name: fmt.Sprintf("s%d", i), deny: rapid.IntRange(0, 3).Draw(t, "deny") == 0,
			from: rapid.SampledFrom(selectors).Draw(t, "from"), to: rapid.SampledFrom(selectors).Draw(t, "to"), on: draw(services, "on"),
		}
		s.oneWay = !s.deny && rapid.IntRange(0, 3).Draw(t, "one-way") == 0
		r.statements = append(r.statements, s)
	}
	// Chains on ports that no two share, so that precedence is not asked.
	for i := range rapid.IntRange(1, 3).Draw(t, "chains") {
		port := uint16(10 + i)
		s := statement{
			name: fmt.Sprintf("c%d", i), from: rapid.SampledFrom(selectors).Draw(t, "from"), to: rapid.SampledFrom(selectors).Draw(t, "to"),
			on:  []service{{packet.TCP, port, port}, {packet.UDP, port, port}},
			via: rapid.SampledFrom([][]string{{"fw"}, {"ips"}, {"fw", "ips"}, {"ids", "fw"}, {"ips", "ids", "fw"}, {"fw", "ids"}, {"ids"}}).Draw(t, "via"),
		}
		r.statements = append(r.statements, s)
	}
	return r
}

func TestRandomPolicies(t *testing.T) {
	testRandomPolicies(t, func(*rapid.T) string { return oracleNetwork })
}

// testRandomPolicies compares random policies with the oracle, on networks that have the endpoints and middleboxes of oracleNetwork.
func testRandomPolicies(t *testing.T, inventory func(*rapid.T) string) {
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	compiled, arrived, dropped, steered := 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := drawRules(t)
		policy, problems := lang.Parse([]lang.Input{{Name: "policy.pol", Text: []byte(r.String())}}, lang.Options{})
		if problems.HasErrors() {
			t.Fatalf("%s%v", r, problems)
		}
		net, problems := network.Parse("network.yaml", []byte(inventory(t)))
		if problems.HasErrors() {
			t.Fatal(problems)
		}
		plan, problems := compiler.Compile(policy, net)
		if problems.HasErrors() {
			return // a rule without effect; others test that it is reported rightly
		}
		compiled++
		b, _, err := backends.Lower(plan, program, net.JSON())
		if err != nil {
			t.Fatalf("%s%v", r, err)
		}
		n, err := simulate.New(b, program)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{n, t}
		for range 40 {
			from, to := rapid.SampledFrom(people).Draw(t, "sender"), rapid.SampledFrom(people).Draw(t, "receiver")
			if from == to {
				continue
			}
			p := w.conversation(t, from, to)
			want := ""
			if r.permits(from, to, p) {
				want = strings.TrimSpace(to + " " + strings.Join(r.gates(from, to, p), " "))
				arrived++
			} else {
				dropped++
			}
			if strings.Contains(want, " ") {
				steered++
			}
			if got := w.way(t, from, p); got != want {
				t.Fatalf("%s%s\n%s to %s: %v\n got: %q\nwant: %q", r, net.JSON(), from, to, p, got, want)
			}
		}
	})
	t.Logf("%d policies, %d packets delivered (%d by a chain), %d dropped", compiled, arrived, steered, dropped)
	if arrived == 0 || dropped == 0 || steered == 0 {
		t.Error("the random policies are not worth much")
	}
}

func (w *world) conversation(t *rapid.T, from, to string) *packet.Packet {
	p := w.from(from, to, rapid.Bool().Draw(t, "six"))
	p.Proto = rapid.SampledFrom([]uint8{packet.ICMP, packet.TCP, packet.TCP, packet.UDP, 99}).Draw(t, "protocol")
	port := rapid.SampledFrom([]uint16{1, 5, 9, 10, 10, 10, 11, 11, 12, 12, 13, 20, 30, 31, 999, 999, 999})
	switch p.Proto {
	case packet.TCP:
		p.Flags = rapid.SampledFrom([]packet.Flags{packet.SYN, packet.SYN | packet.ACK, packet.ACK, packet.RST, 0}).Draw(t, "flags")
		fallthrough
	case packet.UDP:
		p.SPort, p.DPort = port.Draw(t, "sport"), port.Draw(t, "dport")
		if 10 <= p.SPort && p.SPort <= 12 && 10 <= p.DPort && p.DPort <= 12 {
			p.SPort = 999 // two chains would speak of it
		}
	case packet.ICMP:
		p.Type = packet.Echo
		if p.Six() {
			p.Type = packet.EchoV6
		}
	}
	return &p
}

// way is who got a packet and through what types it came, taps included, in the order of the way.
func (w *world) way(t *rapid.T, from string, p *packet.Packet) string {
	j, err := w.Send(from, p.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(j.Lost()) > 0 || j.Unbounded {
		t.Fatalf("%v: lost, or in a circle", p)
	}
	got := j.Deliveries()
	if len(got) == 0 {
		return ""
	}
	if len(got) > 1 {
		t.Fatalf("%v is delivered twice", p)
	}
	out := got[0].Endpoint
	kind := func(instance string) string { return strings.TrimRight(instance, "12") }
	passes := j.Passes()
	// Copies are made on the way from one gate to the next: a copy comes behind the gates that its frame has passed.
	gates := j.Gates(got[0].Hop)
	for i := range len(gates) + 1 {
		for _, pass := range passes {
			if pass.Copy && len(j.Gates(pass.Hop)) == i {
				out += " " + kind(pass.Instance)
			}
		}
		if i < len(gates) {
			out += " " + kind(gates[i])
		}
	}
	return out
}
