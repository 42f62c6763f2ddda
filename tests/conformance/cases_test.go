package conformance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/runtime/server"
	"pillion/tests/conformance/stf"
)

// outsideVariable names a folder with programs (NAME.p4) and tests of them (NAME.stf)
// that are not in this repository, for instance p4c's testdata/p4_16_samples.
// Programs beside which p4c's output lies (NAME.json and NAME.p4info.txtpb) are not
// compiled again. Only files that PILLION_P4_MATCH (a glob) matches are looked at.
const (
	outsideVariable = "PILLION_P4_TESTS"
	matchVariable   = "PILLION_P4_MATCH"
	// If referenceVariable is set, the outside tests run on bmv2 instead.
	referenceVariable = "PILLION_P4_REFERENCE"
)

// compiler is p4c's back end for bmv2.
const compiler = "p4c-bm2-ss"

// TestOwnScripts runs testdata/stf, each over the program that its name begins with.
func TestOwnScripts(t *testing.T) {
	eachScript(t, func(t *testing.T) target { return newOurs(t) })
}

// TestOwnScriptsOnReference runs them on bmv2: what they expect is not only our opinion.
func TestOwnScriptsOnReference(t *testing.T) {
	eachScript(t, func(t *testing.T) target { return startBMv2(t) })
}

func eachScript(t *testing.T, start func(*testing.T) target) {
	t.Helper()
	files, err := filepath.Glob("testdata/stf/*.stf")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".stf")
		program, _, _ := strings.Cut(name, "-")
		t.Run(name, func(t *testing.T) {
			on := start(t)
			if _, ok := on.(*bmv2); ok && usesRegisters(t, file) {
				t.Skipf("the P4Runtime server of %s has no registers", bmv2Program)
			}
			runFile(t, on, committed(t, filepath.Join(programs, program)), file)
		})
	}
}

func usesRegisters(t *testing.T, file string) bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(text), "\nregister_")
}

// TestOutsideScripts runs the tests of an outside folder, and loads its v1model programs.
func TestOutsideScripts(t *testing.T) {
	for _, name := range outsidePrograms(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			cfg := outside(t, name)
			if os.Getenv(referenceVariable) != "" {
				if _, err := os.Stat(name + ".stf"); err != nil {
					t.Skip("no .stf")
				}
				runFile(t, startBMv2(t), cfg, name+".stf")
				return
			}
			if _, err := os.Stat(name + ".stf"); err == nil {
				runFile(t, newOurs(t), cfg, name+".stf")
				return
			}
			if err := primary(t, newOurs(t).conn, 1).configure(cfg); err != nil {
				t.Errorf("loading: %v", err)
			}
		})
	}
}

// outsidePrograms are the programs of the outside folder, without their ending.
func outsidePrograms(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv(outsideVariable)
	if dir == "" {
		t.Skipf("%s is not set: it names a folder of .p4 and .stf files", outsideVariable)
	}
	match := os.Getenv(matchVariable)
	if match == "" {
		match = "*.p4"
	}
	files, err := filepath.Glob(filepath.Join(dir, match))
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs %s in %s: %v", match, dir, err)
	}
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ".p4")
	}
	return files
}

// TestOutsideDifferential is TestDifferential on the programs of an outside folder.
// Programs that read headers that are not valid differ, as bmv2 then gives what an
// earlier packet left there; so this is for a person to look at.
func TestOutsideDifferential(t *testing.T) {
	for _, name := range outsidePrograms(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			d := newDifference(t, outside(t, name), *firstSeed)
			d.again = true
			d.write(d.updates)
			d.run(*packetCount, 1)
			d.counters()
			t.Logf("%d entries; %d packets in, %d out, %d of them dropped", len(d.tables), *packetCount, d.sent, d.dropped)
		})
	}
}

func runFile(t *testing.T, on target, cfg *p4.ForwardingPipelineConfig, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := stf.Parse(file, string(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range runScript(t, on, cfg, statements) {
		t.Errorf("%s: %s", file, e)
	}
}

// committed loads what p4c made of a program in testdata.
func committed(t testing.TB, name string) *p4.ForwardingPipelineConfig {
	t.Helper()
	cfg, err := server.LoadConfig(name+".p4info.txtpb", name+".json")
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// outside loads a program from beside its source, or compiles it. Programs for other
// architectures, and those that p4c refuses, are skipped.
func outside(t *testing.T, name string) *p4.ForwardingPipelineConfig {
	t.Helper()
	if cfg, err := server.LoadConfig(name+".p4info.txtpb", name+".json"); err == nil {
		return cfg
	}
	if _, err := exec.LookPath(compiler); err != nil {
		t.Skipf("%s is not in PATH, and %s.json and .p4info.txtpb are not there", compiler, name)
	}
	out := filepath.Join(t.TempDir(), "out")
	if err := compile(name+".p4", out); err != nil {
		t.Skipf("%s refuses the program: %v", compiler, err)
	}
	cfg, err := server.LoadConfig(out+".p4info.txtpb", out+".json")
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// compile makes out.json and out.p4info.txtpb of a program.
func compile(source, out string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, compiler, "--std", "p4-16", "--Wdisable=unused", "--p4runtime-files", out+".p4info.txtpb", "-o", out+".json", filepath.Base(source))
	// The source's path goes into the JSON: a relative one names no machine.
	cmd.Dir = filepath.Dir(source)
	text, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, text)
	}
	return nil
}
