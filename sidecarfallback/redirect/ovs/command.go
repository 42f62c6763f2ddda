package ovs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"pillion/sidecarfallback/redirect"
)

const (
	// patience bounds one program's run. A switch with many flows takes
	// a second or two.
	patience = 30 * time.Second
	// maxOutput bounds what is read from a program, in bytes: about half a
	// million flows.
	maxOutput = 64 << 20
)

// Command is one run of a program of Open vSwitch.
type Command struct {
	Args  []string // the program's name first
	Input string   // what it reads on standard input
}

// Runner runs a command and returns what it wrote to standard output. Tests
// put their own in its place.
type Runner func(context.Context, Command) ([]byte, error)

// Programs returns a Runner that runs the real programs. The folder holds the
// sockets of Open vSwitch; empty is where it was built to have them.
func Programs(folder string) Runner {
	return func(ctx context.Context, c Command) ([]byte, error) {
		path, err := exec.LookPath(c.Args[0])
		if err != nil {
			return nil, &redirect.Unsupported{What: "the program " + c.Args[0], Remedy: "install Open vSwitch (Debian: openvswitch-switch)", Err: err}
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, c.Args[1:]...)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		if folder != "" {
			cmd.Env = append(cmd.Env, "OVS_RUNDIR="+folder)
		}
		cmd.Stdin = strings.NewReader(c.Input)
		out, complaints := &limited{left: maxOutput}, &limited{left: 4096}
		cmd.Stdout, cmd.Stderr = out, complaints
		err = cmd.Run()
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("%s: %w: is ovs-vswitchd running?", strings.Join(c.Args, " "), ctx.Err())
		case out.left == 0:
			return nil, fmt.Errorf("%s: it wrote more than %d bytes", strings.Join(c.Args, " "), maxOutput)
		case err != nil:
			return nil, explain(c, complaints.String(), err)
		}
		return out.Bytes(), nil
	}
}

// explain turns a program's complaint into what is wrong and what to do.
func explain(c Command, complaint string, err error) error {
	complaint = strings.TrimSpace(complaint)
	failed := fmt.Errorf("%s: %w: %s", short(c.Args), err, complaint)
	has := func(words string) bool { return strings.Contains(complaint, words) }
	switch {
	case has("database connection failed"), has("Protocol error") && c.Args[0] == "ovs-vsctl":
		return &redirect.Unsupported{What: "Open vSwitch's database does not answer", Remedy: "start ovsdb-server, or say where its sockets are", Err: failed}
	case has("cannot read pidfile"), has("is not a bridge or a socket"), has("failed to connect to socket"), has("connecting to"):
		return &redirect.Unsupported{What: "ovs-vswitchd does not answer for the bridge", Remedy: "start it, or check the bridge's name", Err: failed}
	case has("version negotiation failed"):
		return &redirect.Unsupported{What: "the bridge does not accept OpenFlow 1.0 and 1.4", Since: "Open vSwitch 2.4", Remedy: "add OpenFlow10 and OpenFlow14 to the bridge's protocols", Err: failed}
	case has("unrecognized option"), has("unknown command"):
		return &redirect.Unsupported{What: "this release of Open vSwitch does not know an option", Since: "Open vSwitch 2.8", Remedy: "use a newer one", Err: failed}
	}
	return failed
}

// short keeps a command readable in an error.
func short(args []string) string {
	line := strings.Join(args, " ")
	if len(line) > 200 {
		line = line[:200] + "…"
	}
	return line
}

// limited keeps the first bytes written to it, and fails once they are used up.
type limited struct {
	bytes.Buffer
	left int
}

var errFull = errors.New("too much output")

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		l.Buffer.Write(p[:l.left])
		l.left = 0
		return 0, errFull
	}
	l.left -= len(p)
	return l.Buffer.Write(p)
}

// ReadFrom hides that of bytes.Buffer, which knows no limit.
func (l *limited) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{l}, r)
}
