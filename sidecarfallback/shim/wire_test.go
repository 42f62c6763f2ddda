//go:build linux

package shim

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"
	"golang.org/x/sys/unix"

	"pillion/runtime/packet"
	"pillion/tests/lab"
)

// What the host leaves to its device (segmentation, checksums) is done when a frame is encapsulated: on the wire
// are frames of ordinary size with right checksums.
func TestOffloadsAndEncapsulation(t *testing.T) {
	s := newSite(t, 2, AttachAuto)
	for _, h := range s.hosts {
		h.configure(h.entries(false)...)
	}
	file := filepath.Join(s.lab.Dir(), "wire.pcap")
	capture, err := s.sw.Capture("h1", file)
	must(t, err)
	s.tcp(0, 1, 1<<20)
	s.segmentedUDP(0, 1)
	_, err = capture.Stop()
	must(t, err)

	in, err := os.Open(file)
	must(t, err)
	defer in.Close()
	pcap, err := pcapgo.NewReader(in)
	must(t, err)
	frames, full := 0, 0
	for {
		data, _, err := pcap.ReadPacketData()
		if err == io.EOF {
			break
		}
		must(t, err)
		e, err := packet.Decapsulate(data)
		if err != nil {
			t.Fatalf("not encapsulated: %s", packet.Describe(data))
		}
		if len(e.Inner) > 14+hostMTU {
			t.Fatalf("%d bytes: %s", len(e.Inner), packet.Describe(data))
		}
		if len(e.Inner) > 14+hostMTU-100 {
			full++
		}
		if !checksumRight(e.Inner) {
			t.Fatalf("wrong checksum: %s", packet.Describe(data))
		}
		frames++
	}
	if full < 2*(2<<20)/hostMTU {
		t.Errorf("of %d frames %d are full", frames, full)
	}
}

// segmentedUDP lets the kernel cut one large write into datagrams (UDP_SEGMENT, udp(7)).
func (s *site) segmentedUDP(from, to int) {
	s.t.Helper()
	const size, count = 1200, 20
	at := netip.AddrPortFrom(s.hosts[to].v4, 7777)
	var in, out *net.UDPConn
	must(s.t, s.hosts[to].ns.Do(func() (err error) {
		in, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
		return err
	}))
	defer in.Close()
	must(s.t, s.hosts[from].ns.Do(func() (err error) {
		out, err = net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(at))
		return err
	}))
	defer out.Close()
	raw, err := out.SyscallConn()
	must(s.t, err)
	must(s.t, raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT, size)
	}))
	must(s.t, err)
	_, err = out.Write(make([]byte, size*count))
	must(s.t, err)
	must(s.t, in.SetReadDeadline(time.Now().Add(lab.Expected)))
	buffer := make([]byte, 65536)
	for i := range count {
		n, err := in.Read(buffer)
		if err != nil || n != size {
			s.t.Fatalf("datagram %d of %d: %d bytes (%v), want %d", i+1, count, n, err, size)
		}
	}
}

// checksumRight checks the transport's checksum of a TCP, UDP or ICMP packet that is no fragment.
func checksumRight(frame []byte) bool {
	ip := frame[14:]
	var sum uint32
	add := func(b []byte) {
		for ; len(b) > 1; b = b[2:] {
			sum += uint32(binary.BigEndian.Uint16(b))
		}
		if len(b) == 1 {
			sum += uint32(b[0]) << 8
		}
	}
	switch binary.BigEndian.Uint16(frame[12:]) {
	case 0x0800:
		header := int(ip[0]&15) * 4
		body := ip[header:binary.BigEndian.Uint16(ip[2:])]
		if ip[9] != packet.ICMP {
			add(ip[12:20])
			sum += uint32(ip[9]) + uint32(len(body))
		}
		add(body)
	case 0x86DD:
		body := ip[40 : 40+int(binary.BigEndian.Uint16(ip[4:]))]
		add(ip[8:40])
		sum += uint32(ip[6]) + uint32(len(body))
		add(body)
	default:
		return false
	}
	for sum > 0xFFFF {
		sum = sum>>16 + sum&0xFFFF
	}
	return sum == 0xFFFF
}
