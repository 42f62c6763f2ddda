package port

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The "set" commands of <linux/ethtool.h>, in the order in which they must go:
// segmentation needs checksums, so it is turned off first.
var offloads = []struct {
	cmd  uint32
	name string
}{
	{0x1f, "tso"},
	{0x24, "gso"},
	{0x2c, "gro"},
	{0x17, "tx-checksum"},
	{0x15, "rx-checksum"},
}

// DisableOffload turns segmentation, receive coalescing and checksum offloads of
// an interface off: what has to be so on both ends of a link into a switch in
// user space. Offloads that the driver does not have, or does not let go of, are
// passed over.
func DisableOffload(iface string, o Options) error {
	// Any socket of the namespace does, and this one takes no CAP_NET_RAW.
	var fd int
	err := inNamespace(o, func() (err error) {
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return fmt.Errorf("interface %s: %w", iface, err)
	}
	defer unix.Close(fd)
	return disableOffload(fd, iface)
}

// disableOffload uses SIOCETHTOOL, which works on any socket of the namespace.
func disableOffload(fd int, iface string) error {
	var name [unix.IFNAMSIZ]byte
	if len(iface) >= len(name) {
		return fmt.Errorf("interface %s: the name is longer than 15 characters", iface)
	}
	copy(name[:], iface)
	for _, off := range offloads {
		value := struct{ cmd, data uint32 }{off.cmd, 0}
		// struct ifreq: the name, then a union of 24 bytes that holds the pointer.
		req := struct {
			name [unix.IFNAMSIZ]byte
			data unsafe.Pointer
			_    [16]byte
		}{name, unsafe.Pointer(&value), [16]byte{}}
		_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&req)))
		switch {
		case e == 0, e == unix.EOPNOTSUPP, e == unix.EINVAL:
		case e == unix.EPERM:
			return fmt.Errorf("interface %s: turning %s off needs CAP_NET_ADMIN: %w", iface, off.name, e)
		default:
			return fmt.Errorf("interface %s: turning %s off: %w", iface, off.name, e)
		}
	}
	return nil
}
