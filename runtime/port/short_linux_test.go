package port

import (
	"bytes"
	"testing"
)

// An Ethernet interface sends frames of any length; what is shorter than a header is filled up with zeros.
func TestShortFrames(t *testing.T) {
	ns, h := namespace(t)
	vethPair(t, h, "a", "b")
	var devices [2]Device
	for i, name := range []string{"a", "b"} {
		d, err := Open(name, Options{NamespaceFD: ns})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		devices[i] = d
	}
	const mark = 0xa5
	received := func() []byte {
		buf := make([]byte, BufferSize)
		for {
			got, err := devices[1].Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			if got[0] == mark { // not what the kernel says of its own accord
				return got
			}
		}
	}
	for n := 1; n <= 64; n++ {
		frame := bytes.Repeat([]byte{mark}, n)
		want := append(frame[:n:n], make([]byte, max(0, 14-n))...)
		if err := devices[0].Write(frame); err != nil {
			t.Fatal(err)
		}
		if got := received(); !bytes.Equal(got, want) {
			t.Errorf("%d bytes arrive as % x", n, got)
		}
		if sent, err := devices[0].(burstDevice).newSender().sendBurst([][]byte{frame}); sent != 1 || err != nil {
			t.Fatal(sent, err)
		}
		if got := received(); !bytes.Equal(got, want) {
			t.Errorf("%d bytes arrive as % x from a burst", n, got)
		}
	}
}
