package port

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// tunHeader stands before each packet that a program reads from a TUN device or writes to it (struct tun_pi): flags, and
// the EtherType.
const tunHeader = 4

// tunnel makes a TUN device inside the namespace, and returns the end that programs have.
func tunnel(t *testing.T, ns *os.File, h *netlink.Handle, name string) *os.File {
	t.Helper()
	var fd int
	err := inNamespace(Options{NamespaceFD: ns}, func() (err error) {
		if fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0); err != nil {
			return err
		}
		ifr, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		ifr.SetUint16(unix.IFF_TUN)
		return unix.IoctlIfreq(fd, unix.TUNSETIFF, ifr)
	})
	if err != nil {
		t.Skipf("SKIP: cannot make a TUN device (kernel option TUN): %v", err)
	}
	file := os.NewFile(uintptr(fd), name)
	t.Cleanup(func() { file.Close() })
	l, err := h.LinkByName(name)
	if err == nil {
		err = h.LinkSetUp(l)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A TUN device has no link header: what comes and goes are packets of any length and content, from one byte on.
func TestTUN(t *testing.T) {
	ns, h := namespace(t)
	program := tunnel(t, ns, h, "tun0")
	arrived := make(chan []byte, 1)
	echo := NewBurstSet(func(send func(uint32, []byte)) Handler {
		return func(number uint32, frame []byte) {
			arrived <- bytes.Clone(frame)
			send(number, frame)
		}
	})
	defer echo.Close()
	dev, err := Open("tun0", Options{NamespaceFD: ns})
	if err != nil {
		t.Fatal(err)
	}
	if err := echo.Add(1, dev); err != nil {
		t.Fatal(err)
	}
	lengths := []int{1500}
	for n := 1; n <= 64; n++ {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		for _, first := range []byte{0x45, 0x60, 0x00, 0xff} {
			packet := bytes.Repeat([]byte{0xa5}, n)
			packet[0] = first
			if _, err := program.Write(append([]byte{0, 0, 0x88, 0xb5}, packet...)); err != nil {
				t.Fatal(err)
			}
			if got := <-arrived; !bytes.Equal(got, packet) {
				t.Fatalf("% x arrived as % x", packet, got)
			}
			if got := fromTunnel(t, program); !bytes.Equal(got, packet) {
				t.Fatalf("% x came back as % x", packet, got)
			}
			// And one by one.
			if err := echo.Send(1, packet); err != nil {
				t.Fatal(err)
			}
			if got := fromTunnel(t, program); !bytes.Equal(got, packet) {
				t.Fatalf("% x was sent as % x", packet, got)
			}
		}
	}
	c, err := echo.Counters(1)
	if err != nil {
		t.Fatal(err)
	}
	if want := uint64(4 * len(lengths)); c.InFrames != want || c.OutFrames != 2*want || c.InErrors+c.OutErrors+c.InDiscards+c.OutDiscards != 0 {
		t.Errorf("counted %+v, want %d in and %d out", c, want, 2*want)
	}
	if c.InGroup+c.OutGroup != 0 {
		t.Errorf("packets without addresses are counted as going to groups: %+v", c)
	}
}

// fromTunnel reads packets until one comes that the kernel did not make by itself (router solicitations).
func fromTunnel(t *testing.T, program *os.File) []byte {
	t.Helper()
	buf := make([]byte, 65536)
	for {
		n, err := program.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		packet := buf[tunHeader:n]
		const icmpv6 = 58
		if binary.BigEndian.Uint16(buf[2:]) == unix.ETH_P_IPV6 && len(packet) >= 40 && packet[0]>>4 == 6 && packet[6] == icmpv6 {
			continue
		}
		return packet
	}
}
