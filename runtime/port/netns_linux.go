package port

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

func (o Options) where() string {
	switch {
	case o.NamespaceFD != nil:
		return "network namespace " + o.NamespaceFD.Name()
	case o.Namespace != "":
		return "network namespace " + o.Namespace
	}
	return "this network namespace"
}

// inNamespace runs f in the network namespace that the options name.
func inNamespace(o Options, f func() error) error {
	target := o.NamespaceFD
	if target == nil {
		if o.Namespace == "" {
			return f()
		}
		path := o.Namespace
		if !strings.ContainsRune(path, '/') {
			path = filepath.Join("/run/netns", path)
		}
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("network namespace %s: %w; create it with `ip netns add`", o.Namespace, err)
		}
		defer file.Close()
		target = file
	}
	// A namespace belongs to a thread. The work gets a thread of its own; if that
	// thread cannot come back, it ends with its goroutine, still locked.
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		home, err := os.Open("/proc/thread-self/ns/net")
		if err != nil {
			runtime.UnlockOSThread()
			done <- err
			return
		}
		defer home.Close()
		if err := unix.Setns(int(target.Fd()), unix.CLONE_NEWNET); err != nil {
			runtime.UnlockOSThread()
			done <- fmt.Errorf("enter %s: %w", o.where(), err)
			return
		}
		err = f()
		if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}
