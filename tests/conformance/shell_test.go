package conformance

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pillion/runtime/port"
	"pillion/runtime/server"
)

// shellVariable names a folder with p4lang's p4runtime-shell (the one that p4runtime_sh
// is in). What the shell needs, python3 must find: grpcio, protobuf, ipython,
// googleapis-common-protos and P4Runtime's own messages (PYTHONPATH).
const shellVariable = "PILLION_P4RUNTIME_SHELL"

// TestStockShell: a P4Runtime client that is not ours does its ordinary work.
func TestStockShell(t *testing.T) {
	dir := os.Getenv(shellVariable)
	if dir == "" {
		t.Skipf("%s is not set: it names a checkout of p4lang/p4runtime-shell", shellVariable)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not in PATH")
	}
	sw, err := server.NewSwitch(server.SwitchOptions{Options: server.Options{DeviceID: deviceID}})
	if err != nil {
		t.Fatal(err)
	}
	defer sw.Close()
	near, far := port.Pipe("echo")
	if err := sw.AddPort(2, near); err != nil {
		t.Fatal(err)
	}
	go func() {
		buf := make([]byte, 2000)
		for {
			frame, err := far.Read(buf)
			if err != nil || far.Write(frame) != nil {
				return
			}
		}
	}()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- sw.Serve(ctx, lis) }()
	script, err := filepath.Abs("testdata/shell/session.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, python, script, lis.Addr().String(), features+".p4info.txtpb", features+".json")
	cmd.Env = append(os.Environ(), "PYTHONPATH="+dir+string(os.PathListSeparator)+os.Getenv("PYTHONPATH"))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "step: done") {
		t.Errorf("%v\n%s", err, out)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
