package conformance

import (
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"testing"

	p4rt "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/backends/bundle"
	"pillion/compiler/network"
	"pillion/p4"
	"pillion/runtime/packet"
	"pillion/runtime/server"
	"pillion/runtime/simulate"
	"pillion/tests/scenario"
)

// policies are the scenarios whose bundles TestPolicyDifferential takes.
var policies = []string{"chain-1-leaf-spine", "multicast-tree", "tap", "gateway", "reversed", "tenants", "one-armed", "precedence"}

// TestPolicyDifferential is TestDifferential with the entities that the compiler makes
// for pillion.p4, and the packets that reach a switch when endpoints talk: random
// entries alone let few packets through.
func TestPolicyDifferential(t *testing.T) {
	cfg := committed(t, "../../p4/pillion")
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range policies {
		t.Run(name, func(t *testing.T) {
			s, err := scenario.Load(filepath.Join("../scenario/testdata", name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			seen := record(t, s, program, *packetCount/4, *firstSeed)
			for _, target := range s.Site.Bundle.Targets {
				compareTarget(t, cfg, target, seen[target.Name])
			}
		})
	}
}

// record lets endpoints talk in the simulator and keeps what reaches each switch, up
// to count frames in all.
func record(t *testing.T, s *scenario.Scenario, program *p4.Program, count int, seed uint64) map[string][]input {
	t.Helper()
	net, err := simulate.New(s.Site.Bundle, program)
	if err != nil {
		t.Fatal(err)
	}
	seen, total := map[string][]input{}, 0
	net.Watch(func(node string, port uint32, towards bool, frame []byte) {
		if towards {
			seen[node] = append(seen[node], input{port, append([]byte(nil), frame...)})
			total++
		}
	})
	g := &talk{Rand: rand.New(rand.NewPCG(seed, 1)), ends: s.Site.Net.Endpoints}
	for total < count {
		from, frame := g.next()
		if _, err := net.Send(from, frame); err != nil {
			t.Fatal(err)
		}
	}
	return seen
}

// talk makes what endpoints say: mostly right, sometimes not.
type talk struct {
	*rand.Rand
	ends []network.Endpoint
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (g *talk) next() (from string, frame []byte) {
	a, b := pick(g.Rand, g.ends), pick(g.Rand, g.ends)
	p := packet.Packet{SrcMAC: packet.MAC(a.MAC), DstMAC: packet.MAC(b.MAC), Src: pick(g.Rand, a.IPs), Dst: pick(g.Rand, b.IPs),
		TTL: uint8(g.IntN(255) + 1), Proto: pick(g.Rand, []uint8{1, 6, 6, 6, 17, 17, 47}), Type: 8, ID: 1,
		SPort: pick(g.Rand, []uint16{80, 443, 53, 8080, 33000, uint16(g.Uint32())}),
		DPort: pick(g.Rand, []uint16{80, 443, 53, 8080, 22, uint16(g.Uint32())}),
		Flags: pick(g.Rand, []packet.Flags{packet.SYN, packet.SYN | packet.ACK, packet.ACK}), Payload: make([]byte, g.IntN(60))}
	if g.IntN(8) == 0 {
		p.Dst = netip.MustParseAddr("239.1.1.1")
		p.DstMAC = packet.GroupMAC(p.Dst)
		p.Proto = 17
	}
	if p.Src.Is4() != p.Dst.Is4() {
		if p.Src.Is4() {
			p.Src = netip.MustParseAddr("fe80::1")
		} else {
			p.Src = netip.MustParseAddr("10.0.0.1")
		}
		for _, ip := range a.IPs {
			if ip.Is4() == p.Dst.Is4() {
				p.Src = ip
			}
		}
	}
	switch g.IntN(16) {
	case 0:
		p.Fragment = &packet.Fragment{Offset: uint16(g.IntN(2)), More: true, ID: 7}
	case 1:
		if p.Src.Is4() {
			p.OptionWords = g.IntN(10)
		}
	case 2:
		return a.Name, packet.Question(p.SrcMAC, p.Src, p.Dst)
	case 3:
		p.Src = p.Dst // forged
	}
	return a.Name, p.Bytes()
}

// compareTarget runs a target's entities and frames, and the same frames with changes,
// on both switches.
func compareTarget(t *testing.T, cfg *p4rt.ForwardingPipelineConfig, target bundle.Target, frames []input) {
	t.Helper()
	if len(frames) == 0 {
		return
	}
	d := &difference{t: t, ours: newOurs(t, func(o *server.Options) { o.CPUPort = cpuPort }), reference: startBMv2(t)}
	d.us, d.them = primary(t, d.ours.conn, 1), primary(t, d.reference.p4rt, 1)
	shape := readShape(t, cfg)
	v := newValues(*firstSeed, shape)
	d.entries = &entries{values: v, names: names{cfg.P4Info}, again: true}
	d.packets = &packets{v, shape}
	for _, s := range []*session{d.us, d.them} {
		if err := s.configure(cfg); err != nil {
			t.Fatal(err)
		}
	}
	for i := range target.Entities {
		e := target.Entities[i].Proto()
		kind := insert
		if e.GetTableEntry().GetIsDefaultAction() {
			kind = modify
		}
		d.updates = append(d.updates, change(kind, e))
	}
	d.write(d.updates)
	for i := range frames {
		frames[i].frame = d.packets.mutate(frames[i].frame)
		if len(frames[i].frame) == 0 {
			frames[i].frame = []byte{0}
		}
	}
	d.replay(frames, 1)
	d.counters()
	t.Logf("%s: %d entities; %d packets in, %d out, %d of them dropped", target.Name, len(target.Entities), len(frames), d.sent, d.dropped)
}
