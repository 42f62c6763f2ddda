package server

import "testing"

// The way of a packet through the server allocates nothing.
func TestReceiverAllocations(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: the race detector, which runs with -short, allocates by itself")
	}
	b, c := newReady(t)
	c.mustWrite("INSERT " + te(macKey, `action { action { action_id: $forward$ params { param_id: 1 value: "\x03" } } }`))
	frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
	var sent, to uint32
	receive := b.srv.Receiver(func(port uint32, _ []byte) { sent++; to = port })
	receive(1, frame)
	if sent != 1 || to != 3 {
		t.Fatalf("%d frames left, the last by port %d", sent, to)
	}
	if n := testing.AllocsPerRun(100, func() { receive(1, frame) }); n != 0 {
		t.Errorf("%v allocations per packet", n)
	}
}
