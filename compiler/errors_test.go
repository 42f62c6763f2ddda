package compiler

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"pillion/compiler/network"
	"pillion/compiler/plan"
	"pillion/lang"
	"pillion/lang/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// compileText compiles a policy on a network, both as text.
func compileText(t testing.TB, policy, inventory string) (*plan.Plan, diag.List) {
	t.Helper()
	p, list := lang.Parse([]lang.Input{{Name: "policy.pol", Text: []byte(policy)}}, lang.Options{})
	if list.HasErrors() {
		return nil, list
	}
	net, list := network.Parse("network.yaml", []byte(inventory))
	if list.HasErrors() {
		return nil, list
	}
	return Compile(p, net)
}

// Each file is a policy, a network unless it is the usual one, and what the compiler says.
func TestErrors(t *testing.T) {
	usual, err := os.ReadFile("testdata/network.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			policy, inventory, want := "", string(usual), ""
			at := -1
			for i, f := range archive.Files {
				switch f.Name {
				case "policy.pol":
					policy = string(f.Data)
				case "network.yaml":
					inventory = string(f.Data)
				case "want":
					want, at = string(f.Data), i
				}
			}
			_, list := compileText(t, policy, inventory)
			var got bytes.Buffer
			diag.Render(&got, list.Sorted(), false)
			if *update {
				if at < 0 {
					archive.Files = append(archive.Files, txtar.File{Name: "want"})
					at = len(archive.Files) - 1
				}
				archive.Files[at].Data = got.Bytes()
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Error(diff)
			}
			if got.Len() == 0 {
				t.Error("the compiler found nothing to say")
			}
		})
	}
}
