//go:build linux

package shim

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"github.com/vishvananda/netns"

	programs "pillion/p4"
	"pillion/runtime/p4rt"
	"pillion/sidecarfallback/shim/bpf"
	"pillion/tests/lab"
)

// everything is what the shim's P4Runtime reads back, in text.
func (h *guarded) everything() []string {
	t := h.site.t
	t.Helper()
	var out []string
	must(t, h.client.Read(context.Background(), p4rt.Everything(), func(e *p4.Entity) error {
		out = append(out, strings.ReplaceAll(e.String(), "  ", " "))
		return nil
	}))
	slices.Sort(out)
	return out
}

// stream sends numbered datagrams from one host to another until it is told to stop; then it returns how many were
// sent and how many arrived.
func (s *site) stream(from, to int) (stop func() (sent, arrived int)) {
	s.t.Helper()
	a, b := s.hosts[from], s.hosts[to]
	at := netip.AddrPortFrom(b.v4, 9999)
	var in, out *net.UDPConn
	must(s.t, b.ns.Do(func() (err error) {
		in, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
		return err
	}))
	must(s.t, a.ns.Do(func() (err error) {
		out, err = net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(at))
		return err
	}))
	ended, sent, arrived := make(chan struct{}), make(chan int, 1), make(chan int, 1)
	go func() {
		n := 0
		for buffer := make([]byte, 100); ; n++ {
			if _, err := in.Read(buffer); err != nil {
				arrived <- n
				return
			}
		}
	}()
	go func() {
		for n := 0; ; n++ {
			select {
			case <-ended:
				sent <- n
				return
			default:
			}
			if _, err := fmt.Fprintf(out, "%d", n); err != nil {
				n--
			}
			time.Sleep(200 * time.Microsecond)
		}
	}()
	return func() (int, int) {
		close(ended)
		n := <-sent
		_ = in.SetReadDeadline(time.Now().Add(lab.Unexpected))
		got := <-arrived
		_, _ = in.Close(), out.Close()
		return n, got
	}
}

// An agent that starts again takes over: no packet is lost, nothing that was written is forgotten, counters go on.
func TestTakeover(t *testing.T) {
	for name, mode := range map[string]AttachMode{"tcx": AttachTCX, "clsact": AttachClsact} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 2, mode)
			for _, h := range s.hosts {
				h.configure(h.entries(false)...)
			}
			s.ping(0, 1, true)
			h := s.hosts[0]
			before, counted := h.everything(), h.counted("policy")
			stop := s.stream(0, 1)
			for range 3 {
				h.end((*Agent).Close)
				h.start()
			}
			sent, arrived := stop()
			if arrived != sent {
				t.Errorf("%d of %d datagrams arrived", arrived, sent)
			}
			if after := h.everything(); !slices.Equal(before, after) {
				t.Errorf("the shim held\n%s\nand after the restart holds\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
			}
			if got := h.counted("policy"); got < counted+int64(sent) {
				t.Errorf("%d packets counted before, %d after %d more", counted, got, sent)
			}
		})
	}
}

// A killed agent leaves a data plane that goes on, and a journal for the next.
func TestCrash(t *testing.T) {
	s := newSite(t, 2, AttachAuto)
	for _, h := range s.hosts {
		h.configure(h.entries(true)...)
	}
	h := s.hosts[0]
	before := h.everything()
	h.end((*Agent).Close)

	child := exec.Command("/proc/self/exe")
	options, err := json.Marshal(h.options)
	must(t, err)
	child.Env = append(os.Environ(), "PILLION_SHIM_CHILD="+string(options), "PILLION_SHIM_NETNS="+h.ns.Path())
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("the agent in a process of its own says %q (%v)", line, err)
	}
	// While it runs, there is no second one.
	err = h.ns.Do(func() error { _, err := Open(h.options); return err })
	if err == nil || !strings.Contains(err.Error(), "another agent runs") {
		t.Errorf("a second agent: %v", err)
	}
	must(t, child.Process.Signal(syscall.SIGKILL))
	_ = child.Wait()

	s.ping(0, 1, true)
	s.ping(1, 0, true)
	h.start()
	if after := h.everything(); !slices.Equal(before, after) {
		t.Errorf("the shim held\n%s\nand after the crash holds\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	s.ping(0, 1, true)
}

// Maps that another version left are replaced; its rules go on until the new ones are there.
func TestOtherLayout(t *testing.T) {
	s := newSite(t, 2, AttachAuto)
	for _, h := range s.hosts {
		h.configure(h.entries(false)...)
	}
	h := s.hosts[0]
	before := h.everything()
	h.end((*Agent).Close)
	pin := h.options.Pins + "/" + h.options.Name + "/" + bpf.ShimMapGates
	must(t, os.Remove(pin))
	other, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Hash, KeySize: 4, ValueSize: 4, MaxEntries: 7})
	must(t, err)
	must(t, other.Pin(pin))
	must(t, other.Close())

	stop := s.stream(0, 1)
	h.start()
	if sent, arrived := stop(); arrived != sent {
		t.Errorf("%d of %d datagrams arrived", arrived, sent)
	}
	if after := h.everything(); !slices.Equal(before, after) {
		t.Errorf("the shim held\n%s\nand now holds\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	s.ping(0, 1, true)
}

// Where the journal is gone, the maps stay as they are until a controller says otherwise.
func TestWithoutJournal(t *testing.T) {
	s := newSite(t, 2, AttachAuto)
	for _, h := range s.hosts {
		h.configure(h.entries(true)...)
	}
	h := s.hosts[0]
	h.end((*Agent).Close)
	journal := h.options.State + "/" + h.options.Name + ".journal"
	must(t, os.Remove(journal))
	h.start()
	s.ping(0, 1, true)
	h.configure() // without a single entry
	s.ping(0, 1, false)
}

// Detaching leaves the interface as though there had never been a shim.
func TestDetach(t *testing.T) {
	s := newSite(t, 2, AttachAuto)
	s.ping(0, 1, false)
	for _, h := range s.hosts {
		h.end((*Agent).Detach)
	}
	s.ping(0, 1, true)
	for _, h := range s.hosts {
		names, err := h.ns.Interfaces()
		must(t, err)
		if !slices.Equal(names, []string{"eth0"}) {
			t.Errorf("%s has the interfaces %v", h.ns.Name, names)
		}
		h.start()
	}
	s.ping(0, 1, false)
}

// Nobody but root can run a shim, and is told so.
func TestUnprivileged(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("skipped: only root can become somebody else")
	}
	child := exec.Command("/proc/self/exe")
	child.Env = []string{"PILLION_SHIM_CHILD=unprivileged"}
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "this process is without CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON") {
		t.Errorf("without privileges: %s (%v)", out, err)
	}
}

// What the P4Runtime server takes and the data plane cannot do is refused, and taken back.
func TestRefused(t *testing.T) {
	s := newSite(t, 1, AttachAuto)
	h := s.hosts[0]
	h.configure(h.entries(true)...)
	before := h.everything()
	program, err := programs.Shim()
	must(t, err)
	replicas := &p4.MulticastGroupEntry{MulticastGroupId: 1}
	for i := range 33 {
		replicas.Replicas = append(replicas.Replicas, &p4.Replica{PortKind: &p4.Replica_Port{Port: []byte{2}}, Instance: uint32(i + 1)})
	}
	for name, entity := range map[string]*p4.Entity{
		"there is no port 3": entry{"destination", fields{"address": num(1)}, "to_port",
			args{"port": num(3), "mac": h.mac, "identity": num(1)}}.entity(program.Info),
		"at most 32 copies": {Entity: &p4.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: &p4.PacketReplicationEngineEntry{
			Type: &p4.PacketReplicationEngineEntry_MulticastGroupEntry{MulticastGroupEntry: replicas}}}},
	} {
		err := h.client.Write(context.Background(), []*p4.Update{{Type: p4.Update_INSERT, Entity: entity}})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("refused with %v, want %q", err, name)
		}
	}
	if after := h.everything(); !slices.Equal(before, after) {
		t.Errorf("after the refusals the shim holds\n%s", strings.Join(after, "\n"))
	}
	other := *program
	other.Config = append(slices.Clone(program.Config), ' ')
	if err := h.client.SetPipeline(context.Background(), p4rt.Pipeline{P4Info: other.Info, Config: other.Config}, 2); err == nil || !strings.Contains(err.Error(), "and no other program") {
		t.Errorf("another program: %v", err)
	}
}

// TestMain is also the agents in processes of their own.
func TestMain(m *testing.M) {
	switch job := os.Getenv("PILLION_SHIM_CHILD"); job {
	case "":
		os.Exit(m.Run())
	case "unprivileged":
		fmt.Println(Supported())
	default:
		if err := child(job); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func child(job string) error {
	var options Options
	if err := json.Unmarshal([]byte(job), &options); err != nil {
		return err
	}
	ns, err := netns.GetFromPath(os.Getenv("PILLION_SHIM_NETNS"))
	if err != nil {
		return err
	}
	l, err := net.Listen("unix", "") // an address that nobody knows
	if err != nil {
		return err
	}
	errs := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := netns.Set(ns); err != nil {
			errs <- err
			return
		}
		agent, err := Open(options)
		if err != nil {
			errs <- err
			return
		}
		fmt.Println("open")
		errs <- agent.Serve(context.Background(), l)
	}()
	return <-errs
}
