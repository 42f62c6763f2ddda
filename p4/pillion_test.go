package p4

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The committed output must be what p4c made of the committed source.
func TestOutputBelongsToSource(t *testing.T) {
	sums, err := os.ReadFile("pillion.sha256")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(sums)), "\n") {
		want, name, ok := strings.Cut(line, "  ")
		if !ok {
			t.Fatalf("pillion.sha256: cannot read %q", line)
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(source)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s changed after p4c made pillion.json: run go generate ./p4 (it needs p4c-bm2-ss)", name)
		}
	}
}

func TestOutputNamesNoMachine(t *testing.T) {
	for _, name := range []string{"pillion.json", "pillion.p4info.txtpb"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if at := regexp.MustCompile(`"/(home|root|work|tmp|usr|opt)/[^"]*`).Find(data); at != nil {
			t.Errorf("%s holds the path %s of the machine that compiled it", name, at)
		}
	}
}

func TestDropReasonsMatchSource(t *testing.T) {
	source, err := os.ReadFile("pillion.p4")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`const bit<8> DROP_\w+\s*= (\d+);`).FindAllStringSubmatch(string(source), -1)
	if len(found) != len(DropReasons) {
		t.Fatalf("pillion.p4 has %d reasons, DropReasons %d", len(found), len(DropReasons))
	}
	for i, m := range found {
		if m[1] != strconv.Itoa(i) {
			t.Errorf("reason %d of pillion.p4 has the number %s", i, m[1])
		}
	}
}

func TestPillionLoads(t *testing.T) {
	program, err := Pillion()
	if err != nil {
		t.Fatal(err)
	}
	if got := program.Info.GetPkgInfo().GetArch(); got != "v1model" {
		t.Errorf("architecture %q", got)
	}
}
