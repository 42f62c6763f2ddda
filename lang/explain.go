package lang

import (
	"slices"
	"strconv"
	"strings"

	"github.com/antlr4-go/antlr/v4"

	"pillion/lang/diag"
	"pillion/lang/parser"
)

// statementKinds are the words that start statements, in the order in which the
// language reference speaks of them.
var statementKinds = []int{
	parser.PolicyParserTENANT, parser.PolicyParserSERVICE, parser.PolicyParserALLOW, parser.PolicyParserDENY,
	parser.PolicyParserMIDDLEBOX, parser.PolicyParserCHAIN, parser.PolicyParserMULTICAST,
	parser.PolicyParserTEST, parser.PolicyParserINCLUDE,
}

// explain says what is wrong with the next token, what would fit, and what was
// most likely meant.
func (r *recovery) explain(p antlr.Parser) diag.Diagnostic {
	next, context := r.tokens.peek(1), p.GetParserRuleContext()
	fits := r.fits(p, r.index, r.tokens.Index(), r.states)
	if d, ok := r.misspeltBefore(p, context); ok {
		return d
	}
	d := diag.Diagnostic{
		Code:    codeSyntax,
		Span:    next.span(),
		Message: "unexpected " + describe(next) + "; expected " + fits.String(),
		Hint:    r.hint(next, context, fits),
	}
	switch {
	case r.endsStatement(next) && fits.has(parser.PolicyParserRBRACE) && isBlock(context):
		opening := context.GetStart()
		d.Code, d.Hint = codeUnclosedBody, "close it with }"
		if next.kind == kindEOF {
			d.Span = endOf(r.tokens.peek(-1))
		}
		d.Notes = []diag.Note{{Span: at(opening), Message: "the block of this " + opening.GetText() + " is not closed"}}
	case r.endsStatement(next):
		d.Span = endOf(r.tokens.peek(-1))
		d.Message = "unexpected end of the statement; expected " + fits.String()
	case reserved(next.kind) && fits.has(parser.PolicyParserNAME) && d.Hint == "":
		d.Code = codeReserved
		d.Hint = next.GetText() + " is a reserved word; to use it as a name, quote it: \"" + next.GetText() + "\""
	case isName(next.kind) && d.Hint == "":
		d.Code, d.Hint = advise(next, fits)
	}
	return d
}

// advise returns what a name in the wrong place was most likely meant to be.
func advise(next *token, fits kinds) (code, hint string) {
	if near := diag.DidYouMean(next.GetText(), fits.words()); near != "" {
		return codeMisspelt, near
	}
	if fits.has(parser.PolicyParserCOMMA) && !next.first {
		return codeSyntax, "the elements of a list have commas between them"
	}
	return codeSyntax, ""
}

// endOf returns the place right behind a token.
func endOf(t *token) diag.Span {
	return diag.Span{File: t.file, Start: t.end, End: t.end}
}

// endsStatement says whether a token shows that the statement or clause before
// it has stopped too early: it is that statement that is wrong, not the token.
func (r *recovery) endsStatement(next *token) bool {
	switch next.kind {
	case kindEOF:
		return true
	case parser.PolicyParserTEST, parser.PolicyParserRBRACE, parser.PolicyParserGROUP, parser.PolicyParserOFFERS,
		parser.PolicyParserINSTANCES, parser.PolicyParserSENDERS, parser.PolicyParserRECEIVERS:
		return next.first
	}
	return next.first && startsStatement(next.kind)
}

// explainStatement is explain where a statement should start. What would have
// gone on the statement before fits too.
func (r *recovery) explainStatement(p antlr.Parser) diag.Diagnostic {
	next := r.tokens.peek(1)
	fits := r.fits(p, r.index, r.tokens.Index(), r.states)
	var expected string
	if next.first || fits == 0 {
		var words []string
		for _, kind := range statementKinds {
			words = append(words, literal(kind))
		}
		expected = "a statement: " + enumerate(words)
	} else {
		expected = fits.String() + ", or the next statement"
	}
	d := diag.Diagnostic{
		Code:    codeSyntax,
		Span:    next.span(),
		Message: "unexpected " + describe(next) + "; expected " + expected,
		Hint:    misplaced(r.tokens.peek(-1), next),
	}
	if d.Hint == "" && isWord(next.kind) {
		for _, kind := range statementKinds {
			fits.add(kind)
		}
		d.Code, d.Hint = advise(next, fits)
	}
	return d
}

// fits returns the tokens that would have fitted at a token, from the states
// that were noted at index, if that is the token.
func (r *recovery) fits(p antlr.Parser, index, at int, states []int) kinds {
	var set kinds
	if index == at {
		for _, state := range states {
			set |= r.expected(p, state)
		}
	}
	return set
}

// misspeltBefore looks for a word that was taken for a name because it is not
// spelt right, as in `delivered vai fw`.
func (r *recovery) misspeltBefore(p antlr.Parser, context antlr.ParserRuleContext) (diag.Diagnostic, bool) {
	word := r.tokens.peek(-1)
	if context.GetRuleIndex() != parser.PolicyParserRULE_expect || word.kind != parser.PolicyParserNAME || word.first {
		return diag.Diagnostic{}, false
	}
	fits := r.fits(p, r.indexBefore, r.tokens.Index()-1, r.statesBefore)
	near := diag.DidYouMean(word.GetText(), fits.words())
	if near == "" {
		return diag.Diagnostic{}, false
	}
	return diag.Diagnostic{
		Code: codeMisspelt, Span: word.span(), Hint: near,
		Message: "unexpected " + describe(word) + "; expected " + fits.String(),
	}, true
}

// hint returns advice for mistakes that the grammar foresees.
func (r *recovery) hint(next *token, context antlr.ParserRuleContext, fits kinds) string {
	rule := context.GetRuleIndex()
	before := r.tokens.peek(-1)
	touches := before.kind != 0 && before.end == next.start
	switch {
	case before.kind == parser.PolicyParserCOMMA && r.endsStatement(next):
		return "a list does not end with a comma"
	case touches && (before.kind == parser.PolicyParserNUMBER || before.kind == parser.PolicyParserIPV4) && isWord(next.kind):
		return "a name that starts with a digit is quoted: \"" + before.GetText() + next.GetText() + "\""
	case touches && before.kind == parser.PolicyParserIPV6 && isWord(next.kind):
		return "leave a blank between an IPv6 address and what follows it"
	case next.kind == parser.PolicyParserNUMBER && fits.has(parser.PolicyParserTCP):
		return "write the protocol in front of each port: tcp/" + next.GetText()
	case next.kind == parser.PolicyParserNUMBER && fits.has(parser.PolicyParserNAME):
		after := r.tokens.peek(2)
		if after.start == next.end && isWord(after.kind) {
			return "a name that starts with a digit is quoted: \"" + next.GetText() + after.GetText() + "\""
		}
		return "an address has four numbers (10.0.0.1) or colons (fd00::1); a name that starts with a digit is quoted"
	case isName(next.kind) && fits.has(parser.PolicyParserTCP) && !fits.has(parser.PolicyParserNAME):
		return "a service lists tcp/PORT, udp/PORT, icmp or proto/N; it cannot name another service"
	case next.kind == parser.PolicyParserSLASH && before.kind == parser.PolicyParserNAME:
		return noPorts
	case fits == 1<<parser.PolicyParserSTRING:
		return "write it in quotes: \"" + next.GetText() + "\""
	case rule == parser.PolicyParserRULE_permission && next.kind == parser.PolicyParserVIA:
		return "allow and deny do not route; write a chain for the way through middleboxes"
	}
	return ""
}

const noPorts = "only tcp and udp have ports; other protocols are written proto/N"

// misplaced returns where a token belongs that starts no statement.
func misplaced(before, next *token) string {
	if next.kind == parser.PolicyParserSLASH && before.kind == parser.PolicyParserNAME && before.end == next.start {
		return noPorts
	}
	switch next.kind {
	case parser.PolicyParserGROUP:
		return "a group of endpoints stands inside a tenant; a multicast group's addresses inside multicast"
	case parser.PolicyParserOFFERS:
		return "offers stands inside a shared tenant"
	case parser.PolicyParserINSTANCES, parser.PolicyParserSTATEFUL, parser.PolicyParserTAP,
		parser.PolicyParserREWRITES, parser.PolicyParserON_FAILURE:
		return next.GetText() + " stands inside a middlebox"
	case parser.PolicyParserSENDERS, parser.PolicyParserRECEIVERS:
		return next.GetText() + " stands inside multicast"
	case parser.PolicyParserVIA:
		return "allow and deny do not route; write a chain for the way through middleboxes"
	case parser.PolicyParserRBRACE:
		return "no block is open here"
	case parser.PolicyParserSLASH:
		return "a comment starts with #"
	}
	return ""
}

// words returns the words of the language in the set.
func (k kinds) words() []string {
	var words []string
	for kind := parser.PolicyParserALLOW; kind <= parser.PolicyParserTEST; kind++ {
		if k.has(kind) && (reserved(kind) || !k.has(parser.PolicyParserNAME)) {
			words = append(words, strings.Trim(literal(kind), `"`))
		}
	}
	return words
}

// String lists the set as a person would say it.
func (k kinds) String() string {
	var items []string
	take := func(what string, members ...int) {
		if slices.ContainsFunc(members, k.has) {
			items = append(items, what)
		}
	}
	take("a name", parser.PolicyParserNAME)
	if k.has(parser.PolicyParserDOT) {
		// What may go on a name, and a range, says nothing to who made a mistake behind it.
		k &^= 1<<parser.PolicyParserDOT | 1<<parser.PolicyParserSTRING
	}
	if k.has(parser.PolicyParserMINUS) && k.has(parser.PolicyParserCOMMA) {
		k &^= 1 << parser.PolicyParserMINUS
	}
	if !k.has(parser.PolicyParserNAME) {
		take("a quoted text", parser.PolicyParserSTRING)
	}
	take("an address", parser.PolicyParserIPV4, parser.PolicyParserIPV6)
	take("a number", parser.PolicyParserNUMBER)
	for _, word := range k.words() {
		items = append(items, strconv.Quote(word))
	}
	for kind := parser.PolicyParserARROW; kind <= parser.PolicyParserSLASH; kind++ {
		take(literal(kind), kind)
	}
	return enumerate(items)
}

func enumerate(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " or " + items[last]
}

// literal returns how a word or mark is written, in quotes.
func literal(kind int) string {
	parser.PolicyParserInit()
	return strings.ReplaceAll(parser.PolicyParserStaticData.LiteralNames[kind], "'", `"`)
}

func describe(t *token) string {
	switch {
	case t.kind == kindEOF:
		return "end of the file"
	case t.kind == parser.PolicyParserSTRING:
		return cut(t.GetText())
	}
	return show(t.GetText())
}

// show writes a part of the source into a message.
func show(text string) string { return `"` + cut(text) + `"` }

// cut bounds what one message repeats of the source.
func cut(text string) string {
	const most = 60
	n := 0
	for at := range text {
		if n == most {
			return text[:at] + "…"
		}
		n++
	}
	return text
}
