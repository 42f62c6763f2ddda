//go:build linux

package shim

import (
	"errors"
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/features"
	"github.com/cilium/ebpf/rlimit"
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
type PermissionError struct{ Err error }

func (e *PermissionError) Error() string {
	return fmt.Sprintf("a shim needs the capabilities CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN (run it as root): %v", e.Err)
}

func (e *PermissionError) Unwrap() error { return e.Err }

// Supported says whether the kernel has what a shim needs, and the process may use it.
func Supported() error {
	if os.Geteuid() != 0 {
		return &PermissionError{os.ErrPermission}
	}
	if err := rlimit.RemoveMemlock(); err != nil {
		return &PermissionError{err}
	}
	for _, need := range []struct {
		feature, since string
		probe          func() error
	}{
		{"eBPF programs for traffic control", "4.1", func() error { return features.HaveProgramType(ebpf.SchedCLS) }},
		{"eBPF longest-prefix maps", "4.11", func() error { return features.HaveMapType(ebpf.LPMTrie) }},
		{"bpf_loop", "5.17", func() error { return features.HaveProgramHelper(ebpf.SchedCLS, asm.FnLoop) }},
	} {
		err := need.probe()
		switch {
		case err == nil:
		case errors.Is(err, ebpf.ErrNotSupported):
			return &UnsupportedError{need.feature, need.since, err}
		case errors.Is(err, os.ErrPermission):
			return &PermissionError{err}
		default:
			return fmt.Errorf("asking the kernel for %s: %w", need.feature, err)
		}
	}
	return nil
}
