//go:build linux

package mininet

import (
	"fmt"
	"testing"
)

// TestOrdinary is a user at Mininet's prompt with the example's policy where no
// switch is programmable, and where one leaf is.
func TestOrdinary(t *testing.T) {
	const nowhere, oneLeaf = "../../examples/web/network-ordinary.yaml", "testdata/mixed.yaml"
	for _, c := range []struct {
		name, network string
		needs         []string
		options       []string
	}{
		{"ovs", nowhere, []string{"ovs"}, []string{"--switch", "ovs"}},
		{"lxbr", nowhere, []string{"lxbr"}, []string{"--switch", "lxbr"}},
		{"as the file says", nowhere, []string{"lxbr"}, nil},
		{"mixed with bmv2", oneLeaf, []string{"ovs", "bmv2"}, []string{"--switch", "ovs", "--p4", "bmv2"}},
		{"mixed with pillion", oneLeaf, []string{"lxbr", "pillion"}, []string{"--switch", "lxbr"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, switches := range c.needs {
				needs(t, switches)
			}
			bundle := compile(t, "../../examples/web/policy.pol", c.network)
			s := start(t, append(c.options, "--bundle", bundle, "--pillion", pillion, "--tap", "ids1")...)
			s.until(prompt)
			s.shop()
			fmt.Fprintln(s.stdin, "exit")
			s.end(0)
		})
	}
}
