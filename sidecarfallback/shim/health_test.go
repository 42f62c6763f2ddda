//go:build linux

package shim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	programs "pillion/p4"
	"pillion/tests/lab"
)

// health is what the agent says of itself.
func (h *guarded) health() (err error) {
	must(h.site.t, h.ns.Do(func() error { err = h.agent.Health(); return nil }))
	return err
}

// An agent notices that its programs were taken off, and that its interface was removed.
func TestHealth(t *testing.T) {
	for name, mode := range map[string]AttachMode{"tcx": AttachTCX, "clsact": AttachClsact} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 1, mode)
			h := s.hosts[0]
			if err := h.health(); err != nil {
				t.Errorf("at first: %v", err)
			}
			must(t, h.ns.Do(func() error {
				if mode == AttachTCX {
					return os.Remove(filepath.Join(h.agent.pins(), "incoming"))
				}
				return hook{name: "incoming", ifindex: h.agent.ifindex}.detachClsact()
			}))
			if err := h.health(); err == nil || !strings.Contains(err.Error(), "the program incoming is not attached any more") {
				t.Errorf("without a program: %v", err)
			}
			must(t, h.ns.Do(func() error {
				link, err := netlink.LinkByName("eth0")
				if err != nil {
					return err
				}
				return netlink.LinkDel(link)
			}))
			select {
			case <-h.agent.Gone():
			case <-time.After(lab.Expected):
				t.Fatal("the agent does not notice that the interface was removed")
			}
			if err := h.health(); err == nil || !strings.Contains(err.Error(), "was removed") {
				t.Errorf("without the interface: %v", err)
			}
		})
	}
}

// Drops are counted by reason, with and without a pipeline.
func TestDropped(t *testing.T) {
	s := newSite(t, 2, AttachAuto)
	s.ping(0, 1, false)
	cells, err := s.hosts[0].agent.Dropped()
	must(t, err)
	if len(cells) < len(programs.DropReasons) {
		t.Fatalf("%d cells for %d reasons", len(cells), len(programs.DropReasons))
	}
	var sum uint64
	for _, c := range cells {
		sum += c.Packets
	}
	if sum == 0 {
		t.Error("what a shim without rules dropped is not counted")
	}
}
