package lang

import (
	"math"
	"strconv"

	"pillion/lang/parser"
)

func (b *builder) permission(c parser.IPermissionContext) {
	r := &Rule{
		Name: b.name(c.GetId()),
		From: b.selectors(c.GetFrom()),
		To:   b.selectors(c.GetTo()),
		On:   b.serviceRefs(c.GetOn()),
		Span: spanOf(c),
	}
	if c.GetWord().GetTokenType() == parser.PolicyParserDENY {
		r.Verdict = Deny
	}
	if word := c.GetOneWay(); word != nil {
		r.OneWay = true
		if r.Verdict == Deny {
			b.errorf(at(word), codeConflict, "a deny is one-way already", "delete one-way: a deny speaks of packets in its own direction only")
		}
	}
	b.policy.Rules = append(b.policy.Rules, r)
}

func (b *builder) chain(c parser.IChainContext) {
	chain := &Chain{
		Name: b.name(c.GetId()),
		From: b.selectors(c.GetFrom()),
		To:   b.selectors(c.GetTo()),
		On:   b.serviceRefs(c.GetOn()),
		Span: spanOf(c),
	}
	for _, g := range c.GetGates() {
		chain.Via = append(chain.Via, Gate{Type: b.name(g.GetId()), Reversed: g.GetTurned() != nil, Span: spanOf(g)})
	}
	if p := c.GetPrio(); p != nil {
		chain.HasPriority = true
		chain.Priority = b.priority(p)
	}
	b.policy.Chains = append(b.policy.Chains, chain)
}

func (b *builder) priority(c parser.IPriorityContext) int32 {
	digits := b.text(c.GetValue())
	if c.GetSign() != nil {
		digits = "-" + digits
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil {
		b.errorf(spanOf(c), codeNumber, "priority "+digits+" is out of range",
			"a priority is "+strconv.Itoa(math.MinInt32)+" to "+strconv.Itoa(math.MaxInt32)+"; the larger one wins")
	}
	return int32(n)
}

func (b *builder) test(c parser.ITestContext) {
	t := &Test{Name: b.word(c.GetTitle()), Span: spanOf(c)}
	for _, e := range c.GetExpects() {
		b.item(e)
		t.Statements = append(t.Statements, b.expect(e))
	}
	if len(t.Statements) == 0 {
		b.errorf(t.Name.Span, codeMissing, "this test expects nothing", "write a line such as: web1 -> db1 on tcp/22: dropped")
	}
	b.policy.Tests = append(b.policy.Tests, t)
}

func (b *builder) expect(c parser.IExpectContext) *Expect {
	e := &Expect{From: b.name(c.GetFrom()), On: b.serviceRefs(c.GetOn()), Span: spanOf(c)}
	if address := c.GetTo().GetAddr(); address != nil {
		e.To = Name{Text: b.text(address.GetStart()), Span: spanOf(address)}
		e.ToIP, _ = b.address(address)
	} else {
		e.To = b.name(c.GetTo().GetId())
	}
	if port := c.GetPort(); port != nil {
		e.SourcePort = b.port(port)
	}
	result := c.GetResult()
	e.Delivered = result.GetWord().GetTokenType() == parser.PolicyParserDELIVERED
	if to := result.GetTo(); to != nil {
		e.DeliveredTo = b.names(to)
	}
	for _, gate := range result.GetVia() {
		e.HasVia = true
		e.Via = append(e.Via, b.name(gate))
	}
	if copied := result.GetCopied(); copied != nil {
		e.CopiedTo = b.names(copied)
	}
	return e
}

// include returns nothing to the policy: it queues a file.
func (b *builder) include(c parser.IIncludeContext) {
	path := b.word(c.GetFile())
	if b.formatting || path.Text == "" {
		return
	}
	b.session.include(b.in, path.Text, path.Span)
}

func (b *builder) selectors(c parser.ISelectorListContext) []Selector {
	list := make([]Selector, 0, len(c.GetSelectors()))
	for _, s := range c.GetSelectors() {
		list = append(list, b.selector(s))
	}
	return list
}

func (b *builder) selector(c parser.ISelectorContext) Selector {
	s := Selector{Span: spanOf(c)}
	switch {
	case c.GetAny() != nil:
		s.Kind = SelAny
	case c.GetAddr() != nil:
		s.Kind = SelCIDR
		s.CIDR = b.prefix(c)
	default:
		s.Kind = SelName
		s.Name = b.path(c.GetId())
	}
	return s
}

// path joins the parts of a name that were quoted one by one.
func (b *builder) path(c parser.IPathContext) Name {
	name := b.name(c.GetFirst())
	for _, rest := range c.GetRest() {
		if part := rest.GetPart(); part != nil {
			next := b.name(part)
			if dot := at(rest.GetStart()); dot.Start != name.Span.End || dot.End != next.Span.Start {
				b.errorf(dot, codeSyntax, "there are blanks around the dot of a name", `write the parts together: "my tenant".web`)
			}
			name.Text += "." + next.Text
			name.Span = name.Span.To(next.Span)
			continue
		}
		// acme."my group": the dot is the end of the first name. Where there
		// is none, a comma is missing.
		next := b.word(rest.GetGlued())
		if name.Span.End != next.Span.Start || name.Text[len(name.Text)-1] != '.' {
			b.errorf(next.Span, codeSyntax, "unexpected "+next.Span.Text()+" behind a name",
				`write a comma between two names, or a dot between a tenant and its group: acme."my group"`)
		}
		name.Text += next.Text
		name.Span = name.Span.To(next.Span)
	}
	return name
}
