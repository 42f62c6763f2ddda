package lang

import (
	"strconv"

	"github.com/antlr4-go/antlr/v4"

	"pillion/lang/diag"
)

// token is one token of a file. It is also what the generated parser sees.
type token struct {
	kind       int
	start, end int32 // bytes
	first      bool  // the first token of its line
	file       *diag.File
}

func (t *token) span() diag.Span {
	return diag.Span{File: t.file, Start: t.start, End: t.end}
}

func (t *token) bytes() []byte { return t.file.Text[t.start:t.end] }

// What antlr.Token asks for. The generated parser uses the type alone; the
// places of diagnostics come from span.
func (t *token) GetSource() *antlr.TokenSourceCharStreamPair { return nil }
func (t *token) GetTokenType() int                           { return t.kind }
func (t *token) GetChannel() int                             { return antlr.TokenDefaultChannel }
func (t *token) GetStart() int                               { return int(t.start) }
func (t *token) GetStop() int                                { return int(t.end) - 1 }
func (t *token) GetLine() int                                { return t.span().Position().Line }
func (t *token) GetColumn() int                              { return t.span().Position().Column - 1 }
func (t *token) GetText() string                             { return string(t.bytes()) }
func (t *token) SetText(string)                              {}
func (t *token) GetTokenIndex() int                          { return int(t.start) }
func (t *token) SetTokenIndex(int)                           {}
func (t *token) GetTokenSource() antlr.TokenSource           { return nil }
func (t *token) GetInputStream() antlr.CharStream            { return nil }
func (t *token) String() string                              { return t.GetText() }

// stream hands the scanner's tokens to the generated parser. It keeps those of
// one statement only, so that memory does not grow with the file.
type stream struct {
	scanner *scanner
	window  []token // the current statement's, and what was looked at behind it
	at      int     // of the next token in window
	dropped int     // tokens before the window
	last    token   // the token before the window

	max    int // tokens that one statement may have
	report reporter
	burst  bool // a statement had more
}

// drop forgets the tokens that were consumed. Pointers to them from before are
// then invalid.
func (s *stream) drop() {
	if s.at == 0 {
		return
	}
	s.last = s.window[s.at-1]
	n := copy(s.window, s.window[s.at:])
	s.window = s.window[:n]
	s.dropped += s.at
	s.at = 0
}

// peek returns the token k places ahead; 1 is the next one, -1 the one before.
// Behind the end of the file there are only EOFs.
func (s *stream) peek(k int) *token {
	if k < 0 {
		if i := s.at + k; i >= 0 {
			return &s.window[i]
		}
		return &s.last
	}
	for len(s.window) < s.at+k {
		if len(s.window) == s.max {
			s.overflow()
		}
		s.window = append(s.window, s.scanner.next())
	}
	return &s.window[s.at+k-1]
}

// overflow ends the file where a statement has more tokens than fit in memory.
func (s *stream) overflow() {
	s.burst = true
	s.report(diag.Diagnostic{
		Code: codeStatementLength, Span: s.window[0].span(),
		Message: "this statement has more than " + count(s.max, "token"),
		Hint:    "split it",
	})
	s.scanner.at = len(s.scanner.text)
}

// What antlr.TokenStream asks for.
func (s *stream) LT(k int) antlr.Token { return s.peek(k) }
func (s *stream) LA(k int) int         { return s.peek(k).kind }
func (s *stream) Consume()             { s.peek(1); s.at++ }
func (s *stream) Index() int           { return s.dropped + s.at }
func (s *stream) Seek(index int)       { s.at = max(0, index-s.dropped) }
func (s *stream) Mark() int            { return 0 }
func (s *stream) Release(int)          {}
func (s *stream) Reset()               {}
func (s *stream) Size() int            { return s.dropped + len(s.window) }
func (s *stream) GetSourceName() string {
	return strconv.Quote(s.scanner.file.Name)
}
func (s *stream) Get(index int) antlr.Token                        { return &s.window[index-s.dropped] }
func (s *stream) GetTokenSource() antlr.TokenSource                { return nil }
func (s *stream) SetTokenSource(antlr.TokenSource)                 {}
func (s *stream) GetAllText() string                               { return "" }
func (s *stream) GetTextFromInterval(antlr.Interval) string        { return "" }
func (s *stream) GetTextFromRuleContext(antlr.RuleContext) string  { return "" }
func (s *stream) GetTextFromTokens(start, stop antlr.Token) string { return "" }
