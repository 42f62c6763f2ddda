//go:build linux

package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// Expected is how long a verb waits for what should arrive. It returns as
	// soon as everything has.
	Expected = 5 * time.Second
	// Unexpected is how long a verb listens to be sure that nothing arrives.
	Unexpected = 300 * time.Millisecond
)

// scratchPrefix begins the name of every scratch folder; the process id that
// follows says whether its owner still lives.
const scratchPrefix = "pillion-lab-"

// Lab is a set of network namespaces with everything that was started in
// them. Its methods may be called from several goroutines.
type Lab struct {
	dir string

	mu         sync.Mutex
	closed     bool
	namespaces map[string]*Namespace
	closers    []*closer // in the order of opening
}

// closer wraps a close function so that it can be found again and taken off
// the list.
type closer struct{ close func() error }

// New makes an empty lab with a scratch folder of its own, after removing the
// scratch folders of runs that died. The caller must Close it.
func New() (*Lab, error) {
	removeLeftovers(os.TempDir())
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", scratchPrefix, os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("lab: scratch folder: %w", err)
	}
	return &Lab{dir: dir, namespaces: map[string]*Namespace{}}, nil
}

// Dir is the lab's scratch folder, for logs, captures and Unix sockets. Close
// removes it.
func (l *Lab) Dir() string { return l.dir }

// Close ends every process, socket and goroutine of the lab in the reverse
// order of their making, then gives up the namespaces, upon which the kernel
// destroys them with their interfaces. It may be called more than once.
func (l *Lab) Close() error {
	l.mu.Lock()
	l.closed = true
	closers := l.closers
	l.closers = nil
	l.mu.Unlock()

	var errs []error
	for _, c := range slices.Backward(closers) {
		errs = append(errs, c.close())
	}
	errs = append(errs, os.RemoveAll(l.dir))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("lab: close: %w", err)
	}
	return nil
}

// onClose registers f, which must tolerate being called twice, to run at
// Close. The returned function takes it off again, for things closed early.
// If the lab is closed already, f runs at once and an error is returned.
func (l *Lab) onClose(f func() error) (forget func(), err error) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return func() {}, errors.Join(errors.New("lab: already closed: make a new one"), f())
	}
	defer l.mu.Unlock()
	c := &closer{close: f}
	l.closers = append(l.closers, c)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.closers = slices.DeleteFunc(l.closers, func(other *closer) bool { return other == c })
	}, nil
}

// removeLeftovers deletes the scratch folders in root whose process is gone.
// Errors are left alone: the folders may be another user's.
func removeLeftovers(root string) {
	dirs, _ := filepath.Glob(filepath.Join(root, scratchPrefix+"*-*"))
	for _, dir := range dirs {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), scratchPrefix), "-")
		pid, err := strconv.Atoi(number)
		if err != nil || pid <= 0 {
			continue
		}
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			os.RemoveAll(dir)
		}
	}
}
