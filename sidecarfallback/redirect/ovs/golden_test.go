package ovs

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pillion/sidecarfallback/redirect"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (refresh it with -update if that is meant):\n%s", file, diff)
	}
}

const everything = `switch leaf2
wire 4 to 5
wire 7 to 8 tag 101
static 02:00:00:00:aa:01 at 1
static 02:00:00:00:aa:02 at 8
guard 1 02:00:00:00:01:01
guard 1 02:00:00:00:01:02
guard 2 02:00:00:00:01:03
sample 1 in 100 to sflow 192.0.2.1:6343
quarantine 2
`

var ports = map[uint32]string{1: "h1", 2: "h2", 4: "box", 5: "side", 7: "box2", 8: "trunk"}

func rules(t *testing.T, text string) redirect.Rules {
	t.Helper()
	r, err := redirect.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRender(t *testing.T) {
	for name, config := range map[string]Config{
		"names.sh":   {Bridge: "br0", Ports: ports, Agent: "lo"},
		"numbers.sh": {Bridge: "br0"},
	} {
		d, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Render(rules(t, everything))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, got)
	}
}

// fake plays a bridge of Open vSwitch: it answers the questions from what it
// holds, and notes the commands that change something.
type fake struct {
	bridge, sflow, ports, flows string
	fail                        string // of the command that contains this
	commands                    strings.Builder
}

func (f *fake) run(_ context.Context, c Command) ([]byte, error) {
	line := strings.Join(c.Args, " ")
	if f.fail != "" && strings.Contains(line, f.fail) {
		return nil, errors.New("it failed")
	}
	switch {
	case strings.Contains(line, "list Bridge"):
		return []byte(f.bridge), nil
	case strings.Contains(line, "list sFlow"):
		return []byte(f.sflow), nil
	case strings.Contains(line, "dump-ports-desc"):
		return []byte(f.ports), nil
	case strings.Contains(line, "dump-flows"):
		return []byte(f.flows), nil
	}
	fmt.Fprintf(&f.commands, "%q\n%s", c.Args, c.Input)
	return nil, nil
}

const (
	freshBridge = `{"data":[[["set",[]],["map",[]]]],"headings":["sflow","external_ids"]}`
	freshPorts  = `OFPST_PORT_DESC reply (xid=0x2):
 11(h1): addr:4e:aa:d4:9d:9a:d4
     config:     0
     state:      0
 12(h2): addr:4e:aa:d4:9d:9a:d4
     config:     0
 14(box): addr:4e:aa:d4:9d:9a:d4
     config:     NO_FLOOD
 15(side): addr:4e:aa:d4:9d:9a:d4
     config:     0
 17(box2): addr:4e:aa:d4:9d:9a:d4
     config:     0
 18(trunk): addr:4e:aa:d4:9d:9a:d4
     config:     0
 LOCAL(br0): addr:9e:23:25:ed:a4:4e
     config:     PORT_DOWN NO_FLOOD
`
	freshFlows = " cookie=0x17, priority=7,dl_type=0x88b6 actions=drop\n priority=0 actions=NORMAL\n"
)

func driver(t *testing.T, f *fake) *Driver {
	t.Helper()
	d, err := New(Config{Bridge: "br0", Ports: ports, Agent: "lo", Run: f.run})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The exact commands onto a bridge without rules, and from there to fewer.
func TestCommands(t *testing.T) {
	f := &fake{bridge: freshBridge, ports: freshPorts, flows: freshFlows}
	change, err := driver(t, f).Apply(context.Background(), rules(t, everything))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "apply.txt", f.commands.String()+change.String())

	f = installed()
	change, err = driver(t, f).Apply(context.Background(), rules(t, "switch leaf2\nwire 4 to 5\nstatic 02:00:00:00:aa:01 at 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "fewer.txt", f.commands.String()+change.String())

	f = installed()
	change, err = driver(t, f).Remove(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "remove.txt", f.commands.String()+change.String())

	f = installed()
	if change, err := driver(t, f).Apply(context.Background(), rules(t, everything)); err != nil || !change.Nothing() || f.commands.Len() > 0 {
		t.Errorf("the second time: %v\n%s%s", err, change, &f.commands)
	}
	state, err := driver(t, installed()).Read(context.Background())
	if err != nil || state.Rules.Text() != everything || len(state.Broken) > 0 {
		t.Errorf("reading gives %+v, %v", state, err)
	}
}

// installed is a bridge that has everything, and where box was no-flood before.
func installed() *fake {
	return &fake{
		bridge: `{"data":[[["uuid","b8b28717-b247-4b1c-9356-914a7f1987ec"],["map",[["pillion-redirect","leaf2"],["pillion-redirect-settings","12=no-forward 15=no-flood 17=no-flood"],["theirs","1"]]]]],"headings":["sflow","external_ids"]}`,
		sflow:  `{"data":[["192.0.2.1:6343",100,256,0,"lo",["map",[["pillion-redirect","leaf2"]]]]],"headings":["targets","sampling","header","polling","agent","external_ids"]}`,
		ports: strings.NewReplacer("12(h2): addr:4e:aa:d4:9d:9a:d4\n     config:     0", "12(h2): addr:4e:aa:d4:9d:9a:d4\n     config:     NO_FWD",
			"15(side): addr:4e:aa:d4:9d:9a:d4\n     config:     0", "15(side): addr:4e:aa:d4:9d:9a:d4\n     config:     NO_FLOOD",
			"17(box2): addr:4e:aa:d4:9d:9a:d4\n     config:     0", "17(box2): addr:4e:aa:d4:9d:9a:d4\n     config:     NO_FLOOD").Replace(freshPorts),
		flows: ` cookie=0x70696c6c00000005, priority=65000,in_port=12 actions=drop
 cookie=0x70696c6c00000001, priority=64000,in_port=14 actions=output:15
 cookie=0x70696c6c00000002, priority=64000,in_port=15 actions=output:14
 cookie=0x70696c6c00000001, priority=64000,in_port=17 actions=push_vlan:0x8100,set_field:4197->vlan_vid,output:18
 cookie=0x70696c6c00000002, priority=64000,in_port=18,dl_vlan=101 actions=pop_vlan,output:17
 cookie=0x70696c6c00000003, priority=63000,dl_vlan=101 actions=drop
 cookie=0x70696c6c00000006, priority=62501,reg15=0/0x1,in_port=11,dl_src=02:00:00:00:01:01 actions=load:0x1->NXM_NX_REG15[0],resubmit(,0)
 cookie=0x70696c6c00000006, priority=62501,reg15=0/0x1,in_port=11,dl_src=02:00:00:00:01:02 actions=load:0x1->NXM_NX_REG15[0],resubmit(,0)
 cookie=0x70696c6c00000006, priority=62501,reg15=0/0x1,in_port=12,dl_src=02:00:00:00:01:03 actions=load:0x1->NXM_NX_REG15[0],resubmit(,0)
 cookie=0x70696c6c00000007, priority=62500,reg15=0/0x1,in_port=11 actions=drop
 cookie=0x70696c6c00000007, priority=62500,reg15=0/0x1,in_port=12 actions=drop
 cookie=0x70696c6c00000004, priority=62000,dl_dst=02:00:00:00:aa:01 actions=output:11
 cookie=0x70696c6c00000004, priority=62000,dl_dst=02:00:00:00:aa:02 actions=output:18
` + freshFlows,
	}
}

// A flow of ours that belongs to no rule, or is not as it should be, is told
// and replaced.
func TestBroken(t *testing.T) {
	f := installed()
	f.flows = strings.Replace(f.flows, "in_port=15 actions=output:14", "in_port=15 actions=output:11", 1)
	state, err := driver(t, f).Read(context.Background())
	if err != nil || !strings.Contains(strings.Join(state.Broken, "\n"), "wire 4 to 5") {
		t.Errorf("reading gives %+v, %v", state, err)
	}
	change, err := driver(t, f).Apply(context.Background(), rules(t, everything))
	if err != nil || f.commands.String() != `["ovs-ofctl" "--bundle" "--no-names" "add-flows" "br0" "-"]
add cookie=0x70696c6c00000002, priority=64000,in_port=15 actions=output:14
["ovs-appctl" "-t" "ovs-vswitchd" "fdb/flush" "br0"]
["ovs-appctl" "-t" "ovs-vswitchd" "revalidator/wait"]
` {
		t.Errorf("%v\n%s%s", err, change, &f.commands)
	}
}

func TestFailures(t *testing.T) {
	for _, command := range []string{"list Bridge", "dump-ports", "dump-flows", "set Bridge", "mod-port", "--bundle", "fdb/flush", "revalidator/wait"} {
		f := &fake{bridge: freshBridge, ports: freshPorts, flows: freshFlows, fail: command}
		if _, err := driver(t, f).Apply(context.Background(), rules(t, everything)); err == nil || err.Error() != "bridge br0: it failed" {
			t.Errorf("when %s fails the error is %v", command, err)
		}
	}
	tests := []struct {
		config      Config
		rules, want string
	}{
		{Config{Bridge: "br0", Ports: ports}, "quarantine 9", "bridge br0: port 9: say which interface of the bridge it is, as in --port 9@IFACE; known are 1@h1, 2@h2, 4@box, 5@side, 7@box2, 8@trunk"},
		{Config{Bridge: "br0", Ports: map[uint32]string{1: "gone"}}, "quarantine 1", `bridge br0: port 1 (interface "gone"): it is not on the bridge: put it there; on it are 11@h1, 12@h2, 14@box, 15@side, 17@box2, 18@trunk`},
		{Config{Bridge: "br0"}, "quarantine 65280", "bridge br0: port 65280: Open vSwitch numbers its ports from 1 to 65279: say which interface this is"},
		{Config{Bridge: "br0", Ports: ports}, "sample 1 in 9 to port 1", `bridge br0: not possible here: "sample 1 in 9 to port 1": Open vSwitch has no action that copies one frame in N to a port: sample to sflow ADDRESS:PORT, where the sidecar listens`},
		{Config{Bridge: "tcp:1.2.3.4"}, "", `bridge tcp:1.2.3.4: "tcp:1.2.3.4" is no bridge's name: 1 to 15 letters, digits, dots, dashes and underscores`},
		{Config{Bridge: "--help"}, "", `bridge --help: "--help" is no bridge's name: 1 to 15 letters, digits, dots, dashes and underscores`},
	}
	for _, test := range tests {
		f := &fake{bridge: freshBridge, ports: freshPorts, flows: freshFlows}
		test.config.Run = f.run
		d, err := New(test.config)
		if err == nil {
			_, err = d.Apply(context.Background(), rules(t, "switch s\n"+test.rules))
		}
		if fmt.Sprint(err) != test.want {
			t.Errorf("%q gives the error\n%v, not\n%s", test.rules, err, test.want)
		}
	}
}

// A host that is cut off goes away, and comes back with its port's number: it is cut off still. Another host with that number is not.
func TestAbsentPortsAreSpared(t *testing.T) {
	wanted := rules(t, "switch leaf2\nquarantine 2\nguard 1 02:00:00:00:01:01\n")
	f := installed()
	f.flows = " cookie=0x70696c6c00000005, priority=65000,in_port=12 actions=drop\n priority=0 actions=NORMAL\n"
	f.ports = strings.Replace(freshPorts, " 12(h2)", " 99(other)", 1)
	change, err := driver(t, f).Apply(context.Background(), wanted)
	var absent *redirect.Absent
	if !errors.As(err, &absent) || !slices.Equal(absent.Ports, []uint32{2}) {
		t.Errorf("the error is %v", err)
	}
	if got := f.commands.String(); strings.Contains(got, "in_port=12") || !strings.Contains(got, "add cookie=0x70696c6c00000006, priority=62501,reg15=0/0x1,in_port=11,") {
		t.Errorf("it does\n%s%s", got, change)
	}
	f.commands.Reset()
	f.ports = strings.Replace(freshPorts, " 12(h2)", " 12(other)", 1)
	if _, err := driver(t, f).Apply(context.Background(), wanted); !errors.As(err, &absent) || !strings.Contains(f.commands.String(), "delete_strict cookie=0x70696c6c00000005/-1, priority=65000,in_port=12\n") {
		t.Errorf("with another host there: %v\n%s", err, &f.commands)
	}
}

// What the programs say becomes what is wrong and what to do.
func TestExplain(t *testing.T) {
	for complaint, want := range map[string]string{
		"ovs-vsctl: unix:/x/db.sock: database connection failed (No such file)":                     "Open vSwitch's database does not answer",
		"ovs-ofctl: br0 is not a bridge or a socket":                                                "ovs-vswitchd does not answer for the bridge",
		"2026|vconn|WARN|unix:/x/br0.mgmt: version negotiation failed (we support 0x01, peer 0x05)": "the bridge does not accept OpenFlow 1.0 and 1.4",
		"ovs-ofctl: unrecognized option '--no-names'":                                               "this release of Open vSwitch does not know an option",
		"ovs-appctl: cannot read pidfile \"/x/ovs-vswitchd.pid\" (No such file or directory)":       "ovs-vswitchd does not answer for the bridge",
	} {
		err := explain(Command{Args: []string{"ovs-vsctl"}}, complaint, errors.New("exit status 1"))
		var unsupported *redirect.Unsupported
		if !errors.As(err, &unsupported) || unsupported.What != want {
			t.Errorf("%q is explained as %v", complaint, err)
		}
	}
}

func TestPrograms(t *testing.T) {
	ctx := context.Background()
	var unsupported *redirect.Unsupported
	if _, err := Programs("")(ctx, Command{Args: []string{"no-such-program-of-ovs"}}); !errors.As(err, &unsupported) {
		t.Errorf("a missing program gives %v", err)
	}
	out, err := Programs("/some/where")(ctx, Command{Args: []string{"sh", "-c", `cat; echo "$OVS_RUNDIR"`}, Input: "in "})
	if err != nil || string(out) != "in /some/where\n" {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := Programs("")(ctx, Command{Args: []string{"sh", "-c", "echo so >&2; exit 3"}}); err == nil || !strings.HasSuffix(err.Error(), "exit status 3: so") {
		t.Errorf("a failure gives %v", err)
	}
	if _, err := Programs("")(ctx, Command{Args: []string{"head", "-c", "100M", "/dev/zero"}}); err == nil || !strings.Contains(err.Error(), "it wrote more than") {
		t.Errorf("a flood gives %v", err)
	}
}

// Whatever the programs print, reading ends without a panic, and what is read
// twice is the same.
func FuzzRead(f *testing.F) {
	all := installed()
	f.Add(all.bridge, all.sflow, all.ports, all.flows)
	f.Add(freshBridge, "", freshPorts, freshFlows)
	f.Fuzz(func(t *testing.T, bridge, sflow, ports, flows string) {
		d := driver(t, &fake{bridge: bridge, sflow: sflow, ports: ports, flows: flows})
		one, err := d.Read(context.Background())
		if err != nil {
			return
		}
		two, err := d.Read(context.Background())
		if err != nil || one.Rules.Text() != two.Rules.Text() || fmt.Sprint(one.Broken) != fmt.Sprint(two.Broken) {
			t.Errorf("%+v, then %+v, %v", one, two, err)
		}
	})
}
