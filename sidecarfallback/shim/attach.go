//go:build linux

package shim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// hook is a place of an interface where a program sits.
type hook struct {
	name    string
	ifindex int
	egress  bool
}

// programHook is a place with the program that belongs there.
type programHook struct {
	hook
	program *ebpf.Program
}

// attach puts a program into its place, for as long as the pin is there. If one of ours is in it already, it is exchanged in one
// step.
func (h hook) attach(pins string, program *ebpf.Program, mode AttachMode) error {
	if mode != AttachClsact {
		err := h.attachTCX(filepath.Join(pins, h.name), program)
		switch {
		case err == nil:
			return h.detachClsact() // of an earlier run, on an earlier kernel or by its options
		case mode == AttachTCX && errors.Is(err, ebpf.ErrNotSupported):
			return &UnsupportedError{"TCX", "6.6", err}
		case mode == AttachTCX || !errors.Is(err, ebpf.ErrNotSupported):
			return fmt.Errorf("attaching %s by TCX: %w", h.name, err)
		}
	}
	if err := h.attachClsact(program); err != nil {
		return fmt.Errorf("attaching %s by clsact (kernel options NET_SCH_INGRESS and NET_CLS_BPF): %w", h.name, err)
	}
	return h.detachTCX(filepath.Join(pins, h.name))
}

// detach empties the place.
func (h hook) detach(pins string) error {
	return errors.Join(h.detachTCX(filepath.Join(pins, h.name)), h.detachClsact())
}

func (h hook) attachTCX(pin string, program *ebpf.Program) error {
	old, err := link.LoadPinnedLink(pin, nil)
	if err == nil {
		defer old.Close()
		if info, err := old.Info(); err == nil && info.TCX() != nil && info.TCX().Ifindex == uint32(h.ifindex) && old.Update(program) == nil {
			return nil
		}
		// Its interface is gone.
		if err := old.Unpin(); err != nil {
			return err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	// Nothing of others comes between us and the wire.
	options := link.TCXOptions{Interface: h.ifindex, Program: program, Attach: ebpf.AttachTCXIngress, Anchor: link.Head()}
	if h.egress {
		options.Attach, options.Anchor = ebpf.AttachTCXEgress, link.Tail()
	}
	fresh, err := link.AttachTCX(options)
	if err != nil {
		return err
	}
	defer fresh.Close()
	return fresh.Pin(pin)
}

func (h hook) detachTCX(pin string) error {
	if err := os.Remove(pin); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// The filter's place among others: the first.
const (
	clsactPriority = 1
	clsactHandle   = 0x7069
)

func (h hook) filter() *netlink.BpfFilter {
	parent := uint32(netlink.HANDLE_MIN_INGRESS)
	if h.egress {
		parent = netlink.HANDLE_MIN_EGRESS
	}
	return &netlink.BpfFilter{
		FilterAttrs:  netlink.FilterAttrs{LinkIndex: h.ifindex, Parent: parent, Handle: clsactHandle, Priority: clsactPriority, Protocol: unix.ETH_P_ALL},
		Name:         "pillion-" + h.name,
		DirectAction: true,
	}
}

func (h hook) attachClsact(program *ebpf.Program) error {
	qdisc := &netlink.GenericQdisc{QdiscType: "clsact",
		QdiscAttrs: netlink.QdiscAttrs{LinkIndex: h.ifindex, Handle: netlink.MakeHandle(0xffff, 0), Parent: netlink.HANDLE_CLSACT}}
	if err := netlink.QdiscAdd(qdisc); err != nil && !errors.Is(err, unix.EEXIST) {
		return err
	}
	filter := h.filter()
	filter.Fd = program.FD()
	return netlink.FilterReplace(filter)
}

func (h hook) detachClsact() error {
	err := netlink.FilterDel(h.filter())
	// Without the qdisc, the filter or the interface there is nothing to detach.
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.EOPNOTSUPP) {
		return nil
	}
	return err
}
