package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"pillion/runtime/port"
)

// space is a network namespace of a test.
type space struct {
	t    *testing.T
	ns   netns.NsHandle
	file *os.File
	link *netlink.Handle
}

func newSpace(t *testing.T) *space {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIP: this test needs root for network namespaces")
	}
	s := &space{t: t}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home, err := netns.Get()
	if err != nil {
		t.Skipf("SKIP: no network namespaces here: %v", err)
	}
	defer home.Close()
	if s.ns, err = netns.New(); err != nil {
		t.Skipf("SKIP: cannot make a network namespace: %v", err)
	}
	if err := netns.Set(home); err != nil {
		t.Fatal(err)
	}
	if s.link, err = netlink.NewHandleAt(s.ns); err != nil {
		t.Fatal(err)
	}
	s.file = os.NewFile(uintptr(s.ns), "test namespace")
	t.Cleanup(func() { s.link.Close(); s.file.Close() })
	return s
}

// in runs f on a thread inside the namespace.
func (s *space) in(f func() error) error {
	done := make(chan error, 1)
	go func() {
		// The thread ends with the goroutine: it is never unlocked.
		runtime.LockOSThread()
		if err := netns.Set(s.ns); err != nil {
			done <- err
			return
		}
		done <- f()
	}()
	return <-done
}

// host joins a namespace to the switch's by a veth pair, with an address.
func host(t *testing.T, sw *space, swIface, iface, mac, cidr string) *space {
	t.Helper()
	h := newSpace(t)
	attrs := netlink.NewLinkAttrs()
	attrs.Name = swIface
	if err := sw.link.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: iface, PeerNamespace: netlink.NsFd(h.ns)}); err != nil {
		t.Skipf("SKIP: cannot make a veth pair: %v", err)
	}
	hw, err := net.ParseMAC(mac)
	if err != nil {
		t.Fatal(err)
	}
	addr, err := netlink.ParseAddr(cidr)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := h.link.LinkByName(iface)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := sw.link.LinkByName(swIface)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		h.link.LinkSetHardwareAddr(mine, hw), h.link.AddrAdd(mine, addr),
		h.link.LinkSetUp(mine), sw.link.LinkSetUp(theirs),
		// Segmentation offload would make frames that no port can carry.
		port.DisableOffload(iface, port.Options{NamespaceFD: h.file}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// TCP of two real hosts goes through the switch on real interfaces: ARP by
// multicast, then a megabyte there and back.
func TestSwitchOnVeth(t *testing.T) {
	inner := newSpace(t)
	a := host(t, inner, "sw1", "eth0", "02:00:00:00:00:0a", "10.77.0.1/24")
	b := host(t, inner, "sw2", "eth0", "02:00:00:00:00:0b", "10.77.0.2/24")
	sw, err := NewSwitch(SwitchOptions{Options: Options{DeviceID: 1}, Pipeline: featuresConfig(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer sw.Close()
	for n, iface := range map[uint32]string{1: "sw1", 2: "sw2"} {
		dev, err := port.Open(iface, port.Options{NamespaceFD: inner.file})
		if err != nil {
			t.Fatal(err)
		}
		if err := sw.AddPort(n, dev); err != nil {
			t.Fatal(err)
		}
	}
	entry := func(mac string, out int) string {
		return "INSERT " + te(fmt.Sprintf(`table_id: $mac$ match { field_id: 1 exact { value: "%s" } } action { action { action_id: $forward$ params { param_id: 1 value: "\x%02x" } } }`, mac, out))
	}
	writeAs(t, sw.P4Runtime,
		entry(`\x02\x00\x00\x00\x00\x0a`, 1), entry(`\x02\x00\x00\x00\x00\x0b`, 2),
		"INSERT "+te(`table_id: $mac$ match { field_id: 1 exact { value: "\xff\xff\xff\xff\xff\xff" } } action { action { action_id: $flood$ params { param_id: 1 value: "\x01" } } }`),
		`INSERT packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 1 replicas { port: "\x01" } replicas { port: "\x02" } } }`,
	)

	var lis net.Listener
	if err := b.in(func() (err error) { lis, err = net.Listen("tcp", "10.77.0.2:4444"); return err }); err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	echoed := make(chan error, 1)
	go func() {
		c, err := lis.Accept()
		if err == nil {
			_, err = io.Copy(c, c)
			err = errors.Join(err, c.Close())
		}
		echoed <- err
	}()
	var conn net.Conn
	if err := a.in(func() (err error) { conn, err = net.DialTimeout("tcp", "10.77.0.2:4444", patience); return err }); err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	sent := make(chan error, 1)
	go func() {
		_, err := conn.Write(want)
		sent <- errors.Join(err, conn.(*net.TCPConn).CloseWrite())
	}()
	got, err := io.ReadAll(conn)
	if err := errors.Join(err, <-sent, <-echoed); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes came back, not the %d that were sent", len(got), len(want))
	}
	for _, n := range []uint32{1, 2} {
		c, err := sw.Ports.Counters(n)
		if err != nil || c.InFrames == 0 || c.OutFrames == 0 || c.InErrors != 0 {
			t.Errorf("port %d: %+v, %v (last error %v)", n, c, err, sw.Ports.LastError(n))
		}
	}
}
