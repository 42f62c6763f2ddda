package compiler

import (
	"net/netip"
	"slices"

	"pillion/compiler/network"
	"pillion/compiler/number"
	"pillion/compiler/plan"
)

// layout is everything that the rows of switches are made from.
type layout struct {
	*fabric
	sources []source
	numbers layoutNumbers
	rank    []uint32

	local            [][]int32        // by switch: identities attached there
	attached         [][]int32        // by switch: endpoints
	parts            map[int32][]part // by gateway endpoint: its prefixes
	known            []knownAddress   // own addresses of all endpoints, sorted
	gatewayEndpoints []int32          // endpoints with prefixes
	incoming         [][]steered      // by shim: pairs that end there, of sources in its layer-2 domain
	finishing        [][]steered      // by switch: chained pairs that end there
	returning        [][]steered      // by switch: chained pairs that come back to a middlebox there
	instances        [][]*instance    // by switch: those of a type that are up
	boxRuns          map[*boxType][]run
	groupPlans       []groupPlan
	groupsAt         [][]int32     // by switch: indexes of the groups with state there
	replicating      []int32       // switches that no unicast tree leads to, but copies are addressed to
	addressed        [][]shimUse   // by target
	shimRoutes       [][]shimRoute // by switch
}

type layoutNumbers struct {
	chainSlots *number.Allocation
	tapSets    *number.Allocation
	spiFrom    map[uint32][]stmt
}

// steered is one chained pair: sources[from].pairs[pair]. A chain that speaks of the pair but always yields to
// another one is treated like the others, so that what it needs does not come and go with the other.
type steered struct {
	from int32
	pair int32
}

// part is a prefix of a gateway and the identity of its addresses.
type part struct {
	prefix   netip.Prefix
	identity int32
}

type knownAddress struct {
	ip       netip.Addr
	endpoint int32
}

// index sorts endpoints, identities and chained pairs by the switches that they matter to.
func (l *layout) index() {
	n := len(l.nodes)
	l.local = make([][]int32, n)
	l.attached = make([][]int32, n)
	l.finishing = make([][]steered, n)
	l.incoming = make([][]steered, n)
	l.returning = make([][]steered, n)
	l.instances = make([][]*instance, n)
	l.parts = map[int32][]part{}
	l.boxRuns = map[*boxType][]run{}
	for i, id := range l.identities {
		for _, e := range id.edges {
			l.local[e] = append(l.local[e], int32(i))
		}
		for _, a := range id.addresses {
			if !a.own {
				l.parts[a.endpoint] = append(l.parts[a.endpoint], part{prefix: a.prefix, identity: int32(i)})
			}
		}
	}
	for i := range l.endpoints {
		e := &l.endpoints[i]
		l.attached[e.edge] = append(l.attached[e.edge], int32(i))
		if e.Gateway() {
			l.gatewayEndpoints = append(l.gatewayEndpoints, int32(i))
		}
		for _, ip := range e.IPs {
			l.known = append(l.known, knownAddress{ip: ip, endpoint: int32(i)})
		}
	}
	if len(l.parts) > 0 {
		slices.SortFunc(l.known, func(a, b knownAddress) int { return a.ip.Compare(b.ip) })
	}
	for _, t := range l.types {
		l.boxRuns[t] = t.runs()
		for _, in := range t.up {
			l.instances[in.edge] = append(l.instances[in.edge], in)
		}
	}
	l.indexSteered()
	l.indexNative()
}

func (l *layout) indexSteered() {
	if len(l.chains) == 0 {
		return
	}
	edges := map[*chain][]int32{}
	for _, c := range l.chains {
		for _, g := range c.gates {
			if g.kind.tap {
				continue
			}
			for _, in := range g.kind.up {
				if !slices.Contains(edges[c], in.edge) {
					edges[c] = append(edges[c], in.edge)
				}
			}
		}
	}
	for s := range l.sources {
		for i := range l.sources[s].pairs {
			p := &l.sources[s].pairs[i]
			if p.steering == nil {
				continue
			}
			at := steered{from: int32(s), pair: int32(i)}
			for _, e := range l.identities[p.to].edges {
				l.finishing[e] = append(l.finishing[e], at)
			}
			var seen []int32
			for _, w := range p.steering.ways {
				for _, e := range edges[w.chain] {
					if !slices.Contains(seen, e) {
						seen = append(seen, e)
						l.returning[e] = append(l.returning[e], at)
					}
				}
			}
		}
	}
}

// placer makes the rows of one switch after another. It belongs to one goroutine.
type placer struct {
	*layout
	o     origins
	at    int32
	sw    *plan.Switch
	dests destinationUsers

	rules      map[string]*setUse[ruleSet]
	chainRules map[string]*setUse[chainSet]
	legs       map[leg]*users
	gates      map[position]*users
	froms      map[int32]*users // identities looked up on return
	copies     map[string]*copyUse
	copyOrder  []*copyUse // as they were asked for
	sessions   map[string]*sessionUse
	groups     map[string]*sessionUse
	failures   []string
}

// destinationUsers is the set of remote identities that a switch has to know, cheap to clear.
type destinationUsers struct {
	users []users
	ids   []int32
}

func (d *destinationUsers) add(id int32, lists ...[]stmt) {
	if !d.users[id].any {
		d.ids = append(d.ids, id)
	}
	d.users[id].add(lists...)
}

func (d *destinationUsers) clear() {
	for _, id := range d.ids {
		d.users[id] = users{}
	}
	d.ids = d.ids[:0]
}

func (l *layout) newPlacer() *placer {
	return &placer{
		layout: l, o: origins{rank: l.rank}, dests: destinationUsers{users: make([]users, len(l.identities))},
		rules: map[string]*setUse[ruleSet]{}, chainRules: map[string]*setUse[chainSet]{}, legs: map[leg]*users{}, gates: map[position]*users{},
		froms: map[int32]*users{}, copies: map[string]*copyUse{}, sessions: map[string]*sessionUse{}, groups: map[string]*sessionUse{},
	}
}

// place fills in the rows of one switch.
func (p *placer) place(at int32, sw *plan.Switch) {
	p.at, p.sw = at, sw
	p.dests.clear()
	clear(p.rules)
	clear(p.chainRules)
	clear(p.legs)
	clear(p.gates)
	clear(p.froms)
	clear(p.copies)
	clear(p.sessions)
	clear(p.groups)
	p.copyOrder = p.copyOrder[:0]

	p.ports()
	p.ownSources()
	for _, s := range p.local[at] {
		p.sends(s)
	}
	p.middleboxes()
	p.finishes()
	p.gateRows()
	p.ruleRows()
	p.returnSources()
	p.nativeSources()
	p.multicastRows()
	p.copyRows()
	p.destinations()
	p.sendsToShims()
}

func (p *placer) ports() {
	where := p.from[p.at]
	for _, e := range p.attached[p.at] {
		ep := &p.endpoints[e]
		p.sw.Ports = append(p.sw.Ports, plan.Port{Origin: p.o.row(ep.stmt, where), Number: ep.port, Role: plan.RoleEndpoint})
	}
	for i := range p.net.Middleboxes {
		b := &p.net.Middleboxes[i]
		if p.boxEdges[i] != p.at {
			continue
		}
		s := p.statements.index["instance "+b.Name]
		p.sw.Ports = append(p.sw.Ports, plan.Port{Origin: p.o.row(s, where), Number: b.At.Number, Role: plan.RoleMiddlebox})
		if b.Out.Number != 0 {
			p.sw.Ports = append(p.sw.Ports, plan.Port{Origin: p.o.row(s, where), Number: b.Out.Number, Role: plan.RoleMiddlebox})
		}
	}
	for _, port := range p.graph.Ports(p.at) {
		_, link, _ := p.graph.Follow(p.at, port)
		role := plan.RoleFabric
		if p.nodes[p.at].kind == nodeSidecar {
			role = plan.RoleTrunk
		}
		p.sw.Ports = append(p.sw.Ports, plan.Port{Origin: p.o.row(p.links[link], where), Number: uint32(port), Role: role})
	}
}

var linkLocal = netip.MustParsePrefix("fe80::/10")

// ownSources guards the ports of the endpoints here.
func (p *placer) ownSources() {
	for _, n := range p.attached[p.at] {
		e := &p.endpoints[n]
		id := p.identities[e.identity]
		six := false
		for _, ip := range e.IPs {
			six = six || ip.Is6()
			p.sw.Sources = append(p.sw.Sources, plan.Source{
				Origin: p.o.row(e.stmt, id.from), Port: e.port, MAC: e.MAC,
				Prefix: netip.PrefixFrom(ip, ip.BitLen()), Identity: id.number, Tenant: p.tenantNumber(id),
			})
		}
		for _, part := range p.parts[n] {
			id := p.identities[part.identity]
			p.sw.Sources = append(p.sw.Sources, plan.Source{
				Origin: p.o.row(e.stmt, id.from), Port: e.port, MAC: e.MAC, Prefix: part.prefix, Identity: id.number, Tenant: p.tenantNumber(id),
			})
		}
		for _, prefix := range e.Prefixes {
			six = six || prefix.Addr().Is6()
		}
		if six {
			p.sw.Sources = append(p.sw.Sources, plan.Source{
				Origin: p.o.row(e.stmt), Port: e.port, MAC: e.MAC, Prefix: linkLocal, Kind: plan.SourceLinkLocal,
			})
		}
		if e.Gateway() {
			p.elsewhere(n)
		}
	}
}

// gatewaysOf lists the identities of the gateways that the identity's addresses are behind.
func (p *placer) gatewaysOf(id int32) []int32 {
	var out []int32
	for _, a := range p.identities[id].addresses {
		if own := p.endpoints[a.endpoint].identity; !a.own && own != id && !slices.Contains(out, own) {
			out = append(out, own)
		}
	}
	return out
}

// elsewhere keeps a gateway from claiming addresses that belong to somebody else: those of every
// other endpoint, and other gateways' prefixes inside its own.
func (p *placer) elsewhere(gateway int32) {
	e := &p.endpoints[gateway]
	add := func(prefix netip.Prefix, owner int32) {
		p.sw.Sources = append(p.sw.Sources, plan.Source{
			Origin: p.o.row(p.endpoints[owner].stmt, []stmt{e.stmt}), Port: e.port, MAC: e.MAC, Prefix: prefix, Kind: plan.SourceElsewhere,
		})
	}
	for _, m := range unroutable {
		if slices.ContainsFunc(e.Prefixes, func(own netip.Prefix) bool { return covers(own, m) }) {
			p.sw.Sources = append(p.sw.Sources, plan.Source{Origin: p.o.row(e.stmt), Port: e.port, MAC: e.MAC, Prefix: m, Kind: plan.SourceElsewhere})
		}
	}
	p.knownInside(gateway, func(k knownAddress) { add(netip.PrefixFrom(k.ip, k.ip.BitLen()), k.endpoint) })
	for _, other := range p.gatewayEndpoints {
		if other == gateway {
			continue
		}
		for _, inner := range p.endpoints[other].Prefixes {
			if slices.ContainsFunc(e.Prefixes, func(own netip.Prefix) bool { return own.Bits() < inner.Bits() && own.Contains(inner.Addr()) }) {
				add(inner.Masked(), other)
			}
		}
	}
}

// unroutable are addresses that no gateway stands for, whatever its prefixes (RFC 6890). The
// link-local ones of IPv6 are not among the sources, which have a row of their own for them.
var unroutable = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("224.0.0.0/3"), // multicast, reserved, broadcast
	netip.MustParsePrefix("::/127"),
	netip.MustParsePrefix("ff00::/8"),
}

// unroutableDestinations are the same for destinations; group addresses are looked up elsewhere.
var unroutableDestinations = append(slices.Clone(unroutable), linkLocal)

func covers(outer, inner netip.Prefix) bool {
	return outer.Bits() < inner.Bits() && outer.Contains(inner.Addr())
}

// knownInside calls fn for every other endpoint's own address inside the gateway's prefixes.
func (p *placer) knownInside(gateway int32, fn func(knownAddress)) {
	var done []netip.Prefix
	for _, prefix := range p.endpoints[gateway].Prefixes {
		if slices.ContainsFunc(done, func(o netip.Prefix) bool { return o.Overlaps(prefix) && o.Bits() <= prefix.Bits() }) {
			continue
		}
		done = append(done, prefix)
		first, _ := slices.BinarySearchFunc(p.known, prefix.Masked().Addr(), func(k knownAddress, a netip.Addr) int { return k.ip.Compare(a) })
		for _, k := range p.known[first:] {
			if !prefix.Contains(k.ip) {
				break
			}
			if k.endpoint != gateway {
				fn(k)
			}
		}
	}
}

func (p *placer) tenantNumber(id *identity) uint32 {
	if id.tenant < 0 {
		return 0
	}
	return p.tenants[id.tenant].number
}

// sole is the endpoint without which the identity would not be at a switch (-1: anywhere), if
// there is one such.
func (p *placer) sole(id, at int32) []stmt {
	only := int32(-1)
	members := p.identities[id].members
	if at >= 0 && len(p.attached[at]) < len(members) {
		members = p.attached[at] // as good: those of another identity are passed over
	}
	for _, e := range members {
		if at >= 0 && (p.endpoints[e].edge != at || !p.identities[id].has(e)) {
			continue
		}
		if only >= 0 {
			return nil
		}
		only = e
	}
	if only < 0 {
		return nil
	}
	s := p.endpoints[only].stmt
	return []stmt{s}
}

// membership is the group without which the identity would leave its tenant.
func (id *identity) membership() []stmt {
	if id.tenant >= 0 && id.ownGroups == 1 {
		return id.from[:1]
	}
	return nil
}

// destinations are the addresses that this switch may send to, and those of its own endpoints.
func (p *placer) destinations() {
	there := map[netip.Prefix]bool{}
	gateways := false
	for _, n := range p.attached[p.at] {
		gateways = gateways || len(p.parts[n]) > 0
	}
	behind := map[netip.Prefix]*users{} // unroutable addresses inside a prefix that is a destination
	add := func(d plan.Destination) {
		if gateways {
			there[d.Prefix] = true
		}
		p.sw.Destinations = append(p.sw.Destinations, d)
		if d.Prefix.IsSingleIP() {
			return
		}
		for _, m := range unroutableDestinations {
			if covers(d.Prefix, m) {
				if behind[m] == nil {
					behind[m] = &users{}
				}
				behind[m].add(d.From)
			}
		}
	}
	for _, n := range p.attached[p.at] {
		e := &p.endpoints[n]
		id := p.identities[e.identity]
		for _, ip := range e.IPs {
			add(plan.Destination{
				Origin: p.o.row(e.stmt, id.from), Prefix: netip.PrefixFrom(ip, ip.BitLen()), Port: e.port, MAC: e.MAC, Identity: id.number, Answers: true,
			})
		}
		for _, part := range p.parts[n] {
			id := p.identities[part.identity]
			add(plan.Destination{Origin: p.o.row(e.stmt, id.from), Prefix: part.prefix, Port: e.port, MAC: e.MAC, Identity: id.number})
		}
	}
	slices.Sort(p.dests.ids)
	p.sw.Destinations = slices.Grow(p.sw.Destinations, len(p.dests.ids))
	for _, d := range p.dests.ids {
		id := p.identities[d]
		for _, a := range id.addresses {
			e := &p.endpoints[a.endpoint]
			if e.edge == p.at {
				continue
			}
			if p.native(p.at, e.edge) {
				add(plan.Destination{
					Origin: p.o.row(e.stmt, id.from, p.dests.users[d].needs), Prefix: a.prefix, Port: shimNetworkPort, MAC: e.MAC, Identity: id.number, Answers: a.answers,
				})
				continue
			}
			add(plan.Destination{
				Origin: p.o.row(e.stmt, id.from, p.from[e.edge], p.dests.users[d].needs), Prefix: a.prefix,
				Locator: p.locators[e.edge], Tree: p.treeFor(e.Name), MAC: e.MAC, Identity: id.number, Answers: a.answers,
			})
		}
	}
	for _, m := range unroutableDestinations {
		if u := behind[m]; u != nil {
			p.sw.Destinations = append(p.sw.Destinations, plan.Destination{Origin: sharedRow(u), Prefix: m, Nowhere: true})
		}
	}
	if !gateways {
		return
	}
	for _, n := range p.attached[p.at] {
		p.knownInside(n, func(k knownAddress) {
			prefix := netip.PrefixFrom(k.ip, k.ip.BitLen())
			if !there[prefix] {
				add(plan.Destination{Origin: p.o.row(p.endpoints[k.endpoint].stmt), Prefix: prefix, Nowhere: true})
			}
		})
	}
}

// returnSources are the addresses whose frames come back from a middlebox here.
func (p *placer) returnSources() {
	ids := make([]int32, 0, len(p.froms))
	for id := range p.froms {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, n := range ids {
		id := p.identities[n]
		for _, a := range id.addresses {
			e := &p.endpoints[a.endpoint]
			p.sw.Sources = append(p.sw.Sources, plan.Source{
				Origin: p.o.row(e.stmt, id.from, p.froms[n].needs), MAC: network.MAC{}, Prefix: a.prefix, Identity: id.number, Tenant: p.tenantNumber(id),
			})
		}
	}
}
