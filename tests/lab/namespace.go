//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// Namespace is one network namespace of a lab: a host, a middlebox, or the
// place where switches have their ports.
type Namespace struct {
	Name string

	lab    *Lab
	handle netns.NsHandle
	links  *netlink.Handle // a netlink socket inside the namespace

	mu     sync.RWMutex // held for reading while the handle is in use
	closed bool
}

// hostSettings make addresses usable at once and keep the kernel from
// changing, refusing or answering what a scenario did not ask for.
var hostSettings = []setting{
	// No duplicate address detection, no address or route from the network.
	{"net/ipv6/conf/*/accept_dad", "0"},
	{"net/ipv6/conf/*/dad_transmits", "0"},
	{"net/ipv6/conf/*/accept_ra", "0"},
	{"net/ipv6/conf/*/autoconf", "0"},
	{"net/ipv6/conf/*/router_solicitations", "0"},
	// The network decides who may send as whom, not the receiver's routes.
	{"net/ipv4/conf/*/rp_filter", "0"},
	// Answer ARP for the interface's own addresses only.
	{"net/ipv4/conf/*/arp_ignore", "1"},
	// Ping sockets for every group, root's too.
	{"net/ipv4/ping_group_range", "0 2147483647"},
	// Answer and report every time, so that a repeated verb is not starved.
	{"net/ipv4/icmp_ratemask", "0"},
	{"net/ipv6/icmp/ratelimit", "0"},
}

// boxSettings silence a namespace that only passes frames on.
var boxSettings = []setting{
	{"net/ipv6/conf/*/disable_ipv6", "1"},
	{"net/ipv4/conf/*/arp_ignore", "8"},
	{"net/ipv4/ip_forward", "0"},
	// A bridge is a switch: it neither filters by IP nor cuts off padding.
	{"net/bridge/bridge-nf-call-arptables", "0"},
	{"net/bridge/bridge-nf-call-iptables", "0"},
	{"net/bridge/bridge-nf-call-ip6tables", "0"},
}

// setting is a sysctl below /proc/sys. An asterisk stands for both "all" and
// "default", which interfaces made later inherit.
type setting struct{ path, value string }

// Host makes a namespace with an IP stack that is quiet but usable at once.
func (l *Lab) Host(name string) (*Namespace, error) {
	return l.namespace(name, hostSettings)
}

// Box makes a namespace for a middlebox or for switch ports: its interfaces
// say nothing of their own accord. Its loopback has 127.0.0.1.
func (l *Lab) Box(name string) (*Namespace, error) {
	return l.namespace(name, boxSettings)
}

// Namespace finds a namespace by its name; nil if there is none.
func (l *Lab) Namespace(name string) *Namespace {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.namespaces[name]
}

func (l *Lab) namespace(name string, settings []setting) (*Namespace, error) {
	if l.Namespace(name) != nil {
		return nil, fmt.Errorf("lab: namespace %q exists already: choose another name", name)
	}
	ns := &Namespace{Name: name, lab: l, handle: netns.None()}
	if err := onFreshThread(func() (err error) {
		ns.handle, err = netns.New()
		return err
	}); err != nil {
		return nil, fmt.Errorf("lab: namespace %q: cannot make it (are you root?): %w", name, err)
	}
	var err error
	if ns.links, err = netlink.NewHandleAt(ns.handle, unix.NETLINK_ROUTE); err != nil {
		ns.handle.Close()
		return nil, fmt.Errorf("lab: namespace %q: netlink: %w", name, err)
	}
	if _, err := l.onClose(ns.close); err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.namespaces[name] = ns
	l.mu.Unlock()

	if err := ns.Do(func() error { return apply(settings) }); err != nil {
		return nil, fmt.Errorf("lab: namespace %q: %w", name, err)
	}
	lo, err := ns.links.LinkByName("lo")
	if err == nil {
		err = ns.links.LinkSetUp(lo)
	}
	if err != nil {
		return nil, fmt.Errorf("lab: namespace %q: loopback: %w", name, err)
	}
	return ns, nil
}

// apply writes the settings in the calling thread's namespace. What this
// kernel does not have is skipped: it then cannot disturb either.
func apply(settings []setting) error {
	for _, s := range settings {
		paths := []string{s.path}
		if dir, key, ok := cutStar(s.path); ok {
			paths = []string{dir + "all" + key, dir + "default" + key}
		}
		for _, path := range paths {
			err := os.WriteFile(filepath.Join("/proc/sys", path), []byte(s.value), 0o644)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("sysctl %s=%s: %w", path, s.value, err)
			}
		}
	}
	return nil
}

func cutStar(path string) (before, after string, found bool) {
	for i := range path {
		if path[i] == '*' {
			return path[:i], path[i+1:], true
		}
	}
	return path, "", false
}

func (ns *Namespace) close() error {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if ns.closed {
		return nil
	}
	ns.closed = true
	ns.links.Close()
	return ns.handle.Close()
}

// Path names the namespace for tools that run while this process does, for
// example nsenter --net=PATH.
func (ns *Namespace) Path() string {
	return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), int(ns.handle))
}

// Do runs f inside the namespace, on the calling goroutine, with its thread
// locked. Sockets that f opens belong to the namespace for as long as they
// live; goroutines that f starts do not run inside it. The thread comes back
// also when f panics or ends the goroutine (as t.Fatal does).
func (ns *Namespace) Do(f func() error) error {
	leave, err := ns.enter()
	if err != nil {
		return err
	}
	defer leave()
	return f()
}

// enter moves the calling thread into the namespace and returns how to bring
// it back.
func (ns *Namespace) enter() (leave func(), err error) {
	runtime.LockOSThread()
	back, err := netns.Get()
	if err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("lab: namespace %q: cannot read the current one: %w", ns.Name, err)
	}
	if err := ns.set(); err != nil {
		back.Close()
		runtime.UnlockOSThread()
		return nil, err
	}
	return func() {
		// A thread that cannot return stays locked, so that nobody else is
		// ever run on it.
		if netns.Set(back) == nil {
			runtime.UnlockOSThread()
		}
		back.Close()
	}, nil
}

// set moves the calling thread, which must be locked, into the namespace.
func (ns *Namespace) set() error {
	ns.mu.RLock()
	defer ns.mu.RUnlock()
	if ns.closed {
		return fmt.Errorf("lab: namespace %q is closed", ns.Name)
	}
	if err := netns.Set(ns.handle); err != nil {
		return fmt.Errorf("lab: namespace %q: cannot enter: %w", ns.Name, err)
	}
	return nil
}

// DialContext connects from inside the namespace. It has the signature of
// net.Dialer.DialContext; addr must be numeric.
func (ns *Namespace) DialContext(ctx context.Context, network, addr string) (conn net.Conn, err error) {
	err = ns.Do(func() error {
		conn, err = new(net.Dialer).DialContext(ctx, network, addr)
		return err
	})
	return conn, err
}

// onFreshThread runs f on a thread that is thrown away afterwards, whatever f
// did to it. Never on the process's main thread: that one outlives every
// goroutine, and /proc/self speaks of it.
func onFreshThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			err := onFreshThread(f) // runs elsewhere, as this thread is locked
			runtime.UnlockOSThread()
			done <- err
			return
		}
		err := errors.New("the goroutine was ended from inside")
		defer func() { done <- err }()
		err = f()
	}()
	return <-done
}
