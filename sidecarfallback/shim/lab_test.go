//go:build linux

package shim

import (
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	programs "pillion/p4"
	"pillion/runtime/p4rt"
	"pillion/tests/lab"
)

// site is hosts with shims on an ordinary switch.
type site struct {
	t     testing.TB
	lab   *lab.Lab
	sw    *lab.Namespace
	hosts []*guarded
}

// guarded is a host with a shim. Its identity is its number in the site, from 1 on.
type guarded struct {
	site    *site
	ns      *lab.Namespace
	number  uint64
	mac     net.HardwareAddr
	v4, v6  netip.Addr
	options Options
	agent   *Agent
	client  *p4rt.Client
	stop    context.CancelFunc
	served  chan error
}

const (
	linkMTU = 1600
	hostMTU = 1500
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newSite makes n hosts on a learning bridge. Their interfaces have all offloads, as those of real hosts do.
func newSite(t testing.TB, n int, mode AttachMode) *site {
	t.Helper()
	if missing := lab.Missing(lab.Namespaces, lab.LinuxBridge); len(missing) > 0 {
		t.Skipf("skipped: %v", missing)
	}
	if err := Supported(); err != nil {
		t.Skipf("skipped: %v", err)
	}
	l, err := lab.New()
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	s := &site{t: t, lab: l}
	s.sw, err = l.Box("switch")
	must(t, err)
	// A bpffs of the test's own.
	pins := filepath.Join(l.Dir(), "bpf")
	t.Cleanup(func() { _ = unix.Unmount(pins, unix.MNT_DETACH) })
	var ports []string
	for i := range n {
		name := "h" + string(rune('1'+i))
		h := &guarded{site: s, number: uint64(i + 1), mac: net.HardwareAddr{2, 0, 0, 0, 0, byte(i + 1)},
			v4: netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), v6: netip.AddrFrom16([16]byte{0: 0xfd, 15: byte(i + 1)})}
		h.ns, err = l.Host(name)
		must(t, err)
		must(t, l.Connect(
			lab.End{Namespace: h.ns, Interface: "eth0", MAC: h.mac, MTU: linkMTU, Addresses: []netip.Prefix{netip.PrefixFrom(h.v4, 24), netip.PrefixFrom(h.v6, 64)}},
			lab.End{Namespace: s.sw, Interface: name, MTU: linkMTU}))
		ports = append(ports, name)
		h.options = Options{Interface: "eth0", Name: name, Pins: pins, State: filepath.Join(l.Dir(), "state"), Attach: mode}
		must(t, h.ns.Do(func() error { return limitRoutes("eth0", hostMTU) }))
		must(t, h.ns.Do(func() error { return offload("eth0") }))
		s.hosts = append(s.hosts, h)
	}
	must(t, s.sw.AddBridge("br0", ports...))
	for _, h := range s.hosts {
		h.start()
		t.Cleanup(func() {
			if h.agent != nil {
				h.end((*Agent).Detach)
			}
		})
	}
	return s
}

// limitRoutes leaves room for the encapsulation in what the host sends.
func limitRoutes(iface string, mtu int) error {
	link, err := netlink.LinkByName(iface)
	if err != nil {
		return err
	}
	routes, err := netlink.RouteList(link, netlink.FAMILY_ALL)
	if err != nil {
		return err
	}
	for _, r := range routes {
		r.MTU = mtu
		if err := netlink.RouteReplace(&r); err != nil {
			return err
		}
	}
	return nil
}

// offload turns everything on that a driver has: checksums, scatter and gather, segmentation.
func offload(iface string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for _, command := range []uint32{0x15, 0x17, 0x19, 0x1f, 0x24, 0x2c} { // ETHTOOL_SRXCSUM, STXCSUM, SSG, STSO, SGSO, SGRO
		var name [unix.IFNAMSIZ]byte
		copy(name[:], iface)
		value := struct{ command, data uint32 }{command, 1}
		request := struct {
			name [unix.IFNAMSIZ]byte
			data unsafe.Pointer
			_    [16]byte
		}{name, unsafe.Pointer(&value), [16]byte{}}
		if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request))); e != 0 {
			return e
		}
	}
	return nil
}

// start runs an agent on the host, with P4Runtime on a Unix socket.
func (h *guarded) start() {
	t := h.site.t
	t.Helper()
	must(t, h.ns.Do(func() (err error) {
		h.agent, err = Open(h.options)
		return err
	}))
	socket := filepath.Join(h.site.lab.Dir(), h.options.Name+".sock")
	_ = os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	must(t, err)
	var ctx context.Context
	ctx, h.stop = context.WithCancel(context.Background())
	h.served = make(chan error, 1)
	agent, served := h.agent, h.served
	go func() { served <- agent.Serve(ctx, listener) }()
	h.client, err = p4rt.Dial("unix://"+socket, 1, p4rt.Options{})
	must(t, err)
	_, err = h.client.BecomePrimary(ctx)
	must(t, err)
}

// end stops the agent, in one way or another.
func (h *guarded) end(how func(*Agent) error) {
	t := h.site.t
	t.Helper()
	_ = h.client.Close()
	h.stop()
	must(t, <-h.served)
	must(t, h.ns.Do(func() error { return how(h.agent) }))
	h.agent = nil
}

// configure commits shim.p4 and writes entries.
func (h *guarded) configure(entries ...entry) {
	t := h.site.t
	t.Helper()
	program, err := programs.Shim()
	must(t, err)
	must(t, h.client.SetPipeline(context.Background(), p4rt.Pipeline{P4Info: program.Info, Config: program.Config}, 1))
	h.write(p4.Update_INSERT, entries...)
}

func (h *guarded) write(typ p4.Update_Type, entries ...entry) {
	t := h.site.t
	t.Helper()
	program, err := programs.Shim()
	must(t, err)
	var updates []*p4.Update
	for _, e := range entries {
		updates = append(updates, &p4.Update{Type: typ, Entity: e.entity(program.Info)})
	}
	if err := h.client.Write(context.Background(), updates); err != nil {
		t.Fatal(err)
	}
}

// read gives the packets that each counted entry of a table has counted.
func (h *guarded) counted(table string) (packets int64) {
	t := h.site.t
	t.Helper()
	program, err := programs.Shim()
	must(t, err)
	want := &p4.Entity{Entity: &p4.Entity_DirectCounterEntry{DirectCounterEntry: &p4.DirectCounterEntry{
		TableEntry: &p4.TableEntry{TableId: tableOf(program.Info, table).Preamble.Id}}}}
	must(t, h.client.Read(context.Background(), []*p4.Entity{want}, func(e *p4.Entity) error {
		packets += e.GetDirectCounterEntry().GetData().GetPacketCount()
		return nil
	}))
	return packets
}

// entries are the rules of a host that may talk to all others: natively, or as edges of their own.
func (h *guarded) entries(native bool) []entry {
	network := uint64(programs.ShimNetwork)
	out := []entry{
		{"ports", fields{"port": num(programs.ShimHost)}, "endpoint", args{"locator": h.mac}},
		{"ports", fields{"port": num(network)}, "fabric_port", args{"locator": h.mac}},
	}
	for _, other := range h.site.hosts {
		for _, a := range []netip.Addr{other.v4, other.v6} {
			if other == h {
				out = append(out,
					entry{"source", fields{"port": num(programs.ShimHost), "mac": h.mac, "address": long(a)}, "from", args{"identity": num(h.number), "tenant": num(1)}},
					entry{"destination", fields{"address": long(a)}, "to_port", args{"port": num(programs.ShimHost), "mac": h.mac, "identity": num(h.number), "answers": num(0)}})
				continue
			}
			to := entry{"destination", fields{"address": long(a)}, "to_edge",
				args{"locator": other.mac, "tree": num(0), "mac": other.mac, "identity": num(other.number), "answers": num(1)}}
			if native {
				to.action, to.args = "to_port", args{"port": num(network), "mac": other.mac, "identity": num(other.number), "answers": num(1)}
				out = append(out, entry{"source", fields{"port": num(network), "mac": other.mac, "address": long(a)}, "from", args{"identity": num(other.number), "tenant": num(1)}})
			}
			out = append(out, to)
		}
		if other != h {
			out = append(out, entry{"policy", fields{"source": num(h.number), "destination": num(other.number), "returning": num(0)}, "permit", nil})
		}
	}
	return out
}
