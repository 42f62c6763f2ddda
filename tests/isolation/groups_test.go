//go:build linux

package isolation

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const (
	groups     = 10000
	groupsUsed = 100
)

var groupHosts = []string{"g1", "g2", "g3", "g4"}

// groupPolicy has so many multicast groups: each of the four hosts sends to its share, and the next two receive that.
func groupPolicy(n int) string {
	var w strings.Builder
	w.WriteString("tenant g {\n")
	for i, h := range groupHosts {
		fmt.Fprintf(&w, "  group h%d = %s\n", i, h)
	}
	w.WriteString("}\n")
	for i := range n {
		fmt.Fprintf(&w, "multicast m%d { group %s  senders g.h%d  receivers g.h%d, g.h%d }\n", i, groupAddress(i), i%4, (i+1)%4, (i+2)%4)
	}
	return w.String()
}

func groupAddress(i int) netip.Addr { return netip.AddrFrom4([4]byte{239, 2, byte(i >> 8), byte(i)}) }

// Multicast groups are the sidecar's and the shims' business: the tables of the ordinary switch do not grow with them. A frame to a
// group arrives at every receiver once.
func TestGroupsCostTheSwitchNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, driver string) {
		s := newSite(t, driver, 100, groupPolicy(len(groupHosts)), groupHosts...)
		ears := make([]*ear, len(s.hosts))
		for i, h := range s.hosts {
			ears[i] = h.listen()
		}
		// One group for each sender is there already: the locator of the sidecar is in the tables. Let the switch learn who is where.
		for i, h := range s.hosts {
			next := (i + 1) % len(s.hosts)
			ears[next].pace(1, control, func(int) { h.send(h.udp(s.hosts[next], 80, payload(control, i))) })
		}
		before := s.tables()
		start := time.Now()
		s.compile(groupPolicy(groups))
		compiled := time.Now()
		s.push()
		t.Logf("%d groups: compiled in %v, pushed in %v", groups, compiled.Sub(start).Round(time.Millisecond), time.Since(compiled).Round(time.Millisecond))
		if after := s.tables(); after != before {
			t.Errorf("the switch's tables before: %s; with %d groups: %s", before, groups, after)
		}

		const repeats, sent = 5, byte(100)
		for n := range groupsUsed {
			i := n*(groups/groupsUsed) + n%4
			from := s.hosts[i%4]
			ears[(i+2)%4].pace(repeats, sent, func(k int) { from.send(from.toGroup(groupAddress(i), payload(sent, i*repeats+k))) })
		}
		time.Sleep(settlement)
		arrived, missing, copies, strays := 0, 0, 0, 0
		for at, e := range ears {
			expected := map[uint32]bool{}
			for n := range groupsUsed {
				i := n*(groups/groupsUsed) + n%4
				if at == (i+1)%4 || at == (i+2)%4 {
					for k := range repeats {
						expected[uint32(i*repeats+k)] = true
					}
				}
			}
			e.mu.Lock()
			if heard := e.kinds[sent]; heard != nil {
				for number, times := range heard.times {
					switch {
					case !expected[number]:
						strays += times
					default:
						arrived++
						copies += times - 1
						delete(expected, number)
					}
				}
			}
			e.mu.Unlock()
			missing += len(expected)
		}
		t.Logf("%s before and after; %d frames to %d groups, %d times received, %d missing, %d twice, %d where they are not for",
			s.tables(), groupsUsed*repeats, groupsUsed, arrived, missing, copies, strays)
		if missing+copies+strays != 0 || arrived != 2*groupsUsed*repeats {
			t.Error("not every receiver got every frame once")
		}
		if after := s.tables(); after != before {
			t.Errorf("the switch's tables before: %s; after frames to groups: %s", before, after)
		}
		if v := s.violations(); len(v) != 0 {
			t.Errorf("%d alarms, the first: %s", len(v), v[0])
		}
	})
}

// tables says how many entries the tables of the ordinary switch have.
func (s *site) tables() string {
	s.t.Helper()
	if s.driver == openVSwitch {
		return fmt.Sprintf("%d flows, %d groups, %d addresses", s.ovs("cookie=", "ovs-ofctl", "dump-flows", "unix:"+s.in("ovs/br0.mgmt")),
			s.ovs("group_id=", "ovs-ofctl", "-O", "OpenFlow13", "dump-groups", "unix:"+s.in("ovs/br0.mgmt")), s.ovs(":", "ovs-appctl", "fdb/show", bridge))
	}
	rules, addresses := 0, 0
	must(s.t, s.sw.Do(func() error {
		entries, err := netlink.NeighList(0, unix.AF_BRIDGE)
		if err != nil {
			return err
		}
		addresses = len(entries)
		conn, err := nftables.New()
		if err != nil {
			return err
		}
		chains, err := conn.ListChains()
		if err != nil {
			return err
		}
		for _, c := range chains {
			list, err := conn.GetRules(c.Table, c)
			if err != nil {
				return err
			}
			rules += len(list)
		}
		return nil
	}))
	return fmt.Sprintf("%d nftables rules, %d addresses", rules, addresses)
}

// ovs runs a tool and counts the lines that have a word.
func (s *site) ovs(word, tool string, args ...string) int {
	s.t.Helper()
	cmd := exec.Command(tool, args...)
	cmd.Env = append(os.Environ(), "OVS_RUNDIR="+s.in("ovs"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	n := 0
	for line := range bytes.Lines(out) {
		if bytes.Contains(line, []byte(word)) {
			n++
		}
	}
	return n
}
