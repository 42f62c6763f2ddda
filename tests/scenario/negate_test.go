package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestContraryFails turns the outcome of each line of each scenario into its contrary, one at a time, and wants that
// line to fail: a line that holds either way expects nothing. PILLION_CONTRARY does it on the substrate that it names, too.
func TestContraryFails(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, on := range substrates {
		if on.Name() != "engine" && on.Name() != os.Getenv("PILLION_CONTRARY") {
			continue
		}
		for _, file := range files {
			t.Run(on.Name()+"/"+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { contrary(t, file, on) })
		}
	}
}

func contrary(t *testing.T, file string, on Substrate) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, expect, found := strings.Cut(string(data), "-- expect --\n")
	if !found {
		t.Fatal("no expectations")
	}
	// All lines are turned in one run; each must fail, in each family.
	var text strings.Builder
	for line := range strings.Lines(expect) {
		text.WriteString(turned(line))
	}
	s, err := Parse(file, []byte(head+"-- expect --\n"+text.String()))
	if err != nil {
		t.Fatal(err)
	}
	if missing := append(s.Missing(), on.Missing(&s.Site)...); len(missing) > 0 {
		t.Skip(strings.Join(missing, "; "))
	}
	failures, err := Run(t.Context(), s, on)
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]bool{}
	for _, f := range failures {
		failed[fmt.Sprint(f.Place, " ", f.Family)] = true
	}
	for _, l := range s.lines {
		switch l.step.(type) {
		case *joinStep, *flowsStep: // these have no contrary: broken hashing is a test of its own
			continue
		}
		for _, f := range l.families {
			if !failed[fmt.Sprint(l.place, " ", int(f))] {
				t.Errorf("%s: %s (ipv%d) holds, and so did its contrary", l.place, l.text, f)
			}
		}
	}
}

var packets = regexp.MustCompile(`: (\d+) packets?`)

// turned is a line with the contrary outcome.
func turned(line string) string {
	for _, rule := range [][2]string{
		{": delivered one-way", ": delivered"},
		{": delivered via nothing", ": dropped # "},
		{": delivered via ", ": delivered via nothing # "},
		{": delivered to ", ": dropped # "},
		{": delivered copied ", ": dropped # "},
		{": delivered", ": dropped"},
		{": refused", ": dropped # "},
		{": unanswered", ": answered without a flood"},
		{": answered without a flood", ": unanswered"},
		{": no nsh", ": nsh plain"},
		{": nsh plain", ": no nsh"},
		{": nsh of chain ", ": nsh plain # "},
	} {
		if strings.Contains(line, rule[0]) {
			return strings.Replace(line, rule[0], rule[1], 1)
		}
	}
	if strings.Contains(line, ": dropped") {
		outcome := ": delivered"
		if strings.HasPrefix(line, "udp") && (strings.Contains(line, "-> 239.") || strings.Contains(line, "-> ff")) {
			outcome = ": delivered to web1, app1" // both join whatever group there is
		}
		if strings.HasPrefix(line, "forge") && (strings.Contains(line, "-> 239.") || strings.Contains(line, "-> ff")) {
			return "" // what is forged to a group cannot be expected to arrive
		}
		return strings.Replace(line, ": dropped", outcome, 1)
	}
	return packets.ReplaceAllStringFunc(line, func(m string) string {
		n, _ := strconv.Atoi(packets.FindStringSubmatch(m)[1])
		return fmt.Sprintf(": %d packets", n+1)
	})
}
