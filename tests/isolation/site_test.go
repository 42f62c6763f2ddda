//go:build linux

package isolation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pillion/backends/bundle"
	"pillion/runtime/packet"
	"pillion/sidecarfallback/redirect/linuxbridge"
	"pillion/sidecarfallback/shim"
	"pillion/tests/compiled"
	"pillion/tests/lab"
)

// pillion is the command, as users get it.
var pillion string

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	folder, err := os.MkdirTemp("", "pillion-isolation-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(folder)
	pillion = filepath.Join(folder, "pillion")
	build := exec.Command("go", "build", "-o", pillion, "pillion/cmd/pillion")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("building pillion: %w\n%s", err, out)
	}
	return m.Run(), nil
}

// The ordinary switches that every experiment is made on.
const (
	openVSwitch = "ovs"
	linuxBridge = "linux-bridge"
)

// onBoth runs an experiment behind each kind of switch.
func onBoth(t *testing.T, experiment func(t *testing.T, driver string)) {
	for _, driver := range []string{linuxBridge, openVSwitch} {
		t.Run(driver, func(t *testing.T) { experiment(t, driver) })
	}
}

// Ports of the switch beside those of hosts, which are their numbers; and the ends of the sidecar, in the same namespace.
const (
	trunkPort   = 30
	samplePort  = 31
	trunkEnd    = "trunk"
	sampleEnd   = "samples"
	bridge      = "br0"
	hostMTU     = 1500
	switchMTU   = 1600
	patience    = 20 * time.Second
	settlement  = 300 * time.Millisecond // after which nothing is under way any more
	sflowTarget = "127.0.0.1:6343"
	grace       = time.Second // for frames by the rules before a push: longer than it takes here
)

// site is hosts with shims on an ordinary switch with a sidecar.
type site struct {
	t       *testing.T
	lab     *lab.Lab
	driver  string
	oneIn   int
	sw      *lab.Namespace
	hosts   []*host
	sidecar *lab.Process
}

// host has the number of its port; its addresses end with it.
type host struct {
	site   *site
	name   string
	number byte
	ns     *lab.Namespace
	out    *lab.Port // for what the host sends
	shim   *lab.Process
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newSite makes a network, and starts all agents with the policy's rules. One frame in oneIn is sampled.
func newSite(t *testing.T, driver string, oneIn int, policy string, names ...string) *site {
	t.Helper()
	needs(t, driver)
	l, err := lab.New()
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	s := &site{t: t, lab: l, driver: driver, oneIn: oneIn}
	for i, name := range names {
		s.hosts = append(s.hosts, &host{site: s, name: name, number: byte(i + 1)})
	}
	s.compile(policy)
	s.wire()
	// A file system of the test's own for what outlives an agent: in the agents' mount namespaces it would go with them.
	must(t, os.Mkdir(s.in("bpf"), 0o700))
	must(t, unix.Mount("bpf", s.in("bpf"), "bpf", 0, "mode=0700"))
	t.Cleanup(func() { _ = unix.Unmount(s.in("bpf"), unix.MNT_DETACH) })
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the sidecar said:\n%s", s.said())
		}
	})
	for _, h := range s.hosts {
		h.startShim()
		t.Cleanup(h.detach)
	}
	s.startSidecar()
	s.push()
	time.Sleep(grace + settlement) // before the first push nothing is a violation
	return s
}

// needs skips the test, and says why, where it cannot run.
func needs(t *testing.T, driver string) {
	t.Helper()
	more := lab.LinuxBridge
	if driver == openVSwitch {
		more = lab.OpenVSwitch
	}
	if missing := lab.Missing(lab.Namespaces, lab.FreshSysfs, more); len(missing) > 0 {
		t.Skipf("skipped: %v", missing)
	}
	if err := shim.Supported(); err != nil {
		t.Skipf("skipped: %v", err)
	}
	if driver == openVSwitch {
		return
	}
	l, err := lab.New()
	must(t, err)
	defer l.Close()
	ns, err := l.Box("probe")
	must(t, err)
	if err := ns.Do(linuxbridge.Missing); err != nil {
		t.Skipf("skipped: %v", err)
	}
}

func (s *site) in(file string) string { return filepath.Join(s.lab.Dir(), file) }

func (s *site) host(name string) *host {
	for _, h := range s.hosts {
		if h.name == name {
			return h
		}
	}
	s.t.Fatalf("no host %s", name)
	return nil
}

func (h *host) socket() string  { return h.site.in(h.name + ".sock") }
func (h *host) mac() packet.MAC { return packet.MAC{2, 0, 0, 0, 0, h.number} }
func (h *host) port() string    { return fmt.Sprintf("port%d", h.number) }
func (h *host) ip(six bool) netip.Addr {
	if six {
		return netip.AddrFrom16([16]byte{0: 0xfd, 15: h.number})
	}
	return netip.AddrFrom4([4]byte{10, 0, 0, h.number})
}

// inventory is the network file.
func (s *site) inventory() string {
	var w strings.Builder
	sample := fmt.Sprintf("{one-in: %d, via: %d}", s.oneIn, samplePort)
	if s.driver == openVSwitch {
		sample = fmt.Sprintf("{one-in: %d, sflow: %q}", s.oneIn, sflowTarget)
	}
	fmt.Fprintf(&w, "switches:\n  - {name: s1, target: legacy, driver: %s, sidecar: side1}\n", s.driver)
	fmt.Fprintf(&w, "sidecars:\n  - {name: side1, at: s1:%d, address: \"unix://%s\", device-id: 11, sample: %s}\nendpoints:\n", trunkPort, s.in("side1.sock"), sample)
	for _, h := range s.hosts {
		fmt.Fprintf(&w, "  - {name: %s, mac: %q, ip: [%q, %q], at: s1:%d, shim: {address: \"unix://%s\"}}\n", h.name, h.mac(), h.ip(false), h.ip(true), h.number, h.socket())
	}
	return w.String()
}

// compile writes the bundle.
func (s *site) compile(policy string) {
	s.t.Helper()
	w, err := compiled.Try(policy, s.inventory())
	must(s.t, err)
	must(s.t, bundle.Write(s.in("bundle"), w.Bundle))
}

// wire makes namespaces, the switch, and the wires between.
func (s *site) wire() {
	t := s.t
	t.Helper()
	var err error
	s.sw, err = s.lab.Box("switch")
	must(t, err)
	var ports []string
	for _, h := range s.hosts {
		h.ns, err = s.lab.Host(h.name)
		must(t, err)
		mac := h.mac()
		must(t, s.lab.Connect(
			lab.End{Namespace: h.ns, Interface: "eth0", MAC: net.HardwareAddr(mac[:]), MTU: switchMTU, Addresses: []netip.Prefix{netip.PrefixFrom(h.ip(false), 24), netip.PrefixFrom(h.ip(true), 64)}},
			lab.End{Namespace: s.sw, Interface: h.port(), MTU: switchMTU}))
		must(t, h.ns.LimitRoutes("eth0", hostMTU))
		ports = append(ports, h.port())
	}
	join := func(end string, number int) {
		port := fmt.Sprintf("port%d", number)
		must(t, s.lab.Connect(lab.End{Namespace: s.sw, Interface: end, MTU: switchMTU}, lab.End{Namespace: s.sw, Interface: port, MTU: switchMTU}))
		ports = append(ports, port)
	}
	join(trunkEnd, trunkPort)
	if s.driver == linuxBridge {
		join(sampleEnd, samplePort)
		must(t, s.sw.AddBridge(bridge, ports...))
	} else {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		must(t, s.lab.StartOVS(ctx, lab.OVS{Namespace: s.sw, Folder: s.in("ovs"), Bridge: bridge, Ports: ports}))
	}
	for _, h := range s.hosts {
		h.out, err = h.ns.OpenPort("eth0", lab.Incoming)
		must(t, err)
	}
}

// agent starts one, and waits until its log says that it is ready. The log goes on from one start to the next.
func (s *site) agent(ns *lab.Namespace, log, ready string, args ...string) *lab.Process {
	s.t.Helper()
	count := func() int {
		text, _ := os.ReadFile(log)
		return strings.Count(string(text), "msg="+ready)
	}
	before := count()
	p, err := ns.Start(lab.Command{Path: pillion, Args: args, Log: log})
	must(s.t, err)
	s.await(strings.Join(args[:2], " ")+" is ready", func() bool {
		select {
		case <-p.Done():
			s.t.Fatal(p.Ended())
		default:
		}
		return count() > before
	})
	return p
}

// await waits until something holds.
func (s *site) await(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited %v in vain until %s", patience, what)
		}
	}
}

func (h *host) shimArgs() []string {
	return []string{"shim", "-i", "eth0", "--name", h.name, "--pins", h.site.in("bpf"), "--state", h.site.in("state")}
}

func (h *host) startShim() {
	h.site.t.Helper()
	h.shim = h.site.agent(h.ns, h.site.in(h.name+".log"), "attached", append(h.shimArgs(), "--grpc", "unix:"+h.socket())...)
}

// detach ends the shim and takes its data plane off.
func (h *host) detach() {
	h.site.t.Helper()
	must(h.site.t, h.shim.Stop())
	h.site.run(h.ns, append(h.shimArgs(), "--detach")...)
}

func (s *site) startSidecar() {
	s.t.Helper()
	args := []string{"sidecar", "side1", "--bundle", s.in("bundle"), "--trunk", trunkEnd, "--state", s.in("state"), "--quarantine", "--grace", grace.String()}
	if s.driver == linuxBridge {
		args = append(args, "--sample", sampleEnd)
	}
	s.sidecar = s.agent(s.sw, s.sidecarLog(), "ready", append(args, s.drive()...)...)
}

// drive says how to reach the switch.
func (s *site) drive() []string {
	args := []string{"--driver", s.driver, "--bridge", bridge, "--port", fmt.Sprintf("%d@port%d", trunkPort, trunkPort)}
	for _, h := range s.hosts {
		args = append(args, "--port", fmt.Sprintf("%d@%s", h.number, h.port()))
	}
	if s.driver == linuxBridge {
		return append(args, "--port", fmt.Sprintf("%d@port%d", samplePort, samplePort))
	}
	return append(args, "--ovs-dir", s.in("ovs"))
}

func (s *site) sidecarLog() string { return s.in("side1.log") }

// said is the log of the sidecar.
func (s *site) said() string {
	text, _ := os.ReadFile(s.sidecarLog())
	return string(text)
}

// violations are the alarms that the sidecar has raised.
func (s *site) violations() []string {
	var out []string
	for line := range strings.Lines(s.said()) {
		if strings.Contains(line, "msg=violation") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// run runs a command to its end and returns what it said.
func (s *site) run(ns *lab.Namespace, args ...string) string {
	s.t.Helper()
	log := s.in("command.log")
	_ = os.Remove(log)
	p, err := ns.Start(lab.Command{Path: pillion, Args: args, Log: log})
	must(s.t, err)
	ctx, cancel := context.WithTimeout(context.Background(), patience) // also when the test is over
	defer cancel()
	err = p.Wait(ctx)
	text, unread := os.ReadFile(log)
	must(s.t, errors.Join(err, unread))
	return string(text)
}

func (s *site) push() {
	s.t.Helper()
	s.run(s.sw, "push", s.in("bundle"))
}

// kill ends an agent as a crash would.
func kill(t *testing.T, p *lab.Process) {
	t.Helper()
	must(t, unix.Kill(p.PID(), unix.SIGKILL))
	<-p.Done()
	must(t, p.Stop())
}
