//go:build linux

package lab

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestOffloadsAreOff(t *testing.T) {
	l := newLab(t)
	a, b := wire(t, l)
	gets := map[string]uint32{
		"tx checksum": unix.ETHTOOL_GTXCSUM, "rx checksum": unix.ETHTOOL_GRXCSUM,
		"TSO": unix.ETHTOOL_GTSO, "GSO": unix.ETHTOOL_GGSO, "GRO": unix.ETHTOOL_GGRO, "flags": unix.ETHTOOL_GFLAGS,
	}
	for _, ns := range []*Namespace{a, b} {
		err := ns.Do(func() error {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				return err
			}
			defer unix.Close(fd)
			for name, get := range gets {
				if value, err := ethtool(fd, "p", get, 0); err != nil || value != 0 {
					t.Errorf("%s/p: %s is %#x, %v", ns.Name, name, value, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
