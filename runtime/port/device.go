package port

import "errors"

// MaxFrame is the longest frame, in bytes, that a Device reads or writes: a
// 64 KiB IP packet with its Ethernet header and two VLAN tags.
const MaxFrame = 65536 + 14 + 8

// Headroom is the room, in bytes, that a Device needs in front of a frame in
// the buffer given to Read (a VLAN tag that it puts back).
const Headroom = 4

// BufferSize is the length of a buffer that holds any frame Read can return.
const BufferSize = Headroom + MaxFrame

// Device carries whole Ethernet frames, without preamble and frame check
// sequence. Read is for one goroutine at a time, Write for any number.
type Device interface {
	// Name says which device it is, for errors and logs.
	Name() string
	// Read waits for one frame and returns it as a part of buf, which must be
	// BufferSize long. After Close it returns net.ErrClosed. Any other error
	// concerns one frame or a moment: reading may go on.
	Read(buf []byte) ([]byte, error)
	// Write sends one frame and keeps no reference to it. It does not wait:
	// a full queue is an error and the frame is lost, as in a switch.
	Write(frame []byte) error
	// Close ends a Read that waits. It may be called more than once.
	Close() error
}

var (
	// ErrQueueFull says that a frame was lost because the device's queue was full.
	ErrQueueFull = errors.New("the queue of the port is full")
	// ErrTruncated says that a frame was longer than the buffer and was lost.
	ErrTruncated = errors.New("the frame is longer than the buffer")
	// ErrSuperFrame says that a segmentation-offload frame arrived and was lost:
	// turn TSO and GSO off on the other end of the link.
	ErrSuperFrame = errors.New("a segmentation-offload frame arrived; turn off tso, gso and gro on the other end of the link")
	// ErrLinkDown says that the interface is down at the moment.
	ErrLinkDown = errors.New("the interface is down")
	// ErrDisabled says that the port was stopped by SetEnabled.
	ErrDisabled = errors.New("the port is not enabled")
)
