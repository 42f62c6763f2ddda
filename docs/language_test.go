package docs_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pillion/backends"
	"pillion/backends/bundle"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/lang/diag"
	"pillion/p4"
	"pillion/tests/policytest"
)

// result is what became of an example.
type result struct {
	policy *lang.Policy
	net    *network.Network
	bundle *bundle.Bundle
	said   diag.List
}

// compile takes files through language, compiler and back end, as `pillion compile` does.
func compile(t *testing.T, inventory string, files ...lang.Input) result {
	t.Helper()
	var r result
	var more diag.List
	r.policy, r.said = lang.Parse(files, lang.Options{})
	r.net, more = network.Parse("network.yaml", []byte(inventory))
	if r.said = append(r.said, more...); r.said.HasErrors() {
		return r
	}
	plan, more := compiler.Compile(r.policy, r.net)
	if r.said = append(r.said, more...); r.said.HasErrors() {
		return r
	}
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	r.bundle, _, err = backends.Lower(plan, program, r.net.JSON())
	var refused *backends.Error
	if errors.As(err, &refused) {
		r.said = append(r.said, refused.Diagnostics...)
	} else if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *result) text(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := diag.Render(&out, r.said.Sorted(), false); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// runTests runs the test blocks of an example on the engine.
func (r *result) runTests(t *testing.T, where string) {
	t.Helper()
	if len(r.policy.Tests) == 0 {
		return
	}
	suite, list := policytest.Prepare(r.policy, r.net)
	if list.HasErrors() {
		r.said = list
		t.Errorf("%s: its tests:\n%s", where, r.text(t))
		return
	}
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := policytest.NewEngine(r.bundle, program)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	outcome, err := suite.Run(context.Background(), engine)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	for _, test := range outcome.Tests {
		for _, e := range test.Expectations {
			for _, o := range e.Probes {
				if o.Verdict != policytest.Passed {
					t.Errorf("%s: %s: %v %s: expected %s, observed %s", where, e.Text, o.Probe, o.Verdict, o.Expected, o.Observed)
				}
			}
		}
	}
}

// languageExample compiles a ```pol block of language.md: with the declarations of ```pol base unless it is
// that block, or says `alone`.
func languageExample(t *testing.T, p *page, b *block) result {
	t.Helper()
	files := []lang.Input{{Name: "policy.pol", Text: []byte(b.body)}}
	if !b.has("alone") && !b.has("base") {
		files = append([]lang.Input{{Name: "tenants.pol", Text: []byte(p.only(t, "pol", "base").body)}}, files...)
	}
	return compile(t, p.only(t, "yaml", "network").body, files...)
}

func TestLanguageExamples(t *testing.T) {
	p := read(t, "docs/language.md")
	for _, b := range p.blocks {
		if b.kind != "pol" {
			continue
		}
		r := languageExample(t, p, b)
		switch {
		case b.has("error"), b.has("warning"):
			b.next(t, "text").compare(t, r.text(t))
			if r.said.HasErrors() != b.has("error") {
				t.Errorf("%v is marked %v, but the compiler says:\n%s", b, b.words, r.text(t))
			}
		case len(r.said) > 0:
			t.Errorf("%v does not compile:\n%s", b, r.text(t))
		}
		if r.said.HasErrors() {
			continue
		}
		r.runTests(t, b.String())
		if laid, list := lang.Format("policy.pol", []byte(b.body)); !list.HasErrors() {
			b.compare(t, string(laid))
		}
	}
}

func TestExampleFolders(t *testing.T) {
	policies, err := filepath.Glob(filepath.Join(root, "examples", "*", "policy.pol"))
	if err != nil || len(policies) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, path := range policies {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		inventory, err := os.ReadFile(filepath.Join(filepath.Dir(path), "network.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		r := compile(t, string(inventory), lang.Input{Name: path, Text: text})
		if len(r.said) > 0 {
			t.Errorf("%s", r.text(t))
			continue
		}
		r.runTests(t, path)
		if laid, _ := lang.Format(path, text); string(laid) != string(text) {
			t.Errorf("%s: run pillion fmt -w", path)
		}
	}
}

// Words that language.md calls reserved are those, and the other words are all others of the grammar.
func TestWords(t *testing.T) {
	p := read(t, "docs/language.md")
	reserved := strings.Fields(p.only(t, "text", "reserved").body)
	others := strings.Fields(p.only(t, "text", "words").body)
	for _, w := range reserved {
		if !lang.Reserved(w) {
			t.Errorf("%s is not reserved", w)
		}
	}
	for _, w := range others {
		if lang.Reserved(w) {
			t.Errorf("%s is reserved", w)
		}
	}
	grammar, err := os.ReadFile(filepath.Join(root, "lang", "Policy.g4"))
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, m := range regexp.MustCompile(`(?m)^[A-Z_]+ *: '([a-z][a-z-]*)' ;`).FindAllSubmatch(grammar, -1) {
		words = append(words, string(m[1]))
	}
	sameList(t, "language.md", append(reserved, others...), words)
}

// The tables of error codes list every code of the source, and no other.
func TestErrorCodes(t *testing.T) {
	var documented, real []string
	for _, table := range read(t, "docs/language.md").tables("code") {
		for _, row := range table {
			documented = append(documented, row[0])
		}
	}
	quoted := regexp.MustCompile(`"([LNCBT]\d{3})"`)
	for _, folder := range []string{"lang", "compiler/network", "compiler", "backends", "tests/policytest"} {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range quoted.FindAllSubmatch(text, -1) {
				real = append(real, string(m[1]))
			}
		}
	}
	sameList(t, "the table of error codes in docs/language.md", documented, real)
}
