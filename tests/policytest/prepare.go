package policytest

import (
	"fmt"
	"net/netip"
	"slices"

	"pillion/compiler/network"
	"pillion/lang"
	"pillion/lang/diag"
	"pillion/runtime/inventory"
)

// The stable codes of mistakes in test blocks.
const (
	codeEndpoint = "T001" // unknown endpoint
	codeService  = "T002" // unknown service
	codeVia      = "T003" // via something that no packet passes
	codeCopied   = "T004" // copied to something that is no tap
	codeFamily   = "T005" // the two ends have no address family in common
	codeNobody   = "T006" // an address that belongs to nobody
	codeItself   = "T007" // an endpoint does not talk to itself
	codeGroup    = "T008" // not to be expected of a multicast group
	codeToOther  = "T009" // delivered to somebody else than the destination
	codePort     = "T010" // from-port without TCP or UDP
)

// Suite is the test blocks of a policy, resolved.
type Suite struct {
	policy *lang.Policy
	types  map[string]*lang.Middlebox // by name
	kinds  map[string][]string        // types by instance
	blocks []block
}

type block struct {
	test  *lang.Test
	cases []expectation
}

// expectation is one line of a test block with the probes that it takes.
type expectation struct {
	*lang.Expect
	receivers []string // exactly these get the packet; nil: not said
	probes    []Probe
}

// Prepare resolves the test blocks of a policy. The suite may be run if the list has no errors.
func Prepare(policy *lang.Policy, net *network.Network) (*Suite, diag.List) {
	p := &preparer{
		Suite:    &Suite{policy: policy, types: map[string]*lang.Middlebox{}, kinds: map[string][]string{}},
		net:      inventory.New(net),
		services: map[string]*lang.Service{},
	}
	for _, m := range policy.Middleboxes {
		p.types[m.Name.Text] = m
		for _, in := range m.Instances {
			p.kinds[in.Text] = append(p.kinds[in.Text], m.Name.Text)
		}
	}
	for _, s := range policy.Services {
		p.services[s.Name.Text] = s
	}
	p.avoid = prefixes(policy)
	p.port, p.source = freePorts(policy)
	for _, t := range policy.Tests {
		b := block{test: t}
		for _, e := range t.Statements {
			b.cases = append(b.cases, p.expectation(e))
		}
		p.blocks = append(p.blocks, b)
	}
	return p.Suite, p.problems.Sorted()
}

type preparer struct {
	*Suite
	net      *inventory.Inventory
	services map[string]*lang.Service
	avoid    []netip.Prefix // CIDR selectors: the rest of a gateway stands for it
	port     uint16         // destination port where none is said
	source   uint16
	problems diag.List
}

func (p *preparer) report(span diag.Span, code, message, hint string) {
	p.problems.Add(diag.Diagnostic{Code: code, Span: span, Message: message, Hint: hint})
}

// endpoint resolves a name.
func (p *preparer) endpoint(name lang.Name) *network.Endpoint {
	e := p.net.Endpoint(name.Text)
	if e == nil {
		p.report(name.Span, codeEndpoint, "unknown endpoint "+name.Text,
			or(diag.DidYouMean(name.Text, p.net.Names()), "a test speaks of single endpoints of the network file, not of groups"))
	}
	return e
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (p *preparer) expectation(e *lang.Expect) expectation {
	x := expectation{Expect: e}
	p.checkGates(e)
	for _, name := range e.DeliveredTo {
		if to := p.endpoint(name); to != nil {
			x.receivers = append(x.receivers, to.Name)
		}
	}
	slices.Sort(x.receivers)
	x.receivers = slices.Compact(x.receivers)
	from := p.endpoint(e.From)
	items := p.items(e)
	if e.SourcePort != 0 && len(items) > 0 && !slices.ContainsFunc(items, func(i item) bool { return i.proto == lang.ProtoTCP || i.proto == lang.ProtoUDP }) {
		p.report(e.Span, codePort, "from-port, but no TCP or UDP", "only tcp and udp have ports")
	}
	if e.ToIP.IsValid() && e.ToIP.IsMulticast() {
		p.toGroup(&x, from, items)
		return x
	}
	var to *network.Endpoint
	if e.ToIP.IsValid() {
		if to = p.net.Owner(e.ToIP); to == nil {
			p.report(e.To.Span, codeNobody, fmt.Sprintf("nobody has the address %v", e.ToIP), "name an endpoint's address, one inside a gateway's prefixes, or a multicast group's")
		}
	} else {
		to = p.endpoint(e.To)
	}
	if from == nil || to == nil {
		return x
	}
	if from == to {
		p.report(e.To.Span, codeItself, from.Name+" does not talk to itself through the network", "name another endpoint")
		return x
	}
	if len(x.receivers) > 0 && !slices.Equal(x.receivers, []string{to.Name}) {
		p.report(e.DeliveredTo[0].Span, codeToOther, fmt.Sprintf("a packet to %s is delivered to %s or to nobody", e.To.Text, to.Name),
			"only what is sent to a multicast group is delivered to others")
		return x
	}
	for _, six := range []bool{false, true} {
		p.conversations(&x, from, to, items, six)
	}
	if len(x.probes) == 0 && len(items) > 0 {
		p.report(e.Span, codeFamily, fmt.Sprintf("%s and %s have no address family in common", from.Name, e.To.Text), "give both an IPv4 or both an IPv6 address in the network file")
	}
	return x
}

// conversations adds the probes of one family, if both ends have it.
func (p *preparer) conversations(x *expectation, from, to *network.Endpoint, items []item, six bool) {
	source, ok := p.net.Address(from, six, p.avoid)
	if !ok {
		return
	}
	destination := x.ToIP
	if !destination.IsValid() {
		if destination, ok = p.net.Address(to, six, p.avoid); !ok {
			return
		}
	} else if destination.Is6() != six {
		return
	}
	for _, i := range items {
		x.probes = append(x.probes, p.probe(x, i, from.Name, to.Name, source, destination))
	}
}

func (p *preparer) probe(x *expectation, i item, from, to string, source, destination netip.Addr) Probe {
	probe := Probe{From: from, To: to, Source: source, Destination: destination, Proto: i.proto}
	if i.proto == lang.ProtoTCP || i.proto == lang.ProtoUDP {
		probe.DPort, probe.SPort = i.port, p.source
		if x.SourcePort != 0 {
			probe.SPort = x.SourcePort
		}
	}
	return probe
}

func (p *preparer) toGroup(x *expectation, from *network.Endpoint, items []item) {
	switch {
	case x.Delivered && x.receivers == nil:
		p.report(x.Span, codeGroup, "a group is delivered to receivers, and the test does not say to which", "write `delivered to` and exactly the endpoints that get it")
	case x.HasVia || x.CopiedTo != nil:
		p.report(x.Span, codeGroup, "no chain steers multicast", "expect `delivered to …` or `dropped`")
	}
	if from == nil {
		return
	}
	if slices.ContainsFunc(items, func(i item) bool { return i.proto != lang.ProtoUDP }) && len(x.On) > 0 {
		p.report(x.Span, codeGroup, "groups carry UDP only", "leave `on` out, or name UDP ports")
		return
	}
	source, ok := p.net.Address(from, x.ToIP.Is6(), p.avoid)
	if !ok {
		p.report(x.Span, codeFamily, fmt.Sprintf("%s has no address of the family of %v", from.Name, x.ToIP), "give it one in the network file")
		return
	}
	for _, i := range items {
		if i.proto == lang.ProtoUDP {
			x.probes = append(x.probes, p.probe(x, i, from.Name, "", source, x.ToIP))
		}
	}
}

// checkGates checks the types that an expectation names.
func (p *preparer) checkGates(e *lang.Expect) {
	for _, name := range e.Via {
		if t := p.types[name.Text]; t == nil {
			p.report(name.Span, codeVia, "unknown middlebox "+name.Text, p.knownTypes(name.Text, false))
		} else if t.Tap {
			p.report(name.Span, codeVia, name.Text+" is a tap: packets do not pass it", "expect `copied to "+name.Text+"`")
		}
	}
	for _, name := range e.CopiedTo {
		if t := p.types[name.Text]; t == nil {
			p.report(name.Span, codeCopied, "unknown middlebox "+name.Text, p.knownTypes(name.Text, true))
		} else if !t.Tap {
			p.report(name.Span, codeCopied, name.Text+" is no tap: packets pass it", "expect `via "+name.Text+"`")
		}
	}
}

func (p *preparer) knownTypes(name string, taps bool) string {
	var known []string
	for _, m := range p.policy.Middleboxes {
		if m.Tap == taps {
			known = append(known, m.Name.Text)
		}
	}
	return or(diag.DidYouMean(name, known), "name a middlebox type, not an instance")
}
