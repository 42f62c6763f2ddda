package backends

import (
	"cmp"
	"fmt"
	"slices"

	"pillion/backends/bundle"
	"pillion/compiler/plan"
)

// What bmv2's replication engine holds when it is started without options. P4Info can say
// more or less by @platform_property, and says nothing of nodes and sessions.
const (
	// One of them per group, and per clone session: P4Runtime servers for bmv2 make a group of it.
	engineGroups = 4096 // --max-mc-groups
	// One node per group or session and instance, however many ports it has.
	engineNodes  = 4096 // --max-l1-entries
	maxGroupID   = 1<<15 - 1
	maxSessionID = 1<<15 - 1
)

// groups writes multicast groups; they have no table.
func (w *writer) groups(rows []plan.Group) {
	for i := range rows {
		row := &rows[i]
		w.replicate(&row.Origin, bundle.MulticastGroup, row.ID, maxGroupID, row.Replicas)
	}
}

// sessions writes clone sessions.
func (w *writer) sessions(rows []plan.Session) {
	for i := range rows {
		row := &rows[i]
		w.replicate(&row.Origin, bundle.CloneSession, row.ID, maxSessionID, row.Replicas)
	}
}

func (w *writer) replicate(o *plan.Origin, kind bundle.Kind, id, maxID uint16, replicas []plan.Replica) {
	w.origin = o
	what := "multicast group"
	if kind == bundle.CloneSession {
		what = "clone session"
	}
	if id == 0 || id > maxID {
		w.problem(codeEngine, "", fmt.Sprintf("%s %d", what, id), fmt.Sprintf("ids are 1 to %d", maxID))
	}
	room(&w.replicas, len(replicas))
	first := len(w.replicas)
	for _, r := range replicas {
		w.replicas = append(w.replicas, bundle.Replica{Port: r.Port, Instance: r.Instance})
	}
	e := &w.out[w.done]
	*e = bundle.Entity{Kind: kind, ID: uint32(id), Replicas: w.replicas[first:len(w.replicas):len(w.replicas)]}
	slices.SortFunc(e.Replicas, compareReplica)
	for i := 1; i < len(e.Replicas); i++ {
		if e.Replicas[i] == e.Replicas[i-1] {
			w.problem(codeRow, "", fmt.Sprintf("%s %d has the replica (port %d, instance %d) twice", what, id, e.Replicas[i].Port, e.Replicas[i].Instance), "")
		}
	}
	w.trace(e, false)
	w.done++
}

func compareReplica(a, b bundle.Replica) int {
	return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Instance, b.Instance))
}

// nodes counts the distinct instances of one group or session.
func nodes(replicas []plan.Replica) int {
	seen := make(map[uint16]bool, len(replicas))
	for _, r := range replicas {
		seen[r.Instance] = true
	}
	return len(seen)
}
