package bpf

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/rlimit"
)

// The committed objects must be what clang made of the committed source.
func TestObjectsBelongToSource(t *testing.T) {
	sums, err := os.ReadFile("shim.sha256")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		want, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("shim.sha256: cannot read %q", line)
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(source)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s changed after clang made the objects: run go generate ./sidecarfallback/... (it needs clang)", name)
		}
	}
	for _, name := range []string{"shim_bpfel.o", "shim_bpfeb.o"} {
		object, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if at := regexp.MustCompile(`/(home|root|work|tmp|opt)/[\x20-\x7e]*`).Find(object); at != nil {
			t.Errorf("%s holds the path %s of the machine that compiled it", name, at)
		}
	}
}

// The verifier takes all programs.
func TestKernelTakesIt(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("skipped: loading eBPF programs needs root")
	}
	if err := rlimit.RemoveMemlock(); err != nil {
		t.Fatal(err)
	}
	spec, err := Spec()
	if err != nil {
		t.Fatal(err)
	}
	var objects ShimObjects
	err = spec.LoadAndAssign(&objects, nil)
	var refused *ebpf.VerifierError
	if errors.As(err, &refused) {
		t.Fatalf("%+v", refused)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*ebpf.Program{"outgoing": objects.Outgoing, "incoming": objects.Incoming, "finished": objects.Finished} {
		if info, err := p.Info(); err == nil {
			n, _ := info.VerifiedInstructions()
			t.Logf("%s: the verifier looked at %d instructions", name, n)
		}
	}
	objects.Close()
}
