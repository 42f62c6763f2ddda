package compiler

import (
	"testing"

	"pillion/compiler/network"
	"pillion/lang"
	"pillion/tests/workload"
)

// BenchmarkCloud compiles 100,000 endpoints of 25,000 tenants; v1model's ports have 9 bits, so
// they take 256 leaves.
func BenchmarkCloud(b *testing.B) {
	c := workload.Cloud{Tenants: 25000, Endpoints: 4, Allows: 75000, Leaves: 256, Spines: 8}
	policy, inventory := c.Policy(), c.Network()
	b.ReportAllocs()
	for b.Loop() {
		p, list := lang.Parse([]lang.Input{{Name: "policy.pol", Text: policy}}, lang.Options{})
		if list.HasErrors() {
			b.Fatal(list[0].Message)
		}
		net, list := network.Parse("network.json", inventory)
		if list.HasErrors() {
			b.Fatal(list[0].Message)
		}
		plan, list := Compile(p, net)
		if plan == nil {
			b.Fatal(list[0].Message)
		}
		rows := 0
		for i := range plan.Switches {
			s := &plan.Switches[i]
			rows += len(s.Sources) + len(s.Destinations) + len(s.Policies) + len(s.Rules) + len(s.Verdicts)
		}
		b.ReportMetric(float64(rows), "rows")
	}
}
