package sidecar

import (
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"pillion/runtime/port"
	"pillion/sidecarfallback/redirect/drivers"
)

// DefaultState is where journal and quarantine are kept unless Options say otherwise.
const DefaultState = "/var/lib/pillion"

// DefaultGrace is how long the push of a bundle may take after it has come to the sidecar.
const DefaultGrace = 30 * time.Second

// Options of an agent.
type Options struct {
	// Name is the sidecar's in the network file.
	Name string
	// Bundle is the bundle's folder. It is read again when its manifest has changed.
	Bundle string
	// Trunk is the interface that the sidecar is at the ordinary switch with; the number counts nothing.
	Trunk port.Spec
	// Wires are the interfaces of wired ports that have one of their own, by the number of the wired port.
	Wires []port.Spec
	// Sample is the interface that the switch copies samples to; without a name: none. The number counts nothing.
	Sample port.Spec
	// Driver is the ordinary switch, to which the redirect rules are applied; nil: somebody else applies them.
	Driver *drivers.Config
	// SflowFrom are senders of sFlow besides this machine. Who may send can have ports cut off.
	SflowFrom []netip.Prefix
	// Quarantine cuts the port off that a violation came from. It takes a Driver.
	Quarantine bool
	// State is a folder for journal and quarantine; empty: DefaultState.
	State string
	// Reset begins without the entities that an earlier agent left.
	Reset bool
	// Log is told of violations and whatever else happens; nil: nobody is.
	Log *slog.Logger
	// OnLog receives the program's log_msg; it must not block.
	OnLog func(message string)

	// Grace is how long the rules before a new bundle's are good beside them after the push; 0: DefaultGrace.
	Grace time.Duration
	// look is how often the bundle and the quarantine are looked at, keep how often the redirect rules are.
	look, keep time.Duration
}

func (o *Options) complete() error {
	if o.Name == "" || o.Name != filepath.Base(o.Name) || o.Name == "." || o.Name == ".." {
		return fmt.Errorf("the name %q of a sidecar: it must be good for a file's name", o.Name)
	}
	if o.Trunk.Interface == "" {
		return fmt.Errorf("sidecar %s: it needs the interface of its trunk", o.Name)
	}
	if o.Quarantine && o.Driver == nil {
		return fmt.Errorf("sidecar %s: quarantine takes a driver, which cuts the port off", o.Name)
	}
	seen := map[uint32]bool{}
	for _, w := range o.Wires {
		if seen[w.Number] {
			return fmt.Errorf("sidecar %s: wired port %d has two interfaces: give one of them", o.Name, w.Number)
		}
		seen[w.Number] = true
	}
	if o.State == "" {
		o.State = DefaultState
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Grace == 0 {
		o.Grace = DefaultGrace
	}
	if o.look == 0 {
		o.look = time.Second
	}
	if o.keep == 0 {
		o.keep = 2 * time.Second
	}
	return nil
}

// file is the path of one of the files that an agent keeps.
func (o *Options) file(kind string) string { return filepath.Join(o.State, o.Name+".sidecar."+kind) }

// PermissionError says that the process may not do what a sidecar needs.
type PermissionError struct {
	Missing []string // capabilities; empty: the kernel says no for another reason
	Err     error
}

func (e *PermissionError) Error() string {
	const needs = "a sidecar needs the capabilities CAP_NET_RAW and CAP_NET_ADMIN in the network namespace of its interfaces (run it as root)"
	if len(e.Missing) == 0 {
		return fmt.Sprintf("%s: %v", needs, e.Err)
	}
	return fmt.Sprintf("%s: this process is without %s", needs, strings.Join(e.Missing, ", "))
}

func (e *PermissionError) Unwrap() error { return e.Err }
