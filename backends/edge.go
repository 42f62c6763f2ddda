package backends

import "pillion/compiler/plan"

// tableRows lowers the rows of one table.
type tableRows struct {
	*table
	hint  string // what makes the table smaller
	count func(*plan.Switch) int
	lower func(*plan.Switch, *writer)
}

// What is behind the port.
func portRows(r *resolver) tableRows {
	t := r.table("ports", value("port"))
	roles := [...]*action{
		plan.RoleEndpoint:  r.action(t, "endpoint", "locator"),
		plan.RoleMiddlebox: r.action(t, "middlebox", "locator"),
		plan.RoleFabric:    r.action(t, "fabric_port", "locator"),
		plan.RoleTrunk:     r.action(t, "trunk", "locator"),
	}
	return tableRows{t, "one entry per port in use: use fewer ports of this switch",
		func(s *plan.Switch) int { return len(s.Ports) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Ports {
				row := &s.Ports[i]
				w.begin(&row.Origin)
				w.number(uint64(row.Number))
				w.act(roles[row.Role])
				w.argMAC(s.Locator)
				w.end()
			}
		}}
}

// Who may send from where.
func sourceRows(r *resolver) tableRows {
	t := r.table("source", value("port"), value("mac"), prefix("address"))
	kinds := [...]*action{
		plan.SourceIs:        r.action(t, "from", "identity", "tenant"),
		plan.SourceLinkLocal: r.action(t, "from_link_local"),
		plan.SourceElsewhere: r.action(t, "from_elsewhere"),
	}
	return tableRows{t, "one entry per address of an endpoint here, and per address that a gateway's prefixes must not speak for: attach endpoints to other switches",
		func(s *plan.Switch) int { return len(s.Sources) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Sources {
				row := &s.Sources[i]
				w.begin(&row.Origin)
				w.number(uint64(row.Port))
				w.mac(row.MAC)
				w.prefix(row.Prefix)
				w.act(kinds[row.Kind])
				if row.Kind == plan.SourceIs {
					w.arg(uint64(row.Identity))
					w.arg(uint64(row.Tenant))
				}
				w.end()
			}
		}}
}

// Where an address is.
func destinationRows(r *resolver) tableRows {
	t := r.table("destination", prefix("address"))
	toPort := r.action(t, "to_port", "port", "mac", "identity", "answers")
	toEdge := r.action(t, "to_edge", "locator", "tree", "mac", "identity", "answers")
	toNowhere := r.action(t, "to_nowhere")
	return tableRows{t, "one entry per address that endpoints here may reach: allow less, or attach endpoints to other switches",
		func(s *plan.Switch) int { return len(s.Destinations) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Destinations {
				row := &s.Destinations[i]
				w.begin(&row.Origin)
				w.prefix(row.Prefix)
				switch {
				case row.Nowhere:
					w.act(toNowhere)
					w.end()
					continue
				case row.Port != 0:
					w.act(toPort)
					w.arg(uint64(row.Port))
				default:
					w.act(toEdge)
					w.argMAC(row.Locator)
					w.arg(uint64(row.Tree))
				}
				w.argMAC(row.MAC)
				w.arg(uint64(row.Identity))
				w.argBit(row.Answers)
				w.end()
			}
		}}
}
