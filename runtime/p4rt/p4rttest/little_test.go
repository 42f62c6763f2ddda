package p4rttest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"testing"
)

func TestLittleIsCompiled(t *testing.T) {
	source, err := os.ReadFile("testdata/little.p4")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/little.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x  little.p4\n", sha256.Sum256(source)); got != string(want) {
		t.Errorf("little.p4 has changed since it was compiled: go generate ./runtime/p4rt/p4rttest")
	}
	info, config := Little()
	if len(info.GetTables()) != 4 || len(config) == 0 {
		t.Error("little.p4 is not what its comment says")
	}
}
