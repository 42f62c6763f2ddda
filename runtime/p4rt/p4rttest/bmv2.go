package p4rttest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// BMv2 starts a simple_switch_grpc without ports and without a program, and returns its address. The
// test is skipped where there is none on the PATH.
func BMv2(t *testing.T, deviceID uint64) string {
	t.Helper()
	path, err := exec.LookPath("simple_switch_grpc")
	if err != nil {
		t.Skip("SKIPPED: simple_switch_grpc (bmv2) is not on the PATH, so nothing is tested against it")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	var output bytes.Buffer
	// Its default path for notifications is the same for every bmv2 of one device id.
	sockets, err := os.MkdirTemp("", "bmv2-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(sockets) })
	cmd := exec.Command(path, "--no-p4", "--device-id", strconv.FormatUint(deviceID, 10),
		"--notifications-addr", "ipc://"+sockets+"/notifications", "--", "--grpc-server-addr", address)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	for range 1000 {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return address
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("simple_switch_grpc ended: %v\n%s", err, output.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("simple_switch_grpc does not listen at %s", address)
	return ""
}
