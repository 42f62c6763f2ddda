package lang

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/antlr4-go/antlr/v4"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pillion/lang/diag"
	"pillion/lang/parser"
)

// TestFormatProperty: whatever a policy without errors looks like, formatting
// keeps its tokens and meaning, and is done after one time.
func TestFormatProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkFormat(t, []byte(drawPolicy(t)))
	})
}

// TestBlanksDoNotMatter: between tokens one blank is as good as any gap.
func TestBlanksDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawPolicy(t)
		var plain []string
		for _, token := range tokensOf([]byte(text)) {
			if !strings.HasPrefix(token, "#") {
				plain = append(plain, token)
			}
		}
		line := strings.Join(plain, " ")
		// The parts of one name are the exception.
		line = regexp.MustCompile(`" \. `).ReplaceAllString(line, `".`)
		line = strings.ReplaceAll(line, "acme. ", "acme.")
		want, list := Parse([]Input{{Name: "a.pol", Text: []byte(text)}}, Options{})
		if len(list) > 0 {
			t.Fatal(list)
		}
		got, list := Parse([]Input{{Name: "a.pol", Text: []byte(line)}}, Options{})
		if len(list) > 0 {
			t.Fatal(list)
		}
		if diff := cmp.Diff(dump(want), dump(got)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestScannerAndGrammarAgree compares the scanner with the lexer that ANTLR
// generates from Policy.g4, on texts that hold no characters foreign to both.
func TestScannerAndGrammarAgree(t *testing.T) {
	pieces := []string{
		" ", "\n", "\t", "# c\n", "a", "b-", "-", "--", "->", ":", "::", ",", ".", "=", "{", "}", "/", "0", "12", "255",
		"10.0.0.1", "1.2.3", "fd00", "fd00::1", "::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:", "1:2:3:4:5:6:1.2.3.4", "::1.2.3.4", "#\r x\n", "f", "g", "_x", "on", "one-way", "test",
		`"a"`, `"a\"b"`, `"\\"`, `"é"`, "tcp/80",
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 16).Draw(t, "pieces"), "")
		type lexed struct {
			Kind int
			Text string
		}
		var got, want []lexed
		errors := 0
		scanner := newScanner(&diag.File{Text: []byte(text)}, 1<<20, func(diag.Diagnostic) bool { errors++; return true })
		for t := scanner.next(); t.kind != kindEOF; t = scanner.next() {
			got = append(got, lexed{t.kind, t.GetText()})
		}
		lexer := parser.NewPolicyLexer(antlr.NewInputStream(text))
		lexer.RemoveErrorListeners()
		for _, t := range lexer.GetAllTokens() {
			if t.GetTokenType() == parser.PolicyLexerOTHER {
				errors++
			}
			if t.GetChannel() == antlr.TokenDefaultChannel {
				want = append(want, lexed{t.GetTokenType(), t.GetText()})
			}
		}
		if errors > 0 {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: -grammar +scanner:\n%s", text, diff)
		}
	})
}

// TestGrammarIsLL1: the generated parser decides by one token everywhere.
func TestGrammarIsLL1(t *testing.T) {
	text, err := os.ReadFile("parser/policy_parser.go")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "AdaptivePredict(") {
		t.Error("the generated parser calls AdaptivePredict: some decision of Policy.g4 needs more than one token")
	}
}

// TestGrammarIsFlat: no rule of the grammar reaches itself, so that no input
// makes the generated parser recurse.
func TestGrammarIsFlat(t *testing.T) {
	text, err := os.ReadFile("Policy.g4")
	if err != nil {
		t.Fatal(err)
	}
	grammar := regexp.MustCompile(`//.*`).ReplaceAllString(string(text), "")
	uses := map[string][]string{}
	for _, rule := range regexp.MustCompile(`(?s)\n([a-z]\w*)\s*:(.*?);`).FindAllStringSubmatch(grammar, -1) {
		uses[rule[1]] = regexp.MustCompile(`\b[a-z]\w*\b`).FindAllString(
			regexp.MustCompile(`\w+\+?=`).ReplaceAllString(rule[2], ""), -1)
	}
	if len(uses) < 20 {
		t.Fatalf("only %d rules were found", len(uses))
	}
	var visit func(rule string, path []string)
	visit = func(rule string, path []string) {
		if len(path) > len(uses) {
			t.Fatalf("rules are recursive: %v", path)
		}
		for _, next := range uses[rule] {
			visit(next, append(path, next))
		}
	}
	visit("policy", []string{"policy"})
}

// TestKeywords: the scanner's words are those of the grammar, and the grammar
// lists the reserved ones first, up to `via`.
func TestKeywords(t *testing.T) {
	parser.PolicyParserInit()
	for kind, literal := range parser.PolicyParserStaticData.LiteralNames {
		word := strings.Trim(literal, "'")
		if word == "" || !isNameStart(word[0]) {
			continue
		}
		if got := keyword([]byte(word)); got != kind {
			t.Errorf("the scanner takes %q for token %d, the grammar for %d", word, got, kind)
		}
	}
	if kinds := len(parser.PolicyParserStaticData.SymbolicNames); kinds > 64 {
		t.Errorf("%d kinds of token do not fit a set of 64", kinds)
	}
	names := regexp.MustCompile(`(?s)\nname\n(.*?);`).FindString(grammarText(t))
	for kind := parser.PolicyParserALLOW; kind <= parser.PolicyParserTEST; kind++ {
		symbol := parser.PolicyParserStaticData.SymbolicNames[kind]
		listed := regexp.MustCompile(`\b` + symbol + `\b`).MatchString(names)
		if listed == reserved(kind) {
			t.Errorf("%s: in the rule `name`: %t, reserved: %t", symbol, listed, reserved(kind))
		}
	}
}

func grammarText(t *testing.T) string {
	text, err := os.ReadFile("Policy.g4")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
