//go:build linux

package mininet

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
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
		{"mixed with bmv2", oneLeaf, []string{"lxbr", "bmv2"}, []string{"--switch", "lxbr", "--p4", "bmv2"}},
		{"mixed, as the file says", oneLeaf, []string{"lxbr", "pillion"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, switches := range c.needs {
				needs(t, switches)
			}
			bundle := compile(t, "../../examples/web/policy.pol", c.network)
			s := start(t, append(c.options, "--bundle", bundle, "--pillion", pillion, "--tap", "ids1")...)
			s.until(prompt)
			s.shop()
			if c.network == nowhere {
				s.withoutSidecar()
			}
			fmt.Fprintln(s.stdin, "exit")
			s.end(0)
		})
	}
}

// withoutSidecar checks what passes while a sidecar is down, and after its return.
func (s *session) withoutSidecar() {
	s.t.Helper()
	ask := func(what, want string) {
		s.t.Helper()
		s.expect(fmt.Sprintf("internet %s ask '%s' 10.0.0.2 80", tcp, what), what+": "+want)
	}
	s.enter("switch side1 stop")
	s.expect("web1 ping -c1 -W2 web2", came)
	ask("while its sidecar is down", "nothing")
	s.enter("switch side1 start")
	ask("after its return", "answered")
}

// TestInterruptedOrdinary asks the script to end in the middle of a command,
// with all kinds of agents running.
func TestInterruptedOrdinary(t *testing.T) {
	needs(t, "lxbr")
	bundle := compile(t, "../../examples/web/policy.pol", "testdata/mixed.yaml")
	s := start(t, "--bundle", bundle, "--pillion", pillion, "--exec", "sh echo now", "--exec", "web2 sleep 1000")
	s.until("now\n")
	if err := s.cmd.Process.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.end(128 + int(unix.SIGTERM))
}
