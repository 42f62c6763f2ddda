package server

import (
	"fmt"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

// profile is an action profile or action selector (section "ActionProfileMember &
// ActionProfileGroup").
type profile struct {
	id       uint32
	name     string
	info     *configv1.ActionProfile
	selector bool
	tables   []*table
	// oneShots counts the entries of its tables that are one-shot; members counts its
	// members. Only one of the two may be above 0.
	oneShots, members int
	down              downPorts

	eng *engine.Profile
}

func (p *profile) String() string { return fmt.Sprintf("action profile %s (0x%08x)", p.name, p.id) }

func (b *schemaBuilder) readProfiles() error {
	prog := b.eng.Program()
	for _, a := range b.info.ActionProfiles {
		if err := b.claim("action profile", a.Preamble); err != nil {
			return err
		}
		eng := b.eng.Profile(a.Preamble.Name)
		if eng == nil {
			if err := b.leaveOut("action profile", a.Preamble, prog.Profiles(), declaredNames(b.info.ActionProfiles)); err != nil {
				return err
			}
			continue
		}
		if eng.HasSelector() != a.WithSelector {
			return fmt.Errorf("action profile %s: with_selector is %t in P4Info and %t in the device config", a.Preamble.Name, a.WithSelector, eng.HasSelector())
		}
		p := &profile{id: a.Preamble.Id, name: a.Preamble.Name, info: a, selector: a.WithSelector, eng: eng}
		b.out.profiles = append(b.out.profiles, p)
		b.out.profileByID[p.id] = p
	}
	return nil
}

func (s *schema) profile(id uint32) (*profile, error) {
	if p := s.profileByID[id]; p != nil {
		return p, nil
	}
	return nil, s.unknown("action_profile_id", id, "action profiles", choices(s.profiles, (*profile).String))
}

// checkStyle refuses to mix one-shot entries with members and groups.
func (p *profile) checkStyle(oneShot bool) error {
	if oneShot && p.members > 0 {
		return invalid("%v has members already; its tables are programmed with members and groups, or with action sets, not with both", p)
	}
	if !oneShot && p.oneShots > 0 {
		return invalid("%v is programmed with action sets already; its tables are programmed with members and groups, or with action sets, not with both", p)
	}
	return nil
}

// weight checks one weight and returns what the engine takes.
func (p *profile) weight(w int32) (int, error) {
	if p.info.WeightsDisallowed {
		if w != 0 {
			return 0, invalid("weight %d: %v takes no weights (0)", w, p)
		}
		return 1, nil
	}
	if w <= 0 {
		return 0, invalid("weight %d; want 1 or more", w)
	}
	if limit := p.info.GetSumOfMembers().GetMaxMemberWeight(); limit > 0 && w > limit {
		return 0, invalid("weight %d; %v takes 1 to %d", w, p, limit)
	}
	return int(w), nil
}

// groupSize is the size of a group in the profile's own terms.
func (p *profile) groupSize(weights []int) int64 {
	if p.info.GetSumOfMembers() != nil {
		return int64(len(weights))
	}
	var sum int64
	for _, w := range weights {
		sum += int64(w)
	}
	return sum
}

// decodeSet does section "One Shot Action Selector Programming".
func (p *profile) decodeSet(t *table, m *p4.ActionProfileActionSet) ([]engine.WeightedAction, error) {
	if m.GetActionSelectionMode() != p4.ActionProfileActionSet_DEFAULT_MODE_DETERMINED_BY_ACTION_SELECTOR {
		return nil, unimplemented("action_selection_mode %v: this switch selects as the program's action selector says", m.ActionSelectionMode)
	}
	if m.GetSizeSemantics() != p4.ActionProfileActionSet_DEFAULT_SIZE_DETERMINED_BY_ACTION_SELECTOR {
		return nil, unimplemented("size_semantics %v: this switch takes the action selector's", m.SizeSemantics)
	}
	var out []engine.WeightedAction
	var weights []int
	for i, a := range m.GetActionProfileActions() {
		act, args, err := decodeAction(t.actions, a.Action, forEntry)
		if err != nil {
			return nil, within(err, "action %d of the set", i+1)
		}
		w, err := p.weight(a.Weight)
		if err != nil {
			return nil, within(err, "action %d of the set", i+1)
		}
		down, err := p.down.isDown(a)
		if err != nil {
			return nil, within(err, "action %d of the set", i+1)
		}
		out = append(out, engine.WeightedAction{Action: act.name, Args: args, Weight: w, Down: down})
		weights = append(weights, w)
	}
	if limit := int64(p.info.MaxGroupSize); limit > 0 && p.groupSize(weights) > limit {
		return nil, invalid("the set has size %d; %v takes %d at most", p.groupSize(weights), p, limit)
	}
	return out, nil
}

func (p *pipeline) writeMember(typ p4.Update_Type, m *p4.ActionProfileMember) (undo, error) {
	pr, err := p.profile(m.GetActionProfileId())
	if err != nil {
		return nil, err
	}
	if m.MemberId == 0 {
		return nil, invalid("%v: member_id 0 means none; choose 1 or more", pr)
	}
	if typ == p4.Update_DELETE {
		old, ok := pr.eng.Member(m.MemberId)
		if !ok {
			return nil, notFound("%v has no member %d", pr, m.MemberId)
		}
		if err := pr.eng.DeleteMember(m.MemberId); err != nil {
			return nil, fromEngine(err)
		}
		pr.members--
		return func() {
			if pr.eng.InsertMember(old) == nil {
				pr.members++
			}
		}, nil
	}
	if m.Action == nil {
		return nil, invalid("%v, member %d: the action is missing", pr, m.MemberId)
	}
	if err := pr.checkStyle(false); err != nil {
		return nil, err
	}
	if len(pr.tables) == 0 {
		return nil, invalid("%v belongs to no table, so it has no actions", pr)
	}
	// Tables that share a profile have the same actions.
	act, args, err := decodeAction(pr.tables[0].actions, m.Action, forEntry)
	if err != nil {
		return nil, within(err, "%v, member %d", pr, m.MemberId)
	}
	fresh := engine.Member{ID: m.MemberId, Action: act.name, Args: args}
	if typ == p4.Update_INSERT {
		// The size counts the members of the groups where there is a selector, and the
		// members otherwise; the pool of members is bounded by it in both cases.
		if _, exists := pr.eng.Member(m.MemberId); !exists && pr.info.Size > 0 && int64(pr.members) >= pr.info.Size {
			return nil, status.Errorf(codes.ResourceExhausted, "%v holds %d members, its size", pr, pr.members)
		}
		if err := pr.eng.InsertMember(fresh); err != nil {
			return nil, fromEngine(err)
		}
		pr.members++
		return func() {
			if pr.eng.DeleteMember(m.MemberId) == nil {
				pr.members--
			}
		}, nil
	}
	old, ok := pr.eng.Member(m.MemberId)
	if !ok {
		return nil, notFound("%v has no member %d", pr, m.MemberId)
	}
	if err := pr.eng.ModifyMember(fresh); err != nil {
		return nil, fromEngine(err)
	}
	return func() { _ = pr.eng.ModifyMember(old) }, nil
}

func (p *pipeline) writeGroup(typ p4.Update_Type, m *p4.ActionProfileGroup) (undo, error) {
	pr, err := p.profile(m.GetActionProfileId())
	if err != nil {
		return nil, err
	}
	switch {
	case !pr.selector:
		return nil, invalid("%v has no selector, so no groups", pr)
	case m.GroupId == 0:
		return nil, invalid("%v: group_id 0 means none; choose 1 or more", pr)
	}
	old, exists := pr.eng.Group(m.GroupId)
	if typ != p4.Update_INSERT && !exists {
		return nil, notFound("%v has no group %d", pr, m.GroupId)
	}
	if typ == p4.Update_DELETE {
		if err := pr.eng.DeleteGroup(m.GroupId); err != nil {
			return nil, fromEngine(err)
		}
		return func() { _ = pr.eng.InsertGroup(old) }, nil
	}
	if err := pr.checkStyle(false); err != nil {
		return nil, err
	}
	fresh, err := pr.decodeGroup(m)
	if err != nil {
		return nil, within(err, "%v, group %d", pr, m.GroupId)
	}
	if typ == p4.Update_INSERT {
		if err := pr.eng.InsertGroup(fresh); err != nil {
			return nil, fromEngine(err)
		}
		return func() { _ = pr.eng.DeleteGroup(m.GroupId) }, nil
	}
	if was := groupMessage(old).GetMaxSize(); m.MaxSize != was {
		return nil, invalid("%v, group %d: max_size is %d and cannot change to %d", pr, m.GroupId, was, m.MaxSize)
	}
	if err := pr.eng.ModifyGroup(fresh); err != nil {
		return nil, fromEngine(err)
	}
	return func() { _ = pr.eng.ModifyGroup(old) }, nil
}

// decodeGroup checks a group (sections "Group Programming", "Rules on Setting
// max_size"). The engine checks that its members exist.
func (p *profile) decodeGroup(m *p4.ActionProfileGroup) (engine.Group, error) {
	out := engine.Group{ID: m.GroupId, Opaque: proto.CloneOf(m)}
	var weights []int
	seen := map[uint32]bool{}
	for _, gm := range m.Members {
		if seen[gm.MemberId] {
			return out, invalid("member %d is there twice; give it a weight", gm.MemberId)
		}
		seen[gm.MemberId] = true
		w, err := p.weight(gm.Weight)
		if err != nil {
			return out, within(err, "member %d", gm.MemberId)
		}
		down, err := p.down.isDown(gm)
		if err != nil {
			return out, within(err, "member %d", gm.MemberId)
		}
		out.Members = append(out.Members, engine.GroupMember{Member: gm.MemberId, Weight: w, Down: down})
		weights = append(weights, w)
	}
	limit := int64(p.info.MaxGroupSize)
	switch {
	case m.MaxSize < 0:
		return out, invalid("max_size %d is negative", m.MaxSize)
	case limit > 0 && (m.MaxSize == 0 || int64(m.MaxSize) > limit):
		return out, invalid("max_size %d; want 1 to %d", m.MaxSize, limit)
	case m.MaxSize > 0:
		limit = int64(m.MaxSize)
	}
	if size := p.groupSize(weights); limit > 0 && size > limit {
		return out, status.Errorf(codes.ResourceExhausted, "its size is %d, more than %d", size, limit)
	}
	return out, nil
}

func groupMessage(g engine.Group) *p4.ActionProfileGroup {
	m, _ := g.Opaque.(*p4.ActionProfileGroup)
	return m
}

// wantedProfiles are those that a read is about: one, or all.
func (p *pipeline) wantedProfiles(id uint32) ([]*profile, error) {
	if id == 0 {
		return p.profiles, nil
	}
	pr, err := p.profile(id)
	if err != nil {
		return nil, err
	}
	return []*profile{pr}, nil
}

func (p *pipeline) readMembers(want *p4.ActionProfileMember, out func(*p4.Entity)) error {
	list, err := p.wantedProfiles(want.GetActionProfileId())
	if err != nil {
		return err
	}
	if want.GetActionProfileId() == 0 && want.GetMemberId() != 0 {
		return invalid("action_profile_id 0 reads all members; member_id must be 0 then")
	}
	for _, pr := range list {
		members := pr.eng.Members()
		if want.GetMemberId() != 0 {
			m, ok := pr.eng.Member(want.MemberId)
			if !ok {
				return notFound("%v has no member %d", pr, want.MemberId)
			}
			members = []engine.Member{m}
		}
		for _, m := range members {
			out(&p4.Entity{Entity: &p4.Entity_ActionProfileMember{ActionProfileMember: &p4.ActionProfileMember{
				ActionProfileId: pr.id, MemberId: m.ID, Action: encodeAction(pr.tables[0].actionByName[m.Action], m.Args),
			}}})
		}
	}
	return nil
}

func (p *pipeline) readGroups(want *p4.ActionProfileGroup, out func(*p4.Entity)) error {
	list, err := p.wantedProfiles(want.GetActionProfileId())
	if err != nil {
		return err
	}
	if want.GetActionProfileId() == 0 && want.GetGroupId() != 0 {
		return invalid("action_profile_id 0 reads all groups; group_id must be 0 then")
	}
	for _, pr := range list {
		groups := pr.eng.Groups()
		if want.GetGroupId() != 0 {
			g, ok := pr.eng.Group(want.GroupId)
			if !ok {
				return notFound("%v has no group %d", pr, want.GroupId)
			}
			groups = []engine.Group{g}
		}
		for _, g := range groups {
			out(&p4.Entity{Entity: &p4.Entity_ActionProfileGroup{ActionProfileGroup: groupMessage(g)}})
		}
	}
	return nil
}
