package compiler

import (
	"testing"

	"pillion/compiler/network"
	"pillion/compiler/plan"
	"pillion/lang"
	"pillion/tests/workload"
)

// grown compiles a cloud of ordinary switches with n tenants on so many leaves.
func grown(t *testing.T, n, leaves int) *plan.Plan {
	t.Helper()
	c := workload.Cloud{Tenants: n, Endpoints: 4, Allows: 3 * n, Leaves: leaves, Spines: 2, Seed: 1, Ordinary: leaves, Multicasts: n / 20}
	policy, list := lang.Parse([]lang.Input{{Name: "policy.pol", Text: c.Policy()}}, lang.Options{})
	if list.HasErrors() {
		t.Fatal(list[0].Message)
	}
	net, list := network.Parse("network.json", c.Network())
	if list.HasErrors() {
		t.Fatal(list[0].Message)
	}
	p, list := Compile(policy, net)
	if p == nil {
		t.Fatal(list[0].Message)
	}
	return p
}

// Behind ordinary switches every endpoint is an edge. Four times the endpoints on four times the leaves take not much more than four times the
// entries for ways to them, wherever they are kept: no switch knows the way to every shim.
func TestWaysToShimsGrowWithEndpoints(t *testing.T) {
	const shims = 4 * 200
	size := func(p *plan.Plan) (n int) {
		for i := range p.Switches {
			n += len(p.Switches[i].Fabric)
		}
		for i := range p.Redirects {
			n += len(p.Redirects[i].Statics)
		}
		return n
	}
	small, large := grown(t, shims/4, 4), grown(t, shims, 16)
	if a, b := size(small), size(large); a < shims || b > 8*a {
		t.Errorf("%d entries for ways to %d endpoints, and %d to %d", a, shims, b, 4*shims)
	}
}

// Replication ids are numbers of one switch, so there may be more shims in a network than numbers.
func TestMoreShimsThanReplicationIDs(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: it compiles 70,000 endpoints, which is not short")
	}
	p := grown(t, maxCopies/4+1000, 180)
	groups := 0
	for i := range p.Switches {
		groups += len(p.Switches[i].Groups)
	}
	if len(p.Switches) <= maxCopies || groups == 0 {
		t.Errorf("%d targets with %d groups", len(p.Switches), groups)
	}
}
