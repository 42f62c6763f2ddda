//go:build linux

package lab

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestProcesses(t *testing.T) {
	l := newLab(t, FreshSysfs)
	a, _ := wire(t, l)
	p, err := a.Start(Command{Path: "sh", Args: []string{"-c", "cat /sys/class/net/p/operstate; ls /sys/class/net; echo $GREETING"}, Env: []string{"GREETING=hello"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if got := string(readFile(t, p.LogFile())); got != "up\nlo\np\nhello\n" {
		t.Errorf("the process saw %q", got)
	}
	stubborn, err := a.Start(Command{Path: "sh", Args: []string{"-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"}, Log: filepath.Join(l.Dir(), "stubborn")})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "start", func() error {
		if !strings.Contains(string(readFile(t, stubborn.LogFile())), "ready") {
			return errors.New("not ready")
		}
		return nil
	})
	if err := stubborn.Stop(); err != nil || processExists(stubborn.PID()) {
		t.Errorf("a process that ignores SIGTERM: %v", err)
	}
	if _, err := a.Start(Command{Path: "no-such-program"}); err == nil {
		t.Error("a program that does not exist was started")
	}
	failing, err := a.Start(Command{Path: "sh", Args: []string{"-c", "echo no luck; exit 3"}, Log: filepath.Join(l.Dir(), "failing")})
	if err != nil {
		t.Fatal(err)
	}
	if err := failing.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "no luck") {
		t.Errorf("a process that fails: %v", err)
	}
}
