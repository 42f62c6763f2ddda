//go:build linux

package shim

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// interfaceWatch says whether the kernel leaves checksums to an interface, and when that may have changed. It
// belongs to the network namespace that it was made in.
type interfaceWatch struct {
	name    string
	socket  int
	stop    chan struct{}
	changes chan netlink.LinkUpdate
	wait    sync.WaitGroup
}

// watchInterface calls changed, and at last gone, from a goroutine of its own, which may be before it returns.
func watchInterface(name string, ifindex int, changed func(*interfaceWatch), gone func()) (*interfaceWatch, error) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	w := &interfaceWatch{name: name, socket: socket, stop: make(chan struct{}), changes: make(chan netlink.LinkUpdate)}
	if err := netlink.LinkSubscribe(w.changes, w.stop); err != nil {
		return nil, errors.Join(fmt.Errorf("interface %s: %w", name, err), unix.Close(socket))
	}
	w.wait.Go(func() {
		removed := false
		for change := range w.changes {
			switch {
			case int(change.Index) != ifindex:
			case change.Header.Type != unix.RTM_DELLINK:
				changed(w)
			// That it left a bridge is told alike, but for the family.
			case change.Family == unix.AF_UNSPEC && !removed:
				removed = true
				gone()
			}
		}
	})
	return w, nil
}

// close ends the watch, and waits until changed runs no more.
func (w *interfaceWatch) close() error {
	close(w.stop)
	w.wait.Wait()
	return unix.Close(w.socket)
}

// leavesChecksums says whether frames leave the kernel without checksums. Then those of encapsulated frames would be left
// to the interface, too, and few devices understand them.
func (w *interfaceWatch) leavesChecksums() (bool, error) {
	const getTxChecksum = 0x16 // ETHTOOL_GTXCSUM
	var name [unix.IFNAMSIZ]byte
	copy(name[:len(name)-1], w.name)
	value := struct{ command, data uint32 }{getTxChecksum, 0} // struct ethtool_value
	// struct ifreq: the name, then a union of 24 bytes that holds the pointer.
	request := struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [16]byte
	}{name, unsafe.Pointer(&value), [16]byte{}}
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(w.socket), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request)))
	switch e {
	case 0:
		return value.data != 0, nil
	case unix.EOPNOTSUPP:
		return false, nil
	}
	return false, fmt.Errorf("interface %s: asking for its checksum offload: %w", w.name, e)
}
