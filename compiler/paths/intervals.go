package paths

import "slices"

// intervals number the switches of a forest in depth-first order, so that what
// is below a switch has an unbroken range of numbers.
type intervals struct {
	first, last []int32 // by switch: its number, and the largest below it
	start       []int32 // children of n are children[start[n]:start[n+1]], by number
	children    []int32
}

// number numbers a forest, whose parents are given by switch, -1 for none.
func number(parent []int32) intervals {
	n := len(parent)
	s := intervals{first: make([]int32, n), last: make([]int32, n), start: make([]int32, n+1), children: make([]int32, n)}
	for _, p := range parent {
		if p >= 0 {
			s.start[p+1]++
		}
	}
	for i := range n {
		s.start[i+1] += s.start[i]
	}
	fill := slices.Clone(s.start)
	for i, p := range parent {
		if p >= 0 {
			s.children[fill[p]] = int32(i)
			fill[p]++
		}
	}
	// Children come off the stack in the order in which they are numbered.
	next := int32(0)
	var order, stack []int32
	for i, p := range parent {
		if p >= 0 {
			continue
		}
		stack = append(stack, int32(i))
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			s.first[at], s.last[at] = next, next
			next++
			order = append(order, at)
			for _, c := range slices.Backward(s.children[s.start[at]:s.start[at+1]]) {
				stack = append(stack, c)
			}
		}
	}
	for _, at := range slices.Backward(order) {
		if p := parent[at]; p >= 0 {
			s.last[p] = max(s.last[p], s.last[at])
		}
	}
	return s
}

// contains says whether a switch is at or below another.
func (s *intervals) contains(above, below int32) bool {
	return s.first[above] <= s.first[below] && s.first[below] <= s.last[above]
}

// child is the child of a switch that another is at or below, which is below the
// switch.
func (s *intervals) child(at, below int32) int32 {
	children := s.children[s.start[at]:s.start[at+1]]
	i, found := slices.BinarySearchFunc(children, s.first[below], func(c, n int32) int { return int(s.first[c]) - int(n) })
	if !found {
		i-- // the last one that begins before it
	}
	return children[i]
}
