//go:build linux

package mininet

import (
	"fmt"
	"strings"
)

// What ping says of one packet.
const lost, came = " 100% packet loss", " 0% packet loss"

// expect gives the prompt a command that is to say something.
func (s *session) expect(command, want string) {
	s.t.Helper()
	if said := s.enter(command); !strings.Contains(said, want) {
		s.t.Errorf("%s\nsays no %q, but:\n%s", command, want, said)
	}
}

// shop checks, at the prompt, what the policy of examples/web says.
func (s *session) shop() {
	s.t.Helper()
	s.expect("web1 ping -c1 -W2 web2", came)
	s.expect("web1 ping -6 -c1 -W2 fd00::2", came)
	s.expect("b1 ping -c1 -W1 web1", lost)
	s.expect("b1 ping -6 -c1 -W1 fd00::1", lost)

	for _, server := range []string{"web1 ", "web2 ", "app1 ", "db1 "} {
		s.enter(server + tcp + " serve 22 80 5432 8080")
	}
	for _, ask := range []struct{ from, ip, port, want string }{
		{"b1", "10.0.0.1", "80", "answered"},
		{"b1", "fd00::1", "80", "answered"},
		{"b2", "10.0.0.2", "80", "answered"},
		{"internet", "10.0.0.2", "80", "answered"},
		{"web1", "10.0.0.3", "8080", "answered"},
		{"web2", "fd00::4", "5432", "answered"},
		{"b1", "10.0.0.1", "22", "nothing"},
		{"b1", "10.0.0.4", "5432", "nothing"},
		{"web1", "10.0.0.4", "22", "nothing"},
		{"web1", "fd00::4", "22", "nothing"},
		{"internet", "10.0.0.3", "80", "nothing"},
	} {
		what := fmt.Sprintf("%s at %s", ask.from, ask.port)
		s.expect(fmt.Sprintf("%s %s ask '%s' %s %s", ask.from, tcp, what, ask.ip, ask.port), what+": "+ask.want)
	}
	// Which firewall a connection takes hangs on its source port, which the kernel draws.
	for _, middleboxes := range [][]string{{"fw1", "fw2"}, {"ids1"}} {
		came := false
		for _, m := range middleboxes {
			came = came || received(s.t, s.enter(m+" cat /proc/net/dev"), m+"-eth1") != "0"
		}
		if !came {
			s.t.Errorf("nothing came to %s", strings.Join(middleboxes, " or "))
		}
	}
}
