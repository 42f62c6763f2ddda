package lang

import (
	"bytes"
	"unicode/utf8"

	"pillion/lang/diag"
	"pillion/lang/parser"
)

const kindEOF = -1 // antlr.TokenEOF

// Tokens that only the formatter sees; the parser's kinds are positive.
const (
	kindComment = -2
	kindNewline = -3
)

// scanner cuts a file into the tokens that Policy.g4 defines. It is written by
// hand because ANTLR's lexer takes most of the time of a parse, counts in
// characters rather than bytes, and cannot say what is wrong with a token.
//
// It looks at most maxAddress bytes ahead of a token's end, so its time is
// linear in the size of any input.
type scanner struct {
	file     *diag.File
	text     []byte // file.Text
	at       int    // offset of the next byte
	maxToken int    // longest token, in bytes
	report   reporter
	trivia   bool // also return comments and line ends
	newline  bool // a line end was passed since the last token
	errors   int  // that were reported
}

// reporter takes a diagnostic, and says whether more are wanted.
type reporter func(diag.Diagnostic) (more bool)

func newScanner(file *diag.File, maxToken int, report reporter) *scanner {
	s := &scanner{file: file, text: file.Text, maxToken: maxToken, report: report, newline: true}
	if bytes.HasPrefix(s.text, []byte("\uFEFF")) {
		s.at = len("\uFEFF")
	}
	return s
}

// next returns the next token. What it cannot read it reports and skips. At the
// end of the file it returns EOF, again and again.
func (s *scanner) next() token {
	for s.at < len(s.text) {
		start := s.at
		switch c := s.text[start]; {
		case c == '\n':
			s.at++
			s.newline = true
			if s.trivia {
				return s.token(kindNewline, start)
			}
			continue
		case c == ' ' || c == '\t' || c == '\r':
			s.at++
			continue
		case c == '#':
			s.comment()
			if s.trivia {
				return s.token(kindComment, start)
			}
			continue
		}
		kind, ok := s.scan()
		if ok && s.at-start > s.maxToken {
			s.tell(diag.Diagnostic{
				Code: codeTokenLength, Span: s.span(start, start+1),
				Message: "a name or number is longer than the limit of " + count(s.maxToken, "byte"),
			})
		}
		if ok {
			return s.token(kind, start)
		}
	}
	return s.token(kindEOF, len(s.text))
}

func (s *scanner) token(kind, start int) token {
	t := token{kind: kind, start: int32(start), end: int32(s.at), first: s.newline, file: s.file}
	if kind != kindNewline {
		s.newline = false
	}
	return t
}

// tell reports what is wrong, and goes to the end of the file when no more is
// wanted.
func (s *scanner) tell(d diag.Diagnostic) {
	s.errors++
	if !s.report(d) {
		s.at = len(s.text)
	}
}

func (s *scanner) span(start, end int) diag.Span {
	return diag.Span{File: s.file, Start: int32(start), End: int32(end)}
}

func (s *scanner) comment() {
	if end := bytes.IndexByte(s.text[s.at:], '\n'); end >= 0 {
		s.at += end
	} else {
		s.at = len(s.text)
	}
}

// scan moves past one token and returns its kind; not ok when it was skipped.
func (s *scanner) scan() (kind int, ok bool) {
	rest := s.text[s.at:]
	c := rest[0]
	if c == ':' || isHex(c) {
		if n := ipv6Length(rest); n > 0 {
			s.at += n
			return parser.PolicyParserIPV6, true
		}
	}
	switch {
	case isNameStart(c):
		n := nameLength(rest)
		s.at += n
		return keyword(rest[:n]), true
	case isDigit(c):
		if n := ipv4Length(rest); n > 0 {
			s.at += n
			return parser.PolicyParserIPV4, true
		}
		s.at += digits(rest)
		return parser.PolicyParserNUMBER, true
	case c == '"':
		return s.quoted()
	case bytes.HasPrefix(rest, []byte("->")):
		s.at += 2
		return parser.PolicyParserARROW, true
	}
	if n := arrowLike(rest); n > 0 {
		start := s.at
		s.at += n
		s.tell(diag.Diagnostic{
			Code: codeCharacter, Span: s.span(start, start+n),
			Message: "unexpected " + show(string(rest[:n])), Hint: "an arrow is written ->",
		})
		return parser.PolicyParserARROW, true
	}
	if kind := punctuation(c); kind != 0 {
		s.at++
		return kind, true
	}
	s.unknown()
	return 0, false
}

// arrowLike returns the length of an arrow that is written in another way.
func arrowLike(text []byte) int {
	for _, arrow := range []string{"=>", "-->", "→", "⇒"} {
		if bytes.HasPrefix(text, []byte(arrow)) {
			return len(arrow)
		}
	}
	return 0
}

func punctuation(c byte) int {
	switch c {
	case ':':
		return parser.PolicyParserCOLON
	case ',':
		return parser.PolicyParserCOMMA
	case '.':
		return parser.PolicyParserDOT
	case '=':
		return parser.PolicyParserEQUALS
	case '{':
		return parser.PolicyParserLBRACE
	case '-':
		return parser.PolicyParserMINUS
	case '}':
		return parser.PolicyParserRBRACE
	case '/':
		return parser.PolicyParserSLASH
	}
	return 0
}

// quoted moves past a quoted name. Which characters it may hold is judged when
// the name is used.
func (s *scanner) quoted() (kind int, ok bool) {
	start := s.at
	for i := start + 1; i < len(s.text); i++ {
		switch s.text[i] {
		case '"':
			s.at = i + 1
			return parser.PolicyParserSTRING, true
		case '\\':
			if i+1 < len(s.text) && s.text[i+1] != '\n' && s.text[i+1] != '\r' {
				i++
			}
			continue
		case '\n', '\r':
			s.unclosed(start, i)
			return parser.PolicyParserSTRING, true
		}
	}
	s.unclosed(start, len(s.text))
	return parser.PolicyParserSTRING, true
}

// unclosed reports a quoted name that its line does not close, and goes on
// behind what was most likely meant, so that the parser sees a name.
func (s *scanner) unclosed(start, end int) {
	s.at = end
	s.tell(diag.Diagnostic{
		Code: codeUnclosed, Span: s.span(start, end),
		Message: "this quoted name is not closed on its line",
		Hint:    `close it with ", and write a " inside it as \"`,
	})
}

// unknown reports a run of characters that the language does not have.
func (s *scanner) unknown() {
	start := s.at
	for s.at < len(s.text) && s.at-start < 32 {
		c := s.text[s.at]
		if c <= ' ' || c == '"' || c == '#' || isNameStart(c) || isDigit(c) || punctuation(c) != 0 {
			break
		}
		_, size := utf8.DecodeRune(s.text[s.at:])
		s.at += size
	}
	if s.at == start {
		s.at++ // a control character
	}
	run := string(s.text[start:s.at])
	s.tell(diag.Diagnostic{
		Code: codeCharacter, Span: s.span(start, s.at),
		Message: "unexpected " + show(run),
		Hint:    characterHint(run),
	})
}

func characterHint(run string) string {
	first, _ := utf8.DecodeRuneInString(run)
	switch first {
	case ';':
		return "statements need no mark at their end"
	case '>':
		return "an arrow is written ->"
	case '“', '”', '„', '\'', '‘', '’', '`', '«', '»':
		return `quotes are written "`
	case '*':
		return "every endpoint is written any"
	case '(', ')', '[', ']':
		return "lists are written without brackets: web1, web2"
	case '@', '!', '$', '%', '&', '+', '~', '^', '|', '\\', '?', '<':
		return `a name with such a character is quoted: "web@1"`
	}
	if first >= utf8.RuneSelf {
		return "a name with characters other than A-Z a-z 0-9 _ . - is quoted"
	}
	return ""
}
