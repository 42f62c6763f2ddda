package lang

import (
	"slices"
	"strings"

	"pillion/lang/diag"
	"pillion/lang/parser"
)

// Format lays out one policy file: one statement, clause or expectation a line,
// names and arrows of neighbouring lines aligned, long lines wrapped. It keeps
// every token and comment in its order, whether a block stands on one line, and
// one blank line where the author had some. Formatting twice changes nothing.
//
// A file with errors is not formatted: then the text is nil and the list says why.
// Includes are not followed.
func Format(name string, text []byte) ([]byte, diag.List) {
	s := newSession(Options{})
	s.formatting = true
	s.add(name, text, 0)
	if len(s.queue) == 0 {
		return nil, s.sorted()
	}
	b := s.parse(s.queue[0])
	if s.list.HasErrors() {
		return nil, s.sorted()
	}
	f := &formatter{items: b.items}
	scanner := newScanner(b.in.file, s.options.MaxToken, func(diag.Diagnostic) bool { return true })
	scanner.trivia = true
	for t := scanner.next(); t.kind != kindEOF; t = scanner.next() {
		f.tokens = append(f.tokens, t)
	}
	f.collect()
	return render(f.lines), s.sorted()
}

// formatter cuts the tokens of a file into the lines of its new layout.
type formatter struct {
	tokens []token // with comments and line ends
	items  []item  // in the order of the file
	lines  []line

	at    int  // of the next token
	depth int  // 1 inside a block
	blank bool // the author left a line blank before the next token
}

// line is a statement, a clause, the head or the end of a block, or a comment
// on its own. It may take several lines of the output.
type line struct {
	rule    int      // lines of one rule are aligned; 0 for what is not aligned
	depth   int      // of the block
	blank   bool     // a blank line stands before it
	cells   []string // what is aligned; the last one is the rest
	comment string   // behind it
	wrapped string   // instead of cells, with everything before the comment
}

func (f *formatter) collect() {
	for f.at < len(f.tokens) {
		switch t := &f.tokens[f.at]; t.kind {
		case kindNewline:
			f.at++
			if f.at < len(f.tokens) && f.tokens[f.at].kind == kindNewline {
				f.blank = true
			}
		case kindComment:
			f.at++
			f.add(line{cells: []string{trimComment(t)}})
		case parser.PolicyParserRBRACE:
			f.at++
			f.depth = 0
			f.blank = false
			f.add(line{cells: []string{"}"}, comment: f.trailing()})
		default:
			f.item()
		}
	}
}

func (f *formatter) add(l line) {
	l.depth = f.depth
	previous := len(f.lines) - 1
	l.blank = f.blank && previous >= 0 && f.lines[previous].depth >= f.depth
	f.lines = append(f.lines, l)
	f.blank = false
}

// item adds the next statement or clause.
func (f *formatter) item() {
	item := f.items[0]
	f.items = f.items[1:]
	end := f.at
	for end < len(f.tokens) && f.tokens[end].start < item.end {
		end++
	}
	tokens := f.tokens[f.at:end]
	brace := -1
	if f.depth == 0 {
		for i := range tokens {
			if tokens[i].kind == parser.PolicyParserLBRACE {
				brace = i
				break
			}
		}
	}
	if brace < 0 {
		f.at = end
		f.add(f.simple(item.rule, tokens))
		return
	}
	if text, ok := f.oneLine(tokens[brace:]); ok && !hasTrivia(tokens[:brace], kindComment) {
		head := joined(withoutNewlines(tokens[:brace]))
		if runes(head)+1+runes(text) <= maxWidth {
			f.at = end
			for len(f.items) > 0 && f.items[0].start < item.end {
				f.items = f.items[1:]
			}
			f.add(line{rule: item.rule, cells: []string{head, text}, comment: f.trailing()})
			return
		}
	}
	f.at += brace + 1
	f.add(f.simple(0, tokens[:brace+1]))
	f.depth = 1
}

// simple lays out tokens that stand on one line if they fit.
func (f *formatter) simple(rule int, tokens []token) line {
	tokens = withoutNewlines(tokens)
	indent := f.depth * indentWidth
	if hasTrivia(tokens, kindComment) || indent+runes(joined(tokens)) > maxWidth {
		return line{wrapped: wrap(tokens, indent), comment: f.trailing()}
	}
	return line{rule: rule, cells: cellsOf(rule, tokens), comment: f.trailing()}
}

// trailing takes the comment on the line of the token before.
func (f *formatter) trailing() string {
	if f.at < len(f.tokens) && f.tokens[f.at].kind == kindComment {
		f.at++
		return trimComment(&f.tokens[f.at-1])
	}
	return ""
}

// oneLine returns a block as the author wrote it if that was on one line.
func (f *formatter) oneLine(body []token) (string, bool) {
	if hasTrivia(body, kindComment) || hasTrivia(body, kindNewline) {
		return "", false
	}
	if len(body) == 2 {
		return "{}", true
	}
	clauses := []string{}
	inner := body[1 : len(body)-1]
	items := f.items
	for len(inner) > 0 {
		n := 0
		for n < len(inner) && inner[n].start < items[0].end {
			n++
		}
		clauses = append(clauses, joined(inner[:n]))
		inner, items = inner[n:], items[1:]
	}
	return "{ " + strings.Join(clauses, "   ") + " }", true
}

func withoutNewlines(tokens []token) []token {
	if !hasTrivia(tokens, kindNewline) {
		return tokens
	}
	return slices.DeleteFunc(slices.Clone(tokens), func(t token) bool { return t.kind == kindNewline })
}

func hasTrivia(tokens []token, kind int) bool {
	for i := range tokens {
		if tokens[i].kind == kind {
			return true
		}
	}
	return false
}

func trimComment(t *token) string { return strings.TrimRight(t.GetText(), " \t\r") }
