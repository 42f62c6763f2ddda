package shim

import (
	"fmt"
	"strings"
)

// Where things are kept unless Options say otherwise.
const (
	DefaultPins  = "/sys/fs/bpf/pillion"
	DefaultState = "/run/pillion"
)

// Options of an agent.
type Options struct {
	// Interface is the one to guard, in the network namespace of the calling thread.
	Interface string
	// DeviceID is the P4Runtime device id; 0 stands for 1.
	DeviceID uint64
	// Pins is a folder in a bpffs, which is mounted if need be; empty: DefaultPins.
	Pins string
	// State is a folder for the journal; empty: DefaultState.
	State string
	// Name tells shims apart that share Pins and State, as those of several network namespaces do; empty: the
	// interface's name.
	Name string
	// Attach is for kernels, and tests, where the best way is not to be taken.
	Attach AttachMode
	// Reset begins without the rules that an earlier agent left.
	Reset bool
	// TrustChecksums says that the interface completes the checksums of encapsulated frames: it goes by
	// where the checksum starts, and not by what it finds there. That saves a detour.
	TrustChecksums bool
}

// AttachMode says how programs are attached.
type AttachMode int

const (
	AttachAuto   AttachMode = iota // TCX if the kernel has it, or else clsact
	AttachTCX                      // Linux 6.6 and later
	AttachClsact                   // a qdisc, which every kernel has that can run a shim
)

// UnsupportedError says what the kernel lacks.
type UnsupportedError struct {
	Feature string
	Since   string // the first version of Linux that has it
	Err     error
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("this kernel has no %s (Linux has it since %s): a shim cannot run here", e.Feature, e.Since)
}

func (e *UnsupportedError) Unwrap() error { return e.Err }

// PermissionError says that the process may not do what the shim needs.
type PermissionError struct {
	Missing []string // capabilities; empty: the kernel says no for another reason
	Err     error
}

func (e *PermissionError) Error() string {
	const needs = "a shim needs the capabilities CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN"
	if len(e.Missing) == 0 {
		return fmt.Sprintf("%s, in no user namespace (run it as root): %v", needs, e.Err)
	}
	return fmt.Sprintf("%s (run it as root): this process is without %s", needs, strings.Join(e.Missing, ", "))
}

func (e *PermissionError) Unwrap() error { return e.Err }
