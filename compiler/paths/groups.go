package paths

// groups are switches that links join which a tree must use. Most have one
// member.
type groups struct {
	g       *Graph
	keep    func(link int32) bool
	of      []int32   // by switch: its group
	members [][]int32 // by group
}

func newGroups(g *Graph, keep func(link int32) bool) *groups {
	if keep == nil {
		keep = func(int32) bool { return false }
	}
	s := &groups{g: g, keep: keep, of: make([]int32, g.Nodes())}
	for n := range s.of {
		s.of[n] = -1
	}
	for n := range s.of {
		if s.of[n] >= 0 {
			continue
		}
		id := int32(len(s.members))
		s.of[n] = id
		members := []int32{int32(n)}
		for i := 0; i < len(members); i++ {
			for _, a := range g.arcsOf(members[i]) {
				if s.of[a.peer] < 0 && keep(a.link) {
					s.of[a.peer] = id
					members = append(members, a.peer)
				}
			}
		}
		s.members = append(s.members, members)
	}
	return s
}

// grow makes the tree of the part that root is in: breadth first from the
// root's group, where each group picks one of its links that lead to a
// nearer group, as PastR does; and along the kept links inside each.
func (s *groups) grow(t *Shared, root int32, key uint64) {
	dist := map[int32]int32{s.of[root]: 0}
	queue := []int32{s.of[root]}
	s.orient(t, root)
	for i := 0; i < len(queue); i++ {
		for _, n := range s.members[queue[i]] {
			for _, a := range s.g.arcsOf(n) {
				next := s.of[a.peer]
				if _, seen := dist[next]; !seen {
					dist[next] = dist[queue[i]] + 1
					queue = append(queue, next)
				}
			}
		}
		if i > 0 {
			s.attach(t, queue[i], dist, key)
		}
	}
}

// attach gives a group its link towards the root.
func (s *groups) attach(t *Shared, group int32, dist map[int32]int32, key uint64) {
	entry, best, weight := int32(-1), arc{}, uint64(0)
	for _, n := range s.members[group] {
		for _, a := range s.g.arcsOf(n) {
			if d, seen := dist[s.of[a.peer]]; !seen || d != dist[group]-1 {
				continue
			}
			if w := fold(key ^ a.id); entry < 0 || w > weight {
				entry, best, weight = n, a, w
			}
		}
	}
	t.parent[entry], t.up[entry], t.down[entry] = best.peer, best.port, best.back
	t.depth[entry] = t.depth[best.peer] + 1
	s.orient(t, entry)
}

// orient points the members of a group towards one of them, which is placed.
func (s *groups) orient(t *Shared, entry int32) {
	queue := []int32{entry}
	for i := 0; i < len(queue); i++ {
		n := queue[i]
		for _, a := range s.g.arcsOf(n) {
			if a.peer == t.parent[n] || !s.keep(a.link) {
				continue
			}
			t.parent[a.peer], t.up[a.peer], t.down[a.peer] = n, a.back, a.port
			t.depth[a.peer] = t.depth[n] + 1
			queue = append(queue, a.peer)
		}
	}
}
