package main

import "pillion/compiler/paths"

// benchTrees plans fat-trees. PAST's authors report 300 ms for 8,000 hosts and 40 s for 100,000.
func benchTrees(t *table) error {
	for _, k := range []int{32, 74} {
		m := paths.MeasureFatTree(k)
		t.row("fat-tree", "k=%d: %d switches, %d edges, %d hosts", k, m.Switches, m.Edges, m.Hosts)
		t.row("  a tree per locator", "%.1f ms", m.PerLocator.Seconds()*1000)
		t.row("  a tree per host", "%.1f ms", m.PerHost.Seconds()*1000)
	}
	return nil
}
