//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// OVS says how to start an Open vSwitch of its own, with one bridge that forwards in user space: no kernel module
// is needed, and the machine's own Open vSwitch is not touched. Hosts on it need their offloads off: in user space it passes on
// checksums that are not finished, and what it has for segmentation (userspace-tso-enable) stalled one connection in ten here.
type OVS struct {
	Namespace *Namespace
	Folder    string   // for its database, logs and sockets; it must not exist. OVS_RUNDIR is this
	Bridge    string   // which learns addresses and floods what it does not know
	Ports     []string // interfaces of the namespace
}

// ovsSchemas are where distributions put the database's schema.
var ovsSchemas = []string{"/usr/share/openvswitch/vswitch.ovsschema", "/usr/local/share/openvswitch/vswitch.ovsschema"}

// ovsStart bounds how long each of its programs may take to come up.
const ovsStart = 30 * time.Second

// StartOVS starts the database and the switch, and returns when the bridge has its ports.
func (l *Lab) StartOVS(ctx context.Context, config OVS) error {
	if config.Namespace == nil {
		return errors.New("lab: open vswitch: no namespace given")
	}
	if err := config.start(ctx); err != nil {
		return fmt.Errorf("lab: open vswitch in %s: %w", config.Namespace.Name, err)
	}
	return nil
}

func (config *OVS) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ovsStart)
	defer cancel()
	// The longest one has the daemon's process id in it, for ovs-appctl to find.
	if len(config.in(config.Bridge+".snoop")) > maxSocketPath || len(config.in("ovs-vswitchd.4194304.ctl")) > maxSocketPath {
		return fmt.Errorf("the path of the folder %s is too long for sockets: use a shorter name or TMPDIR", config.Folder)
	}
	if err := os.Mkdir(config.Folder, 0o755); err != nil {
		return err
	}
	schema, err := findSchema()
	if err != nil {
		return err
	}
	database, socket := config.in("conf.db"), config.in("db.sock")
	if err := config.run(ctx, "ovsdb-tool", "create", database, schema); err != nil {
		return err
	}
	server, err := config.program("ovsdb-server", database, "--remote=punix:"+socket, "--unixctl="+config.in("db.ctl"))
	if err != nil {
		return err
	}
	if err := listens(ctx, server, socket); err != nil {
		return err
	}
	// The bridge is in the database before the switch starts, which then makes it without being asked.
	args := []string{"--db=unix:" + socket, "--no-wait", "--timeout=20", "init",
		"--", "add-br", config.Bridge, "--", "set", "Bridge", config.Bridge, "datapath_type=netdev"}
	for _, port := range config.Ports {
		args = append(args, "--", "add-port", config.Bridge, port)
	}
	if err := config.run(ctx, "ovs-vsctl", args...); err != nil {
		return err
	}
	daemon, err := config.program("ovs-vswitchd", "unix:"+socket, "--pidfile="+config.in("ovs-vswitchd.pid"))
	if err != nil {
		return err
	}
	// Made with the bridge, after its ports.
	return listens(ctx, daemon, config.in(config.Bridge+".mgmt"))
}

func findSchema() (string, error) {
	for _, file := range ovsSchemas {
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
	}
	return "", fmt.Errorf("vswitch.ovsschema is in none of %v: install the package openvswitch-switch", ovsSchemas)
}

func (config *OVS) in(file string) string { return filepath.Join(config.Folder, file) }

// environment tells Open vSwitch's programs where everything is.
func (config *OVS) environment() []string {
	return []string{"OVS_RUNDIR=" + config.Folder, "OVS_LOGDIR=" + config.Folder, "OVS_DBDIR=" + config.Folder}
}

// program starts one that runs on.
func (config *OVS) program(name string, args ...string) (*Process, error) {
	return config.Namespace.Start(Command{Path: name, Args: args, Env: config.environment(), Log: config.in(name + ".log")})
}

// run runs one that ends. It talks by Unix sockets only, so any namespace will do.
func (config *OVS) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), config.environment()...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// listens waits until a process accepts connections on a Unix socket.
func listens(ctx context.Context, p *Process, socket string) error {
	for {
		if conn, err := net.Dial("unix", socket); err == nil {
			return conn.Close()
		}
		select {
		case <-p.Done():
			return p.Ended()
		case <-ctx.Done():
			return fmt.Errorf("nobody listens on %s: %w; log:\n%s", socket, ctx.Err(), tail(p.log))
		case <-time.After(5 * time.Millisecond):
		}
	}
}
