//go:build linux

package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stopGrace is how long a process has to end by itself before it is killed.
const stopGrace = 2 * time.Second

// Command is a program to start inside a namespace.
type Command struct {
	Path string   // program, looked up in PATH when it has no slash
	Args []string // without the program's name
	Env  []string // added to this process's environment
	Dir  string   // working folder; empty is the lab's scratch folder
	Log  string   // file for standard output and error; empty is NAME.log in the scratch folder
}

// Process is a program running inside a namespace.
type Process struct {
	log    string
	cmd    *exec.Cmd
	forget func()

	done chan struct{} // closed when the process has ended
	err  error         // how it ended, valid once done is closed
	stop sync.Once
}

// Start runs a program in the namespace, with a /sys that shows this
// namespace's interfaces (bmv2 reads their state there). The kernel kills it
// when this process dies; Close of the lab stops it and waits.
func (ns *Namespace) Start(c Command) (*Process, error) {
	path, err := exec.LookPath(c.Path)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, fmt.Errorf("lab: %s: %w", ns.Name, err)
	}
	p := &Process{log: c.Log, done: make(chan struct{})}
	if p.log == "" {
		p.log = filepath.Join(ns.lab.dir, ns.Name+"-"+filepath.Base(path)+".log")
	}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lab: %s: log of %s: %w", ns.Name, c.Path, err)
	}
	p.cmd = exec.Command(path, c.Args...)
	p.cmd.Env = append(os.Environ(), c.Env...)
	p.cmd.Dir = c.Dir
	if p.cmd.Dir == "" {
		p.cmd.Dir = ns.lab.dir
	}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	// The parent that the death signal speaks of is the thread that started
	// the child. So that thread lives exactly as long as the child.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}

	started := make(chan error, 1)
	go onFreshThread(func() error {
		defer out.Close()
		defer close(p.done)
		err := ns.startHere(p.cmd)
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
		}
		return nil
	})
	if err := <-started; err != nil {
		return nil, fmt.Errorf("lab: %s: starting %s: %w", ns.Name, path, err)
	}
	if p.forget, err = ns.lab.onClose(p.Stop); err != nil {
		return nil, err
	}
	return p, nil
}

// startHere starts cmd from the calling thread, which is left in the
// namespace and in a mount namespace of its own: the thread must be thrown
// away afterwards.
func (ns *Namespace) startHere(cmd *exec.Cmd) error {
	if err := ns.set(); err != nil {
		return err
	}
	if err := freshSysfs(); err != nil {
		return err
	}
	return cmd.Start()
}

// freshSysfs gives the calling thread a mount namespace with a /sys that shows
// the thread's network namespace.
func freshSysfs() error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("mount namespace: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	if err := unix.Mount("sysfs", "/sys", "sysfs", 0, ""); err != nil {
		return fmt.Errorf("fresh /sys: %w", err)
	}
	return nil
}

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// LogFile is where the process's output goes.
func (p *Process) LogFile() string { return p.log }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits until the process has ended by itself. It is an error if it failed.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s goes on: %w; log:\n%s", filepath.Base(p.cmd.Path), ctx.Err(), tail(p.log))
	case <-p.done:
	}
	if p.err != nil {
		return p.Ended()
	}
	return nil
}

// Stop asks the process to end (SIGTERM), kills it if it does not within two
// seconds, and waits until it is gone. How it ended is no error.
func (p *Process) Stop() error {
	p.stop.Do(func() {
		if p.forget != nil {
			p.forget()
		}
		p.signal(syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(stopGrace):
			p.signal(syscall.SIGKILL)
			<-p.done
		}
	})
	return nil
}

// signal reaches the process through its handle, which never means another
// process that got the same number later.
func (p *Process) signal(s os.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		fmt.Fprintf(os.Stderr, "lab: signal %v to process %d: %v\n", s, p.PID(), err)
	}
}

// Ended describes how the process ended, with the last of what it said.
func (p *Process) Ended() error {
	return fmt.Errorf("%s ended (%v); its last words in %s:\n%s", filepath.Base(p.cmd.Path), p.cmd.ProcessState, p.log, tail(p.log))
}

// tailSize bounds how much of a log goes into an error, in bytes.
const tailSize = 2048

func tail(file string) []byte {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > tailSize {
		f.Seek(-tailSize, io.SeekEnd)
	}
	text, _ := io.ReadAll(io.LimitReader(f, tailSize))
	return bytes.TrimSpace(text)
}
