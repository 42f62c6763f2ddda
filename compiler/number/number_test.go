package number

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func names(t *rapid.T) []string {
	return rapid.SliceOfDistinct(rapid.StringMatching(`[a-z]{1,4}`), rapid.ID[string]).Draw(t, "names")
}

func TestAllocate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := names(t)
		space := Space{What: "test", Low: 5, High: 5 + uint32(len(list)) + rapid.Uint32Range(0, 20).Draw(t, "room")}
		a, err := Allocate(space, list)
		if err != nil {
			t.Fatal(err)
		}
		other, err := Allocate(space, rapid.Permutation(list).Draw(t, "order"))
		if err != nil {
			t.Fatal(err)
		}
		taken := map[uint32]string{}
		for _, n := range list {
			v := a.Of(n)
			if v < space.Low || v > space.High || taken[v] != "" || other.Of(n) != v {
				t.Fatalf("%s has %d, as %q; in another order %d", n, v, taken[v], other.Of(n))
			}
			taken[v] = n
		}
	})
}

// A name that goes changes only the numbers of names that had lost to it.
func TestStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := names(t)
		if len(list) == 0 {
			return
		}
		space := Space{What: "test", Low: 1, High: uint32(len(list)) * 3}
		before, err := Allocate(space, list)
		if err != nil {
			t.Fatal(err)
		}
		gone := rapid.SampledFrom(list).Draw(t, "gone")
		rest := slices.DeleteFunc(slices.Clone(list), func(n string) bool { return n == gone })
		after, err := Allocate(space, rest)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range rest {
			if before.Of(n) != after.Of(n) && len(before.LostTo(n)) == 0 {
				t.Fatalf("%s moves when %s goes, and had lost to nobody", n, gone)
			}
		}
	})
}

func TestFull(t *testing.T) {
	list := make([]string, 8)
	for i := range list {
		list[i] = fmt.Sprint("n", i)
	}
	if _, err := Allocate(Space{What: "thing", Low: 1, High: 8}, list); err != nil {
		t.Error("a space that is just large enough:", err)
	}
	if _, err := Allocate(Space{What: "thing", Low: 1, High: 7}, list); err == nil {
		t.Error("8 names found 7 numbers")
	}
}
