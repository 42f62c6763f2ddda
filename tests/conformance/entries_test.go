package conformance

import (
	"fmt"
	"math/big"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"
)

// How much is generated.
const (
	entriesPerTable    = 24
	membersPerProfile  = 6
	groupsPerProfile   = 3
	maxWeight          = 3
	generatedMulticast = 5
	generatedSessions  = 5
)

// entries makes what a controller would write into a program.
type entries struct {
	*values
	names
	updates []*p4.Update
	taken   map[string]bool
	members map[uint32][]uint32 // of profiles
	groups  map[uint32][]uint32
	tables  []*p4.TableEntry // those that were written
	// again: some multicast group has a port twice.
	again bool
	// oneShot are the profiles whose tables have action sets, and no members.
	oneShot map[uint32]bool
}

// generate makes all updates for a program, in an order that respects references.
func generate(v *values, info *configv1.P4Info) *entries {
	g := &entries{values: v, names: names{info}, taken: map[string]bool{}, members: map[uint32][]uint32{}, groups: map[uint32][]uint32{}, oneShot: map[uint32]bool{}}
	for i := range uint32(generatedMulticast) {
		// A port with more than one replica: the P4Runtime server beside bmv2 keeps
		// replicas in a hash table by rid, so which of their copies leaves first is
		// the C++ library's choice.
		g.add(insert, groupEntity(i+1, g.replicas(6, 3, i >= generatedMulticast/2)))
	}
	for i := range uint32(generatedSessions) {
		g.add(insert, sessionEntity(i+1, g.replicas(2, 0, false)))
	}
	for _, p := range info.ActionProfiles {
		g.profile(p)
	}
	for _, t := range info.Tables {
		if t.IsConstTable {
			continue
		}
		if t.ConstDefaultActionId == 0 && t.ImplementationId == 0 && g.IntN(2) == 0 {
			if call := g.call(t, configv1.ActionRef_TABLE_ONLY); call != nil {
				g.add(modify, tableEntity(&p4.TableEntry{TableId: t.Preamble.Id, IsDefaultAction: true,
					Action: &p4.TableAction{Type: &p4.TableAction_Action{Action: call}}}))
			}
		}
		if len(t.MatchFields) == 0 {
			continue
		}
		for range entriesPerTable {
			if e := g.entry(t); e != nil {
				g.add(insert, tableEntity(e))
			}
		}
	}
	return g
}

func (g *entries) add(kind p4.Update_Type, e *p4.Entity) {
	g.updates = append(g.updates, change(kind, e))
}

// replicas are up to n, to different ports, or if again is set also to one port with
// different rids.
func (g *entries) replicas(n, rids int, again bool) []*p4.Replica {
	var out []*p4.Replica
	seen := map[string]bool{}
	for range 1 + g.IntN(n) {
		port, rid := uint32(1+g.IntN(ports)), uint32(g.IntN(rids+1))
		key := fmt.Sprint(port, rid)
		if !again {
			key = fmt.Sprint(port)
		}
		if !seen[key] {
			g.again = g.again || seen[fmt.Sprint(port)]
			seen[key], seen[fmt.Sprint(port)] = true, true
			out = append(out, replica(port, rid))
		}
	}
	return out
}

func (g *entries) profile(p *configv1.ActionProfile) {
	id := p.Preamble.Id
	if len(p.TableIds) == 0 {
		return
	}
	t := g.tableByID(p.TableIds[0])
	if t == nil || g.call(t, configv1.ActionRef_DEFAULT_ONLY) == nil {
		return
	}
	if p.WithSelector && g.IntN(3) == 0 {
		g.oneShot[id] = true
		return
	}
	for _, m := range g.Perm(membersPerProfile) {
		m := uint32(m + 1)
		g.members[id] = append(g.members[id], m)
		g.add(insert, &p4.Entity{Entity: &p4.Entity_ActionProfileMember{ActionProfileMember: &p4.ActionProfileMember{
			ActionProfileId: id, MemberId: m, Action: g.call(t, configv1.ActionRef_DEFAULT_ONLY)}}})
	}
	if !p.WithSelector {
		return
	}
	for n := range uint32(groupsPerProfile) {
		g.groups[id] = append(g.groups[id], n+1)
		g.add(insert, g.group(id, n+1))
	}
}

// group makes a group of some members, with weights.
func (g *entries) group(profile, id uint32) *p4.Entity {
	group := &p4.ActionProfileGroup{ActionProfileId: profile, GroupId: id, MaxSize: maxWeight * membersPerProfile}
	for _, m := range g.members[profile] {
		if g.IntN(2) == 0 || len(group.Members) == 0 {
			group.Members = append(group.Members, &p4.ActionProfileGroup_Member{MemberId: m, Weight: int32(1 + g.IntN(maxWeight))})
		}
	}
	return &p4.Entity{Entity: &p4.Entity_ActionProfileGroup{ActionProfileGroup: group}}
}

// set makes an action set for a table.
func (g *entries) set(t *configv1.Table) *p4.TableAction {
	set := &p4.ActionProfileActionSet{}
	for range 1 + g.IntN(4) {
		set.ActionProfileActions = append(set.ActionProfileActions, &p4.ActionProfileAction{
			Action: g.call(t, configv1.ActionRef_DEFAULT_ONLY), Weight: int32(1 + g.IntN(maxWeight))})
	}
	return &p4.TableAction{Type: &p4.TableAction_ActionProfileActionSet{ActionProfileActionSet: set}}
}

// churn makes a second round of updates: groups and entries change, and some entries go.
func (g *entries) churn(there []*p4.TableEntry) (updates []*p4.Update, left []*p4.TableEntry) {
	for _, p := range g.ActionProfiles {
		for _, id := range g.groups[p.Preamble.Id] {
			updates = append(updates, change(modify, g.group(p.Preamble.Id, id)))
		}
	}
	for i := range uint32(generatedMulticast) {
		updates = append(updates, change(modify, groupEntity(i+1, g.replicas(6, 3, i >= generatedMulticast/2))))
	}
	for _, e := range there {
		switch g.IntN(3) {
		case 0:
			updates = append(updates, change(remove, tableEntity(e)))
			continue
		case 1:
			e = proto.CloneOf(e)
			e.Action = g.target(g.tableByID(e.TableId))
			updates = append(updates, change(modify, tableEntity(e)))
		}
		left = append(left, e)
	}
	return updates, left
}

func (g *entries) tableByID(id uint32) *configv1.Table {
	for _, t := range g.Tables {
		if t.Preamble.Id == id {
			return t
		}
	}
	return nil
}

// call makes an action that a table may call, but not those of the given scope; nil if
// there is none.
func (g *entries) call(t *configv1.Table, except configv1.ActionRef_Scope) *p4.Action {
	var refs []uint32
	for _, r := range t.ActionRefs {
		if r.Scope != except {
			refs = append(refs, r.Id)
		}
	}
	if len(refs) == 0 {
		return nil
	}
	id := refs[g.IntN(len(refs))]
	out := &p4.Action{ActionId: id}
	for _, a := range g.Actions {
		if a.Preamble.Id != id {
			continue
		}
		for _, p := range a.Params {
			out.Params = append(out.Params, &p4.Action_Param{ParamId: p.Id, Value: bytesOf(g.of(p.Name, int(p.Bitwidth)))})
		}
	}
	return out
}

// entry makes an entry with a match that no other has; nil if it is not lucky.
func (g *entries) entry(t *configv1.Table) *p4.TableEntry {
	e := &p4.TableEntry{TableId: t.Preamble.Id}
	key := fmt.Sprint(t.Preamble.Id)
	priority := false
	for _, m := range t.MatchFields {
		if m.Bitwidth == 0 {
			return nil // an error or a string: which values there are is not in P4Info
		}
		f, needs := g.match(m)
		priority = priority || needs
		if f != nil {
			e.Match = append(e.Match, f)
		}
		key += fmt.Sprint(f)
	}
	if g.taken[key] {
		return nil
	}
	g.taken[key] = true
	if priority {
		// No two are the same: which of two wins is nowhere said.
		for e.Priority == 0 || g.taken[fmt.Sprint(t.Preamble.Id, "priority", e.Priority)] {
			e.Priority = int32(1 + g.IntN(1000))
		}
		g.taken[fmt.Sprint(t.Preamble.Id, "priority", e.Priority)] = true
	}
	if e.Action = g.target(t); e.Action == nil {
		return nil
	}
	return e
}

// target makes what an entry of a table points at; nil if there is nothing.
func (g *entries) target(t *configv1.Table) *p4.TableAction {
	p := t.ImplementationId
	switch {
	case p == 0:
		if call := g.call(t, configv1.ActionRef_DEFAULT_ONLY); call != nil {
			return &p4.TableAction{Type: &p4.TableAction_Action{Action: call}}
		}
		return nil
	case g.oneShot[p]:
		return g.set(t)
	case len(g.groups[p]) > 0 && g.IntN(3) > 0:
		return &p4.TableAction{Type: &p4.TableAction_ActionProfileGroupId{ActionProfileGroupId: pick(g.Rand, g.groups[p])}}
	case len(g.members[p]) == 0:
		return nil
	}
	return &p4.TableAction{Type: &p4.TableAction_ActionProfileMemberId{ActionProfileMemberId: pick(g.Rand, g.members[p])}}
}

// match makes the match of a field; nil if any value matches.
func (g *entries) match(m *configv1.MatchField) (f *p4.FieldMatch, priority bool) {
	width := int(m.Bitwidth)
	n := g.of(m.Name, width)
	f = &p4.FieldMatch{FieldId: m.Id}
	switch m.GetMatchType() {
	case configv1.MatchField_EXACT:
		f.FieldMatchType = &p4.FieldMatch_Exact_{Exact: &p4.FieldMatch_Exact{Value: bytesOf(n)}}
	case configv1.MatchField_LPM:
		length := g.IntN(width + 1)
		if length == 0 {
			return nil, false
		}
		f.FieldMatchType = &p4.FieldMatch_Lpm{Lpm: &p4.FieldMatch_LPM{
			Value: bytesOf(new(big.Int).AndNot(n, ones(width-length))), PrefixLen: int32(length)}}
	case configv1.MatchField_TERNARY:
		mask := g.fresh(width)
		if g.IntN(3) == 0 {
			mask = ones(width)
		}
		if mask.Sign() == 0 || g.IntN(3) == 0 {
			return nil, true
		}
		f.FieldMatchType = &p4.FieldMatch_Ternary_{Ternary: &p4.FieldMatch_Ternary{Value: bytesOf(new(big.Int).And(n, mask)), Mask: bytesOf(mask)}}
		return f, true
	case configv1.MatchField_RANGE:
		low, high := n, g.of(m.Name, width)
		if low.Cmp(high) > 0 {
			low, high = high, low
		}
		if low.Sign() == 0 && high.Cmp(ones(width)) == 0 || g.IntN(4) == 0 {
			return nil, true
		}
		f.FieldMatchType = &p4.FieldMatch_Range_{Range: &p4.FieldMatch_Range{Low: bytesOf(low), High: bytesOf(high)}}
		return f, true
	case configv1.MatchField_OPTIONAL:
		if g.IntN(2) == 0 {
			return nil, true
		}
		f.FieldMatchType = &p4.FieldMatch_Optional_{Optional: &p4.FieldMatch_Optional{Value: bytesOf(n)}}
		return f, true
	}
	return f, false
}
