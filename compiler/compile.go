package compiler

import (
	"slices"
	"strings"

	"pillion/compiler/network"
	"pillion/compiler/number"
	"pillion/compiler/plan"
	"pillion/lang"
	"pillion/lang/diag"
)

// PlainSPI is the service path of unicast that no chain selects (docs/wire.md).
const PlainSPI = 0xFFFFFF

// Compile makes the plan of a policy on a network. The plan is nil when there are errors; warnings
// come with a plan.
func Compile(policy *lang.Policy, net *network.Network) (*plan.Plan, diag.List) {
	m := resolve(policy, net)
	m.checkOverlaps()
	if m.diags.HasErrors() {
		return nil, m.diags
	}
	for _, c := range m.chains {
		c.makePaths()
	}
	sources := m.findPairs()
	slots := m.numberChains()
	if sources != nil {
		m.checkArms(sources)
		m.checkMulticast(sources)
	}
	m.checkRedirects()
	f := m.layFabric()
	if m.diags.HasErrors() || f == nil || sources == nil {
		return nil, m.diags
	}
	l := &layout{fabric: f, sources: sources}
	l.numbers.chainSlots = slots
	f.growTrees()
	l.index()
	err := l.layMulticast()
	if err == nil {
		err = l.allocate()
	}
	if err != nil {
		m.addError(diag.Span{File: net.File}, "C051", err.Error(), "make the policy smaller or split the network")
		return nil, m.diags
	}
	p := l.makePlan()
	if m.diags.HasErrors() {
		return nil, m.diags
	}
	return p, m.diags
}

// allocate numbers paths, types and tap sets.
func (l *layout) allocate() error {
	l.numbers.spiFrom = map[uint32][]stmt{}
	type owner struct {
		set  func(uint32)
		stmt stmt
	}
	owners := map[string]owner{}
	var names, types, tapSets []string
	own := func(name string, s stmt, set func(uint32)) {
		names = append(names, name)
		owners[name] = owner{set: set, stmt: s}
	}
	for _, c := range l.chains {
		for d := range c.spi {
			own("chain "+c.name+" "+direction[d], c.stmt, func(n uint32) { c.spi[d] = n })
			for k := 0; k <= len(c.gates); k++ {
				for _, arrival := range []bool{false, true} {
					tapSets = append(tapSets, leg{chain: c, answer: d, k: k}.tapSet(arrival))
				}
			}
		}
	}
	for _, g := range l.multicasts {
		own("multicast "+g.name, g.stmt, func(n uint32) { g.spi = n })
	}
	spis, err := number.Allocate(number.Space{What: "service path", Low: 1, High: PlainSPI - 1}, names)
	if err != nil {
		return err
	}
	for name, o := range owners {
		n := spis.Of(name)
		o.set(n)
		for _, winner := range spis.LostTo(name) {
			l.numbers.spiFrom[n] = append(l.numbers.spiFrom[n], owners[winner].stmt)
		}
	}
	for _, t := range l.types {
		types = append(types, t.name)
	}
	typeNumbers, err := number.Allocate(number.Space{What: "middlebox", Low: 1, High: 1<<32 - 1}, types)
	if err != nil {
		return err
	}
	for _, t := range l.types {
		t.number = typeNumbers.Of(t.name)
	}
	l.numbers.tapSets, err = number.Allocate(number.Space{What: "tap set", Low: 1, High: 1<<32 - 1}, tapSets)
	return err
}

// makePlan places every switch.
func (l *layout) makePlan() *plan.Plan {
	for i := range l.net.Middleboxes {
		l.statements.of("instance", l.net.Middleboxes[i].Name)
	}
	names := l.statements.names
	order := make([]uint32, len(names))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		if names[a] < names[b] {
			return -1
		}
		return 1 // names are distinct
	})
	p := &plan.Plan{Statements: make([]string, len(names))}
	l.rank = make([]uint32, len(names))
	for r, i := range order {
		l.rank[i] = uint32(r)
		p.Statements[r] = names[i]
	}
	var targets []int32
	for i := range l.nodes {
		if l.nodes[i].targets() {
			targets = append(targets, int32(i))
		}
	}
	slices.SortFunc(targets, func(a, b int32) int { return strings.Compare(l.nodes[a].name, l.nodes[b].name) })
	p.Switches = make([]plan.Switch, len(targets))
	l.addressed = make([][]shimUse, len(l.nodes))
	failures := make([][]string, len(targets))
	inParallel(len(targets), func() func(int) {
		pl := l.newPlacer()
		return func(i int) {
			n := &l.nodes[targets[i]]
			sw := &p.Switches[i]
			*sw = plan.Switch{Name: n.name, Kind: n.planKind(), Address: n.address, DeviceID: n.deviceID, CPUPort: n.cpuPort, Locator: l.locators[targets[i]]}
			pl.failures = nil
			pl.place(targets[i], sw)
			failures[i] = pl.failures
		}
	})
	for i, list := range failures {
		for _, f := range list {
			l.addError(l.nodes[targets[i]].span, "C051", f, "make the policy smaller or split the network")
		}
	}
	l.findShimRoutes()
	inParallel(len(targets), func() func(int) {
		o := &origins{rank: l.rank}
		return func(i int) {
			if l.nodes[targets[i]].kind != nodeShim {
				p.Switches[i].Fabric = l.routes(targets[i], o)
			}
		}
	})
	p.Redirects = l.redirects()
	return p
}
