package backends

import "pillion/compiler/plan"

// pair gives the three columns that name an ordered pair of identities.
func (w *writer) pair(p *plan.Pair) {
	w.number(uint64(p.Source))
	w.number(uint64(p.Destination))
	w.bit(p.Returning)
}

// May they talk.
func policyRows(r *resolver) tableRows {
	t := r.table("policy", value("source"), value("destination"), value("returning"))
	kinds := [...]*action{
		plan.PolicyPermit:  r.action(t, "permit"),
		plan.PolicyDeny:    r.action(t, "deny"),
		plan.PolicyByPorts: r.action(t, "by_ports", "ruleset"),
	}
	return tableRows{t, "one entry per ordered pair of identities that may meet here: endpoints in the same groups share an identity; allow less, or attach endpoints to other switches",
		func(s *plan.Switch) int { return len(s.Policies) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Policies {
				row := &s.Policies[i]
				w.begin(&row.Origin)
				w.pair(&row.Pair)
				w.act(kinds[row.Kind])
				if row.Kind == plan.PolicyByPorts {
					w.arg(uint64(row.RuleSet))
				}
				w.end()
			}
		}}
}

// What a rule set matches.
func ruleRows(r *resolver) tableRows {
	t := r.table("rules", value("ruleset"), open("protocol"), open("ports_known"), open("syn_only"),
		between("source_port"), between("destination_port"))
	r.ranked(t)
	slot := r.action(t, "match_slot", "slot")
	return tableRows{t, "one entry per match of a distinct list of services: use the same services in more statements, or fewer port ranges",
		func(s *plan.Switch) int { return len(s.Rules) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Rules {
				row := &s.Rules[i]
				w.begin(&row.Origin)
				w.rank(row.Priority)
				w.number(uint64(row.RuleSet))
				w.maybe(!row.AnyProto, uint64(row.Proto))
				w.maybe(row.KnownPorts, 1)
				w.maybe(row.NoStart, 0)
				w.between(uint64(row.SLo), uint64(row.SHi))
				w.between(uint64(row.DLo), uint64(row.DHi))
				w.act(slot)
				w.arg(uint64(row.Slot))
				w.end()
			}
		}}
}

// What a slot of a rule set means for a pair.
func verdictRows(r *resolver) tableRows {
	t := r.table("verdict", value("source"), value("destination"), value("returning"), value("slot"))
	permit, deny := r.action(t, "permit_slot"), r.action(t, "deny_slot")
	return tableRows{t, "one entry per ordered pair of identities and match of its rule set: put services of one statement together, or use fewer distinct groups",
		func(s *plan.Switch) int { return len(s.Verdicts) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Verdicts {
				row := &s.Verdicts[i]
				w.begin(&row.Origin)
				w.pair(&row.Pair)
				w.number(uint64(row.Slot))
				if row.Deny {
					w.act(deny)
				} else {
					w.act(permit)
				}
				w.end()
			}
		}}
}

// Who may send to a multicast group.
func multicastRows(r *resolver) tableRows {
	t := r.table("multicast", value("group"), value("source"))
	group := r.action(t, "group", "spi")
	return tableRows{t, "one entry per multicast group and identity that sends to it from here: use fewer senders",
		func(s *plan.Switch) int { return len(s.Multicasts) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Multicasts {
				row := &s.Multicasts[i]
				w.begin(&row.Origin)
				w.address(row.Group)
				w.number(uint64(row.Source))
				w.act(group)
				w.arg(uint64(row.SPI))
				w.end()
			}
		}}
}
