package compiler

import (
	"slices"

	"pillion/compiler/plan"
)

// origins makes the origins of rows. It belongs to one goroutine.
type origins struct {
	rank  []uint32 // by statement: its place among the sorted names
	arena []uint32
	list  []uint32
}

// row is the origin of a row that counts for nobody: the main statement and the lists, each once.
func (o *origins) row(main stmt, lists ...[]stmt) plan.Origin {
	o.list = append(o.list[:0], o.rank[main])
	for _, list := range lists {
		for _, s := range list {
			if r := o.rank[s]; !slices.Contains(o.list, r) {
				o.list = append(o.list, r)
			}
		}
	}
	slices.Sort(o.list)
	return plan.Origin{From: o.keep(), Counts: -1}
}

// of is row without a main statement.
func (o *origins) of(lists ...[]stmt) plan.Origin {
	for i, list := range lists {
		if len(list) > 0 {
			return o.row(list[0], lists[i:]...)
		}
	}
	return plan.Origin{Counts: -1}
}

// keep copies the list into the arena.
func (o *origins) keep() []uint32 {
	n := len(o.list)
	if cap(o.arena)-len(o.arena) < n {
		o.arena = make([]uint32, 0, max(1<<14, n))
	}
	at := len(o.arena)
	o.arena = append(o.arena, o.list...)
	return o.arena[at : at+n : at+n]
}

// users collects what a row that several others need would disappear without: a statement
// that every user needs. The zero value has no users.
type users struct {
	needs []stmt
	any   bool
}

// add takes in a user that needs the listed statements.
func (u *users) add(lists ...[]stmt) {
	if !u.any {
		u.any = true
		for _, list := range lists {
			u.needs = append(u.needs, list...)
		}
		return
	}
	u.needs = slices.DeleteFunc(u.needs, func(s stmt) bool {
		for _, list := range lists {
			if slices.Contains(list, s) {
				return false
			}
		}
		return true
	})
}
