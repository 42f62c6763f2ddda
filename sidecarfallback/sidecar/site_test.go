//go:build linux

package sidecar

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pillion/backends/bundle"
	"pillion/p4"
	"pillion/runtime/p4rt"
	"pillion/runtime/push"
	"pillion/tests/compiled"
	"pillion/tests/lab"
)

// kind is one of the ordinary switches that the lab has.
type kind struct {
	driver  string
	needs   []lab.Requirement
	sidecar string // what the network file says of the sidecar besides
	sample  uint32 // the port for samples; 0: by sFlow
	own     map[uint32]uint32
	make    func(s *site) []string // makes the switch; flags that say where it is
}

const bridgeName = "br0"

var kinds = map[string]kind{
	"ovs": {
		driver: "ovs", sidecar: `sample: {one-in: 1, sflow: "127.0.0.1:6343"}`, needs: []lab.Requirement{lab.Namespaces, lab.FreshSysfs, lab.OpenVSwitch},
		make: func(s *site) []string {
			folder := filepath.Join(s.lab.Dir(), "ovs")
			must(s.t, s.lab.StartOVS(s.t.Context(), lab.OVS{Namespace: s.sw, Folder: folder, Bridge: bridgeName, Ports: slices.Sorted(maps.Values(s.ports))}))
			return []string{"--ovs-dir", folder}
		},
	},
	"linux-bridge": {
		driver: "linux-bridge", needs: []lab.Requirement{lab.Namespaces, lab.LinuxBridge},
		sidecar: "wires: [[1, 11], [2, 12], [3, 13]], sample: {one-in: 1, via: 30}", sample: 30,
		own: map[uint32]uint32{1: 11, 2: 12, 3: 13},
		make: func(s *site) []string {
			must(s.t, s.sw.AddBridge(bridgeName, slices.Sorted(maps.Values(s.ports))...))
			return nil
		},
	},
}

// site is an ordinary switch with its sidecar, three hosts without shims, and one, r, that should have one and has not.
type site struct {
	t       *testing.T
	kind    kind
	lab     *lab.Lab
	sw      *lab.Namespace // has the switch and the sidecar
	hosts   map[string]*lab.Namespace
	ports   map[uint32]string
	flags   []string // of the sidecar
	driver  []string // which switch it drives
	agent   *lab.Process
	log     string
	started int
	bundle  *bundle.Bundle
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const trunkPort = 9

var addresses = map[string]netip.Addr{"a": netip.MustParseAddr("10.0.0.1"), "b": netip.MustParseAddr("10.0.0.2"), "c": netip.MustParseAddr("10.0.0.3"), "r": netip.MustParseAddr("10.0.0.4")}

const together = `tenant red { group all = a, b }
tenant blue { group all = c, r }
`

func newSite(t *testing.T, name string) *site {
	k := kinds[name]
	if missing := lab.Missing(k.needs...); len(missing) > 0 {
		t.Skipf("skipped: %q", missing)
	}
	l, err := lab.New()
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	s := &site{t: t, kind: k, lab: l, hosts: map[string]*lab.Namespace{}, ports: map[uint32]string{}}
	s.sw, err = l.Box("switch")
	must(t, err)
	for i, host := range []string{"a", "b", "c", "r"} {
		s.hosts[host], err = l.Host(host)
		must(t, err)
		s.attach(uint32(i+1), lab.End{Namespace: s.hosts[host], Interface: "eth0", MAC: net.HardwareAddr{2, 0, 0, 0, 0, byte(i + 1)},
			Addresses: []netip.Prefix{netip.PrefixFrom(addresses[host], 24)}})
	}
	s.attach(trunkPort, lab.End{Namespace: s.sw, Interface: "trunk", MTU: 1600})
	s.flags = []string{"--bundle", s.folder(), "--trunk", "trunk", "--state", filepath.Join(l.Dir(), "state"), "--grace", "1ms"}
	s.driver = []string{"--driver", k.driver, "--bridge", bridgeName}
	for _, box := range slices.Sorted(maps.Keys(k.own)) {
		wire := fmt.Sprintf("wire%d", box)
		s.attach(k.own[box], lab.End{Namespace: s.sw, Interface: wire})
		s.flags = append(s.flags, "--wire", fmt.Sprintf("%d@%s", box, wire))
	}
	if k.sample != 0 {
		s.attach(k.sample, lab.End{Namespace: s.sw, Interface: "samples"})
		s.flags = append(s.flags, "--sample", "samples")
	}
	for _, port := range slices.Sorted(maps.Keys(s.ports)) {
		s.driver = append(s.driver, "--port", fmt.Sprintf("%d@%s", port, s.ports[port]))
	}
	s.driver = append(s.driver, k.make(s)...)
	return s
}

// attach makes a port of the switch.
func (s *site) attach(port uint32, end lab.End) {
	s.t.Helper()
	s.ports[port] = fmt.Sprintf("p%d", port)
	must(s.t, s.lab.Connect(lab.End{Namespace: s.sw, Interface: s.ports[port], MTU: end.MTU}, end))
}

func (s *site) folder() string { return filepath.Join(s.lab.Dir(), "bundle") }

func (s *site) inventory() string {
	return fmt.Sprintf(`switches:
  - {name: leaf, target: legacy, driver: %s, sidecar: side}
sidecars:
  - {name: side, at: leaf:%d, address: "unix://%s", device-id: 7, %s}
endpoints:
  - {name: a, mac: "02:00:00:00:00:01", ip: 10.0.0.1, at: leaf:1}
  - {name: b, mac: "02:00:00:00:00:02", ip: 10.0.0.2, at: leaf:2}
  - {name: c, mac: "02:00:00:00:00:03", ip: 10.0.0.3, at: leaf:3}
  - {name: r, mac: "02:00:00:00:00:04", ip: 10.0.0.4, at: leaf:4, shim: {address: "unix://%s"}}
`, s.kind.driver, trunkPort, filepath.Join(s.lab.Dir(), "side.sock"), s.kind.sidecar, filepath.Join(s.lab.Dir(), "rogue.sock"))
}

// compile writes the bundle of a policy.
func (s *site) compile(policy string) {
	s.t.Helper()
	s.bundle = compiled.New(s.t, policy, s.inventory()).Bundle
	must(s.t, bundle.Write(s.folder(), s.bundle))
}

// push says what it did to the sidecar.
func (s *site) push(o push.Options) push.TargetReport {
	s.t.Helper()
	o.Only = []string{"side"}
	program, err := p4.Pillion()
	must(s.t, err)
	report, err := push.Push(s.t.Context(), s.bundle, p4rt.Pipelines{"sidecar": {P4Info: program.Info, Config: program.Config}}, o)
	must(s.t, err)
	if !report.OK() {
		var text strings.Builder
		must(s.t, report.WriteText(&text))
		s.t.Fatalf("push: %s\n%s", text.String(), s.logged())
	}
	return report.Targets[0]
}

// build makes the pillion command, once.
var build = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "pillion-sidecar-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "pillion")
	if out, err := exec.Command("go", "build", "-o", path, "pillion/cmd/pillion").CombinedOutput(); err != nil {
		return folder, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built {
		path, _ := build()
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

var built bool

// command is where the pillion command is.
func command(t testing.TB) string {
	t.Helper()
	built = true
	path, err := build()
	must(t, err)
	return path
}

// start runs the agent until it is ready.
func (s *site) start(pillion string, more ...string) {
	s.t.Helper()
	s.started++
	s.log = filepath.Join(s.lab.Dir(), fmt.Sprintf("side%d.log", s.started))
	var err error
	s.agent, err = s.sw.Start(lab.Command{Path: pillion, Log: s.log, Args: slices.Concat([]string{"sidecar", "side"}, s.flags, s.driver, more)})
	must(s.t, err)
	s.await("msg=ready")
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("the agent's log:\n%s", s.logged())
		}
	})
}

func (s *site) logged() string {
	text, err := os.ReadFile(s.log)
	must(s.t, err)
	return string(text)
}

// await waits until the agent has logged something.
func (s *site) await(what string) {
	s.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !strings.Contains(s.logged(), what) {
		select {
		case <-s.agent.Done():
			s.t.Fatalf("the agent ended:\n%s", s.logged())
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the agent does not log %q:\n%s", what, s.logged())
		}
	}
}

// get asks the agent by HTTP.
func (s *site) get(path string) (code int, text string) {
	s.t.Helper()
	client := http.Client{Transport: &http.Transport{DialContext: s.sw.DialContext, DisableKeepAlives: true}, Timeout: 30 * time.Second}
	answer, err := client.Get("http://127.0.0.1:9100" + path)
	must(s.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(s.t, err)
	return answer.StatusCode, string(body)
}

// kill ends the agent without asking it.
func (s *site) kill() {
	s.t.Helper()
	must(s.t, syscall.Kill(s.agent.PID(), syscall.SIGKILL))
	<-s.agent.Done()
}

// talks checks who reaches whom; a pair with a minus does not.
func (s *site) talks(pairs ...string) {
	s.t.Helper()
	for _, p := range pairs {
		from, to, reaches := p[:1], p[len(p)-1:], !strings.Contains(p, "-")
		n := s.ping(from, to, reaches)
		// A kernel that is about to give up a neighbour takes what is queued for it down with it.
		for try := 0; reaches && n < 3 && try < 4; try++ {
			n = s.ping(from, to, reaches)
		}
		if (n == 3) != reaches || !reaches && n != 0 {
			s.t.Errorf("%s: %d of 3 pings were answered", p, n)
		}
	}
}

func (s *site) ping(from, to string, reaches bool) int {
	s.t.Helper()
	within := lab.Expected
	if !reaches {
		within = lab.Unexpected
	}
	r, err := lab.Ping{From: s.hosts[from], Destination: addresses[to], Count: 3, Within: within}.Run()
	must(s.t, err)
	return r.Answered
}
