package stability

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pillion/backends"
	"pillion/backends/bundle"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/p4"
	"pillion/tests/workload"
)

// The same policy gives the same bytes: ten times, on one to eight processors, with its declarations in any order.
func TestBytes(t *testing.T) {
	cloud := workload.Cloud{Tenants: 300, Endpoints: 4, Allows: 600, Leaves: 8, Spines: 3, Seed: 7}
	policy, inventory := string(cloud.Policy()), cloud.Network()
	want := bundleBytes(t, policy, inventory)
	if len(want) < 100_000 {
		t.Fatalf("only %d bytes", len(want))
	}
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for i := range 10 {
		runtime.GOMAXPROCS(i%8 + 1)
		if got := bundleBytes(t, shuffled(policy, uint64(i)), inventory); !bytes.Equal(got, want) {
			t.Fatalf("run %d on %d processors gave other bytes", i, i%8+1)
		}
	}
}

// shuffled puts the declarations of a generated policy in another order.
func shuffled(policy string, seed uint64) string {
	var list []string
	for _, line := range strings.SplitAfter(policy, "\n") {
		if n := len(list); n > 0 && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "}")) {
			list[n-1] += line
		} else if line != "" {
			list = append(list, line)
		}
	}
	random := rand.New(rand.NewPCG(seed, 0))
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return strings.Join(list, "")
}

// bundleBytes is every file of the bundle, with its name.
func bundleBytes(t *testing.T, policyText string, inventory []byte) []byte {
	t.Helper()
	policy, list := lang.Parse([]lang.Input{{Name: "policy.pol", Text: []byte(policyText)}}, lang.Options{})
	if list.HasErrors() {
		t.Fatal(list[0].Message)
	}
	net, list := network.Parse("network.json", inventory)
	if list.HasErrors() {
		t.Fatal(list[0].Message)
	}
	plan, list := compiler.Compile(policy, net)
	if plan == nil {
		t.Fatal(list[0].Message)
	}
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := backends.Lower(plan, program, net.JSON())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "bundle")
	if err := bundle.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	files, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s %d\n", f.Name(), len(data))
		out.Write(data)
	}
	return out.Bytes()
}
