package observe_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket/pcapgo"

	"pillion/p4/engine"
	"pillion/runtime/observe"
	"pillion/runtime/port"
	"pillion/runtime/server"
)

var update = flag.Bool("update", false, "rewrite golden files")

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// frames reads a capture with other people's code.
func frames(t *testing.T, path string) (out [][]byte, link string) {
	t.Helper()
	file, err := os.Open(path)
	must(t, err)
	defer file.Close()
	r, err := pcapgo.NewNgReader(file, pcapgo.NgReaderOptions{})
	must(t, err)
	for {
		data, info, err := r.ReadPacketData()
		if err != nil {
			return out, fmt.Sprint(r.LinkType())
		}
		if info.Length != len(data) || time.Since(info.Timestamp) > time.Hour {
			t.Errorf("%s: a frame of %d bytes has the length %d and the time %v", path, len(data), info.Length, info.Timestamp)
		}
		out = append(out, data)
	}
}

// twoPorts are an Ethernet interface and one without link header.
func twoPorts(t *testing.T) *port.Set {
	t.Helper()
	s := port.NewSet(func(uint32, []byte) {})
	t.Cleanup(func() { must(t, s.Close()) })
	one, _ := port.Pipe("one")
	two, _ := port.Pipe("two")
	must(t, s.Add(1, one))
	must(t, s.Add(2, bare{two}))
	return s
}

// bare is a device without link header.
type bare struct{ port.Device }

func (bare) Link() port.Link      { return port.Link{Present: true, Bare: true} }
func (bare) WaitLink() error      { return net.ErrClosed }
func (bare) SetLinkUp(bool) error { return nil }

func TestCapture(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	c, err := observe.NewCapture(dir, 1<<20)
	must(t, err)
	frame := c.Tap(twoPorts(t))
	c.Failed = func(err error) { t.Error(err) }
	var want [][]byte
	for n := range 70 {
		want = append(want, bytes.Repeat([]byte{byte(n)}, n+1))
		frame(1, n%2 == 1, want[n])
	}
	frame(2, false, []byte{0x45})
	must(t, c.Close())
	got, link := frames(t, filepath.Join(dir, "port-1.pcapng"))
	if diff := cmp.Diff(want, got); diff != "" || link != "Ethernet" {
		t.Errorf("%s, %s", link, diff)
	}
	if got, link := frames(t, filepath.Join(dir, "port-2.pcapng")); len(got) != 1 || link != "Raw" {
		t.Errorf("without link header: %v, %s", got, link)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "port-1.pcapng"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s is for others too: %v, %v", path, info.Mode(), err)
		}
	}
}

// A capture stays within its bound and keeps the latest frames.
func TestCaptureIsBounded(t *testing.T) {
	dir := t.TempDir()
	const most = 256 << 10
	c, err := observe.NewCapture(dir, most)
	must(t, err)
	frame := c.Tap(twoPorts(t))
	for n := range 2000 {
		frame(1, false, append(bytes.Repeat([]byte{0}, 1000), byte(n>>8), byte(n)))
	}
	must(t, c.Close())
	var kept [][]byte
	var size int64
	for _, name := range []string{"port-1.old.pcapng", "port-1.pcapng"} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		must(t, err)
		size += info.Size()
		more, _ := frames(t, path)
		kept = append(kept, more...)
	}
	if size > most+2000 {
		t.Errorf("%d bytes, not %d", size, most)
	}
	for i, f := range kept {
		if n := int(f[1000])<<8 | int(f[1001]); n != 2000-len(kept)+i {
			t.Fatalf("frame %d of %d that were kept is number %d", i, len(kept), n)
		}
	}
	if len(kept) < 100 {
		t.Errorf("%d frames are kept", len(kept))
	}
	if _, err := observe.NewCapture(dir, 100); err == nil {
		t.Error("a capture of 100 bytes is taken")
	}
}

func TestCaptureWithoutFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "folder")
	c, err := observe.NewCapture(dir, 1<<20)
	must(t, err)
	must(t, os.RemoveAll(dir))
	failures := 0
	c.Failed = func(error) { failures++ }
	frame := c.Tap(twoPorts(t))
	for range 10 {
		frame(1, false, make([]byte, 60))
	}
	must(t, c.Close())
	if failures != 1 {
		t.Errorf("%d failures are told, not 1", failures)
	}
}

// features is a switch whose program the tests of the server know, with a tap and a tracer.
func features(t *testing.T, tracer *observe.Tracer, tap func(uint32, bool, []byte)) (*server.Switch, port.Device) {
	t.Helper()
	cfg, err := server.LoadConfig("../server/testdata/features.p4info.txtpb", "../server/testdata/features.json")
	must(t, err)
	o := server.SwitchOptions{Options: server.Options{DeviceID: 1}, Pipeline: cfg, Tap: func(*port.Set) func(uint32, bool, []byte) { return tap }}
	if tracer != nil {
		o.Tracer = tracer
	}
	sw, err := server.NewSwitch(o)
	must(t, err)
	inside, outside := port.Pipe("a")
	must(t, sw.AddPort(1, inside))
	return sw, outside
}

// Each step of a packet is there, as text and as JSON.
func TestTrace(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			var out bytes.Buffer
			done := make(chan struct{}, 10)
			tracer, err := observe.NewTracer(observe.TraceOptions{JSON: format == "json", Out: &out})
			must(t, err)
			sw, host := features(t, tracer, func(_ uint32, outbound bool, _ []byte) {
				if !outbound {
					done <- struct{}{}
				}
			})
			must(t, host.Write(append(make([]byte, 12), 8, 0, 1, 2, 3, 4)))
			<-done
			must(t, sw.Close())
			got := out.String()
			if format == "json" {
				var w observe.Way
				must(t, json.Unmarshal(out.Bytes(), &w))
				if w.Port != 1 || w.Length != 18 || len(w.Steps) < 3 || w.Steps[0].Event != engine.EventIngress {
					t.Errorf("%s", got)
				}
				w.Time = time.Unix(0, 0).UTC()
				text, err := json.MarshalIndent(w, "", "  ")
				must(t, err)
				got = string(text) + "\n"
			} else {
				head, rest, _ := strings.Cut(got, " at ")
				_, rest, _ = strings.Cut(rest, ",")
				got = head + "," + rest
			}
			golden := filepath.Join("testdata", "trace."+format)
			if *update {
				must(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			must(t, err)
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// No more packets than so many a second are traced, and how many were left out is said; ports that were not asked for
// are left alone.
func TestTracerIsBounded(t *testing.T) {
	tracer, err := observe.NewTracer(observe.TraceOptions{Ports: []uint32{1}, PerSecond: 5, Out: errorWriter{}})
	must(t, err)
	wanted := 0
	for range 100_000 {
		if tracer.Wants(1) {
			wanted++
		}
		if tracer.Wants(2) {
			t.Fatal("another port is traced")
		}
	}
	// The clock goes on: at most a few seconds.
	if wanted < 5 || wanted > 60 {
		t.Errorf("%d of 100,000 packets are traced", wanted)
	}
	if _, err := observe.NewTracer(observe.TraceOptions{PerSecond: -1}); err == nil {
		t.Error("-1 packets a second are taken")
	}
}

type errorWriter struct{}

func (errorWriter) Write([]byte) (int, error) { return 0, errors.New("no room") }
