// Command report runs go test and says at the end what passed, what failed, and what was skipped and why.
//
//	go run ./tests/report -- [flags of go test] PACKAGE…
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sort"
	"strings"
)

// event is one line of go test -json (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

type report struct {
	output  map[string][]string // by package and test
	passed  int
	failed  []string
	skipped map[string][]string // tests by reason
}

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(2)
	}
	r := report{output: map[string][]string{}, skipped: map[string][]string{}}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text()) // what a build says
			continue
		}
		r.take(e)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
	}
	testErr := cmd.Wait()
	r.print()
	if testErr != nil || len(r.failed) > 0 {
		os.Exit(1)
	}
}

func (r *report) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Print(e.Output)
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "pass":
		if e.Test != "" {
			r.passed++
		} else {
			fmt.Println("ok  ", e.Package)
			r.summaries(key)
		}
		delete(r.output, key)
	case "fail":
		r.failed = append(r.failed, key)
		fmt.Printf("FAIL %s\n%s", key, strings.Join(r.output[key], ""))
		delete(r.output, key)
	case "skip":
		if e.Test != "" {
			why := reason(r.output[key])
			r.skipped[why] = append(r.skipped[why], key)
		}
		delete(r.output, key)
	}
}

// summaries shows how the scenarios went on each substrate.
func (r *report) summaries(key string) {
	for _, line := range r.output[key] {
		if strings.HasPrefix(line, "scenarios on ") {
			fmt.Print("     ", line)
		}
	}
}

var place = regexp.MustCompile(`^\s*\S+\.go:\d+: `)

// reason is what t.Skip was given.
func reason(output []string) string {
	var words []string
	for _, line := range output {
		if at := place.FindStringIndex(line); at != nil {
			words = append(words, strings.TrimSpace(line[at[1]:]))
		}
	}
	if len(words) == 0 {
		return "no reason was given"
	}
	return strings.Join(words, "; ")
}

func (r *report) print() {
	n := 0
	reasons := make([]string, 0, len(r.skipped))
	for why, tests := range r.skipped {
		reasons = append(reasons, why)
		n += len(tests)
	}
	sort.Strings(reasons)
	for _, why := range reasons {
		tests := r.skipped[why]
		fmt.Printf("skipped %d, such as %s: %s\n", len(tests), tests[0], why)
	}
	for _, f := range r.failed {
		fmt.Println("failed", f)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", r.passed, len(r.failed), n)
}
