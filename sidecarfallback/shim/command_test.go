//go:build linux

package shim

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/runtime/p4rt"
	"pillion/tests/lab"
)

// command builds the pillion command.
func command(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pillion")
	build := exec.Command("go", "build", "-o", path, "pillion/cmd/pillion")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// run starts `pillion shim` on the host and returns when it is attached. The host's client then speaks to it.
func (h *guarded) run(pillion string, flags ...string) *lab.Process {
	h.site.t.Helper()
	return h.runBy(pillion, nil, flags...)
}

// runBy starts it by another program, which gets these arguments before the command's.
func (h *guarded) runBy(program string, arguments []string, flags ...string) *lab.Process {
	t := h.site.t
	t.Helper()
	socket := filepath.Join(h.site.lab.Dir(), h.options.Name+".sock")
	log := filepath.Join(t.TempDir(), "log")
	p, err := h.ns.Start(lab.Command{Path: program, Log: log, Args: slices.Concat(arguments, []string{"shim", "-i", h.options.Interface,
		"--grpc", "unix:" + socket, "--name", h.options.Name, "--pins", h.options.Pins, "--state", h.options.State}, flags)})
	must(t, err)
	for !strings.Contains(logged(t, log), "attached") {
		select {
		case <-p.Done():
			t.Fatalf("pillion shim ended: %s", logged(t, log))
		case <-time.After(10 * time.Millisecond):
		}
	}
	h.client, err = p4rt.Dial("unix://"+socket, 1, p4rt.Options{})
	must(t, err)
	_, err = h.client.BecomePrimary(t.Context())
	must(t, err)
	return p
}

// get asks the agent's HTTP server, inside the host.
func (h *guarded) get(p *lab.Process, path string) (int, string) {
	t := h.site.t
	t.Helper()
	m := regexp.MustCompile(`msg=metrics address=(http://[^/]+)`).FindStringSubmatch(logged(t, p.LogFile()))
	if m == nil {
		t.Fatalf("it says no address of metrics: %s", logged(t, p.LogFile()))
	}
	client := http.Client{Transport: &http.Transport{DialContext: h.ns.DialContext, DisableKeepAlives: true}}
	r, err := client.Get(m[1] + path)
	must(t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	must(t, err)
	return r.StatusCode, string(body)
}

func logged(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	return string(text)
}

// kill ends a process at once.
func kill(t testing.TB, p *lab.Process) {
	t.Helper()
	must(t, syscall.Kill(p.PID(), syscall.SIGKILL))
	<-p.Done()
}

// The command is killed and started again under load, in either order of two hosts: every packet that may pass arrives, none
// that may not does, no rule is lost, and counters go on. SIGTERM leaves the rules too; --reset and --detach do not.
func TestCommandIsKilledUnderLoad(t *testing.T) {
	pillion := command(t)
	s := newSite(t, 3, AttachAuto)
	for _, h := range s.hosts {
		h.configure(h.entries(false)...)
	}
	// Nobody may talk to the third host.
	stranger := s.hosts[2]
	for _, h := range s.hosts[:2] {
		entries := h.entries(false)
		entries = slices.DeleteFunc(entries, func(e entry) bool {
			return e.table != "policy" || string(e.fields["destination"]) != string(num(stranger.number))
		})
		h.remove(entries...)
	}
	agents := make([]*lab.Process, 2)
	for i, h := range s.hosts[:2] {
		h.end((*Agent).Close)
		agents[i] = h.run(pillion, "--metrics", "127.0.0.1:0")
	}
	s.ping(0, 1, true)
	s.ping(0, 2, false)
	if code, text := s.hosts[0].get(agents[0], "/healthz"); code != http.StatusOK || text != "ok\n" {
		t.Errorf("health: %d %s", code, text)
	}
	_, text := s.hosts[0].get(agents[0], "/metrics")
	drops := regexp.MustCompile(`(?m)^pillion_drops_total\{reason="policy"\} ([1-9]\d*)$`)
	if !drops.MatchString(text) || !strings.Contains(text, "pillion_table_entries{table=\"ingress.policy\"} 1\n") {
		t.Errorf("metrics:\n%s", text)
	}
	before := [][]string{s.hosts[0].everything(), s.hosts[1].everything()}
	counted := s.hosts[0].counted("policy")

	there, back, forbidden := s.stream(0, 1), s.stream(1, 0), s.stream(0, 2)
	for _, order := range [][]int{{0, 1}, {1, 0}, {0}, {1}} {
		for _, i := range order {
			kill(t, agents[i])
			_ = s.hosts[i].client.Close()
		}
		for _, i := range order {
			agents[i] = s.hosts[i].run(pillion)
		}
	}
	sent, arrived := there()
	if arrived != sent {
		t.Errorf("host 1 to 2: %d of %d datagrams arrived", arrived, sent)
	}
	if n, got := back(); got != n {
		t.Errorf("host 2 to 1: %d of %d datagrams arrived", got, n)
	}
	if n, got := forbidden(); got != 0 {
		t.Errorf("host 1 to 3: %d of %d forbidden datagrams arrived", got, n)
	}
	for i, want := range before {
		if after := s.hosts[i].everything(); !slices.Equal(want, after) {
			t.Errorf("host %d held\n%s\nand after the kills holds\n%s", i+1, strings.Join(want, "\n"), strings.Join(after, "\n"))
		}
	}
	if got := s.hosts[0].counted("policy"); got < counted+int64(sent) {
		t.Errorf("%d packets counted before, %d after %d more", counted, got, sent)
	}

	h := s.hosts[0]
	must(t, h.client.Close())
	must(t, agents[0].Stop())
	if text := logged(t, agents[0].LogFile()); !strings.Contains(text, "the data plane goes on with its rules") {
		t.Errorf("on SIGTERM it says\n%s", text)
	}
	s.ping(0, 1, true)
	agents[0] = h.run(pillion, "--reset")
	if text := logged(t, agents[0].LogFile()); !strings.Contains(text, "rules=0") {
		t.Errorf("after --reset it says\n%s", text)
	}
	s.ping(0, 1, false)
	must(t, h.client.Close())
	must(t, agents[0].Stop())
	s.ping(0, 1, false)
	for i, h := range s.hosts[:2] {
		if i == 1 {
			must(t, h.client.Close())
			must(t, agents[1].Stop())
		}
		must(t, h.detach(pillion))
		names, err := h.ns.Interfaces()
		must(t, err)
		if !slices.Equal(names, []string{"eth0"}) {
			t.Errorf("%s has the interfaces %v", h.ns.Name, names)
		}
	}
	s.ping(0, 1, true)
}

// The capabilities of the systemd unit are enough, and with one less the agent says which one is missing.
func TestCommandWithFewCapabilities(t *testing.T) {
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		t.Skip("skipped: no setpriv here (package util-linux)")
	}
	unit, err := os.ReadFile("../../examples/systemd/pillion-shim@.service")
	must(t, err)
	m := regexp.MustCompile(`(?m)^CapabilityBoundingSet=(.+)$`).FindSubmatch(unit)
	if m == nil {
		t.Fatal("the unit bounds no capabilities")
	}
	bounded := func(names []string) []string {
		return []string{"--inh-caps=-all", "--no-new-privs", "--bounding-set=-all,+" + strings.ToLower(strings.ReplaceAll(strings.Join(names, ",+"), "CAP_", ""))}
	}
	names := strings.Fields(string(m[1]))
	pillion := command(t)
	s := newSite(t, 2, AttachAuto)
	for _, h := range s.hosts {
		h.configure(h.entries(true)...)
	}
	h := s.hosts[0]
	h.end((*Agent).Close)
	p := h.runBy(setpriv, append(bounded(names), pillion))
	must(t, h.client.Close())
	must(t, p.Stop())
	s.ping(0, 1, true)
	for i, missing := range names {
		few := slices.Delete(slices.Clone(names), i, i+1)
		p, err := h.ns.Start(lab.Command{Path: setpriv, Log: filepath.Join(t.TempDir(), "log"),
			Args: append(bounded(few), pillion, "shim", "-i", "eth0", "--grpc", "unix:"+filepath.Join(t.TempDir(), "s"))})
		must(t, err)
		<-p.Done()
		if text := logged(t, p.LogFile()); !strings.Contains(text, "this process is without "+missing) {
			t.Errorf("without %s it says %s", missing, text)
		}
	}
	must(t, h.detach(pillion))
}

// remove deletes entries.
func (h *guarded) remove(entries ...entry) { h.write(p4.Update_DELETE, entries...) }

// detach runs `pillion shim --detach`.
func (h *guarded) detach(pillion string) error {
	p, err := h.ns.Start(lab.Command{Path: pillion, Args: []string{"shim", "-i", h.options.Interface, "--detach",
		"--name", h.options.Name, "--pins", h.options.Pins, "--state", h.options.State}})
	if err != nil {
		return err
	}
	<-p.Done()
	if text, err := os.ReadFile(p.LogFile()); err != nil || !strings.Contains(string(text), "detached") {
		return fmt.Errorf("pillion shim --detach says %s (%v)", text, err)
	}
	return nil
}
