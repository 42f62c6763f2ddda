package lang

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/antlr4-go/antlr/v4"

	"pillion/lang/diag"
	"pillion/lang/parser"
)

// builder turns what the generated parser saw of one file into the syntax tree,
// and reports what the grammar does not express. It gets only statements without
// syntax errors: what the grammar demands is there, what it leaves free may be
// nil.
type builder struct {
	*session
	in     queued
	source string // the file's text; every name is a part of it
	items  []item // what the formatter lays out; kept only for it
}

// item is a statement, or a clause of a block, by its place.
type item struct {
	rule       int // of the grammar
	start, end int32
}

func (b *builder) item(c ruled) {
	if b.formatting {
		span := spanOf(c)
		b.items = append(b.items, item{rule: c.GetRuleIndex(), start: span.Start, end: span.End})
	}
}

// ANTLR's contexts are interfaces with a hundred methods; these are what the
// builder needs of them.
type (
	ruled  = antlr.ParserRuleContext
	lexeme = antlr.Token
)

func (b *builder) errorf(span diag.Span, code, message, hint string, notes ...diag.Note) {
	b.report(diag.Diagnostic{Code: code, Span: span, Message: message, Hint: hint, Notes: notes})
}

// spanOf returns the place of a rule, from its first token to its last.
func spanOf(c ruled) diag.Span {
	return at(c.GetStart()).To(at(c.GetStop()))
}

func at(t lexeme) diag.Span { return t.(*token).span() }

func (b *builder) text(t lexeme) string {
	of := t.(*token)
	return b.source[of.start:of.end]
}

func (b *builder) name(c parser.INameContext) Name { return b.word(c.GetStart()) }

// word returns the name that a NAME, STRING or unreserved word stands for.
func (b *builder) word(t lexeme) Name {
	n := Name{Text: b.text(t), Span: at(t)}
	if t.GetTokenType() == parser.PolicyParserSTRING {
		n.Text = b.unquote(n.Text, n.Span)
	}
	return n
}

func (b *builder) names(c parser.INameListContext) []Name {
	names := make([]Name, 0, len(c.GetNames()))
	for _, n := range c.GetNames() {
		names = append(names, b.name(n))
	}
	return names
}

// unquote returns what stands between the quotes. A quoted name holds printable
// characters only, because it is shown in tables, reports and terminals.
func (b *builder) unquote(quoted string, span diag.Span) string {
	if len(quoted) < 2 || quoted[len(quoted)-1] != '"' {
		return quoted[1:] // not closed, which the scanner has reported
	}
	inner := quoted[1 : len(quoted)-1]
	if inner == "" {
		b.errorf(span, codeQuoted, "there is nothing between the quotes", "")
		return inner
	}
	plain := true
	for i := 0; i < len(inner); i++ {
		if inner[i] < ' ' || inner[i] >= 0x7f || inner[i] == '\\' {
			plain = false
			break
		}
	}
	if plain {
		return inner
	}
	return b.unescape(inner, span)
}

func (b *builder) unescape(inner string, span diag.Span) string {
	text := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); {
		r, size := utf8.DecodeRuneInString(inner[i:])
		place := diag.Span{File: span.File, Start: span.Start + 1 + int32(i), End: span.Start + 1 + int32(i+size)}
		switch {
		case r == '\\' && i+1 < len(inner) && (inner[i+1] == '"' || inner[i+1] == '\\'):
			text = append(text, inner[i+1])
			i += 2
			continue
		case r == '\\':
			place.End++
			b.errorf(place, codeQuoted, "unknown escape in a quoted name", `the escapes are \" and \\`)
		case !unicode.IsPrint(r):
			b.errorf(place, codeQuoted, fmt.Sprintf("a quoted name cannot hold the invisible character U+%04X", r), "")
		}
		text = append(text, inner[i:i+size]...)
		i += size
	}
	return string(text)
}

// once reports a clause that was there before; not ok then.
func (b *builder) once(what string, before *diag.Span, now diag.Span) bool {
	if before.IsZero() {
		*before = now
		return true
	}
	b.errorf(now, codeDuplicate, what+" is there twice", "keep one of them",
		diag.Note{Span: *before, Message: "the first one is here"})
	return false
}

func (b *builder) tenant(c parser.ITenantContext) {
	t := &Tenant{Name: b.name(c.GetId()), Span: spanOf(c)}
	var isolated, shared, offers diag.Span
	for _, flag := range c.GetFlags() {
		if flag.GetTokenType() == parser.PolicyParserISOLATED {
			b.once("isolated", &isolated, at(flag))
		} else {
			b.once("shared", &shared, at(flag))
		}
	}
	t.Isolated, t.Shared = !isolated.IsZero(), !shared.IsZero()
	for _, item := range c.GetItems() {
		b.item(item)
		if g := item.GetGrp(); g != nil {
			t.Groups = append(t.Groups, &Group{
				Name: b.name(g.GetId()), Endpoints: b.names(g.GetMembers()), Span: spanOf(g),
			})
			continue
		}
		if o := item.GetOff(); b.once("offers", &offers, at(o.GetStart())) {
			t.Offers = b.serviceRefs(o.GetRefs())
		}
	}
	switch {
	case t.Shared && offers.IsZero():
		b.errorf(shared, codeMissing, "tenant "+show(t.Name.Text)+" is shared, but offers nothing",
			"say what every tenant reaches: offers tcp/443")
	case !t.Shared && !offers.IsZero():
		b.errorf(offers, codeConflict, "only a shared tenant offers services",
			"write: tenant "+t.Name.Span.Text()+" shared { …",
			diag.Note{Span: t.Name.Span, Message: "this tenant is not shared"})
	}
	b.policy.Tenants = append(b.policy.Tenants, t)
}

func (b *builder) middlebox(c parser.IMiddleboxContext) {
	m := &Middlebox{Name: b.name(c.GetId()), Span: spanOf(c)}
	var instances, stateful diag.Span
	for _, clause := range c.GetClauses() {
		b.item(clause)
		span := spanOf(clause)
		switch clause.GetWord().GetTokenType() {
		case parser.PolicyParserINSTANCES:
			if b.once("instances", &instances, at(clause.GetWord())) {
				m.Instances = b.names(clause.GetInstances())
			}
		case parser.PolicyParserSTATEFUL:
			m.Stateful = true
			b.once("stateful", &stateful, span)
		case parser.PolicyParserTAP:
			m.Tap = true
			b.once("tap", &m.TapSpan, span)
		case parser.PolicyParserREWRITES:
			m.Rewrites = true
			b.once("rewrites", &m.RewritesSpan, span)
		case parser.PolicyParserON_FAILURE:
			if b.once("on-failure", &m.OnFailureSpan, span) && clause.GetReaction().GetTokenType() == parser.PolicyParserOPEN {
				m.OnFailure = FailOpen
			}
		}
	}
	if instances.IsZero() {
		b.errorf(m.Name.Span, codeMissing, "middlebox "+show(m.Name.Text)+" has no instances",
			"name its instances from the network file: instances fw1, fw2")
	}
	b.policy.Middleboxes = append(b.policy.Middleboxes, m)
}

func (b *builder) multicast(c parser.IMulticastContext) {
	m := &Multicast{Name: b.name(c.GetId()), Span: spanOf(c)}
	var group, senders, receivers diag.Span
	for _, clause := range c.GetClauses() {
		b.item(clause)
		word := at(clause.GetWord())
		switch clause.GetWord().GetTokenType() {
		case parser.PolicyParserGROUP:
			if b.once("group", &group, word) {
				m.Addresses = b.groupAddresses(clause.GetAddresses())
			}
		case parser.PolicyParserSENDERS:
			if b.once("senders", &senders, word) {
				m.Senders = b.selectors(clause.GetSelectors())
			}
		case parser.PolicyParserRECEIVERS:
			if b.once("receivers", &receivers, word) && clause.GetSelectors() != nil {
				m.Receivers = b.selectors(clause.GetSelectors())
			}
		}
	}
	lacks := func(clause diag.Span, message, hint string) {
		if clause.IsZero() {
			b.errorf(m.Name.Span, codeMissing, "multicast "+show(m.Name.Text)+" has no "+message, hint)
		}
	}
	lacks(group, "group", "give its addresses: group 239.1.1.1, ff0e::1")
	lacks(senders, "senders", "say who may send: senders acme.db")
	lacks(receivers, "receivers", "say who receives: receivers acme.web; without a name behind it nobody does")
	b.policy.Multicasts = append(b.policy.Multicasts, m)
}

func (b *builder) groupAddresses(c parser.IAddressListContext) []Address {
	var addresses []Address
	for _, a := range c.GetAddresses() {
		ip, ok := b.address(a)
		if ok && !ip.IsMulticast() {
			b.errorf(spanOf(a), codeNotMulticast, show(ip.String())+" is not a multicast address",
				"multicast addresses are in 224.0.0.0/4 and ff00::/8")
			ok = false
		}
		if ok && slices.ContainsFunc(addresses, func(other Address) bool { return other.IP == ip }) {
			b.errorf(spanOf(a), codeDuplicate, show(ip.String())+" is there twice", "")
			ok = false
		}
		if ok {
			addresses = append(addresses, Address{IP: ip, Span: spanOf(a)})
		}
	}
	return addresses
}
