package server

import "runtime"

// spareHeap is how much garbage may gather beyond what the collector allows, in bytes.
const spareHeap = 32 << 20

// SpareHeap lets the garbage collector of this process wait for 32 MB more, for as long as the
// function that it returns is not called. The heap of a switch is small beside what a
// controller's writes allocate for a moment, so it would be collected hundreds of times per
// second, on cores that packets need. It is for the command of a switch to call.
//
// The memory itself is never touched, so it does not count as used before there is garbage.
func SpareHeap() (release func()) {
	room := make([]byte, spareHeap)
	return func() { runtime.KeepAlive(room) }
}
