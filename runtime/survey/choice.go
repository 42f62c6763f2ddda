package survey

import (
	"fmt"
	"slices"
	"strings"

	"pillion/compiler/network"
)

// choice is the indexes of the switches to ask, in the order of the file.
func choice(net *network.Network, only []string) ([]int, error) {
	var out []int
	var names []string
	for i, s := range net.Switches {
		names = append(names, s.Name)
		if len(only) == 0 || slices.Contains(only, s.Name) {
			out = append(out, i)
		}
	}
	for _, o := range only {
		if !slices.Contains(names, o) {
			if len(names) > maxListed {
				names = append(names[:maxListed], "…")
			}
			return nil, fmt.Errorf("there is no switch %s in the network file; the switches are %s", o, strings.Join(names, ", "))
		}
	}
	return out, nil
}
