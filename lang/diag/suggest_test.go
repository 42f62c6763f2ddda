package diag

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSuggest(t *testing.T) {
	for _, test := range []struct {
		name, candidates, want string
	}{
		{"onn", "on via one-way", "on"},
		{"tenat", "service tenant test", "tenant"},
		{"vai", "on via", "via"},
		{"WEB1", "web2 web1", "web1"},
		{"web3", "web2 web1", "web1"},
		{"x", "a b c", ""},
		{"internet", "acme.web", ""},
		{"web", "web", ""},
		{"", "a", ""},
		{"abc", "", ""},
		{"firewall", "firewal", "firewal"},
		{"firewall", "fyrewoll", "fyrewoll"},
		{"firewall", "fxxxxall", ""},
		{strings.Repeat("a", 200), strings.Repeat("a", 199), ""},
		{strings.Repeat("a", 127), strings.Repeat("a", 130), strings.Repeat("a", 130)},
	} {
		if got := Suggest(test.name, strings.Fields(test.candidates)); got != test.want {
			t.Errorf("%q among %q: got %q, want %q", test.name, test.candidates, got, test.want)
		}
	}
	if got := DidYouMean("vai", []string{"via"}); got != `did you mean "via"?` {
		t.Errorf("got %s", got)
	}
	if got := DidYouMean("vai", nil); got != "" {
		t.Errorf("got %s", got)
	}
}

// TestSuggestIsDeterministic: the order of candidates has no effect.
func TestSuggestIsDeterministic(t *testing.T) {
	word := rapid.StringMatching(`[abAB-]{1,6}`)
	rapid.Check(t, func(t *rapid.T) {
		name := word.Draw(t, "name")
		candidates := rapid.SliceOf(word).Draw(t, "candidates")
		want := Suggest(name, candidates)
		if got := Suggest(name, rapid.Permutation(candidates).Draw(t, "permutation")); got != want {
			t.Fatalf("got %q and %q", want, got)
		}
		if want != "" && !slices.Contains(candidates, want) {
			t.Fatalf("%q is no candidate", want)
		}
	})
}

func BenchmarkSuggest(b *testing.B) {
	candidates := make([]string, 100_000)
	for i := range candidates {
		candidates[i] = fmt.Sprintf("host-%06d", i)
	}
	for b.Loop() {
		if got := Suggest("hots-099999", candidates); got != "host-099999" {
			b.Fatal(got)
		}
	}
}
