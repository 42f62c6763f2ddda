//go:build linux

package lab

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ethtoolValue is struct ethtool_value of linux/ethtool.h.
type ethtoolValue struct {
	command uint32
	data    uint32
}

// ifreqData is struct ifreq with its ifr_data member, 40 bytes on 64-bit
// machines.
type ifreqData struct {
	name [unix.IFNAMSIZ]byte
	data unsafe.Pointer
	_    [24 - unsafe.Sizeof(uintptr(0))]byte
}

// offloads are what a user-space switch must not meet: with them frames on a
// veth carry unfinished checksums, are up to 64 KiB long, or lack their VLAN
// tag. The order matters: segmentation depends on checksums.
var offloads = []struct {
	name    string
	command uint32
}{
	{"generic-receive-offload", unix.ETHTOOL_SGRO},
	{"generic-segmentation-offload", unix.ETHTOOL_SGSO},
	{"tcp-segmentation-offload", unix.ETHTOOL_STSO},
	{"scatter-gather", unix.ETHTOOL_SSG},
	{"tx-checksumming", unix.ETHTOOL_STXCSUM},
	{"rx-checksumming", unix.ETHTOOL_SRXCSUM},
	{"flags (VLAN, LRO)", unix.ETHTOOL_SFLAGS},
}

// disableOffloads turns all of them off on an interface of the calling
// thread's namespace. What the driver does not know is off already.
func disableOffloads(ifname string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("offloads of %s: %w", ifname, err)
	}
	defer unix.Close(fd)
	for _, o := range offloads {
		_, err := ethtool(fd, ifname, o.command, 0)
		if err != nil && !errors.Is(err, unix.EOPNOTSUPP) {
			return fmt.Errorf("turning off %s on %s: %w", o.name, ifname, err)
		}
	}
	return nil
}

// ethtool sends one command about an interface to the kernel and returns the
// value that the kernel left, which for the commands that set is the same.
func ethtool(fd int, ifname string, command, data uint32) (uint32, error) {
	value := &ethtoolValue{command: command, data: data}
	request := ifreqData{data: unsafe.Pointer(value)}
	copy(request.name[:unix.IFNAMSIZ-1], ifname)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		return 0, errno
	}
	return value.data, nil
}
