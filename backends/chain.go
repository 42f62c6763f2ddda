package backends

import "pillion/compiler/plan"

// flagCopy is FLAG_COPY of pillion.p4: the NSH flags of a copy for taps.
const flagCopy = 1

// Which chain rules select for a pair.
func chainPolicyRows(r *resolver) tableRows {
	t := r.table("chain_policy", value("source"), value("destination"), value("returning"))
	steer := r.action(t, "steer_by", "chainset")
	return tableRows{t, "one entry per ordered pair of identities that a chain may select: use fewer distinct groups in chains",
		func(s *plan.Switch) int { return len(s.ChainPolicies) },
		func(s *plan.Switch, w *writer) {
			for i := range s.ChainPolicies {
				row := &s.ChainPolicies[i]
				w.begin(&row.Origin)
				w.pair(&row.Pair)
				w.act(steer)
				w.arg(uint64(row.ChainSet))
				w.end()
			}
		}}
}

// What a chain set matches.
func chainRuleRows(r *resolver) tableRows {
	t := r.table("chain_rules", value("chainset"), open("protocol"), open("ports_known"), open("later_fragment"),
		open("lower"), between("source_port"), between("destination_port"))
	r.ranked(t)
	slot := r.action(t, "chain_slot", "slot")
	fragment := r.action(t, "chain_fragment")
	return tableRows{t, "one entry per match of a distinct list of chains: use the same services in more chains, or fewer port ranges",
		func(s *plan.Switch) int { return len(s.ChainRules) },
		func(s *plan.Switch, w *writer) {
			for i := range s.ChainRules {
				row := &s.ChainRules[i]
				w.begin(&row.Origin)
				if row.NoStart {
					w.problem(codeRow, "", "NoStart, which chains do not ask for", "chains select, and never permit")
				}
				w.rank(row.Priority)
				w.number(uint64(row.ChainSet))
				w.maybe(!row.AnyProto, uint64(row.Proto))
				w.maybe(row.KnownPorts, 1)
				w.maybe(row.Fragment, 1)
				w.maybe(row.Order != plan.AnyOrder, asBit(row.Order == plan.SourceLower))
				w.between(uint64(row.SLo), uint64(row.SHi))
				w.between(uint64(row.DLo), uint64(row.DHi))
				if row.Fragment {
					w.act(fragment)
				} else {
					w.act(slot)
					w.arg(uint64(row.Slot))
				}
				w.end()
			}
		}}
}

// Which service path a slot of a chain set is for a pair.
func chainSelectRows(r *resolver) tableRows {
	t := r.table("chain_select", value("source"), value("destination"), value("returning"), value("slot"))
	chain := r.action(t, "chain", "spi")
	return tableRows{t, "one entry per ordered pair of identities and match of its chain set: use fewer distinct groups in chains",
		func(s *plan.Switch) int { return len(s.ChainSelects) },
		func(s *plan.Switch, w *writer) {
			for i := range s.ChainSelects {
				row := &s.ChainSelects[i]
				w.begin(&row.Origin)
				w.pair(&row.Pair)
				w.number(uint64(row.Slot))
				w.act(chain)
				w.arg(uint64(row.SPI))
				w.end()
			}
		}}
}

// How far a chain has come when its frame comes back.
func returnRows(r *resolver) tableRows {
	t := r.table("returns", value("port"), value("spi"))
	at := r.action(t, "continue_at", "si")
	return tableRows{t, "one entry per middlebox port here and service path through it: use fewer chains through the middleboxes of this switch",
		func(s *plan.Switch) int { return len(s.Returns) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Returns {
				row := &s.Returns[i]
				w.begin(&row.Origin)
				w.number(uint64(row.Port))
				w.number(uint64(row.SPI))
				w.act(at)
				w.arg(uint64(row.SI))
				w.end()
			}
		}}
}

// What comes next on a service path.
func gateRows(r *resolver) tableRows {
	t := r.table("gates", value("spi"), value("si"), value("copy"))
	pass := r.action(t, "pass", "si", "type", "reverse", "tapset")
	finish := r.action(t, "finish", "si", "tapset")
	tap := r.action(t, "tap_only", "tapset")
	closed := r.action(t, "closed")
	return tableRows{t, "one entry per service path and step: use fewer or shorter chains",
		func(s *plan.Switch) int { return len(s.Gates) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Gates {
				row := &s.Gates[i]
				w.begin(&row.Origin)
				w.number(uint64(row.SPI))
				w.number(uint64(row.SI))
				w.number(flagCopy * asBit(row.Copy))
				switch row.Kind {
				case plan.GatePass:
					w.act(pass)
					w.arg(uint64(row.NextSI))
					w.arg(uint64(row.Type))
					w.argBit(row.Reverse)
					w.arg(uint64(row.TapSet))
				case plan.GateFinish:
					w.act(finish)
					w.arg(uint64(row.NextSI))
					w.arg(uint64(row.TapSet))
				case plan.GateTap:
					w.act(tap)
					w.arg(uint64(row.TapSet))
				case plan.GateClosed:
					w.act(closed)
				}
				w.end()
			}
		}}
}

// Where a bucket of a type's flows goes.
func instanceRows(r *resolver) tableRows {
	t := r.table("instances", value("type"), value("reverse"), between("bucket"))
	toArm := r.action(t, "to_arm", "port")
	toInstance := r.action(t, "to_instance", "locator", "tree")
	return tableRows{t, "one entry per middlebox type, direction and run of hash buckets: use fewer instances",
		func(s *plan.Switch) int { return len(s.Instances) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Instances {
				row := &s.Instances[i]
				w.begin(&row.Origin)
				w.number(uint64(row.Type))
				w.bit(row.Reverse)
				w.buckets(row.Lo, row.Hi)
				if row.Port != 0 {
					w.act(toArm)
					w.arg(uint64(row.Port))
				} else {
					w.act(toInstance)
					w.argMAC(row.Locator)
					w.arg(uint64(row.Tree))
				}
				w.end()
			}
		}}
}

// Which clone session copies a bucket for the taps.
func tapRows(r *resolver) tableRows {
	t := r.table("taps", value("tapset"), between("bucket"))
	copyTo := r.action(t, "copy_to", "session")
	return tableRows{t, "one entry per set of taps and run of hash buckets: use fewer tap instances",
		func(s *plan.Switch) int { return len(s.Taps) },
		func(s *plan.Switch, w *writer) {
			for i := range s.Taps {
				row := &s.Taps[i]
				w.begin(&row.Origin)
				w.number(uint64(row.TapSet))
				w.buckets(row.Lo, row.Hi)
				w.act(copyTo)
				w.arg(uint64(row.Session))
				w.end()
			}
		}}
}
