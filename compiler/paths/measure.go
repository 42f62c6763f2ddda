package paths

import "time"

// Measurement is what it took to plan a fat-tree.
type Measurement struct {
	K, Switches, Edges, Hosts int

	PerLocator time.Duration // one rendezvous-hashed tree per edge switch
	PerHost    time.Duration // one tree per host, as PAST does
}

// MeasureFatTree plans a k-ary fat-tree once, with one tree per edge switch and
// then one per host, on all cores. The trees are made and dropped. PAST's
// authors report 300 ms for 8,000 hosts (k = 32) and 40 s for 100,000 (k = 74).
func MeasureFatTree(k int) Measurement {
	g, edges, hosts := FatTree(k)
	p := NewPastR(g, 1)
	start := time.Now()
	p.Trees(edges, 1, func(int, uint16, []uint16) {})
	perLocator := time.Since(start)
	start = time.Now()
	p.HostTrees(hosts, func(int, []uint16) {})
	return Measurement{
		K: k, Switches: g.Nodes(), Edges: len(edges), Hosts: len(hosts),
		PerLocator: perLocator, PerHost: time.Since(start),
	}
}
