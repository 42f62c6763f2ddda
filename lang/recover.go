package lang

import (
	"github.com/antlr4-go/antlr/v4"

	"pillion/lang/diag"
	"pillion/lang/parser"
)

// recovery is what the generated parser does about a token in the wrong place:
// report it once, and skip to where the next statement, clause or expectation
// starts. It never invents or removes single tokens.
type recovery struct {
	*antlr.DefaultErrorStrategy // for the method that ANTLR does not export

	tokens *stream
	report reporter

	skipping  bool // from a report until the next token that fits
	failed    bool // something did not fit since the statement's start
	misplaced int  // index of a reserved word that was reported where a name should be
	lexical   int  // errors of the scanner that were taken into account

	// The states of the grammar that the parser passed at the token at index:
	// what it would have taken there is what an error lists.
	index  int
	states []int
	// The same for the token before.
	indexBefore  int
	statesBefore []int

	sets map[int]kinds // what expected found, by state
}

func (r *recovery) start() {
	r.skipping, r.failed, r.misplaced = false, false, -1
	r.lexical = r.tokens.scanner.errors
}

// note remembers the state of the grammar in which the next token is looked at.
func (r *recovery) note(p antlr.Parser) {
	if i := r.tokens.Index(); i != r.index {
		r.indexBefore, r.statesBefore, r.states = r.index, r.states, r.statesBefore[:0]
		r.index = i
	}
	r.states = append(r.states, p.GetState())
}

// expected returns the tokens that fit in a state of the grammar, as far as the
// end of its rule.
func (r *recovery) expected(p antlr.Parser, state int) kinds {
	if set, ok := r.sets[state]; ok {
		return set
	}
	// ANTLR answers for the parser's own state and stack only. With an empty
	// stack it does not look behind the end of the rule.
	context, current := p.GetParserRuleContext(), p.GetState()
	p.SetParserRuleContext(nil)
	p.SetState(state)
	var set kinds
	for _, interval := range p.GetExpectedTokens().GetIntervals() {
		for kind := max(1, interval.Start); kind < interval.Stop; kind++ {
			set.add(kind)
		}
	}
	p.SetParserRuleContext(context)
	p.SetState(current)
	if r.sets == nil {
		r.sets = map[int]kinds{}
	}
	r.sets[state] = set
	return set
}

// Sync is called before every decision. ANTLR's own looks for errors in all of
// them. This one leaves that to the decision, except where a block goes on with
// its next item or ends: there it skips what is neither, so that the items
// behind it are still read.
func (r *recovery) Sync(p antlr.Parser) {
	r.note(p)
	if r.skipping || !isBlock(p.GetParserRuleContext()) {
		return
	}
	wanted := r.expected(p, p.GetState())
	if wanted.has(parser.PolicyParserRBRACE) && !wanted.has(r.tokens.LA(1)) {
		r.ReportError(p, nil)
		r.skip(p.GetParserRuleContext().GetRuleIndex())
	}
}

func (r *recovery) ReportMatch(antlr.Parser)              { r.skipping = false }
func (r *recovery) InErrorRecoveryMode(antlr.Parser) bool { return r.skipping }

// RecoverInline is called when the next token is not the one that the grammar
// asks for.
func (r *recovery) RecoverInline(p antlr.Parser) antlr.Token {
	r.note(p)
	p.SetError(antlr.NewInputMisMatchException(p))
	return nil
}

func (r *recovery) ReportError(p antlr.Parser, _ antlr.RecognitionException) {
	r.fail(func() diag.Diagnostic { return r.explain(p) })
}

// fail reports an error, unless it follows from one that was reported.
func (r *recovery) fail(explain func() diag.Diagnostic) {
	r.failed = true
	if r.skipping || r.tokens.burst {
		return
	}
	r.skipping = true
	if errors := r.tokens.scanner.errors; errors != r.lexical {
		r.lexical = errors // the scanner has said what is wrong here
		return
	}
	d := explain()
	if d.Code == codeReserved {
		r.misplaced = r.tokens.Index()
	}
	r.report(d)
}

// Recover skips to where something new starts. The rules between the error and
// the block then fail at that token without a word, and the block goes on.
func (r *recovery) Recover(p antlr.Parser, _ antlr.RecognitionException) {
	context := p.GetParserRuleContext()
	if !isBlock(context) {
		r.skip(blockOf(context))
		return
	}
	// The block's head is wrong, or its end is missing: leave it behind.
	r.skip(parser.PolicyParserRULE_statement)
	if r.tokens.LA(1) == parser.PolicyParserRBRACE {
		r.tokens.Consume()
	}
}

// noStatement reports a token that starts no statement, and skips to one that does.
func (r *recovery) noStatement(p antlr.Parser) {
	r.fail(func() diag.Diagnostic { return r.explainStatement(p) })
	r.tokens.Consume()
	r.skip(parser.PolicyParserRULE_policy)
}

// skip passes by what cannot start anything in the body of a block.
func (r *recovery) skip(block int) {
	for !r.resumes(block) {
		r.tokens.Consume()
	}
}

// resumes says whether the next token ends the skipping.
func (r *recovery) resumes(block int) bool {
	next, before := r.tokens.peek(1), r.tokens.peek(-1)
	if r.tokens.Index() == r.misplaced {
		return false
	}
	switch next.kind {
	case kindEOF:
		return true
	case parser.PolicyParserRBRACE:
		return block != parser.PolicyParserRULE_policy
	case parser.PolicyParserTEST:
		if r.tokens.LA(2) == parser.PolicyParserSTRING || r.tokens.LA(3) == parser.PolicyParserLBRACE {
			return true
		}
	}
	if startsStatement(next.kind) {
		return true
	}
	switch block {
	case parser.PolicyParserRULE_tenant:
		return next.kind == parser.PolicyParserGROUP || next.kind == parser.PolicyParserOFFERS
	case parser.PolicyParserRULE_middlebox:
		switch next.kind {
		case parser.PolicyParserINSTANCES:
			return true
		case parser.PolicyParserSTATEFUL, parser.PolicyParserTAP, parser.PolicyParserREWRITES, parser.PolicyParserON_FAILURE:
			return before.kind != parser.PolicyParserCOMMA && before.kind != parser.PolicyParserINSTANCES
		}
	case parser.PolicyParserRULE_multicast:
		return next.kind == parser.PolicyParserGROUP || next.kind == parser.PolicyParserSENDERS ||
			next.kind == parser.PolicyParserRECEIVERS
	case parser.PolicyParserRULE_test:
		return next.first && isName(next.kind) && r.tokens.LA(2) == parser.PolicyParserARROW
	}
	return false
}

// isBlock says whether a rule has a body in braces.
func isBlock(context antlr.RuleContext) bool {
	switch context.GetRuleIndex() {
	case parser.PolicyParserRULE_tenant, parser.PolicyParserRULE_middlebox,
		parser.PolicyParserRULE_multicast, parser.PolicyParserRULE_test:
		return true
	}
	return false
}

// blockOf returns the rule of the block whose body the parser is in, or that of
// the whole policy.
func blockOf(context antlr.RuleContext) int {
	for ; context != nil; context, _ = context.GetParent().(antlr.RuleContext) {
		if isBlock(context) {
			return context.GetRuleIndex()
		}
	}
	return parser.PolicyParserRULE_policy
}
