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
	"golang.org/x/sys/unix"
)

// Supported says whether the kernel has what a shim needs, and the process may use it.
func Supported() error {
	missing, err := missingCapabilities()
	if err != nil {
		return fmt.Errorf("asking for the capabilities of this process: %w", err)
	}
	if len(missing) > 0 {
		return &PermissionError{Missing: missing, Err: os.ErrPermission}
	}
	if err := rlimit.RemoveMemlock(); err != nil {
		return &PermissionError{Err: err}
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
			return &PermissionError{Err: err}
		default:
			return fmt.Errorf("asking the kernel for %s: %w", need.feature, err)
		}
	}
	return nil
}

// missingCapabilities names those that a shim needs and this process has not. CAP_SYS_ADMIN stands for the two of
// eBPF, as it does in the kernel; it is also what mounts a bpffs where there is none.
func missingCapabilities() ([]string, error) {
	// Two words for each set: capabilities have more than 32 bits since version 3 (capget(2)).
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return nil, err
	}
	effective := uint64(sets[1].Effective)<<32 | uint64(sets[0].Effective)
	has := func(capability int) bool { return effective>>capability&1 == 1 }
	var missing []string
	if !has(unix.CAP_NET_ADMIN) {
		missing = append(missing, "CAP_NET_ADMIN")
	}
	if !has(unix.CAP_SYS_ADMIN) {
		if !has(unix.CAP_BPF) {
			missing = append(missing, "CAP_BPF")
		}
		if !has(unix.CAP_PERFMON) {
			missing = append(missing, "CAP_PERFMON")
		}
	}
	return missing, nil
}
