package explain

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func explained(t testing.TB, policy, inventory string) string {
	t.Helper()
	parsed, list := lang.Parse([]lang.Input{{Name: "policy.pol", Text: []byte(policy)}}, lang.Options{})
	if list.HasErrors() {
		t.Fatal(list[0].Message)
	}
	net, list := network.Parse("network.yaml", []byte(inventory))
	if list.HasErrors() {
		t.Fatal(list[0].Message)
	}
	plan, list := compiler.Compile(parsed, net)
	if plan == nil {
		t.Fatal(list[0].Message)
	}
	var out strings.Builder
	if err := New(plan, net).WriteText(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Each file is a policy, a network and the text.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts := map[string]string{}
			kept := &txtar.Archive{Comment: archive.Comment}
			for _, f := range archive.Files {
				texts[f.Name] = string(f.Data)
				if f.Name != "want" {
					kept.Files = append(kept.Files, f)
				}
			}
			got := explained(t, texts["policy.pol"], texts["network.yaml"])
			if again := explained(t, texts["policy.pol"], texts["network.yaml"]); again != got {
				t.Error("another time, another text")
			}
			if *update {
				kept.Files = append(kept.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(kept), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(texts["want"], got); diff != "" {
				t.Errorf("refresh with -update:\n%s", diff)
			}
		})
	}
}

// Many tenants on many switches give a short text.
func TestBounded(t *testing.T) {
	const leaves, hosts = 20, 30
	var policy, switches, sidecars, links, endpoints strings.Builder
	for l := range leaves {
		fmt.Fprintf(&switches, "  - {name: leaf%d, target: legacy, driver: ovs, sidecar: side%d}\n", l, l)
		fmt.Fprintf(&sidecars, "  - {name: side%d, at: leaf%d:100}\n", l, l)
		fmt.Fprintf(&links, "  - [leaf%d:101, spine:%d]\n", l, l+1)
		for h := range hosts {
			shim := ""
			if h%2 == 0 {
				shim = fmt.Sprintf(", shim: {address: \"unix:///h%d-%d\"}", l, h)
			}
			fmt.Fprintf(&endpoints, "  - {name: h%d-%d, mac: \"02:00:00:00:%02x:%02x\", ip: 10.0.%d.%d, at: leaf%d:%d%s}\n", l, h, l, h, l, h+1, l, h+1, shim)
		}
	}
	for h := range hosts {
		fmt.Fprintf(&policy, "tenant t%d { group all = ", h)
		for l := range leaves {
			if l > 0 {
				policy.WriteString(", ")
			}
			fmt.Fprintf(&policy, "\"h%d-%d\"", l, h)
		}
		policy.WriteString(" }\n")
	}
	for a := range 50 {
		fmt.Fprintf(&policy, "allow a%d: t0 -> t1 on tcp/%d\n", a, a+1)
	}
	text := explained(t, policy.String(), fmt.Sprintf("switches:\n  - {name: spine}\n%ssidecars:\n%slinks:\n%sendpoints:\n%s", &switches, &sidecars, &links, &endpoints))
	if n := strings.Count(text, "\n"); n > 100 || n < 30 {
		t.Errorf("%d lines:\n%s", n, text)
	}
	for line := range strings.Lines(text) {
		if len(line) > 400 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
	if !strings.Contains(text, "allow a0, a1, a10, a11, a12, a13 and 44 more\n") {
		t.Errorf("equal statements are not put together:\n%s", text)
	}
}
