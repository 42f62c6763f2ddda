//go:build linux

package shim

import (
	"fmt"
	"path/filepath"

	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"

	"pillion/p4/engine"
)

// Dropped is what the data plane has dropped, for each reason (p4.DropReasons), whether or not there is a pipeline.
func (a *Agent) Dropped() ([]engine.CounterData, error) { return a.follower.mirror.Dropped() }

// Health says whether the programs are still where they were attached: the interface is there, and nobody has taken them
// off. It may be called while the agent serves, from any network namespace that the agent's thread may be in.
func (a *Agent) Health() error {
	select {
	case <-a.gone:
		return fmt.Errorf("interface %s was removed", a.options.Interface)
	default:
	}
	for _, h := range a.hooks() {
		if err := h.inPlace(filepath.Join(a.pins(), h.name)); err != nil {
			return fmt.Errorf("interface %s: the program %s is not attached any more (%w); start the agent again", a.options.Interface, h.name, err)
		}
	}
	return nil
}

// inPlace says whether a program of ours sits there.
func (h hook) inPlace(pin string) error {
	attached, err := link.LoadPinnedLink(pin, nil)
	if err == nil {
		defer attached.Close()
		info, err := attached.Info()
		if err != nil {
			return err
		}
		// The kernel sets it to 0 when the interface goes.
		if tcx := info.TCX(); tcx == nil || tcx.Ifindex != uint32(h.ifindex) {
			return fmt.Errorf("its link %s is detached", pin)
		}
		return nil
	}
	want := h.filter()
	filters, err := netlink.FilterList(&netlink.GenericLink{LinkAttrs: netlink.LinkAttrs{Index: h.ifindex}}, want.Parent)
	if err != nil {
		return err
	}
	for _, f := range filters {
		if at := f.Attrs(); at.Handle == want.Handle && at.Priority == want.Priority {
			return nil
		}
	}
	return fmt.Errorf("neither by TCX nor by clsact")
}
