package l2

import (
	"crypto/sha256"
	"fmt"
	"os"
	"regexp"
	"testing"

	"pillion/p4/engine"
)

// The committed output must be what p4c made of the committed source, name no machine, and load.
func TestOutput(t *testing.T) {
	source, err := os.ReadFile("l2.p4")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("l2.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x  l2.p4\n", sha256.Sum256(source)); got != string(want) {
		t.Error("l2.p4 changed after p4c made l2.json: run go generate ./tests/bench/l2 (it needs p4c-bm2-ss)")
	}
	if at := regexp.MustCompile(`"/(home|root|work|tmp|usr|opt)/[^"]*`).Find(config); at != nil {
		t.Errorf("l2.json holds the path %s of the machine that compiled it", at)
	}
	program, err := Program()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Load(program.Config); err != nil {
		t.Error(err)
	}
}
