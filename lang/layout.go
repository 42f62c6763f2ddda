package lang

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"pillion/lang/parser"
)

const (
	maxWidth    = 100 // characters of a line before it is wrapped
	maxCell     = 32  // a longer cell is not aligned: it would push its neighbours away
	indentWidth = 2
	wrapIndent  = 4 // of the further lines of a wrapped statement
)

// spaced says whether a blank stands between two neighbours.
func spaced(left, right *token) bool {
	switch right.kind {
	case parser.PolicyParserCOMMA, parser.PolicyParserCOLON, parser.PolicyParserSLASH, parser.PolicyParserDOT:
		return false
	case parser.PolicyParserMINUS: // of a range, or the sign of a priority
		return left.kind == parser.PolicyParserPRIORITY
	case parser.PolicyParserSTRING: // acme."my group"
		return left.kind != parser.PolicyParserDOT && !(left.kind == parser.PolicyParserNAME && left.end == right.start)
	}
	switch left.kind {
	case parser.PolicyParserSLASH, parser.PolicyParserDOT, parser.PolicyParserMINUS:
		return false
	}
	return true
}

// joined writes tokens on one line.
func joined(tokens []token) string {
	var text []byte
	for i := range tokens {
		if i > 0 && spaced(&tokens[i-1], &tokens[i]) {
			text = append(text, ' ')
		}
		text = append(text, tokens[i].bytes()...)
	}
	return string(text)
}

// wrap writes tokens on as many lines as they need. A comment ends its line.
func wrap(tokens []token, indent int) string {
	var text []byte
	column := indent
	margin := "\n" + strings.Repeat(" ", indent+wrapIndent)
	broken := false // the line was just broken
	for start := 0; start < len(tokens); {
		if t := &tokens[start]; t.kind == kindComment {
			own := t.first
			if own && !broken {
				text = append(text, margin...)
			} else if !own {
				text = append(text, "  "...)
			}
			text = append(text, trimComment(t)...)
			text = append(text, margin...)
			column, broken = indent+wrapIndent, true
			start++
			continue
		}
		end := start + 1
		for end < len(tokens) && !breaks(tokens, end) {
			end++
		}
		word := joined(tokens[start:end])
		switch {
		case start == 0 || broken:
		case column+1+runes(word) > maxWidth:
			text = append(text, margin...)
			column = indent + wrapIndent
		default:
			text = append(text, ' ')
			column++
		}
		text = append(text, word...)
		column += runes(word)
		broken = false
		start = end
	}
	return string(text)
}

// breaks says whether the line may be broken before tokens[at].
func breaks(tokens []token, at int) bool {
	switch tokens[at].kind {
	case kindComment, parser.PolicyParserON, parser.PolicyParserVIA, parser.PolicyParserARROW,
		parser.PolicyParserTO, parser.PolicyParserCOPIED:
		return true
	}
	return tokens[at-1].kind == parser.PolicyParserCOMMA
}

// cellsOf cuts a line into the parts that are aligned with its neighbours'.
func cellsOf(rule int, tokens []token) []string {
	var cuts []int
	before := func(kind int) {
		for i := range tokens {
			if tokens[i].kind == kind && i > 0 {
				cuts = append(cuts, i)
				return
			}
		}
	}
	switch rule {
	case parser.PolicyParserRULE_tenantItem, parser.PolicyParserRULE_service:
		before(parser.PolicyParserEQUALS)
	case parser.PolicyParserRULE_permission:
		cuts = append(cuts, 1, 3) // the verb; the name and its colon
		before(parser.PolicyParserARROW)
	case parser.PolicyParserRULE_chain:
		cuts = append(cuts, 3)
		before(parser.PolicyParserARROW)
	case parser.PolicyParserRULE_multicastClause:
		if len(tokens) > 1 {
			cuts = append(cuts, 1)
		}
	case parser.PolicyParserRULE_expect:
		before(parser.PolicyParserARROW)
		before(parser.PolicyParserON)
	}
	var cells []string
	from := 0
	for _, cut := range cuts {
		cells = append(cells, joined(tokens[from:cut]))
		from = cut
	}
	return append(cells, joined(tokens[from:]))
}

// render writes the lines, each run of neighbours of one kind aligned.
func render(lines []line) []byte {
	var out bytes.Buffer
	for start := 0; start < len(lines); {
		end := start + 1
		for end < len(lines) && lines[start].rule != 0 && lines[end].rule == lines[start].rule && !lines[end].blank {
			end++
		}
		texts := align(lines[start:end])
		for i, text := range texts {
			lines[start+i].wrapped = text
		}
		start = end
	}
	for start := 0; start < len(lines); {
		end := start + 1
		for end < len(lines) && lines[end].comment != "" && !lines[end].blank &&
			lines[end].depth == lines[start].depth && !several(lines[end-1]) && !several(lines[end]) {
			end++
		}
		renderRun(&out, lines[start:end])
		start = end
	}
	return out.Bytes()
}

// renderRun writes lines whose comments stand in one column.
func renderRun(out *bytes.Buffer, run []line) {
	column := 0
	for _, l := range run {
		if l.comment != "" {
			column = max(column, lastWidth(l))
		}
	}
	for _, l := range run {
		if l.blank {
			out.WriteByte('\n')
		}
		pad(out, l.depth*indentWidth)
		out.WriteString(l.wrapped)
		if l.comment != "" {
			pad(out, column-lastWidth(l)+2)
			out.WriteString(l.comment)
		}
		out.WriteByte('\n')
	}
}

// several says whether a line takes several lines of the output.
func several(l line) bool { return strings.Contains(l.wrapped, "\n") }

// lastWidth returns the width of what stands before a line's comment.
func lastWidth(l line) int {
	if at := strings.LastIndexByte(l.wrapped, '\n'); at >= 0 {
		return runes(l.wrapped[at+1:])
	}
	return l.depth*indentWidth + runes(l.wrapped)
}

// align returns the text of each line of a run, its cells padded to columns.
func align(run []line) []string {
	var widths []int
	for _, l := range run {
		for i, cell := range l.cells[:max(0, len(l.cells)-1)] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if w := runes(cell); w <= maxCell {
				widths[i] = max(widths[i], w)
			}
		}
	}
	texts := make([]string, len(run))
	for n, l := range run {
		if l.wrapped != "" {
			texts[n] = l.wrapped
			continue
		}
		var text strings.Builder
		for i, cell := range l.cells {
			text.WriteString(cell)
			if i < len(l.cells)-1 {
				text.WriteString(strings.Repeat(" ", max(0, widths[i]-runes(cell))+1))
			}
		}
		texts[n] = text.String()
	}
	return texts
}

func pad(out *bytes.Buffer, n int) {
	for range n {
		out.WriteByte(' ')
	}
}

func runes(text string) int { return utf8.RuneCountInString(text) }
