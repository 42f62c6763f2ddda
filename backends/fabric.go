package backends

import "pillion/compiler/plan"

// The core: towards a locator on a tree.
func fabricRows(r *resolver) tableRows {
	t := r.table("fabric", value("locator"), value("tree"))
	out := r.action(t, "out_of", "port")
	return tableRows{t, "one entry per locator and tree: use fewer trees per locator in the network file, or fewer edges",
		func(s *plan.Switch) int { return len(s.Fabric) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Fabric {
				row := &s.Fabric[i]
				w.begin(&row.Origin)
				w.mac(row.Locator)
				w.number(uint64(row.Tree))
				w.act(out)
				w.arg(uint64(row.Port))
				w.end()
			}
		}}
}

// Which replicas a multicast service path gets here.
func replicationRows(r *resolver) tableRows {
	t := r.table("replication", value("spi"), value("from"))
	replicate := r.action(t, "replicate", "replicas", "tree")
	return tableRows{t, "one entry per multicast group that branches or ends here: use fewer multicast groups",
		func(s *plan.Switch) int { return len(s.Replications) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Replications {
				row := &s.Replications[i]
				w.begin(&row.Origin)
				w.number(uint64(row.SPI))
				w.mac(row.CameFrom)
				w.act(replicate)
				w.arg(uint64(row.Group))
				w.arg(uint64(row.Tree))
				w.end()
			}
		}}
}

// Which edge a replication id stands for.
func replicaRows(r *resolver) tableRows {
	t := r.table("replica", value("instance"))
	next := r.action(t, "next_edge", "locator", "tree")
	return tableRows{t, "one entry per edge and tree that copies go to from here: use fewer trees per locator in the network file",
		func(s *plan.Switch) int { return len(s.Edges) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Edges {
				row := &s.Edges[i]
				w.begin(&row.Origin)
				w.number(uint64(row.Instance))
				w.act(next)
				w.argMAC(row.Locator)
				w.arg(uint64(row.Tree))
				w.end()
			}
		}}
}
