package main

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"pillion/tests/lab"
)

// floodBatch is how many frames one system call sends.
const floodBatch = 64

// mmsghdr is the kernel's struct mmsghdr (sendmmsg(2)).
type mmsghdr struct {
	header unix.Msghdr
	length uint32
	_      [4]byte
}

// flood sends a frame out of an interface, again and again, until stop is closed: past all queues, or as hosts send.
func flood(ns *lab.Namespace, ifname string, frame []byte, past bool, stop <-chan struct{}) error {
	var fd int
	err := ns.Do(func() (err error) {
		link, err := net.InterfaceByName(ifname)
		if err != nil {
			return err
		}
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		bypass := 0
		if past {
			bypass = 1 // a queue would only drop what the wire takes
		}
		return errors.Join(unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, bypass),
			unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: link.Index}))
	})
	if err != nil {
		return fmt.Errorf("flood: %w", err)
	}
	defer unix.Close(fd)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	iov := unix.Iovec{Base: &frame[0]}
	iov.SetLen(len(frame))
	batch := make([]mmsghdr, floodBatch)
	for i := range batch {
		batch[i].header.Iov = &iov
		batch[i].header.SetIovlen(1)
	}
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		_, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&batch[0])), floodBatch, 0, 0, 0)
		if errno != 0 && errno != unix.ENOBUFS && errno != unix.EAGAIN && errno != unix.EINTR {
			return fmt.Errorf("flood: %w", errno)
		}
	}
}
