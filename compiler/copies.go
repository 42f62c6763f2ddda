package compiler

import (
	"fmt"
	"slices"

	"pillion/compiler/number"
	"pillion/compiler/plan"
)

// copyUse is an edge that this switch addresses copies to, under a replication id.
type copyUse struct {
	edge  int32
	tree  uint16
	id    uint16
	users users
	lost  []uint32 // as ranks: what the edges that took its number are there for
}

// sessionUse is a set of replicas.
type sessionUse struct {
	replicas []plan.Replica
	users    users // ranks
	rows     []int // indexes of the rows that name it
}

// maxCopies is how many edges a switch can address copies to: replication ids have 16 bits, and 0 is none.
const maxCopies = 1<<16 - 1

// copyTo stands for an edge on a tree in a replica, until numberCopies gives it its replication id. Past the last number there is an
// error, and numbers that mean nothing.
func (p *placer) copyTo(edge int32, tree uint16, why []stmt) uint16 {
	name := copyName(p.nodes[edge].name, tree)
	use := p.copies[name]
	if use == nil {
		p.copyOrder = append(p.copyOrder, &copyUse{edge: edge, tree: tree, id: uint16(len(p.copyOrder) + 1)})
		use = p.copyOrder[len(p.copyOrder)-1]
		p.copies[name] = use
	}
	use.users.add(why)
	return use.id
}

func copyName(edge string, tree uint16) string { return fmt.Sprintf("%s %d", edge, tree) }

// copyRows number the edges that copies go to and the sets of replicas, and say what the numbers stand for.
func (p *placer) copyRows() {
	if len(p.sw.Taps) == 0 && len(p.sw.Replications) == 0 {
		return
	}
	names := keys(p.copies)
	numbers, err := number.Allocate(number.Space{What: "replication id", Low: 1, High: maxCopies}, names)
	if err != nil {
		p.failures = append(p.failures, fmt.Sprintf("switch %s: %v", p.sw.Name, err))
		return
	}
	byID := make([]*copyUse, len(p.copyOrder)+1) // as copyTo gave them
	for i, use := range p.copyOrder {
		byID[i+1] = use
	}
	for _, n := range names {
		use := p.copies[n]
		use.id = uint16(numbers.Of(n))
		for _, winner := range numbers.LostTo(n) {
			w := p.copies[winner]
			for _, s := range slices.Concat(p.from[w.edge][:1], w.users.needs) {
				use.lost = append(use.lost, p.o.rank[s])
			}
		}
		row := p.o.row(p.from[use.edge][0], p.from[use.edge], use.users.needs)
		p.sw.Edges = append(p.sw.Edges, plan.ReplicaEdge{Origin: alsoFrom(row, use.lost), Instance: use.id, Locator: p.locators[use.edge], Tree: use.tree})
	}
	for _, id := range p.number(p.groups, "multicast group", byID) {
		for _, row := range id.use.rows {
			p.sw.Replications[row].Group = id.number
		}
		p.sw.Groups = append(p.sw.Groups, plan.Group{Origin: id.origin, ID: id.number, Replicas: id.use.replicas})
	}
	for _, id := range p.number(p.sessions, "clone session", byID) {
		for _, row := range id.use.rows {
			p.sw.Taps[row].Session = id.number
		}
		p.sw.Sessions = append(p.sw.Sessions, plan.Session{Origin: id.origin, ID: id.number, Replicas: id.use.replicas})
	}
}

// alsoFrom is an origin with more statements, as ranks.
func alsoFrom(o plan.Origin, more []uint32) plan.Origin {
	if len(more) > 0 {
		o.From = slices.Concat(o.From, more)
		slices.Sort(o.From)
		o.From = slices.Compact(o.From)
	}
	return o
}

// replicaSet is a set of replicas with its number on this switch.
type replicaSet struct {
	use    *sessionUse
	number uint16
	origin plan.Origin
}

// maxReplicaSets is what P4Runtime servers over PI take: group and session ids have 15 bits.
const maxReplicaSets = 1<<15 - 1

// number gives each set of replicas its number on this switch, after the replicas have theirs: what stands in byID.
func (p *placer) number(uses map[string]*sessionUse, what string, byID []*copyUse) []replicaSet {
	byText := make(map[string]*replicaSet, len(uses))
	for _, use := range uses {
		var lost []uint32
		for i := range use.replicas {
			if r := &use.replicas[i]; r.Instance != 0 {
				to := byID[r.Instance]
				r.Instance = to.id
				lost = append(lost, to.lost...)
			}
		}
		byText[replicaText(use.replicas)] = &replicaSet{use: use, origin: alsoFrom(sharedRow(&use.users), lost)}
	}
	names := keys(byText)
	numbers, err := number.Allocate(number.Space{What: what, Low: 1, High: maxReplicaSets}, names)
	if err != nil {
		p.failures = append(p.failures, fmt.Sprintf("switch %s: %v", p.sw.Name, err))
		return nil
	}
	out := make([]replicaSet, len(names))
	for i, text := range names {
		out[i] = *byText[text]
		out[i].number = uint16(numbers.Of(text))
	}
	return out
}
