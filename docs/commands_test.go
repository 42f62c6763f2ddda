package docs_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pillion/sidecarfallback/shim"
)

// command is one line of a ```console block that starts with "$ ", and what the page shows of its output.
type command struct {
	block *block
	line  string
	shown []string
	exit  int // the line ends in "# exit code N"
	got   string
	code  int
}

var exitComment = regexp.MustCompile(`#\s*exit code (\d+)\s*$`)

func commandsOf(t *testing.T, b *block) []*command {
	t.Helper()
	var out []*command
	for line := range strings.Lines(b.body) {
		line = strings.TrimSuffix(line, "\n")
		text, ok := strings.CutPrefix(line, "$ ")
		switch {
		case ok:
			c := &command{block: b, line: text}
			if m := exitComment.FindStringSubmatch(text); m != nil {
				c.exit, _ = strconv.Atoi(m[1]) // digits
			}
			out = append(out, c)
		case len(out) == 0:
			t.Fatalf("%v: output without a command", b)
		default:
			out[len(out)-1].shown = append(out[len(out)-1].shown, line)
		}
	}
	return out
}

func (c *command) background() bool { return strings.HasSuffix(c.line, "&") }

// matches says whether the output is what is shown, in which a line "…" stands for any number of lines.
func (c *command) matches() bool {
	if len(c.shown) == 0 {
		return true
	}
	return match(c.shown, strings.Split(strings.TrimSuffix(c.got, "\n"), "\n"))
}

func match(shown, got []string) bool {
	switch {
	case len(shown) == 0:
		return len(got) == 0
	case shown[0] == "…":
		for i := 0; i <= len(got); i++ {
			if match(shown[1:], got[i:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && shown[0] == got[0] && match(shown[1:], got[1:])
}

// TestCommands runs the commands of every page as a user would: page by page in a shell of its own, in a copy of
// the checkout, with a freshly built pillion. Blocks marked root or bmv2 run alone, in a network
// namespace of their own.
func TestCommands(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("skipped: the commands of the pages need bash")
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "pillion"), "./cmd/pillion")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, path := range pages(t) {
		p := read(t, path)
		var whole, alone [][]*command
		for _, b := range p.blocks {
			switch {
			case b.kind == "console" && (b.has("root") || b.has("bmv2")):
				alone = append(alone, commandsOf(t, b))
			case b.kind == "console":
				whole = append(whole, commandsOf(t, b))
			}
		}
		if len(whole) > 0 {
			t.Run(path, func(t *testing.T) { runCommands(t, []string{bash}, bin, whole) })
		}
		for _, block := range alone {
			of := block[0].block
			t.Run(fmt.Sprint(path, " ", of.words[0]), func(t *testing.T) {
				if os.Geteuid() != 0 {
					t.Skip("skipped: a network namespace for these commands takes root")
				}
				if _, err := exec.LookPath("simple_switch_grpc"); of.has("bmv2") && err != nil {
					t.Skip("skipped: no simple_switch_grpc (bmv2) here")
				}
				if _, err := exec.LookPath("ovs-vswitchd"); of.has("ovs") && err != nil {
					t.Skip("skipped: no ovs-vswitchd (Open vSwitch) here")
				}
				inside := `ip link set lo up && exec "$@"`
				if of.has("hosts") {
					if err := shim.Supported(); err != nil {
						t.Skipf("skipped: %v", err)
					}
					inside = ownHosts + inside
				}
				if of.has("ovs") {
					inside = openVSwitch + inside
				}
				runCommands(t, []string{"unshare", "--net", "--mount", "sh", "-ec", inside, "sh", bash}, bin, [][]*command{block})
			})
		}
	}
}

// ownHosts gives a block names of network namespaces, sockets, and a bpffs of its own; all go with the mount namespace.
const ownHosts = `
mount -t tmpfs tmpfs /run
mkdir /run/netns
mount -t sysfs sysfs /sys
mount -t bpf bpf /sys/fs/bpf
`

// openVSwitch starts one of the test's own, in a folder that goes with the mount namespace, and its daemons with their parent.
const openVSwitch = `
mount -t tmpfs tmpfs /mnt
mount -t sysfs sysfs /sys
export OVS_RUNDIR=/mnt OVS_LOGDIR=/mnt OVS_DBDIR=/mnt
await() { for i in $(seq 300); do test -e "$1" && return; sleep 0.1; done; return 1; }
ovsdb-tool create /mnt/conf.db /usr/share/openvswitch/vswitch.ovsschema
setpriv --pdeathsig KILL ovsdb-server /mnt/conf.db --remote=punix:/mnt/db.sock >/dev/null 2>&1 &
await /mnt/db.sock
ovs-vsctl --no-wait init
setpriv --pdeathsig KILL ovs-vswitchd unix:/mnt/db.sock --pidfile=/mnt/ovs-vswitchd.pid >/dev/null 2>&1 &
await /mnt/ovs-vswitchd.pid
`

func runCommands(t *testing.T, shell []string, bin string, blocks [][]*command) {
	home := checkout(t)
	ports := newPortMap(t)
	ports.rewrite(t, filepath.Join(home, "examples"))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, shell[0], append(shell[1:], "-c", script(blocks, ports))...)
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "NO_COLOR=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the shell: %v\n%s", err, out)
	}
	split(t, blocks, ports.back(string(out)))
	for _, block := range blocks {
		for _, c := range block {
			if c.code != c.exit {
				t.Errorf("%v: $ %s\nexits with %d, not %d:\n%s", c.block, c.line, c.code, c.exit, clip(c.got))
			} else if !*update && !c.matches() {
				t.Errorf("%v: $ %s\nthe page shows\n%s\nit prints\n%s", c.block, c.line, strings.Join(c.shown, "\n"), clip(c.got))
			}
		}
		if *update && len(block) > 0 {
			block[0].block.compare(t, rewritten(block))
		}
	}
}

// clip bounds what a failure repeats.
func clip(output string) string {
	const most = 60
	lines := strings.SplitAfter(output, "\n")
	if len(lines) <= most {
		return output
	}
	return strings.Join(lines[:most/2], "") + "[…]\n" + strings.Join(lines[len(lines)-most/2:], "")
}

// rewritten is a block with the output as it is, where it is shown in full.
func rewritten(block []*command) string {
	var out strings.Builder
	for _, c := range block {
		fmt.Fprintf(&out, "$ %s\n", c.line)
		whole := len(c.shown) > 0
		for _, l := range c.shown {
			whole = whole && l != "…"
		}
		if whole {
			out.WriteString(c.got)
			continue
		}
		for _, l := range c.shown {
			out.WriteString(l + "\n")
		}
	}
	return out.String()
}

// mark goes before the exit code of each command in the shell's output.
const mark = "=== exit code "

// script is one shell script of all commands. What runs in the background is awaited where it listens, and ended with the script.
func script(blocks [][]*command, ports *portMap) string {
	var out strings.Builder
	out.WriteString("trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n")
	for _, block := range blocks {
		for _, c := range block {
			line := ports.there(c.line)
			if c.background() {
				line = "{ exec " + strings.TrimSpace(strings.TrimSuffix(line, "&")) + "; } >/dev/null 2>&1 &\n" + await(line)
			}
			fmt.Fprintf(&out, "{ %s\n} 2>&1 </dev/null\necho '%s'$?\n", line, mark)
		}
	}
	return out.String()
}

var (
	listens       = regexp.MustCompile(`--grpc(?:-server-addr)? (\S+):(\d+)`)
	listensAtPath = regexp.MustCompile(`--grpc unix:(\S+)`)
)

// await waits until the command listens, for half a minute at most, and fails if it does not.
func await(line string) string {
	try := ""
	if m := listensAtPath.FindStringSubmatch(line); m != nil {
		try = "test -S " + m[1]
	} else if m := listens.FindStringSubmatch(line); m != nil {
		try = fmt.Sprintf("(echo >/dev/tcp/%s/%s) 2>/dev/null", m[1], m[2])
	} else {
		return ":"
	}
	return fmt.Sprintf("listens() { %s; }; for i in $(seq 300); do listens && break; sleep 0.1; done; listens", try)
}

// split gives each command its part of the shell's output.
func split(t *testing.T, blocks [][]*command, out string) {
	t.Helper()
	for _, block := range blocks {
		for _, c := range block {
			before, after, ok := strings.Cut(out, mark)
			if !ok {
				t.Fatalf("%v: $ %s\ndid not come to its end:\n%s", c.block, c.line, out)
			}
			number, rest, _ := strings.Cut(after, "\n")
			var err error
			if c.code, err = strconv.Atoi(number); err != nil {
				t.Fatal(err)
			}
			c.got, out = before, rest
		}
	}
}

// checkout is a folder that looks like the project's: the examples are copied, as commands change them; everything else is linked.
func checkout(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	real, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		switch e.Name() {
		case ".git", "bin", scratch:
			continue
		case "examples":
			err = os.CopyFS(filepath.Join(home, "examples"), os.DirFS(filepath.Join(real, "examples")))
		default:
			err = os.Symlink(filepath.Join(real, e.Name()), filepath.Join(home, e.Name()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// portMap stands for the fixed ports of the pages, which may be taken on this machine.
type portMap struct{ pairs [][2]string }

func newPortMap(t *testing.T) *portMap {
	t.Helper()
	p := &portMap{}
	for n := 50051; n <= 50054; n++ {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all at once, so that they differ
		p.pairs = append(p.pairs, [2]string{fmt.Sprintf("127.0.0.1:%d", n), l.Addr().String()})
	}
	return p
}

func (p *portMap) there(text string) string {
	for _, pair := range p.pairs {
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	return text
}

func (p *portMap) back(text string) string {
	for _, pair := range p.pairs {
		text = strings.ReplaceAll(text, pair[1], pair[0])
	}
	return text
}

// rewrite puts the ports into the network files below a folder.
func (p *portMap) rewrite(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*", "network.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		changed := []byte(p.there(string(text)))
		if bytes.Equal(text, changed) {
			continue
		}
		if err := os.WriteFile(f, changed, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
