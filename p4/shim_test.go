package p4

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readSource(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestShimOutputBelongsToSource(t *testing.T) {
	for line := range strings.Lines(readSource(t, "shim.sha256")) {
		want, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("shim.sha256: cannot read %q", line)
		}
		sum := sha256.Sum256([]byte(readSource(t, name)))
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s changed after p4c made shim.json: run go generate ./p4 (it needs p4c-bm2-ss)", name)
		}
	}
	for _, name := range []string{"shim.json", "shim.p4info.txtpb"} {
		if at := regexp.MustCompile(`"/(home|root|work|tmp|usr|opt)/[^"]*`).FindString(readSource(t, name)); at != "" {
			t.Errorf("%s holds the path %s of the machine that compiled it", name, at)
		}
	}
}

// Both programs read frames in the same way, and a fix to one parser is a fix to the other.
func TestShimParsesAsPillion(t *testing.T) {
	parser := func(name string) string {
		source := readSource(t, name)
		from, to := strings.Index(source, "parser parse("), strings.Index(source, "control verify_sums(")
		if from < 0 || to < from {
			t.Fatalf("%s: the parser is not where it was", name)
		}
		return source[from:to]
	}
	if diff := cmp.Diff(parser("pillion.p4"), parser("shim.p4")); diff != "" {
		t.Errorf("the parsers differ (-pillion.p4 +shim.p4):\n%s", diff)
	}
}

func TestShimCountsDropsAsPillion(t *testing.T) {
	reasons := func(name string) map[string]int {
		found := map[string]int{}
		for _, m := range regexp.MustCompile(`const bit<8> (DROP_\w+)\s*= (\d+);`).FindAllStringSubmatch(readSource(t, name), -1) {
			found[m[1]], _ = strconv.Atoi(m[2])
		}
		return found
	}
	all := reasons("pillion.p4")
	own := reasons("shim.p4")
	if len(own) == 0 {
		t.Fatal("shim.p4 has no drop reasons")
	}
	maps.DeleteFunc(all, func(name string, _ int) bool { _, ok := own[name]; return !ok })
	if diff := cmp.Diff(all, own); diff != "" {
		t.Errorf("the drop reasons differ (-pillion.p4 +shim.p4):\n%s", diff)
	}
}

// What both programs have under one name has the same keys and parameters, so that the
// same code lowers rows to both.
func TestShimSharesTablesWithPillion(t *testing.T) {
	pillion, err := Pillion()
	if err != nil {
		t.Fatal(err)
	}
	shim, err := Shim()
	if err != nil {
		t.Fatal(err)
	}
	shapes := func(p *Program) map[string]string {
		out := map[string]string{}
		for _, table := range p.Info.GetTables() {
			var fields []string
			for _, f := range table.GetMatchFields() {
				fields = append(fields, f.GetName()+" "+f.GetMatchType().String()+" "+strconv.Itoa(int(f.GetBitwidth())))
			}
			out["table "+table.GetPreamble().GetName()] = strings.Join(fields, ", ")
		}
		for _, action := range p.Info.GetActions() {
			var params []string
			for _, a := range action.GetParams() {
				params = append(params, a.GetName()+" "+strconv.Itoa(int(a.GetBitwidth())))
			}
			out["action "+action.GetPreamble().GetName()] = strings.Join(params, ", ")
		}
		return out
	}
	all, own := shapes(pillion), shapes(shim)
	maps.DeleteFunc(all, func(name string, _ string) bool { _, ok := own[name]; return !ok })
	if diff := cmp.Diff(all, own); diff != "" {
		t.Errorf("names of shim.p4 mean something else in pillion.p4 (-pillion.p4 +shim.p4):\n%s", diff)
	}
}
