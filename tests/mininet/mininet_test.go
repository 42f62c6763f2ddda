//go:build linux

package mininet

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const tcp = "testdata/tcp.py"

// withEachSwitch runs a test with bmv2 and with pillion switch.
func withEachSwitch(t *testing.T, test func(t *testing.T, switches string)) {
	for _, switches := range []string{"bmv2", "pillion"} {
		t.Run(switches, func(t *testing.T) {
			needs(t, switches)
			test(t, switches)
		})
	}
}

// TestPrompt is a user at Mininet's prompt with the example network: nothing
// passes before the push, and what the policy says after it.
func TestPrompt(t *testing.T) {
	withEachSwitch(t, func(t *testing.T, switches string) {
		bundle := compile(t, "../../examples/web/policy.pol", "../../examples/web/network.yaml")
		s := start(t, "--network", "../../examples/web/network.yaml", "--switch", switches, "--pillion", pillion, "--tap", "ids1")
		s.until(prompt)
		s.expect("nodes", "app1 b1 b2 db1 fw1 fw2 ids1 internet leaf1 leaf2 ns1 spine web1 web2")
		s.expect("web1 ping -c1 -W1 web2", lost)
		s.expect("sh "+pillion+" push "+bundle, "3 targets")
		s.shop()
		fmt.Fprintln(s.stdin, "exit")
		s.end(0)
	})
}

// received finds the count of frames that an interface received in what
// /proc/net/dev says.
func received(t *testing.T, said, iface string) string {
	t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(iface) + `: *\d+ +(\d+) `).FindStringSubmatch(said)
	if found == nil {
		t.Fatalf("no interface %s in:\n%s", iface, said)
	}
	return found[1]
}

// TestMiddleboxes runs a file of commands with one middlebox of each kind, on
// the network that the bundle holds.
func TestMiddleboxes(t *testing.T) {
	withEachSwitch(t, func(t *testing.T, switches string) {
		bundle := compile(t, "testdata/policy.pol", "testdata/network.yaml")
		said := start(t, "--bundle", bundle, "--switch", switches, "--pillion", pillion, "--outside", "internet=198.51.100.7",
			"--test", "testdata/middleboxes.mininet").end(0)
		want := `before the firewall's failure: answered
while it is down: nothing
after its repair: answered
through the reflector: answered
through the reflector, IPv6: answered
through the wire: answered
through the wire, the other way: answered
from outside: answered
from outside to another port: nothing
`
		asked := regexp.MustCompile(`(?m)^.*: (answered|nothing)\r?\n`).FindAllString(said, -1)
		if got := strings.ReplaceAll(strings.Join(asked, ""), "\r", ""); got != want {
			t.Errorf("got:\n%swant:\n%sthe script said:\n%s", got, want, said)
		}
		for _, arm := range []string{"fw1-eth1", "fw1-eth2", "wire1-eth1", "wire1-eth2", "ids1-eth1", "proxy1-eth1"} {
			if received(t, said, arm) == "0" {
				t.Errorf("nothing came in by %s", arm)
			}
		}
	})
}

// TestExitCode is about scripts that use the script: a command that fails at a
// node shows in the exit code.
func TestExitCode(t *testing.T) {
	needs(t, "pillion")
	for _, c := range []struct {
		command string
		code    int
	}{
		{"web1 true", 0},
		{"web1 ! false", 0},
		{"web1 false", 1},
		{"nobody true", 1},
	} {
		start(t, "--network", "testdata/network.yaml", "--pillion", pillion, "--exec", "web1 true", "--exec", c.command).end(c.code)
	}
}

// TestInterrupted asks the script to end at any moment of a command at a node,
// in a namespace of its own or not, that may not heed the terminal, with
// processes in the background that do not hear of it.
func TestInterrupted(t *testing.T) {
	needs(t, "pillion")
	for _, c := range []struct {
		name, command string
		moment        time.Duration // after the command before; all that matters is that they differ
	}{
		{"a switch at once", "leaf1 sleep 1000", 0},
		{"a switch soon", "leaf1 sleep 1000", 3 * time.Millisecond},
		{"a switch later", "leaf1 sleep 1000", 50 * time.Millisecond},
		{"a host", "web1 sleep 1000", 3 * time.Millisecond},
		{"deaf", "web1 trap '' INT TERM HUP; sleep 1000", 10 * time.Millisecond},
		{"reads", "leaf1 cat", 10 * time.Millisecond},
		{"an open quote", `leaf1 echo "`, 10 * time.Millisecond},
		{"many processes", "web1 while :; do sleep 0.01; done", 50 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, "--network", "testdata/network.yaml", "--pillion", pillion,
				"--exec", "web1 setsid sleep 1000 >/dev/null 2>&1 &", "--exec", "sh echo now", "--exec", c.command)
			s.until("now\n")
			time.Sleep(c.moment)
			if err := s.cmd.Process.Signal(unix.SIGTERM); err != nil {
				t.Fatal(err)
			}
			s.end(128 + int(unix.SIGTERM))
		})
	}
}

func TestRefusals(t *testing.T) {
	needs(t, "pillion")
	network := func(content string) string {
		file := filepath.Join(t.TempDir(), "network.yaml")
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no network", nil, 2, "give --network FILE, or --bundle DIR"},
		{"no such file", []string{"--network", "none.json"}, 1, "No such file"},
		{"not YAML", []string{"--network", network("{")}, 1, "while parsing"},
		{"no place", []string{"--network", network("{switches: [], endpoints: [{name: a, mac: '02:00:00:00:00:01', ip: 10.0.0.1, at: x:1}]}")}, 1, "there is no switch 'x' for the place x:1"},
		{"no switches", []string{"--network", network("links: []")}, 1, "KeyError: 'switches'): `pillion check` says where"},
		{"no address", []string{"--network", network("switches: [{name: s}]")}, 1, "switch s needs an address"},
		{"a sidecar without a bundle", []string{"--network", "testdata/mixed.yaml"}, 1, "sidecar side2 takes its rules for leaf2 from a bundle: give --bundle DIR"},
		{"a shim in another network", []string{"--network", network("{switches: [{name: s, target: legacy, driver: linux-bridge}], endpoints: [{name: a, mac: '02:00:00:00:00:01', ip: 10.0.0.1, at: s:1, shim: {address: '127.0.0.1:9559'}}]}")}, 1, "endpoint a: its shim has the address 127.0.0.1:9559, in a network of its own: give it unix:PATH"},
		{"a ring", []string{"--network", network("{switches: [{name: s, target: legacy, driver: linux-bridge}, {name: r, target: legacy, driver: linux-bridge}], links: [[s:1, r:1], [s:2, r:2]]}")}, 1, "the link of s and r closes a ring of ordinary switches"},
		{"no driver", []string{"--network", network("switches: [{name: s, target: legacy}]")}, 1, "KeyError: 'driver')"},
		{"two kinds of P4 switches", []string{"--network", "testdata/network.yaml", "--switch", "bmv2", "--p4", "pillion"}, 2, "--switch bmv2 and --p4 pillion both say what runs as P4 switches"},
		{"somebody else's address", []string{"--network", network("switches: [{name: s, address: '192.0.2.1:9559', device-id: 1}]")}, 1, "switches need addresses of this machine"},
		{"one address twice", []string{"--network", network("switches: [{name: s, address: '127.0.0.1:9559', device-id: 1}, {name: r, address: '127.0.0.1:9559', device-id: 2}]")}, 1, "switch r: somebody else listens at 127.0.0.1:9559"},
		{"no such tap", []string{"--network", "testdata/network.yaml", "--tap", "fw1"}, 1, "no one-armed middlebox fw1; there are: proxy1, ids1"},
		{"no such gateway", []string{"--network", "testdata/network.yaml", "--outside", "web1=192.0.2.1"}, 1, "there is no gateway web1; the gateways are: internet"},
		{"no such bundle", []string{"--network", "testdata/network.yaml", "--bundle", "none"}, 1, "push none` failed with exit code 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := start(t, append(c.args, "--pillion", pillion)...).end(c.code)
			if !strings.Contains(said, c.want) {
				t.Errorf("no %q in:\n%s", c.want, said)
			}
		})
	}
}
