//go:build linux

package lab

import (
	"bufio"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// busyLab starts one of everything, and returns the process id of a child.
func busyLab(t *testing.T, l *Lab) (child int) {
	t.Helper()
	h1, h2, middle := inLine(t, l)
	if _, err := middle.Transparent("in", "out", All); err != nil {
		t.Fatal(err)
	}
	if _, err := h1.Capture("eth0", filepath.Join(l.Dir(), "h1.pcap")); err != nil {
		t.Fatal(err)
	}
	if _, err := h1.Join("eth0", netip.MustParseAddrPort("239.9.9.9:5000")); err != nil {
		t.Fatal(err)
	}
	p, err := h2.Start(Command{Path: "sleep", Args: []string{"1000"}})
	if err != nil {
		t.Fatal(err)
	}
	oneDatagram(t, h1, h2, 0)
	return p.PID()
}

// eventually repeats a check until it holds; the kernel removes namespaces and
// processes when it gets to it.
func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	var err error
	for range 1000 {
		if err = check(); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s: %v", what, err)
}

func processExists(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func gone(pid int) func() error {
	return func() error {
		if processExists(pid) {
			return fmt.Errorf("process %d still exists", pid)
		}
		return nil
	}
}

// openFiles says what each file descriptor of this process refers to.
func openFiles(t *testing.T) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil {
			files = append(files, target)
		}
	}
	return files
}

func TestCloseLeavesNothing(t *testing.T) {
	newLab(t, FreshSysfs).Close() // for what the first lab of a process opens once
	runtime.GC()
	files, routines := openFiles(t), runtime.NumGoroutine()

	// The witness is a namespace outside the lab with a wire into it: when the
	// kernel has destroyed the lab's namespace, the wire's end here is gone.
	outside := newLab(t)
	witness := box(t, outside, "witness")
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	child := busyLab(t, l)
	connect(t, l, End{Namespace: witness, Interface: "w"}, End{Namespace: l.Namespace("h2"), Interface: "w"})
	dir := l.Dir()

	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if processExists(child) {
		t.Error("the child outlived Close")
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("scratch folder: %v", err)
	}
	eventually(t, "namespace", func() error {
		if names, err := witness.Interfaces(); err != nil || len(names) > 0 {
			return fmt.Errorf("the wire from %v into the lab still exists, %v", names, err)
		}
		return nil
	})
	if _, err := l.Host("late"); err == nil {
		t.Error("a closed lab makes namespaces")
	}
	if err := outside.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "open files and goroutines", func() error {
		if f, g := openFiles(t), runtime.NumGoroutine(); len(f) > len(files) || g > routines {
			return fmt.Errorf("%q and %d goroutines, before the lab %q and %d", f, g, files, routines)
		}
		return nil
	})
}

// TestDeathLeavesNothing lets another run of this test binary die in a lab.
func TestDeathLeavesNothing(t *testing.T) {
	if death := os.Getenv("LAB_TEST_DEATH"); death != "" {
		die(t, death)
		return
	}
	require(t, FreshSysfs)
	for _, death := range []string{"panic", "kill", "fatal"} {
		t.Run(death, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestDeathLeavesNothing$")
			cmd.Env = append(os.Environ(), "LAB_TEST_DEATH="+death)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var child int
			var dir, namespace string
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				if _, err := fmt.Sscanf(lines.Text(), "in a lab: %d %s %s", &child, &dir, &namespace); err == nil && death == "kill" {
					cmd.Process.Kill()
				}
			}
			if err := cmd.Wait(); err == nil || child == 0 {
				t.Fatalf("the other run: %v, its child: %d", err, child)
			}
			eventually(t, "child", gone(child))
			if users := namespaceUsers(namespace); len(users) > 0 {
				t.Errorf("namespace %s is still in use: %v", namespace, users)
			}
			l := newLab(t) // cleans up after the dead
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("scratch folder of the dead run: %v", err)
			}
			if _, err := os.Stat(l.Dir()); err != nil {
				t.Errorf("scratch folder of the living: %v", err)
			}
		})
	}
}

// die ends this run in the middle of a lab.
func die(t *testing.T, death string) {
	l := newLab(t)
	child := busyLab(t, l)
	namespace, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", child))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("in a lab: %d %s %s\n", child, l.Dir(), namespace)
	err = l.Namespace("h1").Do(func() error {
		switch death {
		case "panic":
			panic("as intended")
		case "fatal":
			t.Fatal("as intended")
		}
		select {} // until killed
	})
	t.Error(err)
}

// namespaceUsers lists the threads of all processes within a namespace, given
// as net:[INODE].
func namespaceUsers(namespace string) []string {
	var users []string
	links, _ := filepath.Glob("/proc/[0-9]*/task/[0-9]*/ns/net")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == namespace {
			users = append(users, link)
		}
	}
	return users
}
