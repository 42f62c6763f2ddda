package trace

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"pillion/p4"
	"pillion/runtime/packet"
	"pillion/tests/compiled"
)

var update = flag.Bool("update", false, "rewrite the expected traces in testdata")

// Archives hold policy.pol, network.yaml, and traces in files whose names are the request: "from=b1 to=web1 proto=tcp
// dport=80", with "json" in front for JSON, or "error" for what goes wrong.
func TestTrace(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no archives in testdata", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := compiled.New(t, string(archive.Files[0].Data), string(archive.Files[1].Data))
			changed := false
			for i := range archive.Files[2:] {
				f := &archive.Files[2+i]
				got := traced(t, w, f.Name)
				if got == string(f.Data) {
					continue
				}
				if !*update {
					t.Errorf("%s: got:\n%swant:\n%s", f.Name, got, f.Data)
				}
				f.Data, changed = []byte(got), true
			}
			if changed && *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func traced(t *testing.T, w *compiled.World, name string) string {
	t.Helper()
	var r Request
	words := strings.Fields(name)
	form := "text"
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		number, _ := strconv.Atoi(value)
		switch key {
		case "json", "error":
			form = key
		case "from":
			r.From = value
		case "to":
			r.To = value
		case "proto":
			r.Proto = value
		case "sport":
			r.SPort = uint16(number)
		case "dport":
			r.DPort = uint16(number)
		case "family":
			r.Family = number
		default:
			t.Fatalf("%s: unknown word %s", name, word)
		}
	}
	result, err := Run(w.Bundle, w.Program, r)
	if form == "error" {
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		return err.Error() + "\n"
	}
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if form == "json" {
		err = result.JSON(&b)
	} else {
		err = result.Text(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every reason for a drop has its advice: none but these fall through to "contradict each other".
func TestEveryReasonHasAdvice(t *testing.T) {
	internal := map[string]bool{
		"malformed": true, "encapsulation where none may be": true, "NSH time to live": true, "group membership report": true,
		"later fragment of a chained conversation": true, "not on the path": true, "address question without an answer": true, "copy for a tap": true,
	}
	r := &Result{From: "a", To: "b", Steps: []Step{{}}}
	for _, reason := range p4.DropReasons {
		if got := r.next(0, reason, &packet.Packet{}); (got == contradiction) != internal[reason] {
			t.Errorf("%s: %s", reason, got)
		}
	}
}
