//go:build linux

package shim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"pillion/sidecarfallback/shim/bpf"
)

// dataplane is the loaded maps and programs of one interface.
type dataplane struct {
	bpf.ShimObjects
	pins string // folder in a bpffs
}

// bpffsMagic is what statfs calls a bpffs.
const bpffsMagic = 0xcafe4a11

// mountPins makes sure that a folder is there and in a bpffs.
func mountPins(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("folder for pinned maps: %w", err)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("folder for pinned maps: %s: %w", dir, err)
	}
	if fs.Type == bpffsMagic {
		return nil
	}
	if err := unix.Mount("bpf", dir, "bpf", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=0700"); err != nil {
		return fmt.Errorf("folder for pinned maps: %s is not in a bpffs, and none can be mounted there (mount -t bpf bpf /sys/fs/bpf): %w", dir, err)
	}
	return nil
}

// load takes the maps that are pinned in a folder, or makes and pins new ones, and loads the programs
// that use them. Maps that another version of the data plane left there are replaced; the programs of that version
// go on with theirs until they are exchanged.
func load(pins string) (*dataplane, error) {
	spec, err := bpf.Spec()
	if err != nil {
		return nil, err
	}
	for name, m := range spec.Maps {
		if pinned(name) {
			m.Pinning = ebpf.PinByName
		}
	}
	if err := os.MkdirAll(pins, 0o700); err != nil {
		return nil, fmt.Errorf("folder for pinned maps: %w", err)
	}
	d := &dataplane{pins: pins}
	options := &ebpf.CollectionOptions{Maps: ebpf.MapOptions{PinPath: pins}}
	err = spec.LoadAndAssign(&d.ShimObjects, options)
	if errors.Is(err, ebpf.ErrMapIncompatible) {
		if err := unpinMaps(pins, spec); err != nil {
			return nil, err
		}
		err = spec.LoadAndAssign(&d.ShimObjects, options)
	}
	if err != nil {
		return nil, fmt.Errorf("loading the data plane: %w", err)
	}
	return d, nil
}

// pinned says whether a map outlives the agent. Those whose names begin with a dot are parts of programs.
func pinned(name string) bool { return name[0] != '.' }

// unpinAll makes the next load make new maps.
func unpinAll(pins string) error {
	spec, err := bpf.Spec()
	if err != nil {
		return err
	}
	return unpinMaps(pins, spec)
}

func unpinMaps(pins string, spec *ebpf.CollectionSpec) error {
	var failed error
	for name := range spec.Maps {
		if !pinned(name) || name == bpf.ShimMapSending {
			continue // while programs are exchanged one by one, old and new ones must know each other's frames
		}
		if err := os.Remove(filepath.Join(pins, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
