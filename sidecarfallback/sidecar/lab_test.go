//go:build linux

package sidecar

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pillion/backends/bundle"
	"pillion/p4"
	"pillion/runtime/packet"
	"pillion/runtime/program"
	"pillion/runtime/push"
	"pillion/tests/lab"
)

// What is wired to a sidecar talks as the policy says, over a real switch, whatever becomes of the agent.
func TestWiredHosts(t *testing.T) {
	pillion := command(t)
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, name)
			s.compile(together)
			s.start(pillion)
			// Without a pipeline nothing passes.
			s.talks("a-b")
			s.push(push.Options{})
			s.talks("a+b", "b+a", "a-c", "c-b")

			// Dead, it lets nothing pass; back, it has all that it had.
			s.kill()
			s.talks("a-b", "a-c")
			s.start(pillion)
			s.await("restored=true")
			s.talks("a+b", "a-c", "c-a")

			// A new policy: the bundle is read again, and the push changes what is different.
			s.compile("tenant red { group all = a, c }\ntenant blue { group all = b }\n")
			s.await("the bundle has changed")
			s.push(push.Options{})
			s.talks("a+c", "a-b", "c-b")

			// Ended in order, too.
			must(t, syscall.Kill(s.agent.PID(), syscall.SIGTERM))
			<-s.agent.Done()
			if !strings.Contains(s.logged(), "the redirect rules stay") {
				t.Errorf("the agent's last words:\n%s", s.logged())
			}
			s.talks("a-c")
			s.start(pillion, "--reset")
			s.talks("a-c")
			s.push(push.Options{})
			s.talks("a+c", "a-b")
		})
	}
}

// What somebody takes out of the switch comes back, and what is wrong with it is said.
func TestRepair(t *testing.T) {
	pillion := command(t)
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, name)
			s.compile(together)
			s.start(pillion)
			s.push(push.Options{})
			p, err := s.sw.Start(lab.Command{Path: pillion, Args: append([]string{"redirect", "remove"}, s.driver...), Log: filepath.Join(s.lab.Dir(), "remove.log")})
			must(t, err)
			<-p.Done()
			s.await("redirect rules repaired")
			s.talks("a+b", "a-c")
		})
	}
}

// Who goes past the shim that the host should have is seen, cut off, and let in again when a person says so.
func TestQuarantine(t *testing.T) {
	pillion := command(t)
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, name)
			s.compile(together)
			s.start(pillion, "--quarantine", "--metrics", "127.0.0.1:9100")
			if code, text := s.get("/healthz"); code != http.StatusServiceUnavailable || !strings.Contains(text, "there is no pipeline yet") {
				t.Errorf("before a push: %d, %s", code, text)
			}
			s.push(push.Options{})
			if code, text := s.get("/healthz"); code != http.StatusOK {
				t.Errorf("after a push: %d, %s", code, text)
			}
			seen := map[bool]string{true: "seen=sample", false: "seen=sflow"}[s.kind.sample != 0]
			s.talks("a+b", "r-c")
			s.await(seen)
			s.await("the port is cut off")
			s.await(`added="[quarantine 4]"`)
			s.cutOff(true)
			// Nobody else is blamed, and nothing else is cut off.
			s.talks("a+b", "a-c")
			if log := s.logged(); strings.Contains(log, "endpoint=a") || strings.Count(log, "the port is cut off") != 1 {
				t.Error("somebody else is blamed")
			}
			for _, line := range strings.Split(s.logged(), "\n") {
				if strings.Contains(line, "msg=violation") && !strings.Contains(line, `endpoint=r port=4 statement="default deny"`) {
					t.Errorf("a violation of somebody else: %s", line)
				}
			}
			_, text := s.get("/metrics")
			for _, want := range []string{
				"pillion_sidecar_quarantined_ports 1\n", `pillion_sidecar_violations_total{endpoint="r"} `, "pillion_sidecar_redirect_applied 1\n", "pillion_sidecar_rule_sets 1\n",
				`pillion_port_up{interface="trunk",port="9"} 1` + "\n", `pillion_table_entries{table="ingress.policy"} `, `pillion_drops_total{reason="policy"} `,
			} {
				if !strings.Contains(text, want) {
					t.Errorf("the metrics lack %s:\n%s", want, text)
				}
			}
			// It holds when the agent comes back.
			s.kill()
			s.start(pillion, "--quarantine")
			s.await("quarantine=[4]")
			s.cutOff(true)
			must(t, Release(Options{Name: "side", State: filepath.Join(s.lab.Dir(), "state")}, 4))
			s.await(`removed="[quarantine 4]"`)
			s.cutOff(false)
			s.talks("a+b")
		})
	}
}

// cutOff says whether the switch is to let r's frames through to the trunk.
func (s *site) cutOff(want bool) {
	s.t.Helper()
	trunk, err := s.sw.OpenPort("trunk", lab.Incoming)
	must(s.t, err)
	defer trunk.Close()
	r, err := s.hosts["r"].OpenPort("eth0", lab.Incoming)
	must(s.t, err)
	defer r.Close()
	frame := append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 4, 0x88, 0xb5}, make([]byte, 50)...)
	must(s.t, r.Send(frame))
	within := lab.Expected
	if want {
		within = lab.Unexpected
	}
	_, err = trunk.Receive(within, func(f lab.Frame) bool { return len(f.Data) > 14 && string(f.Data[:14]) == string(frame[:14]) })
	if (err != nil) != want {
		s.t.Errorf("r is cut off: %t, not %t (%v)", err != nil, want, err)
	}
}

// Without the capabilities it needs, the agent says which.
func TestUnprivileged(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("skipped: becoming another user takes root")
	}
	folder, err := os.MkdirTemp("", "pillion-sidecar-")
	must(t, err)
	defer os.RemoveAll(folder)
	must(t, os.Chmod(folder, 0o755))
	program, err := os.ReadFile(command(t))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, "pillion"), program, 0o755))
	must(t, bundle.Write(filepath.Join(folder, "bundle"), compile(t, inventory)))
	must(t, filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Chmod(path, 0o755))
	}))
	cmd := exec.Command(filepath.Join(folder, "pillion"), "sidecar", "side", "--bundle", filepath.Join(folder, "bundle"), "--trunk", "lo", "--wire", "7@lo")
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "this process is without CAP_NET_RAW, CAP_NET_ADMIN") {
		t.Errorf("%v: %s", err, out)
	}
}

// stream sends datagrams from one host to another until it is stopped, as frames, so that no kernel gives up. It says how many
// have arrived, of those that were sent since it was asked last.
type stream struct {
	t        *testing.T
	from, to *lab.Port
	frame    []byte
	quit     chan struct{}
	sending  sync.WaitGroup
	got      atomic.Int64
}

func (s *site) stream(from, to string) *stream {
	s.t.Helper()
	number := func(host string) byte { return addresses[host].As4()[3] }
	p := packet.Packet{SrcMAC: packet.MAC{2, 0, 0, 0, 0, number(from)}, DstMAC: packet.MAC{2, 0, 0, 0, 0, number(to)},
		Src: addresses[from], Dst: addresses[to], Proto: packet.UDP, SPort: 4000, DPort: 5000, Payload: []byte(strings.Repeat(from+" to "+to+" ", 10))} // longer than the shortest frame
	f := &stream{t: s.t, frame: p.Bytes(), quit: make(chan struct{})}
	var err error
	f.from, err = s.hosts[from].OpenPort("eth0", lab.Incoming)
	must(s.t, err)
	f.to, err = s.hosts[to].OpenPort("eth0", lab.Incoming)
	must(s.t, err)
	f.sending.Go(func() {
		for pause := time.NewTicker(time.Millisecond); ; {
			select {
			case <-f.quit:
				pause.Stop()
				return
			case <-pause.C:
				_ = f.from.Send(f.frame)
			}
		}
	})
	f.sending.Go(func() {
		for {
			_, err := f.to.Receive(time.Hour, func(got lab.Frame) bool { return bytes.HasSuffix(got.Data, p.Payload) })
			if err != nil {
				return // closed
			}
			f.got.Add(1)
		}
	})
	return f
}

// stop says how many have arrived in all.
func (f *stream) stop() int64 {
	close(f.quit)
	must(f.t, f.from.Close())
	must(f.t, f.to.Close())
	f.sending.Wait()
	return f.got.Load()
}

// arrives waits until more arrive.
func (f *stream) arrives() {
	f.t.Helper()
	had := f.got.Load()
	for deadline := time.Now().Add(30 * time.Second); f.got.Load() == had; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			f.t.Fatalf("nothing more arrives after %d", had)
		}
	}
}

// The agent is killed and started again under load: what may pass passes again, what may not never does, and no rule is lost.
func TestKilledUnderLoad(t *testing.T) {
	pillion := command(t)
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, name)
			s.compile(together)
			s.start(pillion)
			s.push(push.Options{})
			allowed, back, forbidden, shimless := s.stream("a", "b"), s.stream("b", "a"), s.stream("a", "c"), s.stream("r", "a")
			allowed.arrives()
			back.arrives()
			for i := range 4 {
				if i%2 == 0 {
					s.kill()
				} else {
					must(t, syscall.Kill(s.agent.PID(), syscall.SIGTERM))
					<-s.agent.Done()
				}
				s.start(pillion)
				allowed.arrives()
				back.arrives()
			}
			if r := s.push(push.Options{DryRun: true}); r.PipelineLoaded || r.Inserted+r.Modified+r.Deleted != 0 || r.Unchanged == 0 {
				t.Errorf("after the kills a push would do this: %+v", r)
			}
			t.Logf("%d and %d arrived", allowed.stop(), back.stop())
			if n := forbidden.stop(); n != 0 {
				t.Errorf("%d forbidden datagrams arrived", n)
			}
			if n := shimless.stop(); n != 0 {
				t.Errorf("%d datagrams of a host without its shim arrived", n)
			}
		})
	}
}

// What no shim would send does not get into the program, though the sender's address and the sidecar's are right.
func TestForgedOnTrunk(t *testing.T) {
	pillion := command(t)
	s := newSite(t, "ovs")
	s.compile("tenant red { group all = a, r }\ntenant blue { group all = b, c }\n")
	s.start(pillion)
	s.push(push.Options{})
	// What r's shim would send to a, and the same with the identity of b's tenant to c.
	real := s.encapsulated("a")
	forged := *real
	forged.Identity++
	inner, err := s.hosts["a"].OpenPort("eth0", lab.Incoming)
	must(t, err)
	r, err := s.hosts["r"].OpenPort("eth0", lab.Incoming)
	must(t, err)
	must(t, r.Send(forged.Bytes()))
	s.await("seen=trunk")
	must(t, r.Send(real.Bytes()))
	n := 0
	_, err = inner.Receive(lab.Expected, func(f lab.Frame) bool {
		if bytes.Equal(f.Data, real.Inner) {
			n++
		}
		return n > 0
	})
	if err != nil {
		t.Errorf("what the shim would have sent does not arrive: %v", err)
	}
	for _, line := range strings.Split(s.logged(), "\n") {
		if strings.Contains(line, "seen=trunk") && !strings.Contains(line, "endpoint=r port=4") {
			t.Errorf("a violation of somebody else: %s", line)
		}
	}
}

// encapsulated is what r's shim sends to a host.
func (s *site) encapsulated(to string) *packet.Encapsulated {
	s.t.Helper()
	p := packet.Packet{SrcMAC: packet.MAC{2, 0, 0, 0, 0, 4}, DstMAC: packet.MAC(addressOf(to)), Src: addresses["r"], Dst: addresses[to],
		Proto: packet.UDP, SPort: 4000, DPort: 5000, Payload: []byte("from r")}
	shim, err := p4.Shim()
	must(s.t, err)
	loaded, err := program.Load(shim)
	must(s.t, err)
	i := slices.IndexFunc(s.bundle.Targets, func(t bundle.Target) bool { return t.Name == "r" })
	sw, err := loaded.Engine(&s.bundle.Targets[i])
	must(s.t, err)
	var out *packet.Encapsulated
	sw.Process(p4.ShimHost, p.Bytes(), func(port uint32, frame []byte) {
		if e, err := packet.Decapsulate(bytes.Clone(frame)); err == nil && port == p4.ShimNetwork {
			out = e
		}
	})
	if out == nil {
		s.t.Fatalf("r's shim would send nothing to %s", to)
	}
	return out
}

func addressOf(host string) [6]byte { return [6]byte{2, 0, 0, 0, 0, addresses[host].As4()[3]} }

// Open vSwitch forgets its flows when its daemon dies. The agent says so, and puts them back.
func TestSwitchRestarts(t *testing.T) {
	pillion := command(t)
	s := newSite(t, "ovs")
	s.compile(together)
	s.start(pillion)
	s.push(push.Options{})
	s.talks("a+b")
	folder := filepath.Join(s.lab.Dir(), "ovs")
	pidfile := filepath.Join(folder, "ovs-vswitchd.pid")
	text, err := os.ReadFile(pidfile)
	must(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(t, err)
	must(t, syscall.Kill(pid, syscall.SIGKILL))
	s.await("msg=problem about=redirect")
	s.talks("a-b")
	_, err = s.sw.Start(lab.Command{Path: "ovs-vswitchd", Args: []string{"unix:" + filepath.Join(folder, "db.sock"), "--pidfile=" + pidfile},
		Env: []string{"OVS_RUNDIR=" + folder, "OVS_LOGDIR=" + folder, "OVS_DBDIR=" + folder}})
	must(t, err)
	s.await("redirect rules repaired")
	s.await(`msg="right again" about=redirect`)
	s.talks("a+b", "a-c")
}
