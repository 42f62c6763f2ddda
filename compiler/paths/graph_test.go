package paths

import (
	"reflect"
	"strings"
	"testing"
)

func TestNewRefuses(t *testing.T) {
	a, b := Hash("a"), Hash("b")
	for _, c := range []struct {
		name  string
		names []uint64
		links []Link
		want  string
	}{
		{"same name", []uint64{a, a}, nil, "same name hash"},
		{"no such switch", []uint64{a, b}, []Link{{End{0, 1}, End{2, 1}}}, "there are switches 0 to 1"},
		{"negative switch", []uint64{a, b}, []Link{{End{-1, 1}, End{0, 1}}}, "there are switches 0 to 1"},
		{"port 0", []uint64{a, b}, []Link{{End{0, 0}, End{1, 1}}}, "ports are 1 to 511"},
		{"port 512", []uint64{a, b}, []Link{{End{0, 1}, End{1, 512}}}, "ports are 1 to 511"},
		{"self-link", []uint64{a, b}, []Link{{End{0, 1}, End{0, 2}}}, "to itself"},
		{"port twice", []uint64{a, b}, []Link{{End{0, 1}, End{1, 1}}, {End{0, 2}, End{1, 1}}}, "links 0 and 1 both use port 1 of switch 1"},
	} {
		if _, err := New(c.names, c.links); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestDistAndComponents(t *testing.T) {
	// 0-1=2 (two parallel links), 3-4, 5
	names := []uint64{Hash("0"), Hash("1"), Hash("2"), Hash("3"), Hash("4"), Hash("5")}
	g, err := New(names, []Link{
		{End{0, 7}, End{1, 1}}, {End{1, 2}, End{2, 500}}, {End{2, 3}, End{1, 3}}, {End{4, 1}, End{3, 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := g.Dist(2, nil), []int32{2, 1, 0, Unreachable, Unreachable, Unreachable}; !reflect.DeepEqual(got, want) {
		t.Errorf("distances to 2 are %v, want %v", got, want)
	}
	if got, want := g.Components(), [][]int32{{0, 1, 2}, {3, 4}, {5}}; !reflect.DeepEqual(got, want) {
		t.Errorf("components are %v, want %v", got, want)
	}
	if to, link, ok := g.Follow(2, 500); !ok || to != (End{1, 2}) || link != 1 {
		t.Errorf("port 500 of 2 leads to %v by link %d, %v", to, link, ok)
	}
	for _, e := range []End{{2, 4}, {2, 0}, {2, 501}, {5, 1}} {
		if to, _, ok := g.Follow(e.Node, e.Port); ok {
			t.Errorf("port %d of %d leads to %v, want nowhere", e.Port, e.Node, to)
		}
	}
	if got, want := g.Ports(1), []uint16{1, 2, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("ports of 1 are %v, want %v", got, want)
	}
}

func TestTranspose(t *testing.T) {
	var m, want [64]uint64
	for i := range m {
		m[i] = mix(uint64(i))
		for j := range m {
			want[j] |= m[i] >> j & 1 << i
		}
	}
	transpose(&m)
	if m != want {
		t.Error("bit j of row i did not become bit i of row j")
	}
}

func TestFatTreeSize(t *testing.T) {
	for _, c := range []struct{ k, switches, edges, hosts int }{
		{4, 20, 8, 16}, {32, 1280, 512, 8192}, {74, 6845, 2738, 101306},
	} {
		g, edges, hosts := FatTree(c.k)
		if g.Nodes() != c.switches || len(edges) != c.edges || len(hosts) != c.hosts || g.Links() != 2*c.hosts {
			t.Errorf("k=%d: %d switches, %d edges, %d hosts, %d links", c.k, g.Nodes(), len(edges), len(hosts), g.Links())
		}
		// Every pair of edge switches is at most 4 apart.
		for n, d := range g.Dist(edges[0].Node, nil)[:len(edges)] {
			if want := int32(4); d != want && !(n == 0 && d == 0) && !(n < c.k/2 && d == 2) {
				t.Errorf("k=%d: edge %d is %d away from edge 0", c.k, n, d)
			}
		}
	}
}
