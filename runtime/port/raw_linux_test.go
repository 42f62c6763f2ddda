package port

import (
	"bytes"
	"errors"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// namespace makes an empty network namespace and stays outside of it. It returns
// the namespace's file and a handle that works inside.
func namespace(t *testing.T) (*os.File, *netlink.Handle) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIP: this test needs root for a network namespace")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home, err := netns.Get()
	if err != nil {
		t.Skipf("SKIP: no network namespaces here: %v", err)
	}
	defer home.Close()
	ns, err := netns.New()
	if err != nil {
		t.Skipf("SKIP: cannot make a network namespace: %v", err)
	}
	if err := netns.Set(home); err != nil {
		t.Fatal(err)
	}
	h, err := netlink.NewHandleAt(ns)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(ns), "test namespace")
	t.Cleanup(func() { h.Close(); f.Close() })
	return f, h
}

// vethPair makes a veth pair inside the namespace, and waits until it is up: before
// that the kernel loses what is sent.
func vethPair(t *testing.T, h *netlink.Handle, a, b string) {
	t.Helper()
	attrs := netlink.NewLinkAttrs()
	attrs.Name = a
	if err := h.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: b}); err != nil {
		t.Skipf("SKIP: cannot make a veth pair: %v", err)
	}
	for _, n := range []string{a, b} {
		l, err := h.LinkByName(n)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.LinkSetUp(l); err != nil {
			t.Fatal(err)
		}
	}
	operational(t, h, a, b)
}

// operational waits until the kernel takes the interfaces for up, which it decides
// some time after the carrier is there.
func operational(t *testing.T, h *netlink.Handle, names ...string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for _, n := range names {
		for {
			l, err := h.LinkByName(n)
			if err != nil {
				t.Fatal(err)
			}
			if l.Attrs().OperState == netlink.OperUp {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s never comes up: %v", n, l.Attrs().OperState)
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// readMatching reads until a frame is want: the kernel sends frames of its own
// on a fresh interface.
func readMatching(t *testing.T, d Device, want []byte) {
	t.Helper()
	got := make(chan error, 1)
	go func() {
		buf := make([]byte, BufferSize)
		for {
			f, err := d.Read(buf)
			if errors.Is(err, ErrLinkDown) {
				continue
			}
			if err != nil || bytes.Equal(f, want) {
				got <- err
				return
			}
		}
	}()
	select {
	case err := <-got:
		if err != nil {
			t.Fatalf("%s: %v", d.Name(), err)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("%s: the frame %x never arrived", d.Name(), want)
	}
}

func testFrame(payload string) []byte {
	return append([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5}, payload...)
}

func TestRawBothWays(t *testing.T) {
	ns, h := namespace(t)
	vethPair(t, h, "sw1", "h1")
	a, err := Open("sw1", Options{NamespaceFD: ns})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := Open("h1", Options{NamespaceFD: ns})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()

	for _, c := range []struct {
		name     string
		from, to Device
		frame    []byte
	}{
		{"there", a, b, testFrame("0123456789012345678901234567890123456789012345678")},
		{"back", b, a, testFrame("back again")},
		{"header only", a, b, testFrame("")},
		{"full MTU", a, b, testFrame(string(bytes.Repeat([]byte{'x'}, 1500)))},
		// The kernel takes the tag out of the frame on the way; Read puts it back.
		{"VLAN", a, b, []byte("\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x81\x00\x00\x64\x88\xb5tagged")},
		{"S-VLAN", a, b, []byte("\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x88\xa8\x60\x07\x88\xb5tagged")},
		{"two tags", a, b, []byte("\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x88\xa8\x00\x07\x81\x00\x00\x08\x88\xb5tagged")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.from.Write(c.frame); err != nil {
				t.Fatal(err)
			}
			readMatching(t, c.to, c.frame)
		})
	}

	t.Run("too long", func(t *testing.T) {
		if err := a.Write(make([]byte, 1500+14+64)); err == nil {
			t.Error("a frame past the MTU was accepted")
		}
	})
	t.Run("empty", func(t *testing.T) {
		if err := a.Write(nil); err == nil {
			t.Error("a frame of no bytes was accepted")
		}
	})
	t.Run("close ends a read", func(t *testing.T) {
		done := make(chan error, 1)
		go func() {
			for {
				if _, err := a.Read(make([]byte, BufferSize)); err != nil {
					done <- err
					return
				}
			}
		}()
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("read ended with %v, want %v", err, net.ErrClosed)
		}
		if err := a.Write(testFrame("late")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write after close: %v, want %v", err, net.ErrClosed)
		}
	})
}

// A port must not see what the switch itself sends: or every frame would loop.
func TestRawIgnoresOwnFrames(t *testing.T) {
	ns, h := namespace(t)
	vethPair(t, h, "sw1", "h1")
	out, err := Open("sw1", Options{NamespaceFD: ns})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	peer, err := Open("h1", Options{NamespaceFD: ns})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	own, theirs := testFrame("from the switch itself"), testFrame("from the other end")
	if err := out.Write(own); err != nil {
		t.Fatal(err)
	}
	readMatching(t, peer, own) // it has left
	if err := peer.Write(theirs); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, BufferSize)
	for {
		f, err := out.Read(buf)
		if err != nil && !errors.Is(err, ErrLinkDown) {
			t.Fatal(err)
		}
		if bytes.Equal(f, own) {
			t.Fatal("the port received its own frame")
		}
		if bytes.Equal(f, theirs) {
			return
		}
	}
}

// A sender that leaves the UDP checksum to its card must arrive with a good one.
func TestRawFinishesChecksums(t *testing.T) {
	ns, h := namespace(t)
	vethPair(t, h, "sw1", "h1")
	d, err := Open("sw1", Options{NamespaceFD: ns})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	host, err := h.LinkByName("h1")
	if err != nil {
		t.Fatal(err)
	}
	addr, err := netlink.ParseAddr("10.9.0.1/24")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.AddrAdd(host, addr); err != nil {
		t.Fatal(err)
	}
	if err := h.NeighAdd(&netlink.Neigh{LinkIndex: host.Attrs().Index, State: netlink.NUD_PERMANENT,
		IP: net.IPv4(10, 9, 0, 2), HardwareAddr: net.HardwareAddr{2, 0, 0, 0, 0, 9}}); err != nil {
		t.Fatal(err)
	}
	err = inNamespace(Options{NamespaceFD: ns}, func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Sendto(fd, []byte("odd length"+"!"), 0, &unix.SockaddrInet4{Port: 4242, Addr: [4]byte{10, 9, 0, 2}})
	})
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, BufferSize)
	for {
		f, err := d.Read(buf)
		if errors.Is(err, ErrLinkDown) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(f) < 42 || f[12] != 8 || f[13] != 0 || f[23] != 17 {
			continue
		}
		udp := f[34:]
		pseudo := append(append([]byte(nil), f[26:34]...), 0, 17, udp[4], udp[5])
		if sum := onesSum(pseudo, udp); sum != 0xffff {
			t.Errorf("the UDP checksum does not verify: the sum is %#x, want 0xffff", sum)
		}
		return
	}
}

func onesSum(parts ...[]byte) uint16 {
	var sum uint32
	for _, p := range parts {
		for i, b := range p {
			if i%2 == 0 {
				sum += uint32(b) << 8
			} else {
				sum += uint32(b)
			}
		}
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return uint16(sum)
}

func TestOpenErrors(t *testing.T) {
	ns, _ := namespace(t)
	if _, err := Open("nosuch", Options{NamespaceFD: ns}); err == nil {
		t.Error("opened an interface that does not exist")
	}
	if _, err := Open("lo", Options{Namespace: "no-such-namespace"}); err == nil {
		t.Error("opened an interface in a namespace that does not exist")
	}
}
