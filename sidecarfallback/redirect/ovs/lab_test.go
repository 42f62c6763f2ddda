//go:build linux

package ovs

import (
	"context"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pillion/sidecarfallback/redirect"
	"pillion/sidecarfallback/redirect/drivertest"
	"pillion/sidecarfallback/sflow"
	"pillion/tests/lab"
)

const bridgeName = "br0"

func needOpenVSwitch(t *testing.T) {
	t.Helper()
	if missing := lab.Missing(lab.Namespaces, lab.FreshSysfs, lab.OpenVSwitch); len(missing) > 0 {
		t.Skipf("skipped: %q", missing)
	}
}

func TestDriver(t *testing.T) {
	needOpenVSwitch(t)
	drivertest.Run(t, drivertest.Switch{
		Make: makeBridge, Tags: true,
		Leave: func(t *testing.T, n *drivertest.Network, name string) {
			do(t, Programs(n.Lab.Dir()), "ovs-vsctl", "--timeout=10", "del-port", bridgeName, name)
		},
		Disturb: disturb, AddForeign: addForeign, IsForeign: isForeign,
	})
}

// schema is the database's, where distributions put it.
func schema(t *testing.T) string {
	for _, file := range []string{"/usr/share/openvswitch/vswitch.ovsschema", "/usr/local/share/openvswitch/vswitch.ovsschema"} {
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	t.Skip("skipped: vswitch.ovsschema is not in /usr/share/openvswitch: install the package openvswitch-switch")
	return ""
}

// startSwitch runs an Open vSwitch of its own, with a bridge in user space, and
// returns how to talk to it.
func startSwitch(t *testing.T, n *drivertest.Network) Runner {
	t.Helper()
	folder := n.Lab.Dir()
	database := filepath.Join(folder, "conf.db")
	if out, err := exec.Command("ovsdb-tool", "create", database, schema(t)).CombinedOutput(); err != nil {
		t.Fatalf("ovsdb-tool: %v\n%s", err, out)
	}
	env := []string{"OVS_RUNDIR=" + folder, "OVS_LOGDIR=" + folder, "OVS_DBDIR=" + folder}
	socket := filepath.Join(folder, "db.sock")
	start := func(path string, args ...string) {
		if _, err := n.Switch.Start(lab.Command{Path: path, Args: args, Env: env}); err != nil {
			t.Fatal(err)
		}
	}
	run := Programs(folder)
	start("ovsdb-server", database, "--remote=punix:"+socket, "--unixctl="+filepath.Join(folder, "db.ctl"))
	await(t, socket)
	do(t, run, "ovs-vsctl", "--timeout=10", "--no-wait", "init")
	start("ovs-vswitchd", "unix:"+socket, "--pidfile="+filepath.Join(folder, "ovs-vswitchd.pid"))
	await(t, filepath.Join(folder, "ovs-vswitchd.pid"))
	args := []string{"ovs-vsctl", "--timeout=10", "add-br", bridgeName, "--", "set", "Bridge", bridgeName, "datapath_type=netdev"}
	for _, name := range slices.Sorted(maps.Values(n.Ports)) {
		args = append(args, "--", "add-port", bridgeName, name)
	}
	do(t, run, args...)
	return run
}

func await(t *testing.T, file string) {
	t.Helper()
	for deadline := time.Now().Add(lab.Expected); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			return
		}
	}
	t.Fatalf("%s does not appear", file)
}

func do(t *testing.T, run Runner, args ...string) string {
	t.Helper()
	out, err := run(context.Background(), Command{Args: args})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func makeBridge(t *testing.T, n *drivertest.Network) redirect.Driver {
	run := startSwitch(t, n)
	d, err := New(Config{Bridge: bridgeName, Ports: n.Ports, Agent: "lo", Run: run})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// disturb takes back a setting of one of the wire's ports.
func disturb(t *testing.T, n *drivertest.Network) string {
	do(t, Programs(n.Lab.Dir()), "ovs-ofctl", "-O", "OpenFlow10", "mod-port", bridgeName, drivertest.Interface(drivertest.Box), "flood")
	return redirect.Wire{Box: drivertest.Box, Sidecar: drivertest.Side}.String()
}

const foreignFlow = "cookie=0x17, priority=7,dl_type=0x88b6 actions=drop"

func addForeign(t *testing.T, n *drivertest.Network) {
	do(t, Programs(n.Lab.Dir()), "ovs-ofctl", "add-flow", bridgeName, foreignFlow)
	// A setting that is there already stays there, though a rule needs it too.
	do(t, Programs(n.Lab.Dir()), "ovs-ofctl", "-O", "OpenFlow10", "mod-port", bridgeName, drivertest.Interface(drivertest.Box), noFlood)
	do(t, Programs(n.Lab.Dir()), "ovs-vsctl", "--timeout=10", "set", "Bridge", bridgeName, "external_ids:theirs=1")
}

func isForeign(t *testing.T, n *drivertest.Network) bool {
	run := Programs(n.Lab.Dir())
	flows := do(t, run, "ovs-ofctl", "--no-stats", "--no-names", "dump-flows", bridgeName)
	ports := do(t, run, "ovs-ofctl", "-O", "OpenFlow10", "dump-ports-desc", bridgeName)
	ids := strings.TrimSpace(do(t, run, "ovs-vsctl", "--timeout=10", "get", "Bridge", bridgeName, "external_ids"))
	t.Logf("left: %s%s", flows, ids)
	return strings.Contains(flows, foreignFlow) && strings.Count(flows, "cookie") == 1 &&
		strings.Count(ports, "NO_FLOOD") == 1 && ids == `{theirs="1"}`
}

// collector listens for datagrams beside the switch.
func collector(t *testing.T, n *drivertest.Network) *net.UDPConn {
	t.Helper()
	var conn *net.UDPConn
	err := n.Switch.Do(func() (err error) {
		conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadBuffer(8 << 20); err != nil {
		t.Fatal(err)
	}
	return conn
}

// What a guard drops is sampled, and the sample says where it came in.
func TestSflowOfDropped(t *testing.T) {
	needOpenVSwitch(t)
	n := drivertest.NewNetwork(t)
	d := makeBridge(t, n)
	conn := collector(t, n)
	rules := redirect.Rules{
		Switch: "s", Guards: []redirect.Guard{drivertest.Guard()},
		Sample: redirect.Sample{OneIn: 1, Collector: conn.LocalAddr().(*net.UDPAddr).AddrPort()},
	}
	if _, err := d.Apply(context.Background(), rules); err != nil {
		t.Fatal(err)
	}
	var index int
	err := n.Switch.Do(func() error {
		i, err := net.InterfaceByName(drivertest.Interface(drivertest.Host))
		if err == nil {
			index = i.Index
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const count = 20
	forged := n.Forge(t, count)
	sampled := 0
	timer := time.AfterFunc(lab.Expected, func() { conn.Close() })
	defer timer.Stop()
	err = sflow.Receive(conn, func(r sflow.Received) {
		for _, s := range r.Datagram.Samples {
			if forged(s.Header) && s.Input == (sflow.Port{Value: uint32(index)}) {
				sampled++
			}
		}
		if sampled == count {
			conn.Close()
		}
	})
	if err != nil || sampled != count {
		t.Errorf("of %d dropped frames %d were sampled, %v", count, sampled, err)
	}
}

// An agent on a fresh bridge describes about one in four of 4000 frames: 1000,
// with a standard deviation of 27.4, of which seven are allowed.
func TestSflow(t *testing.T) {
	needOpenVSwitch(t)
	n := drivertest.NewNetwork(t)
	d := makeBridge(t, n)
	conn := collector(t, n)
	const count, oneIn = 4000, 4
	rules := redirect.Rules{Switch: "s", Sample: redirect.Sample{OneIn: oneIn, Collector: conn.LocalAddr().(*net.UDPAddr).AddrPort()}}
	if change, err := d.Apply(context.Background(), rules); err != nil || !slices.Equal(change.Added, rules.Lines()) {
		t.Fatalf("%v, %v", change, err)
	}
	if change, err := d.Apply(context.Background(), rules); err != nil || !change.Nothing() {
		t.Errorf("the second time: %v, %v", change, err)
	}
	state, err := d.Read(context.Background())
	if err != nil || state.Rules.Text() != rules.Text() || len(state.Broken) > 0 {
		t.Errorf("reading gives %+v, %v", state, err)
	}
	sent := n.Flood(t, count)
	sampled := 0
	timer := time.AfterFunc(2*time.Second, func() { conn.Close() }) // agents collect for a second
	defer timer.Stop()
	err = sflow.Receive(conn, func(r sflow.Received) {
		if r.Err != nil {
			t.Errorf("from %s: %v", r.From, r.Err)
		}
		for _, s := range r.Datagram.Samples {
			if s.Rate != oneIn || !sent(s.Header) {
				continue
			}
			sampled++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if sampled < count/oneIn-192 || sampled > count/oneIn+192 {
		t.Errorf("of %d frames %d were sampled", count, sampled)
	}
	// A faster rate, then none, then somebody else's agent.
	rules.Sample.OneIn = 2
	if change, err := d.Apply(context.Background(), rules); err != nil || len(change.Added) != 1 || len(change.Removed) != 1 {
		t.Errorf("another rate: %v, %v", change, err)
	}
	if _, err := d.Remove(context.Background()); err != nil {
		t.Fatal(err)
	}
	run := Programs(n.Lab.Dir())
	if left := do(t, run, "ovs-vsctl", "--timeout=10", "list", "sFlow"); left != "" {
		t.Errorf("an agent is left: %s", left)
	}
	do(t, run, "ovs-vsctl", "--timeout=10", "--", "--id=@a", "create", "sFlow", `targets="192.0.2.1:6343"`, "--", "set", "Bridge", bridgeName, "sflow=@a")
	if change, err := d.Apply(context.Background(), rules); err == nil || len(change.Foreign) != 1 {
		t.Errorf("somebody else's agent was taken over: %v, %v", change, err)
	}
	if left := do(t, run, "ovs-vsctl", "--timeout=10", "list", "sFlow"); left == "" {
		t.Error("somebody else's agent is gone")
	}
}

// What Open vSwitch forgets when it restarts is put back.
func TestRestart(t *testing.T) {
	needOpenVSwitch(t)
	n := drivertest.NewNetwork(t)
	d := makeBridge(t, n)
	rules := redirect.Rules{Switch: "s", Wires: []redirect.Wire{{Box: 4, Sidecar: 5}}, Quarantined: []uint32{3}}
	if _, err := d.Apply(context.Background(), rules); err != nil {
		t.Fatal(err)
	}
	run := Programs(n.Lab.Dir())
	do(t, run, "ovs-ofctl", "del-flows", bridgeName)
	do(t, run, "ovs-ofctl", "-O", "OpenFlow10", "mod-port", bridgeName, "p3", "forward")
	if change, err := d.Apply(context.Background(), rules); err != nil || !slices.Equal(change.Added, []string{"quarantine 3", "wire 4 to 5"}) {
		t.Errorf("%v, %v", change, err)
	}
	if state, err := d.Read(context.Background()); err != nil || state.Rules.Text() != rules.Text() || len(state.Broken) > 0 {
		t.Errorf("%+v, %v", state, err)
	}
}
