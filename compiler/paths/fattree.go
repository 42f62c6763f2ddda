package paths

import "fmt"

// FatTree makes the network that PAST was measured on: a k-ary fat-tree of
// three layers (Al-Fares et al., SIGCOMM 2008) with 5k²/4 switches and k³/4
// hosts, k/2 on each edge switch. k must be even. Its switches are named, and
// come, edge-POD-I, agg-POD-I, core-I; ports 1 to k/2 of edge and aggregation
// switches lead up. The hosts are in the order of their edge switches.
func FatTree(k int) (g *Graph, edges, hosts []Dest) {
	half := k / 2
	var names []uint64
	add := func(kind string, pods int, count int) int32 {
		first := len(names)
		for p := range pods {
			for i := range count {
				names = append(names, Hash(fmt.Sprintf("%s-%d-%d", kind, p, i)))
			}
		}
		return int32(first)
	}
	edge := add("edge", k, half)
	agg := add("agg", k, half)
	core := add("core", 1, half*half)
	var links []Link
	for pod := range k {
		for i := range half {
			for j := range half {
				e, a, c := edge+int32(pod*half+i), agg+int32(pod*half+j), core+int32(j*half+i)
				links = append(links,
					Link{End{e, uint16(j + 1)}, End{a, uint16(half + i + 1)}},
					Link{End{a, uint16(i + 1)}, End{c, uint16(pod + 1)}})
			}
		}
	}
	g, err := New(names, links)
	if err != nil {
		panic(err) // k too large for MaxPort
	}
	for n := edge; n < agg; n++ {
		edges = append(edges, Dest{Node: n, ID: names[n]})
		for i := range half {
			hosts = append(hosts, Dest{Node: n, ID: Hash(fmt.Sprintf("host-%d-%d", n, i))})
		}
	}
	return g, edges, hosts
}
