//go:build linux

package shim

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ethtoolValue asks an interface for one of the settings that are a number: struct ethtool_value.
func ethtoolValue(fd int, iface string, command uint32) (uint32, error) {
	var name [unix.IFNAMSIZ]byte
	copy(name[:len(name)-1], iface)
	value := struct{ command, data uint32 }{command, 0}
	// struct ifreq: the name, then a union of 24 bytes that holds the pointer.
	request := struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [16]byte
	}{name, unsafe.Pointer(&value), [16]byte{}}
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request))); e != 0 {
		return 0, fmt.Errorf("interface %s: ethtool command 0x%x: %w", iface, command, e)
	}
	return value.data, nil
}
