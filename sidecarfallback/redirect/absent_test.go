package redirect_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pillion/sidecarfallback/redirect"
)

func TestWithout(t *testing.T) {
	all, err := redirect.Parse(strings.NewReader(`switch s
wire 4 to 5
wire 7 to 8 tag 101
wire 9 to 8 tag 102
static 02:00:00:00:aa:01 at 1
static 02:00:00:00:aa:02 at 8
guard 1 02:00:00:00:01:01
guard 2 02:00:00:00:01:03
sample 1 in 100 to port 6
quarantine 2
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		gone   []uint32
		change string
	}{
		{nil, ""},
		{[]uint32{3}, ""},
		{[]uint32{1}, "- static 02:00:00:00:aa:01 at 1, - guard 1 02:00:00:00:01:01"},
		{[]uint32{2}, "- guard 2 02:00:00:00:01:03, - quarantine 2"},
		{[]uint32{4}, "- wire 4 to 5"},
		{[]uint32{5}, "- wire 4 to 5, + quarantine 4"},
		{[]uint32{4, 5}, "- wire 4 to 5"},
		{[]uint32{6}, "- sample 1 in 100 to port 6"},
		{[]uint32{8}, "- wire 7 to 8 tag 101, - wire 9 to 8 tag 102, - static 02:00:00:00:aa:02 at 8, + quarantine 7, + quarantine 9"},
	} {
		before, after := all.Lines(), all.Without(c.gone).Lines()
		var change []string
		for _, line := range before {
			if !slices.Contains(after, line) {
				change = append(change, "- "+line)
			}
		}
		for _, line := range after {
			if !slices.Contains(before, line) {
				change = append(change, "+ "+line)
			}
		}
		if got := strings.Join(change, ", "); got != c.change {
			t.Errorf("without %v: %s, not %s", c.gone, got, c.change)
		}
	}
	// What is left names none of them, and is good.
	rapid.Check(t, func(t *rapid.T) {
		gone := rapid.SliceOfDistinct(rapid.Uint32Range(1, 10), rapid.ID[uint32]).Draw(t, "gone")
		left := all.Without(gone)
		if err := left.Check(); err != nil {
			t.Fatal(err)
		}
		for _, p := range left.Ports() {
			if slices.Contains(gone, p) {
				t.Fatalf("without %v there is port %d still", gone, p)
			}
		}
	})
}
