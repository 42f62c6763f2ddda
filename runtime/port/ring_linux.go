package port

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The receive ring of a port: slots of this many bytes, in blocks that the kernel
// finds in one piece. A slot holds the kernel's header, of less than 128 bytes, and
// the frame; longer frames come by recvmsg (PACKET_COPY_THRESH).
const (
	slotSize   = 2048
	ringSlots  = 2048 // so that a burst of one scheduling quantum is not lost
	ringBlock  = 64 << 10
	ringMemory = ringSlots * slotSize
)

// ring is the memory that the kernel writes received frames into (packet(7),
// PACKET_RX_RING, TPACKET_V2). Version 3, which batches, would hold a lone frame back
// for a millisecond.
type ring struct {
	memory []byte
	next   int // the slot that is read next
	// users is 1 for the open port, and 1 more while a goroutine reads: the last one
	// gives the memory back.
	users atomic.Int32
}

// newRing makes the ring of a socket that is not bound yet.
func newRing(fd int) (*ring, error) {
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V2); err != nil {
		return nil, fmt.Errorf("the kernel cannot do receive rings of version 2: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_COPY_THRESH, 1); err != nil {
		return nil, fmt.Errorf("the kernel cannot do long frames beside the ring: %w", err)
	}
	req := unix.TpacketReq{Block_size: ringBlock, Block_nr: ringMemory / ringBlock, Frame_size: slotSize, Frame_nr: ringSlots}
	if err := unix.SetsockoptTpacketReq(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &req); err != nil {
		return nil, fmt.Errorf("a receive ring of %d MiB: %w", ringMemory>>20, err)
	}
	memory, err := unix.Mmap(fd, 0, ringMemory, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping the receive ring: %w", err)
	}
	r := &ring{memory: memory}
	r.users.Store(1)
	return r, nil
}

// enter keeps the memory until leave; false if it is gone.
func (r *ring) enter() bool {
	for {
		n := r.users.Load()
		if n == 0 {
			return false
		}
		if r.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// leave is for a nil ring too.
func (r *ring) leave() error {
	if r == nil || r.users.Add(-1) > 0 {
		return nil
	}
	return unix.Munmap(r.memory)
}

func (r *ring) slot() []byte { return r.memory[r.next*slotSize:][:slotSize] }

func (r *ring) header() *unix.Tpacket2Hdr {
	return (*unix.Tpacket2Hdr)(unsafe.Pointer(&r.memory[r.next*slotSize]))
}

// status is the kernel's word about the next slot; with TP_STATUS_USER the slot is ours.
func (r *ring) status() uint32 { return atomic.LoadUint32(&r.header().Status) }

func (r *ring) ready() bool { return r.status()&unix.TP_STATUS_USER != 0 }

// release gives the slot back to the kernel and goes on to the next.
func (r *ring) release() {
	atomic.StoreUint32(&r.header().Status, unix.TP_STATUS_KERNEL)
	if r.next++; r.next == ringSlots {
		r.next = 0
	}
}
