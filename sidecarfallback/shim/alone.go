//go:build linux

package shim

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

// alone refuses an interface that has a shim of another name: both would decide about every frame, and the new one, which
// has no rules, would drop them all. It sees those that are attached by TCX and pinned beside this one; of clsact the
// kernel tells less.
func (a *Agent) alone() error {
	attached, err := link.QueryPrograms(link.QueryOptions{Target: a.ifindex, Attach: ebpf.AttachTCXIngress})
	if err != nil {
		return nil // no TCX here
	}
	others, err := os.ReadDir(a.options.Pins)
	if err != nil {
		return nil // nothing is pinned
	}
	for _, other := range others {
		folder := filepath.Join(a.options.Pins, other.Name())
		if folder == a.pins() {
			continue
		}
		// The number of an interface says too little: it may be another's in another network namespace.
		id, ok := pinnedProgram(filepath.Join(folder, "incoming"))
		if ok && slices.ContainsFunc(attached.Programs, func(p link.AttachedProgram) bool { return p.ID == id }) {
			return fmt.Errorf("the interface has a shim already, of the name %s: give that name (--name %[1]s), or take that one off first (--name %[1]s --detach)", other.Name())
		}
	}
	return nil
}

// pinnedProgram is the program that a pinned link attaches.
func pinnedProgram(path string) (id ebpf.ProgramID, ok bool) {
	l, err := link.LoadPinnedLink(path, nil)
	if err != nil {
		return 0, false
	}
	defer l.Close()
	info, err := l.Info()
	if err != nil {
		return 0, false
	}
	return info.Program, true
}
