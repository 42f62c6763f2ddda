package scenario

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// score is how often a substrate passed, failed and skipped.
type score struct{ passed, failed, skipped atomic.Int32 }

var scores = map[string]*score{}

// substrates are all there are; TestMain sets them.
var substrates []Substrate

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	sideBySide()
	folder, err := os.MkdirTemp("", "pillion-scenario-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	substrates = Substrates(buildCommand(folder))
	if os.Getenv("PILLION_LAYOUTS") == "all" {
		substrates = everyLayout(substrates)
	}
	code := m.Run()
	for _, on := range substrates {
		if s := scores[on.Name()]; s != nil && s.passed.Load()+s.failed.Load()+s.skipped.Load() > 0 {
			fmt.Printf("scenarios on %s: %d passed, %d failed, %d skipped\n", on.Name(), s.passed.Load(), s.failed.Load(), s.skipped.Load())
		}
	}
	return code
}

// sideBySide has more tests run at a time than there are processors, as they wait most of the time; -parallel says otherwise.
func sideBySide() {
	const flagName = "test.parallel"
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == flagName })
	if !given {
		if err := flag.Set(flagName, strconv.Itoa(3*runtime.GOMAXPROCS(0))); err != nil {
			panic(err) // the flag is the testing package's, and takes any number from 1 on
		}
	}
}

// buildCommand builds the command pillion as users get it. Without the go tool there is none, and its substrate skips; if
// it does not build, the substrate fails for want of it.
func buildCommand(folder string) string {
	if _, err := exec.LookPath("go"); err != nil {
		return ""
	}
	program := filepath.Join(folder, "pillion")
	build := exec.Command("go", "build", "-o", program, "pillion/cmd/pillion")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building pillion: %v\n%s", err, out)
	}
	return program
}

// TestScenarios runs every scenario on every substrate, with the same expectations. PILLION_LAYOUTS=all runs each on every
// layout of mixed networks, rather than on one.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios: ", err)
	}
	for _, on := range substrates {
		scores[on.Name()] = &score{}
		t.Run(on.Name(), func(t *testing.T) {
			for _, file := range files {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { scenario(t, file, on) })
			}
		})
	}
}

func scenario(t *testing.T, file string, on Substrate) {
	t.Parallel()
	score := scores[on.Name()]
	t.Cleanup(func() {
		switch {
		case t.Failed():
			score.failed.Add(1)
		case t.Skipped():
			score.skipped.Add(1)
		default:
			score.passed.Add(1)
		}
	})
	s, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if missing := slices.Concat(s.Missing(), on.Missing(&s.Site)); len(missing) > 0 {
		t.Skip(strings.Join(missing, "; "))
	}
	failures, err := Run(t.Context(), s, on)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		t.Error(f)
	}
}
