package backends

import "slices"

// sortStatements returns the statements sorted, each once, and where each went.
func sortStatements(statements []string) (sorted []string, remap []int32) {
	sorted = slices.Compact(slices.Sorted(slices.Values(statements)))
	if sorted == nil {
		sorted = []string{}
	}
	remap = make([]int32, len(statements))
	for i, s := range statements {
		at, _ := slices.BinarySearch(sorted, s)
		remap[i] = int32(at)
	}
	return sorted, remap
}
