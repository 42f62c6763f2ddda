package diag

import (
	"iter"
	"slices"
	"strings"
)

// longestSuggested bounds the work on one name; longer ones are not compared.
const longestSuggested = 128

// Suggest returns the candidate that name was most likely meant to be, "" when
// none is near: a third of its letters (at most three) may be wrong, missing, too
// many or swapped, and upper and lower case are taken for the same. Of equally near
// candidates the first in byte order wins, so the order of candidates has no effect.
func Suggest(name string, candidates []string) string {
	return SuggestFrom(name, slices.Values(candidates))
}

// SuggestFrom is Suggest for candidates that are not in a slice.
func SuggestFrom(name string, candidates iter.Seq[string]) string {
	if name == "" || len(name) > longestSuggested {
		return ""
	}
	wanted := []byte(strings.ToLower(name))
	limit := min(3, (len(wanted)+1)/3)
	best, bestDistance := "", limit+1
	var d distance
	for candidate := range candidates {
		if candidate == "" || candidate == name || abs(len(candidate)-len(name)) > bestDistance {
			continue
		}
		if n := d.between(wanted, candidate, bestDistance); n < bestDistance || n == bestDistance && n <= limit && candidate < best {
			best, bestDistance = candidate, n
		}
	}
	return best
}

// DidYouMean returns `did you mean "web1"?`, or "" without a near candidate.
func DidYouMean(name string, candidates []string) string {
	if near := Suggest(name, candidates); near != "" {
		return "did you mean \"" + near + "\"?"
	}
	return ""
}

// distance computes edit distances; it keeps its rows between calls.
type distance struct {
	rows [3][longestSuggested + 8]int
}

// between returns the number of edits (insert, delete, replace, swap neighbours)
// between a, in lower case, and b in any case; any number above limit stands for
// more than limit.
func (d *distance) between(a []byte, b string, limit int) int {
	if len(b) >= len(d.rows[0]) {
		return limit + 1
	}
	before, above, row := d.rows[0][:], d.rows[1][:], d.rows[2][:]
	for j := range len(b) + 1 {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == lower(b[j-1]) {
				cost = 0
			}
			n := min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == lower(b[j-2]) && a[i-2] == lower(b[j-1]) {
				n = min(n, before[j-2]+1)
			}
			row[j] = n
			least = min(least, n)
		}
		if least > limit {
			return limit + 1
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func abs(n int) int { return max(n, -n) }
