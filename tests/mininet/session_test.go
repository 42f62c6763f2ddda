//go:build linux

package mininet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"

	"pillion/tests/lab"
)

const (
	script = "../../examples/mininet/mininet.py"
	prompt = "mininet> "
	// patience bounds a hanging script; it decides nothing else.
	patience = 2 * time.Minute
)

// pillion is the command built from this tree.
var pillion string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if err := dependOnTree(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		dir, err := os.MkdirTemp("", "pillion-command-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		pillion = filepath.Join(dir, "pillion")
		if out, err := exec.Command("go", "build", "-o", pillion, "pillion/cmd/pillion").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building pillion: %v\n%s", err, out)
			return 1
		}
		// Whatever the script leaves behind becomes a child of this process.
		if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
			fmt.Fprintln(os.Stderr, "becoming a subreaper:", err)
			return 1
		}
		return m.Run()
	}())
}

// dependOnTree opens every folder of the module. The go command repeats a test
// when a file in a folder that it opened has changed; of the script, and of what
// pillion is built from, it knows nothing otherwise.
func dependOnTree() error {
	return filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == ".git" {
			return filepath.SkipDir
		}
		return err
	})
}

// needs skips the test, aloud, where it cannot run with these switches.
func needs(t *testing.T, switches string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: Mininet needs root")
	}
	if out, err := exec.Command("/usr/bin/python3", "-c", "import mininet.net, yaml").CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: /usr/bin/python3 lacks Mininet or YAML (Debian: apt install mininet python3-yaml): %v\n%s", err, out)
	}
	for _, program := range []string{"mnexec", "ip", "ifconfig", "ping", "unshare"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: %s is not in PATH", program)
		}
	}
	needed := []lab.Requirement{lab.Namespaces, lab.FreshSysfs, lab.LinuxBridge}
	switch switches {
	case "bmv2":
		needed = append(needed, lab.BMv2Binary)
	case "ovs":
		needed = append(needed, lab.OpenVSwitch)
	}
	for _, reason := range lab.Missing(needed...) {
		t.Skip("SKIPPED: " + reason)
	}
}

// compile makes a bundle, and returns its folder.
func compile(t *testing.T, policy, network string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bundle")
	if out, err := exec.Command(pillion, "compile", policy, "--network", network, "-o", dir).CombinedOutput(); err != nil {
		t.Fatalf("pillion compile: %v\n%s", err, out)
	}
	return dir
}

// session is a running script in a network namespace of its own.
type session struct {
	t         *testing.T
	namespace *lab.Namespace
	cmd       *exec.Cmd
	stdin     io.WriteCloser
	output    *os.File // standard output and error, as they come
	scratch   string   // its TMPDIR
	said      bytes.Buffer
}

// start runs the script.
func start(t *testing.T, args ...string) *session {
	t.Helper()
	l, err := lab.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &session{t: t, scratch: t.TempDir()}
	if s.namespace, err = l.Box("mininet"); err != nil {
		t.Fatal(err)
	}
	var environment []string
	if slices.Contains(args, "ovs") {
		environment = startOVS(t, l, s.namespace)
	}
	path, err := filepath.Abs(script)
	if err != nil {
		t.Fatal(err)
	}
	// bmv2 reads the state of its interfaces in /sys, and Mininet looks there too.
	fresh := []string{"--mount", "sh", "-c", `mount -t sysfs sysfs /sys && exec "$@"`, "sh", path}
	s.cmd = exec.Command("unshare", append(fresh, args...)...)
	s.cmd.Env = append(os.Environ(), append(environment, "TMPDIR="+s.scratch, "HOME="+t.TempDir())...)
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	var write *os.File
	if s.output, write, err = os.Pipe(); err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	s.cmd.Stdout, s.cmd.Stderr = write, write
	if err := s.namespace.Do(s.cmd.Start); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			_ = s.cmd.Process.Signal(unix.SIGTERM)
			killer := time.AfterFunc(10*time.Second, func() { _ = s.cmd.Process.Kill() })
			defer killer.Stop()
			_ = s.cmd.Wait()
		}
		s.output.Close()
	})
	if err := s.output.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return s
}

// startOVS starts an Open vSwitch in the script's namespace, as a machine has one, and returns what in the environment
// makes programs find it.
func startOVS(t *testing.T, l *lab.Lab, namespace *lab.Namespace) (environment []string) {
	t.Helper()
	const bridge = "unused"
	folder := filepath.Join(l.Dir(), "ovs")
	if err := l.StartOVS(t.Context(), lab.OVS{Namespace: namespace, Folder: folder, Bridge: bridge}); err != nil {
		t.Fatal(err)
	}
	environment = []string{"OVS_RUNDIR=" + folder}
	remove := exec.Command("ovs-vsctl", "del-br", bridge)
	remove.Env = append(os.Environ(), environment...)
	if out, err := remove.CombinedOutput(); err != nil {
		t.Fatalf("ovs-vsctl: %v\n%s", err, out)
	}
	return environment
}

// until returns what the script says before the mark.
func (s *session) until(mark string) string {
	s.t.Helper()
	buffer := make([]byte, 4096)
	for {
		if before, after, found := strings.Cut(s.said.String(), mark); found {
			s.said.Reset()
			s.said.WriteString(after)
			return before
		}
		n, err := s.output.Read(buffer)
		s.said.Write(buffer[:n])
		if err != nil {
			s.t.Fatalf("waiting for %q: %v; the script said:\n%s", mark, err, s.said.String())
		}
	}
}

// enter gives the prompt a command, and returns what it says to that.
func (s *session) enter(command string) string {
	s.t.Helper()
	if _, err := io.WriteString(s.stdin, command+"\n"); err != nil {
		s.t.Fatal(err)
	}
	return s.until(prompt)
}

// end waits for the script's end, asserts its exit code and that it left
// nothing behind, and returns the rest of what it said.
func (s *session) end(code int) string {
	s.t.Helper()
	rest, err := io.ReadAll(s.output)
	if err != nil {
		s.t.Fatalf("waiting for the script's end: %v; it said:\n%s%s", err, s.said.String(), rest)
	}
	said := s.said.String() + string(rest)
	err = s.cmd.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("the script ended with %d, want %d; it said:\n%s", got, code, said)
	}
	s.leavesNothing()
	return said
}

func (s *session) leavesNothing() {
	s.t.Helper()
	if err := s.namespace.Do(func() error {
		interfaces, err := net.Interfaces()
		for _, i := range interfaces {
			if i.Name != "lo" && i.Name != "ovs-netdev" { // Open vSwitch has that for as long as it runs
				s.t.Errorf("interface %s is left", i.Name)
			}
		}
		if err != nil {
			return err
		}
		conn, err := nftables.New()
		if err != nil {
			return err
		}
		tables, err := conn.ListTables()
		for _, table := range tables {
			s.t.Errorf("table %s of nftables is left", table.Name)
		}
		return err
	}); err != nil {
		s.t.Error(err)
	}
	files, err := os.ReadDir(s.scratch)
	if err != nil {
		s.t.Error(err)
	}
	for _, f := range files {
		s.t.Errorf("%s is left in TMPDIR", f.Name())
	}
	for _, process := range children(s.t) {
		if strings.HasSuffix(process, "(ovsdb-server)") || strings.HasSuffix(process, "(ovs-vswitchd)") {
			continue // the machine's, as it were
		}
		s.t.Errorf("process %s is left", process)
	}
}

// children lists this process's running children as "PID (NAME)". Those that
// have ended are waited for.
func children(t *testing.T) []string {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var running []string
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		// proc(5): PID (NAME) STATE PPID …, and NAME may hold anything.
		paren := bytes.LastIndexByte(stat, ')')
		var pid, parent int
		var state string
		if _, err := fmt.Sscan(string(stat[paren+1:]), &state, &parent); err != nil || parent != os.Getpid() {
			continue
		}
		if _, err := fmt.Sscan(string(stat), &pid); err != nil {
			t.Fatal(err)
		}
		if state == "Z" {
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
			continue
		}
		running = append(running, string(stat[:paren+1]))
	}
	return running
}
