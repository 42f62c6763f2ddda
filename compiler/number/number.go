// Package number gives names their numbers on the wire and in tables.
//
// A number is a hash of its name, so that adding a name leaves the numbers of the others alone. Where two
// names meet on one number the smaller name keeps it; the loser tries the next
// hash, and learns which names it lost to, because without them its number would be another.
//
// In: a set of names and a range. Out: a number each. It does not know what the names stand for.
package number

import (
	"fmt"
	"slices"
)

// Space is a range of numbers, [Low, High].
type Space struct {
	What      string // for the error: "service path", …
	Low, High uint32
}

// Allocation holds the numbers of one space.
type Allocation struct {
	numbers map[string]uint32
	lostTo  map[string][]string
}

// Of is the number of an allocated name. It panics for a name that was not allocated.
func (a *Allocation) Of(name string) uint32 {
	n, ok := a.numbers[name]
	if !ok {
		panic("number: " + name + " was not allocated")
	}
	return n
}

// LostTo lists the names that pushed this one off a number, sorted; nearly always none.
func (a *Allocation) LostTo(name string) []string { return a.lostTo[name] }

// Allocate numbers the names, whose order does not matter. Equal names share a number.
func Allocate(space Space, names []string) (*Allocation, error) {
	names = slices.Clone(names)
	slices.Sort(names)
	names = slices.Compact(names)
	size := uint64(space.High) - uint64(space.Low) + 1
	if uint64(len(names)) > size {
		return nil, fmt.Errorf("%d numbers of kind %q are needed, there are %d", len(names), space.What, size)
	}
	a := &Allocation{numbers: make(map[string]uint32, len(names))}
	holder := make(map[uint32]string, len(names))
	var losers []string
	for _, name := range names {
		n := space.Low + uint32(hash(name, 0)%size)
		if _, taken := holder[n]; taken {
			losers = append(losers, name)
			continue
		}
		holder[n] = name
		a.numbers[name] = n
	}
	for _, name := range losers {
		a.settle(space, size, name, holder)
	}
	return a, nil
}

// settle finds a number for a name that lost its first one. After a few hashes it walks on from the
// last, so that a full space is filled too.
func (a *Allocation) settle(space Space, size uint64, name string, holder map[uint32]string) {
	const hashes = 16
	var lost []string
	var n uint32
	for try := uint64(0); ; try++ {
		if try < hashes {
			n = space.Low + uint32(hash(name, try)%size)
		} else if n == space.High {
			n = space.Low
		} else {
			n++
		}
		winner, taken := holder[n]
		if !taken {
			break
		}
		lost = append(lost, winner)
	}
	holder[n] = name
	a.numbers[name] = n
	slices.Sort(lost)
	if a.lostTo == nil {
		a.lostTo = map[string][]string{}
	}
	a.lostTo[name] = slices.Compact(lost)
}

// hash is FNV-1a over the name, finished so that all bits depend on all bytes.
func hash(name string, salt uint64) uint64 {
	h := uint64(14695981039346656037) ^ salt*0x9E3779B97F4A7C15
	for i := 0; i < len(name); i++ {
		h ^= uint64(name[i])
		h *= 1099511628211
	}
	return Mix(h)
}

// Hash is a stable 64-bit hash of a name.
func Hash(name string) uint64 { return hash(name, 0) }

// Mix spreads a value over all 64 bits (the finalizer of splitmix64).
func Mix(h uint64) uint64 {
	h ^= h >> 30
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 27
	h *= 0x94D049BB133111EB
	return h ^ h>>31
}
