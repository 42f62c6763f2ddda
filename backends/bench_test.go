package backends

import (
	"net/netip"
	"runtime"
	"testing"

	"pillion/compiler/plan"
)

// BenchmarkLower lowers a million rows of the largest tables, in the compiler's order and in one that has
// nothing to do with the order of the entities.
func BenchmarkLower(b *testing.B) {
	for _, c := range []struct {
		name string
		mix  uint32
	}{{"sorted", 0}, {"scattered", 0x9E3779B1}} {
		b.Run(c.name, func(b *testing.B) {
			p := largePlan(1_000_000, c.mix)
			program := pillion(b)
			b.ReportAllocs()
			rows := 0
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for b.Loop() {
				bundle, _, err := Lower(p, program, nil)
				if err != nil {
					b.Fatal(err)
				}
				rows = 0
				for i := range bundle.Targets {
					rows += len(bundle.Targets[i].Entities)
				}
			}
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "entities/s")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/float64(rows), "B/entity")
		})
	}
}

// largePlan spreads rows over four switches: half of them policy, the rest destinations and fabric.
func largePlan(rows int, mix uint32) *plan.Plan {
	p := &plan.Plan{Statements: []string{"allow a", "endpoint b"}}
	number := func(i int) uint32 {
		if mix == 0 {
			return 0x10000000 + uint32(i)
		}
		return uint32(i) * mix
	}
	from := []uint32{0, 1}
	for _, name := range []string{"leaf1", "leaf2", "leaf3", "leaf4"} {
		s := plan.Switch{Name: name}
		for i := range rows / 8 {
			s.Policies = append(s.Policies, plan.Policy{Origin: plan.Origin{From: from, Counts: 0},
				Pair: plan.Pair{Source: number(i / 100), Destination: number(i)}})
		}
		for i := range rows / 16 {
			n := number(i)
			s.Destinations = append(s.Destinations, plan.Destination{Origin: plan.Origin{From: from[1:], Counts: -1},
				Prefix: v4(n), Locator: there, MAC: web, Identity: n, Tree: 1})
			s.Fabric = append(s.Fabric, plan.Route{Origin: plan.Origin{From: from[1:], Counts: -1},
				Locator: [6]byte{2, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, Port: 1})
		}
		p.Switches = append(p.Switches, s)
	}
	return p
}

func v4(n uint32) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), 32)
}
