package compiler

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"pillion/compiler/match"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/lang/diag"
)

// resolve gives every name of the policy its meaning. Errors are collected in m.diags; what
// could not be resolved is left out.
func resolve(policy *lang.Policy, net *network.Network) *model {
	m := &model{net: net, statements: statements{index: map[string]stmt{}}, shapeIndex: map[string]int32{}}
	m.makeNodes()
	m.byName = make(map[string]int32, len(net.Endpoints))
	m.endpoints = make([]endpoint, len(net.Endpoints))
	for i := range net.Endpoints {
		e := &net.Endpoints[i]
		m.endpoints[i] = endpoint{Endpoint: e, stmt: m.statements.of("endpoint", e.Name), tenant: -1, identity: -1}
		m.endpoints[i].edge, m.endpoints[i].port = m.endpointEdge(e)
		m.byName[e.Name] = int32(i)
	}
	services := m.resolveServices(policy.Services)
	m.resolveTenants(policy.Tenants, services)
	r := &resolver{model: m, services: services}
	r.index()
	r.collectCIDRs(policy)
	m.makeIdentities(r.cidrs)
	r.indexIdentities()
	r.rules(policy.Rules)
	r.implicit()
	r.middleboxes(policy.Middleboxes)
	r.chains(policy.Chains)
	r.multicasts(policy.Multicasts)
	m.rankShapes()
	return m
}

// rankShapes puts shapes in the order in which they are asked, narrow ones first, so that the
// order does not depend on the order of declarations.
func (m *model) rankShapes() {
	order := make([]int32, len(m.shapes))
	for i := range order {
		order[i] = int32(i)
	}
	width := func(i int32) (w int) {
		for _, b := range m.shapes[i].boxes {
			w += (int(b.SHi) - int(b.SLo) + 1) * (int(b.DHi) - int(b.DLo) + 1)
			if !b.Ports {
				w += 1 << 32 // packets without ports, too
			}
			if b.AnyProto {
				w += 1 << 40
			}
		}
		return w
	}
	widths := make([]int, len(m.shapes))
	for i := range widths {
		widths[i] = width(int32(i))
	}
	slices.SortFunc(order, func(a, b int32) int {
		if widths[a] != widths[b] {
			return widths[a] - widths[b]
		}
		return strings.Compare(m.shapes[a].text, m.shapes[b].text)
	})
	rank := make([]int32, len(order))
	shapes := make([]shape, len(order))
	for r, i := range order {
		rank[i] = int32(r)
		shapes[r] = m.shapes[i]
		m.shapeIndex[shapes[r].text] = int32(r)
	}
	m.shapes = shapes
	for _, r := range m.rules {
		r.forward = rank[r.forward]
		if r.answer >= 0 {
			r.answer = rank[r.answer]
		}
	}
	for _, c := range m.chains {
		c.forward, c.answer = rank[c.forward], rank[c.answer]
	}
}

// declared remembers where names of one kind were declared.
type declared map[string]diag.Span

// add reports a duplicate and says whether the name is new.
func (m *model) declare(seen declared, what string, name lang.Name) bool {
	if name.Text == "" {
		m.addError(name.Span, "C001", what+" with an empty name", "give it a name")
		return false
	}
	if first, dup := seen[name.Text]; dup {
		m.addError(name.Span, "C002", fmt.Sprintf("%s %s is declared twice", what, name.Text), "remove or rename one of the two",
			diag.Note{Span: first, Message: "first declared here"})
		return false
	}
	seen[name.Text] = name.Span
	return true
}

// unknown reports a name that nothing declares.
func (m *model) unknown(span diag.Span, code, what, name string, candidates func() []string) {
	const most = 20 // suggestions look at every candidate, of which there may be very many
	message := fmt.Sprintf("unknown %s %s", what, name)
	if m.unknowns++; m.unknowns > most {
		m.addError(span, code, message, "")
		return
	}
	m.addError(span, code, message, hintFor(what, name, candidates()))
}

// hintFor says what might have been meant.
func hintFor(what, name string, candidates []string) string {
	sort.Strings(candidates)
	if near := diag.Suggest(name, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	if len(candidates) > 0 {
		return "known: " + some(candidates)
	}
	return "no " + what + " is declared"
}

// some lists a few names of many.
func some(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

func (m *model) resolveServices(list []*lang.Service) map[string][]match.Box {
	services := make(map[string][]match.Box, len(list))
	seen := declared{}
	for _, s := range list {
		if !m.declare(seen, "service", s.Name) {
			continue
		}
		var boxes []match.Box
		for _, item := range s.Items {
			boxes = append(boxes, boxOf(item))
		}
		if len(boxes) == 0 {
			m.addError(s.Name.Span, "C003", "service "+s.Name.Text+" is empty", "name at least one protocol, such as tcp/80")
		}
		services[s.Name.Text] = boxes
	}
	return services
}

func boxOf(item lang.ServiceItem) match.Box {
	if item.AllPorts || (item.Proto != lang.ProtoTCP && item.Proto != lang.ProtoUDP) {
		return match.OfProto(item.Proto)
	}
	return match.ToPorts(item.Proto, item.Lo, item.Hi)
}

// boxesOf resolves an `on` or `offers` list. An empty list is every packet.
func (m *model) boxesOf(refs []lang.ServiceRef, services map[string][]match.Box) []match.Box {
	if len(refs) == 0 {
		return []match.Box{match.All}
	}
	var out []match.Box
	for _, ref := range refs {
		if ref.Name.Text == "" {
			out = append(out, boxOf(ref.Item))
			continue
		}
		boxes, ok := services[ref.Name.Text]
		if !ok {
			m.unknown(ref.Name.Span, "C004", "service", ref.Name.Text, func() []string { return keys(services) })
			continue
		}
		out = append(out, boxes...)
	}
	if len(out) == 0 {
		return nil
	}
	return match.Canonical(out)
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func (m *model) resolveTenants(list []*lang.Tenant, services map[string][]match.Box) {
	seen := declared{}
	owner := make(map[int32]*lang.Group, len(m.endpoints))
	for _, t := range list {
		if !m.declare(seen, "tenant", t.Name) {
			continue
		}
		ti := int32(len(m.tenants))
		nt := &tenant{
			name: t.Name.Text, stmt: m.statements.of("tenant", t.Name.Text), isolated: t.Isolated, shared: t.Shared, span: t.Span,
		}
		if t.Shared {
			nt.offers = m.boxesOf(t.Offers, services)
		}
		m.tenants = append(m.tenants, nt)
		groups := declared{}
		for _, g := range t.Groups {
			if !m.declare(groups, "group of tenant "+t.Name.Text+":", g.Name) {
				continue
			}
			gi := int32(len(m.groups))
			full := t.Name.Text + "." + g.Name.Text
			ng := &group{name: full, stmt: m.statements.of("group", full), tenant: ti, span: g.Span}
			if len(g.Endpoints) == 0 {
				m.addError(g.Name.Span, "C003", "group "+full+" is empty", "name at least one endpoint of the network file")
			}
			for _, name := range g.Endpoints {
				ei, ok := m.byName[name.Text]
				if !ok {
					m.unknown(name.Span, "C005", "endpoint", name.Text, func() []string { return keys(m.byName) })
					continue
				}
				e := &m.endpoints[ei]
				if e.tenant >= 0 && e.tenant != ti {
					m.addError(name.Span, "C006", fmt.Sprintf("endpoint %s is in two tenants, %s and %s", name.Text, m.tenants[e.tenant].name, nt.name),
						"an endpoint belongs to one tenant; let the other reach it by an allow", diag.Note{Span: owner[ei].Span, Message: "first put into a group here"})
					continue
				}
				if slices.Contains(e.groups, gi) {
					m.addError(name.Span, "C002", fmt.Sprintf("endpoint %s is in group %s twice", name.Text, full), "remove one of the two")
					continue
				}
				if e.tenant < 0 {
					e.tenant = ti
					owner[ei] = g
				}
				e.groups = append(e.groups, gi)
				ng.members = append(ng.members, ei)
			}
			nt.groups = append(nt.groups, gi)
			m.groups = append(m.groups, ng)
		}
	}
}
