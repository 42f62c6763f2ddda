package diff

import (
	"slices"
	"strings"
)

// policyKinds begin the names of statements that a person writes to change what the network does. The other
// statements of an entity (its endpoints, groups, links) say where it belongs.
var policyKinds = []string{"allow ", "deny ", "chain ", "multicast ", "middlebox ", "tenant "}

// causes are the statements that a change counts for: those that came or went with it; where none did, the
// policy statements of the entity; and failing those, all of its statements.
func (c *comparison) causes(statements []string) []string {
	moved := filter(statements, func(s string) bool {
		_, is := slices.BinarySearch(c.diff.NewStatements, s)
		_, was := slices.BinarySearch(c.diff.GoneStatements, s)
		return is || was
	})
	if len(moved) > 0 {
		return moved
	}
	written := filter(statements, func(s string) bool {
		return slices.ContainsFunc(policyKinds, func(kind string) bool { return strings.HasPrefix(s, kind) })
	})
	if len(written) > 0 {
		return written
	}
	return statements
}

func filter(list []string, keep func(string) bool) []string {
	var out []string
	for _, s := range list {
		if keep(s) {
			out = append(out, s)
		}
	}
	return out
}
