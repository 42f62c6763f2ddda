package engine

import (
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
)

// Profile is an action profile or action selector of a [Switch]: actions that the
// entries of one or more tables share. Members and groups have separate ids, chosen by
// the caller.
type Profile struct {
	def *profileDef
	sw  *Switch

	mu      sync.Mutex
	members map[uint32]*member
	groups  map[uint32]*memberGroup
	handles handlePool
}

type profileDef struct {
	name     string
	size     int
	selector *calculation // nil: no groups
	actions  actionSet
}

type member struct {
	id     uint32
	call   atomic.Pointer[actionCall]
	opaque any
	refs   int    // entries and groups that refer to it; guarded by Profile.mu
	copies copies // guarded by Profile.mu
}

type memberGroup struct {
	id      uint32
	refs    int // entries; guarded by Profile.mu
	info    Group
	oneShot []WeightedAction
	own     []int // handles of a one-shot set
	// slots is what the hash selects from: each member as often as its weight, in bmv2's
	// order (handles.go).
	slots atomic.Pointer[[]*member]
}

// maxSlots bounds the sum of the weights in a group.
const maxSlots = 1 << 16

// Member is an action with arguments, referred to by id.
type Member struct {
	ID     uint32
	Action string
	Args   [][]byte
	Opaque any // kept and given back, never looked at
}

// Group is a set of members, of which the selector chooses one per packet.
type Group struct {
	ID      uint32
	Members []GroupMember
	Opaque  any // kept and given back, never looked at
}

// GroupMember is one choice in a group.
type GroupMember struct {
	Member uint32
	Weight int // at least 1
	// Down leaves the member out of the selection (its watch port is down).
	Down   bool
	Opaque any
}

func newProfile(sw *Switch, d *profileDef) *Profile {
	return &Profile{def: d, sw: sw, members: map[uint32]*member{}, groups: map[uint32]*memberGroup{}}
}

// HasSelector reports whether the profile takes groups.
func (p *Profile) HasSelector() bool { return p.def.selector != nil }

func (p *Profile) place() string { return fmt.Sprintf("action profile %q", p.def.name) }

// Size returns how many members the program declares; 0 if it does not say.
func (p *Profile) Size() int { return p.def.size }

// InsertMember adds a member. Errors: ErrExists, ErrFull, ErrInvalid.
func (p *Profile) InsertMember(m Member) error {
	call, err := p.def.actions.call(p.place(), m.Action, m.Args)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.members[m.ID] != nil {
		return fmt.Errorf("%s: member %d %w", p.place(), m.ID, ErrExists)
	}
	if p.def.size > 0 && len(p.members) >= p.def.size {
		return fmt.Errorf("%s holds %d members: %w", p.place(), p.def.size, ErrFull)
	}
	fresh := &member{id: m.ID, opaque: m.Opaque, copies: copies{handles: []int{p.handles.take()}}}
	fresh.call.Store(call)
	p.members[m.ID] = fresh
	return nil
}

// ModifyMember replaces a member's action. Errors: ErrNotFound, ErrInvalid.
func (p *Profile) ModifyMember(m Member) error {
	call, err := p.def.actions.call(p.place(), m.Action, m.Args)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	old, err := p.member(m.ID)
	if err != nil {
		return err
	}
	old.call.Store(call)
	old.opaque = m.Opaque
	return nil
}

// DeleteMember removes a member. Errors: ErrNotFound, ErrInUse.
func (p *Profile) DeleteMember(id uint32) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	old, err := p.member(id)
	if err != nil {
		return err
	}
	if old.refs > 0 {
		return fmt.Errorf("%s: member %d is %w", p.place(), id, ErrInUse)
	}
	for _, h := range old.copies.handles {
		p.handles.give(h)
	}
	delete(p.members, id)
	return nil
}

func (p *Profile) member(id uint32) (*member, error) {
	if m := p.members[id]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("%s: member %d is %w", p.place(), id, ErrNotFound)
}

func (p *Profile) group(id uint32) (*memberGroup, error) {
	if g := p.groups[id]; g != nil {
		return g, nil
	}
	return nil, fmt.Errorf("%s: group %d is %w", p.place(), id, ErrNotFound)
}

// check checks a group's members and weights.
func (p *Profile) check(g Group) error {
	if p.def.selector == nil {
		return invalidf("%s has no selector, so no groups", p.place())
	}
	seen := make(map[uint32]bool, len(g.Members))
	slots := 0
	for _, gm := range g.Members {
		if _, err := p.member(gm.Member); err != nil {
			return err
		}
		if seen[gm.Member] {
			return invalidf("%s: member %d is twice in group %d", p.place(), gm.Member, g.ID)
		}
		seen[gm.Member] = true
		if gm.Weight < 1 || slots+gm.Weight > maxSlots {
			return invalidf("%s: weight %d of member %d in group %d is not in 1..%d (for all together)", p.place(), gm.Weight, gm.Member, g.ID, maxSlots)
		}
		slots += gm.Weight
	}
	return nil
}

func (p *Profile) hold(g Group, by int) {
	for _, gm := range g.Members {
		p.members[gm.Member].refs += by
	}
}

// InsertGroup adds a group; it may be empty. Errors: ErrExists, ErrNotFound, ErrInvalid.
func (p *Profile) InsertGroup(g Group) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.groups[g.ID] != nil {
		return fmt.Errorf("%s: group %d %w", p.place(), g.ID, ErrExists)
	}
	if err := p.check(g); err != nil {
		return err
	}
	slots := p.regroup(Group{}, g)
	fresh := &memberGroup{id: g.ID, info: g}
	fresh.slots.Store(&slots)
	p.groups[g.ID] = fresh
	p.hold(g, 1)
	return nil
}

// ModifyGroup replaces a group's members. Errors: ErrNotFound, ErrInvalid.
func (p *Profile) ModifyGroup(g Group) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	old, err := p.group(g.ID)
	if err != nil {
		return err
	}
	if err := p.check(g); err != nil {
		return err
	}
	slots := p.regroup(old.info, g)
	p.hold(old.info, -1)
	p.hold(g, 1)
	old.info = g
	old.slots.Store(&slots)
	return nil
}

// DeleteGroup removes a group. Errors: ErrNotFound, ErrInUse.
func (p *Profile) DeleteGroup(id uint32) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	old, err := p.group(id)
	if err != nil {
		return err
	}
	if old.refs > 0 {
		return fmt.Errorf("%s: group %d is %w", p.place(), id, ErrInUse)
	}
	p.regroup(old.info, Group{})
	p.hold(old.info, -1)
	delete(p.groups, id)
	return nil
}

// Member returns a member, and false if there is none with this id.
func (p *Profile) Member(id uint32) (Member, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.members[id]
	if m == nil {
		return Member{}, false
	}
	return m.describe(), true
}

func (m *member) describe() Member {
	c := m.call.Load()
	return Member{ID: m.id, Action: c.action.name, Args: c.argBytes(nil), Opaque: m.opaque}
}

// Group returns a group, and false if there is none with this id.
func (p *Profile) Group(id uint32) (Group, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.groups[id]
	if g == nil {
		return Group{}, false
	}
	return g.info, true
}

// Members returns all members, in the order of their ids.
func (p *Profile) Members() []Member {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Member, 0, len(p.members))
	for _, m := range p.members {
		out = append(out, m.describe())
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// Groups returns all groups, in the order of their ids.
func (p *Profile) Groups() []Group {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Group, 0, len(p.groups))
	for _, g := range p.groups {
		out = append(out, g.info)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// bind resolves what an entry of an indirect table points at, and holds it.
func (p *Profile) bind(b *boundMore, e Entry, place string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case ViaMember:
		m, err := p.member(e.Member)
		if err != nil {
			return err
		}
		m.refs++
		b.member = m
	case ViaGroup:
		g, err := p.group(e.Group)
		if err != nil {
			return err
		}
		g.refs++
		b.group = g
	case OneShot:
		if p.def.selector == nil {
			return invalidf("%s: its action profile has no selector", place)
		}
		g := &memberGroup{oneShot: e.Set}
		members := make([]*member, len(e.Set))
		sum := 0
		for i, w := range e.Set {
			call, err := p.def.actions.call(place, w.Action, w.Args)
			if err != nil {
				return err
			}
			if w.Weight < 1 || sum+w.Weight > maxSlots {
				return invalidf("%s: weight %d is not in 1..%d (for all together)", place, w.Weight, maxSlots)
			}
			sum += w.Weight
			members[i] = &member{}
			members[i].call.Store(call)
		}
		var list []copyOf
		for i, w := range e.Set {
			for range w.Weight {
				h := p.handles.take()
				g.own = append(g.own, h)
				if !w.Down {
					list = append(list, copyOf{h, members[i]})
				}
			}
		}
		slots := inOrder(list)
		g.slots.Store(&slots)
		b.group = g
	}
	return nil
}

func (p *Profile) unbind(b *bound) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch b.kind {
	case ViaMember:
		b.more.member.refs--
	case ViaGroup:
		b.more.group.refs--
	case OneShot:
		for _, h := range b.more.group.own {
			p.handles.give(h)
		}
	}
}
