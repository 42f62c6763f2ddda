package scenario

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// base is an archive without expectations.
const base = `A network of two hosts and a gateway.
-- policy.pol --
tenant acme {
  group web = web1
  group app = app1
}
middlebox fw { instances fw1, fw2 stateful }
chain east: acme.web -> acme.app via fw
-- network.yaml --
switches:
  - {name: leaf1, target: p4runtime, address: "127.0.0.1:50051", device-id: 1}
endpoints:
  - {name: web1, mac: "02:00:00:00:00:01", ip: [10.0.0.1, "fd00::1"], at: leaf1:1}
  - {name: app1, mac: "02:00:00:00:00:02", ip: [10.0.0.2, "fd00::2"], at: leaf1:2}
  - {name: old1, mac: "02:00:00:00:00:03", ip: 10.0.0.3, at: leaf1:3}
  - {name: new1, mac: "02:00:00:00:00:04", ip: "fd00::4", at: leaf1:4}
  - {name: world, mac: "02:00:00:00:00:fe", ip: 10.0.0.254, prefixes: [192.0.2.0/24], at: leaf1:9}
middleboxes:
  - {name: fw1, at: leaf1:11, out: leaf1:12}
  - {name: fw2, at: leaf1:13, out: leaf1:14}
`

// firstLine is the line of the archive where the first expectation is.
var firstLine = strings.Count(base, "\n") + 2

func parseLine(line string) (*Scenario, error) {
	return Parse("x.txtar", []byte(base+"-- expect --\n"+line+"\n"))
}

func TestFamilies(t *testing.T) {
	for line, want := range map[string]int{
		"ping web1 -> app1: delivered":                                                           2,
		"ipv4 ping web1 -> app1: delivered":                                                      1,
		"ping web1 -> old1: dropped":                                                             1,
		"ping web1 -> new1: dropped":                                                             1,
		"ping web1 -> 10.0.0.2: delivered":                                                       1,
		"ping web1 -> fd00::2: delivered":                                                        1,
		"tcp 1MB web1 -> app1 port 80: delivered via fw1|fw2":                                    2,
		"udp 192.0.2.5 -> web1 port 53: dropped":                                                 1,
		"forge web1 src-ip=old1 -> app1: dropped":                                                1,
		"forge web1 src-ip=2001:db8::1 -> app1: dropped":                                         1,
		"forge web1 extension=routing -> app1: dropped":                                          1,
		"forge web1 src-ip=app1 src-mac=app1 -> app1: dropped":                                   2,
		"forge web1 quotes=old1 -> app1: dropped":                                                1,
		"arp web1 asks app1: answered without a flood":                                           1,
		"nd web1 asks app1 sender-ip=new1: unanswered":                                           1,
		"join web1 239.1.1.1":                                                                    1,
		"udp web1 -> 239.1.1.1 port 5: delivered to app1, old1":                                  1,
		"counters chain east: 1 packet":                                                          1,
		"decode udp web1 from-port 5 -> app1 port 53: nsh plain":                                 2,
		"flows 10 udp web1 -> app1 port 7 via fw: each both ways through one instance, all used": 2,
	} {
		s, err := parseLine(line + " # said")
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := len(s.lines[0].families); got != want {
			t.Errorf("%s: %d families, want %d", line, got, want)
		}
		if s.lines[0].text != line {
			t.Errorf("text is %q, want %q", s.lines[0].text, line)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"pong web1 -> app1: delivered", `no verb is called "pong" (did you mean "ping"?)`},
		{"ping web -> app1: delivered", `no endpoint is called "web" (did you mean "web1"?)`},
		{"ping nowhere -> app1: delivered", `no endpoint is called "nowhere" (there are app1, new1, old1, web1, world)`},
		{"ping web1 app1: delivered", `expected "->", found "app1"`},
		{"ping web1 -> app1", `expected ":", the line ends`},
		{"ping web1 -> app1: arrived", `expected delivered, delivered one-way, refused or dropped, found "arrived"`},
		{"ping web1 -> app1: delivered today", `"today" is too much: the line should end here`},
		{"ping web1 -> 203.0.113.1: delivered", `nobody has the address 203.0.113.1`},
		{"ping old1 -> new1: delivered", `no address family`},
		{"ipv6 ping web1 -> old1: delivered", `no address family`},
		{"ping web1 -> app1: refused", `a ping cannot be refused`},
		{"tcp web1 -> app1 port 80: delivered one-way", `tcp cannot be one-way`},
		{"tcp web1 -> app1: delivered", `expected port and its number, found ":"`},
		{"udp web1 -> app1 port 99999: delivered", `port is a number from 1 to 65535, not "99999"`},
		{"udp web1 -> app1 port 7 times 0: delivered", `times is a number from 1 to 10000, not "0"`},
		{"tcp 65MB web1 -> app1 port 7: delivered", `a size is from 1B to 64MB`},
		{"ping web1 -> app1: delivered via fx", `no middlebox is called "fx" (did you mean "fw"?)`},
		{"ping web1 -> app1: delivered copied to ids", `no instance is called "ids"`},
		{"flows 10 icmp web1 -> app1 port 7 via fw: each both ways through one instance", `flows are udp or tcp, not "icmp"`},
		{"flows 10 udp web1 -> app1 port 7 via fw1: each both ways through one instance", `no middlebox type is called "fw1"`},
		{"join web1 10.0.0.1", `a group is an address such as 239.1.1.1 or ff0e::1, not "10.0.0.1"`},
		{"udp web1 -> 239.1.1.1 port 5 times 3: dropped", `takes no size, no from-port and no times`},
		{"udp new1 -> 239.1.1.1 port 5: dropped", `the sender has no address of the family of 239.1.1.1`},
		{"udp web1 -> 239.1.1.1 port 5: delivered to app", `no endpoint is called "app"`},
		{"forge web1 src=app1 -> app1: dropped", `no field is called "src"`},
		{"forge web1 src-mac=zz -> app1: dropped", `expected a MAC address or an endpoint, found "zz"`},
		{"forge web1 flags=X -> app1: dropped", `flags are letters of FSRP and a dot for ACK`},
		{"forge web1 fragment=last -> app1: dropped", `a fragment is first or later, not "last"`},
		{"forge web1 proto=900 -> app1: dropped", `expected a number from 0 to 255, found "900"`},
		{"forge web1 nsh=west -> app1: dropped", `no chain with a path is called "west"`},
		{"forge web1 si=3 -> app1: dropped", `si comes behind nsh`},
		{"forge web1 -> 239.1.1.1: delivered", `what is forged to a group can only be dropped`},
		{"ipv6 arp web1 asks app1: unanswered", `arp is of ipv4, nd of ipv6`},
		{"arp web1 asks app1: answered", `expected "without", the line ends`},
		{"decode join web1 -> app1: no nsh", `what is decoded is ping, udp or tcp, not "join"`},
		{"decode ping web1 -> app1: nsh of chain west", `no chain is called "west"`},
		{"counters allow east: 1 packet", `no statement is called "allow east"`},
		{"counters chain east: many packets", `packets is a number from 0`},
	} {
		_, err := parseLine("\n" + c.line)
		if err == nil {
			t.Errorf("%s: no error, want %s", c.line, c.want)
			continue
		}
		place := "x.txtar:" + strconv.Itoa(firstLine+1) + ": "
		if !strings.HasPrefix(err.Error(), place) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s%s", c.line, err, place, c.want)
		}
	}
}

func TestArchiveErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown file":  {base + "-- expected --\n", "x.txtar:" + strconv.Itoa(firstLine-1) + ": no file of a scenario is called \"expected\""},
		"twice":         {base + "-- lab --\n-- lab --\n", "x.txtar:" + strconv.Itoa(firstLine) + ": the file lab is there twice"},
		"missing":       {base, "x.txtar: the file expect is missing: begin it with a line \"-- expect --\""},
		"policy":        {strings.Replace(base, "group app = app1", "group app = app2", 1) + "-- expect --\n", "x.txtar:5:15: error[C005]: unknown endpoint app2"},
		"syntax":        {strings.Replace(base, "chain east:", "chain east", 1) + "-- expect --\n", "x.txtar:8:12: error[L"},
		"network":       {strings.Replace(base, "at: leaf1:3", "at: leaf9:3", 1) + "-- expect --\n", "x.txtar:15:"},
		"lab kind":      {base + "-- lab --\nfw1: bridge\n-- expect --\n", "x.txtar:" + strconv.Itoa(firstLine) + ": no kind of middlebox is called \"bridge\""},
		"lab instance":  {base + "-- lab --\n\nfw3: tap\n-- expect --\n", "x.txtar:" + strconv.Itoa(firstLine+1) + ": no middlebox is called \"fw3\""},
		"lab two-armed": {base + "-- lab --\nfw1: tap\n-- expect --\n", "x.txtar:" + strconv.Itoa(firstLine) + ": fw1 cannot be tap: that takes 1 ports"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("x.txtar", []byte(c.text))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// FuzzExpect reads whatever lines: it must not panic, and an error must name its place.
func FuzzExpect(f *testing.F) {
	files, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".txtar") {
			continue
		}
		data, err := os.ReadFile("testdata/" + file.Name())
		if err != nil {
			f.Fatal(err)
		}
		_, expect, _ := strings.Cut(string(data), "-- expect --\n")
		f.Add(expect)
	}
	plain, err := Parse("x.txtar", []byte(base+"-- expect --\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := *plain
		err := s.readExpect(section{archive: "x.txtar", line: firstLine, text: []byte(text)})
		if err != nil && !strings.HasPrefix(err.Error(), "x.txtar:") {
			t.Errorf("no place: %v", err)
		}
	})
}
