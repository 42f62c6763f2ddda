//go:build linux

package lab

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/rlimit"
	"golang.org/x/sys/unix"
)

// A port for one EtherType hears what the programs on the interface let through, and a port for all of them what comes.
func TestProtocolIsHeardBehindPrograms(t *testing.T) {
	l := newLab(t)
	a, b := wire(t, l)
	protocol := func(etherType uint16) *Port {
		port, err := b.OpenProtocol("p", etherType)
		if err != nil {
			t.Fatal(err)
		}
		return port
	}
	all, one, other := openPort(t, b, Incoming), protocol(rawType), protocol(unix.ETH_P_IP)
	sender := openPort(t, a, Both)
	expect := func(what string, p *Port, comes bool) {
		t.Helper()
		if _, err := p.Receive(Unexpected, isRaw); (err == nil) != comes || err != nil && !errors.Is(err, ErrQuiet) {
			t.Errorf("%s: %v, expected a frame: %v", what, err, comes)
		}
	}
	send := func(body string) {
		if err := sender.Send(rawFrame(body)); err != nil {
			t.Fatal(err)
		}
	}
	send("no program")
	expect("all", all, true)
	expect("one", one, true)
	expect("other", other, false)
	detach := dropAll(t, b, "p")
	send("a program that drops")
	expect("all", all, true)
	expect("one", one, false)
	detach()
	send("no program again")
	expect("one", one, true)
}

// dropAll attaches a program to an interface that drops what comes.
func dropAll(t *testing.T, ns *Namespace, ifname string) (detach func()) {
	t.Helper()
	if err := rlimit.RemoveMemlock(); err != nil {
		t.Skipf("skipped: eBPF: %v", err)
	}
	const shot = 2 // TC_ACT_SHOT
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.SchedCLS, License: "GPL", Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, shot), asm.Return()}})
	if err != nil {
		t.Skipf("skipped: eBPF: %v", err)
	}
	defer program.Close()
	var attached link.Link
	err = ns.Do(func() error {
		at, err := net.InterfaceByName(ifname)
		if err == nil {
			attached, err = link.AttachTCX(link.TCXOptions{Interface: at.Index, Program: program, Attach: ebpf.AttachTCXIngress})
		}
		return err
	})
	if errors.Is(err, ebpf.ErrNotSupported) {
		t.Skipf("skipped: TCX: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { attached.Close() }
}

// A host on a wider wire sends no more than its routes say, in either family.
func TestRoutesAreLimited(t *testing.T) {
	const hostMTU, linkMTU = 1400, 1600
	l := newLab(t)
	h1, h2 := host(t, l, 1), host(t, l, 2)
	near, far := h1.end(), h2.end()
	near.MTU, far.MTU = linkMTU, linkMTU
	connect(t, l, near, far)
	if err := h1.LimitRoutes(near.Interface, hostMTU); err != nil {
		t.Fatal(err)
	}
	watch, err := h2.OpenPort(far.Interface, Incoming)
	if err != nil {
		t.Fatal(err)
	}
	for _, ip := range []netip.Addr{h2.ip4(), h2.ip6()} {
		if got, err := (UDP{From: h1.Namespace, To: h2.Namespace, Destination: netip.AddrPortFrom(ip, 7), Size: 3000, Silent: true}).Run(); err != nil || got.Delivered != 1 {
			t.Errorf("%s: %+v, %v", ip, got, err)
		}
	}
	longest := 0
	for {
		frame, err := watch.Receive(Unexpected, nil)
		if err != nil {
			break
		}
		longest = max(longest, len(frame.Data))
	}
	if longest > hostMTU+14 || longest < hostMTU {
		t.Errorf("the longest frame has %d bytes, of an MTU of %d", longest, hostMTU)
	}
}

// Who asks for offloads keeps them, and the other end does not.
func TestOffloadsStayOn(t *testing.T) {
	l := newLab(t)
	a, b := box(t, l, "a"), box(t, l, "b")
	connect(t, l, End{Namespace: a, Interface: "p", Offloads: true}, End{Namespace: b, Interface: "p"})
	for ns, on := range map[*Namespace]bool{a: true, b: false} {
		err := ns.Do(func() error {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				return err
			}
			defer unix.Close(fd)
			value, err := ethtool(fd, "p", unix.ETHTOOL_GTSO, 0)
			if err == nil && (value != 0) != on {
				t.Errorf("%s: segmentation offload is %d", ns.Name, value)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
