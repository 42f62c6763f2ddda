package engine

import (
	"maps"
	"slices"
	"sort"
)

// What a selector's hash chooses is a matter of order: the copies of a group's members
// (one for each unit of weight) stand in the order of their handles. Handles are numbers
// that bmv2 and the P4Runtime server beside it give to copies: a member's first copy gets
// one when the member comes, others when a group first needs them, always the lowest
// that is free. A copy that no group needs any more gives its handle back.

// handlePool gives out the lowest handle that is free.
type handlePool struct {
	used  []bool
	first int // no lower handle is free
}

func (p *handlePool) take() int {
	h := p.first
	if h == len(p.used) {
		p.used = append(p.used, false)
	}
	p.used[h] = true
	for p.first < len(p.used) && p.used[p.first] {
		p.first++
	}
	return h
}

func (p *handlePool) give(h int) {
	p.used[h] = false
	p.first = min(p.first, h)
}

// copies are the handles of one member.
type copies struct {
	handles []int
	// weights counts the groups that give the member this weight.
	weights map[int]int
}

// copyOf is a unit of weight in a group.
type copyOf struct {
	handle int
	member *member
}

// inOrder is what the hash chooses from.
func inOrder(list []copyOf) []*member {
	sort.Slice(list, func(i, j int) bool { return list[i].handle < list[j].handle })
	out := make([]*member, len(list))
	for i, c := range list {
		out[i] = c.member
	}
	return out
}

// regroup moves a group's members from old to fresh, both valid, and returns fresh's
// copies in order. An empty group stands for none.
func (p *Profile) regroup(old, fresh Group) []*member {
	was, is := weightsOf(old), weightsOf(fresh)
	ids := slices.Collect(maps.Keys(is))
	for id := range was {
		if _, both := is[id]; !both {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		c := &p.members[id].copies
		for len(c.handles) < is[id] {
			c.handles = append(c.handles, p.handles.take())
		}
		if c.weights == nil {
			c.weights = map[int]int{}
		}
		if w := was[id]; w > 0 {
			if c.weights[w]--; c.weights[w] == 0 {
				delete(c.weights, w)
			}
		}
		if w := is[id]; w > 0 {
			c.weights[w]++
		}
	}
	for _, id := range ids {
		c := &p.members[id].copies
		needed := 1
		for w := range c.weights {
			needed = max(needed, w)
		}
		for len(c.handles) > needed {
			last := len(c.handles) - 1
			p.handles.give(c.handles[last])
			c.handles = c.handles[:last]
		}
	}
	var list []copyOf
	for _, gm := range fresh.Members {
		if gm.Down {
			continue
		}
		m := p.members[gm.Member]
		for i := range gm.Weight {
			list = append(list, copyOf{m.copies.handles[i], m})
		}
	}
	return inOrder(list)
}

func weightsOf(g Group) map[uint32]int {
	out := make(map[uint32]int, len(g.Members))
	for _, gm := range g.Members {
		out[gm.Member] = gm.Weight
	}
	return out
}
