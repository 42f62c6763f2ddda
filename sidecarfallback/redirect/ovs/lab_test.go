//go:build linux

package ovs

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pillion/sidecarfallback/redirect"
	"pillion/sidecarfallback/redirect/drivertest"
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
