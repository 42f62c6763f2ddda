package docs_test

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/lang/diag"
)

// limit reads a number of the table of limits in language.md.
func limit(t *testing.T, what string) int {
	t.Helper()
	for _, row := range read(t, "docs/language.md").table(t, "what") {
		if row[0] != what {
			continue
		}
		number, _, _ := strings.Cut(strings.ReplaceAll(row[1], ",", ""), " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatalf("the limit of %s is %q, which begins with no number", what, row[1])
		}
		return n
	}
	t.Fatalf("language.md has no limit of %s", what)
	return 0
}

// first is the code of the first diagnostic that is one of those named; "" without.
func first(list diag.List, codes ...string) string {
	for _, d := range list {
		for _, c := range codes {
			if d.Code == c {
				return c
			}
		}
	}
	return ""
}

// What is as large as the limits of language.md is taken, and what is larger by one is not.
func TestLimits(t *testing.T) {
	tests := []struct {
		what, code string
		try        func(n int) diag.List
	}{
		{"errors, before the rest is not read", "L008", func(n int) diag.List {
			_, list := lang.Parse([]lang.Input{{Name: "p.pol", Text: []byte(strings.Repeat("deny\n", n))}}, lang.Options{})
			return list
		}},
		{"a name or number", "L004", func(n int) diag.List {
			_, list := lang.Parse([]lang.Input{{Name: "p.pol", Text: []byte("service " + strings.Repeat("n", n) + " = tcp\n")}}, lang.Options{})
			return list
		}},
		{"files that include files", "L040", func(n int) diag.List { return parseNested(n) }},
		{"files", "L040", func(n int) diag.List { return parseFiles(n) }},
		{"gates of a chain", "C026", compileGates},
	}
	for _, test := range tests {
		n := limit(t, test.what)
		if got := first(test.try(n), test.code); got != "" {
			t.Errorf("%s: %d are refused with %s, and language.md says that they fit", test.what, n, got)
		}
		if got := first(test.try(n+1), test.code); got == "" {
			t.Errorf("%s: %d are taken, and language.md says that they are too many", test.what, n+1)
		}
	}
}

// parseNested parses a file that includes a file, and so on, n deep.
func parseNested(n int) diag.List {
	readFile := func(path string, _ int64) ([]byte, error) {
		i, err := strconv.Atoi(strings.TrimSuffix(path, ".pol"))
		if err != nil {
			return nil, fs.ErrNotExist
		}
		if i == n {
			return nil, nil
		}
		return fmt.Appendf(nil, "include \"%d.pol\"\n", i+1), nil
	}
	_, list := lang.ParseFiles([]string{"0.pol"}, lang.Options{Read: readFile})
	return list
}

// parseFiles parses n empty files.
func parseFiles(n int) diag.List {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i) + ".pol"
	}
	_, list := lang.ParseFiles(names, lang.Options{Read: func(string, int64) ([]byte, error) { return nil, nil }})
	return list
}

// compileGates compiles a chain with n gates.
func compileGates(n int) diag.List {
	policy := "tenant a { group g = h }\nmiddlebox m { instances i }\nchain c: a.g -> a.g via m" + strings.Repeat(" -> m", n-1) + "\n"
	parsed, list := lang.Parse([]lang.Input{{Name: "p.pol", Text: []byte(policy)}}, lang.Options{})
	net, more := network.Parse("n.yaml", []byte(`
switches: [{name: s, address: "127.0.0.1:1", device-id: 1}]
endpoints: [{name: h, mac: "02:00:00:00:00:01", ip: 10.0.0.1, at: "s:1"}]
middleboxes: [{name: i, at: "s:2"}]
`))
	list = append(list, more...)
	if list.HasErrors() {
		return list
	}
	_, more = compiler.Compile(parsed, net)
	return more
}
