package scenario

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"pillion/tests/lab"
)

// Switch is the substrate of our own software switch, as the command that users run.
type Switch struct {
	// Program is the command pillion.
	Program string
}

// Name implements [Substrate].
func (Switch) Name() string { return "switch" }

// Missing implements [Substrate].
func (s Switch) Missing(site *Site) []string {
	return append(append(p4Only(site), needs(site)...), needsCommand(s.Program)...)
}

// needsCommand says that the command is missing, if it is.
func needsCommand(program string) []string {
	if program == "" {
		return []string{"the command pillion is missing: install the go tool, which builds it"}
	}
	return nil
}

// Start implements [Substrate].
func (s Switch) Start(ctx context.Context, site *Site) (World, error) {
	return startKernel(ctx, site, s.Program, s.start)
}

// start starts one switch.
func (s Switch) start(ctx context.Context, w *wiring, i int) (string, error) {
	sw := &w.net.Switches[i]
	socket := filepath.Join(w.lab.Dir(), fmt.Sprintf("switch-%d.sock", i))
	args := []string{"switch", "--grpc", "unix:" + socket, "--device-id", strconv.FormatUint(sw.DeviceID, 10),
		"--cpu-port", strconv.FormatUint(uint64(sw.CPUPort), 10)}
	for _, port := range w.ports[i] {
		args = append(args, "-i", fmt.Sprintf("%d@%s", port.Number, port.Interface))
	}
	process, err := w.switches[i].Start(lab.Command{Path: s.Program, Args: args, Log: filepath.Join(w.lab.Dir(), fmt.Sprintf("switch-%d.log", i))})
	if err != nil {
		return "", fmt.Errorf("%s: %w", sw.Name, err)
	}
	return "unix:" + socket, answers(ctx, process, socket)
}

// switchStart is how long a switch has until it listens.
const switchStart = 10 * time.Second

// answers waits until a process listens on a Unix socket.
func answers(ctx context.Context, process *lab.Process, socket string) error {
	ctx, cancel := context.WithTimeout(ctx, switchStart)
	defer cancel()
	for {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-process.Done():
			said, _ := os.ReadFile(process.LogFile())
			return fmt.Errorf("it ended: %s", strings.TrimSpace(string(said)))
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
