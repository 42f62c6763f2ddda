//go:build linux

package lab

import (
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestDoComesBack(t *testing.T) {
	l := newLab(t)
	ns := box(t, l, "a")
	current := func() string {
		name, err := os.Readlink("/proc/thread-self/ns/net")
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home := current()
	var inside string
	func() {
		defer func() { recover() }()
		ns.Do(func() error {
			inside = current()
			panic("within")
		})
	}()
	if inside == home || current() != home {
		t.Errorf("home %s, inside %s, afterwards %s", home, inside, current())
	}
	other := box(t, l, "b")
	ns.Do(func() error {
		other.Do(func() error { return nil })
		if current() != inside {
			t.Errorf("nested: came back to %s, want %s", current(), inside)
		}
		return nil
	})
	if got, err := os.Stat(ns.Path()); err != nil || !strings.Contains(inside, strconv.FormatUint(got.Sys().(*syscall.Stat_t).Ino, 10)) {
		t.Errorf("Path is %s, Do runs in %s, %v", ns.Path(), inside, err)
	}
}

func TestDialContextReachesTheNamespacesLoopback(t *testing.T) {
	l := newLab(t)
	ns := box(t, l, "switch")
	var listener net.Listener
	err := ns.Do(func() (err error) {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := ns.DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if conn, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		conn.Close()
		t.Error("the listener is reachable from outside its namespace")
	}
}
