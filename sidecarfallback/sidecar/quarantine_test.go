package sidecar

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"pillion/sidecarfallback/redirect"
)

func TestQuarantineFile(t *testing.T) {
	o := Options{Name: "side", State: t.TempDir()}
	q := &quarantine{path: o.file("quarantine")}
	if changed, err := q.refresh(); changed || err != nil || len(q.list()) != 0 {
		t.Fatalf("without a file: %t, %v, %v", changed, err, q.list())
	}
	for _, add := range []struct {
		port  uint32
		fresh bool
	}{{7, true}, {3, true}, {7, false}} {
		if fresh, err := q.add(add.port, "web1: forged\nidentity"); fresh != add.fresh || err != nil {
			t.Errorf("port %d: %t, %v", add.port, fresh, err)
		}
	}
	// Another agent finds them.
	again := &quarantine{path: q.path}
	if changed, err := again.refresh(); !changed || err != nil || !slices.Equal(again.list(), []uint32{3, 7}) {
		t.Fatalf("read again: %t, %v, %v", changed, err, again.list())
	}
	if why := again.ports[7]; why != "web1: forged identity" {
		t.Errorf("the reason is %q", why)
	}
	if changed, err := again.refresh(); changed || err != nil {
		t.Errorf("it has not changed: %t, %v", changed, err)
	}
	for _, c := range []struct {
		port uint32
		want string
	}{{5, "port 5 is not in quarantine; there are [3 7]"}, {3, ""}, {7, ""}, {7, "port 7 is not in quarantine, and no other is"}} {
		if err := Release(o, c.port); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("release %d: %v", c.port, err)
		}
	}
	if changed, err := again.refresh(); !changed || err != nil || len(again.list()) != 0 {
		t.Errorf("after all are released: %t, %v, %v", changed, err, again.list())
	}
	if err := os.Remove(q.path); err != nil {
		t.Fatal(err)
	}
	if changed, err := q.refresh(); !changed || err != nil || len(q.list()) != 0 {
		t.Errorf("without the file: %t, %v, %v", changed, err, q.list())
	}
}

// However many see a violation at once, a port is cut off once, and no other is lost.
func TestQuarantineAtOnce(t *testing.T) {
	q := &quarantine{path: filepath.Join(t.TempDir(), "q")}
	const ports, each = 5, 4
	var fresh [ports + 1]int
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range ports * each {
		all.Go(func() {
			port := uint32(1 + i%ports)
			first, err := q.add(port, "x")
			if err != nil {
				t.Error(err)
			}
			if first {
				mu.Lock()
				fresh[port]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if fresh != [...]int{0, 1, 1, 1, 1, 1} || len(q.list()) != ports {
		t.Errorf("fresh %v, in the list %v", fresh, q.list())
	}
}

func TestQuarantineText(t *testing.T) {
	for text, want := range map[string]string{
		"quarantine 0":    "1: ports count from 1",
		"\nquarantine":    `2: "quarantine" is not: quarantine PORT`,
		"quarantine 1 2":  "is not: quarantine PORT",
		"quarantine x":    "invalid syntax",
		"wire 1 to 2":     "is not: quarantine PORT",
		"quarantine -1 #": "invalid syntax",
	} {
		if _, err := parseQuarantine(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %q", text, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		ports := rapid.MapOf(rapid.Uint32Range(1, 600), rapid.StringMatching(`[ -~]{0,40}`)).Draw(t, "ports")
		for p, why := range ports {
			ports[p] = strings.TrimSpace(why)
		}
		got, err := parseQuarantine(bytes.NewReader(quarantineText(ports)))
		if err != nil || !maps.Equal(got, ports) {
			t.Fatalf("%v comes back as %v, %v", ports, got, err)
		}
	})
}

func FuzzQuarantine(f *testing.F) {
	f.Add([]byte(quarantineHead + "quarantine 7 # x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		ports, err := parseQuarantine(bytes.NewReader(text))
		if err != nil {
			return
		}
		again, err := parseQuarantine(bytes.NewReader(quarantineText(ports)))
		if err != nil || len(again) != len(ports) {
			t.Fatalf("%v comes back as %v, %v", ports, again, err)
		}
	})
}

// A disk that is full takes no port out of quarantine: not those before, and not the new one.
func TestQuarantineOfFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skipf("skipped: there is no file here that is always full: %v", err)
	}
	q := &quarantine{path: filepath.Join(t.TempDir(), "q")}
	if _, err := q.add(3, "x"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", q.path+".new"); err != nil {
		t.Fatal(err)
	}
	if fresh, err := q.add(7, "x"); !fresh || err == nil {
		t.Errorf("port 7 on a full disk: %t, %v", fresh, err)
	}
	if fresh, err := q.add(7, "x"); fresh || err != nil {
		t.Errorf("port 7 again: %t, %v", fresh, err)
	}
	again := &quarantine{path: q.path}
	if _, err := again.refresh(); err != nil || !slices.Equal(again.list(), []uint32{3}) {
		t.Errorf("the file holds %v, %v", again.list(), err)
	}
	if !slices.Equal(q.list(), []uint32{3, 7}) {
		t.Errorf("cut off are %v", q.list())
	}
	// There is room again: what failed took its place away with it.
	if changed, err := q.refresh(); !changed || err != nil || !slices.Equal(q.list(), []uint32{3, 7}) || len(q.unsaved) != 0 {
		t.Errorf("with room again: %t, %v, %v", changed, err, q.list())
	}
	if changed, err := again.refresh(); !changed || err != nil || !slices.Equal(again.list(), []uint32{3, 7}) {
		t.Errorf("with room again the file holds %v, %t, %v", again.list(), changed, err)
	}
}

// A list of which only the beginning can be read lets nobody in.
func TestQuarantineTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for port := range uint32(3) {
		if _, err := file.WriteAt([]byte(redirect.QuarantineLine(port+1)+"\n"), int64(port)*maxQuarantine/2); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if ports, err := readQuarantine(path); err == nil {
		t.Errorf("of a file that is too long there are %v", ports)
	}
}
