package compiler

import (
	"net/netip"
	"slices"

	"pillion/compiler/match"
	"pillion/compiler/network"
	"pillion/lang/diag"
)

// stmt is an index into the names of statements: policy statements, and objects of the network.
type stmt = uint32

// statements numbers what rows come from.
type statements struct {
	names []string
	index map[string]stmt
}

func (s *statements) of(kind, name string) stmt {
	full := kind + " " + name
	if i, ok := s.index[full]; ok {
		return i
	}
	i := stmt(len(s.names))
	s.names = append(s.names, full)
	s.index[full] = i
	return i
}

// endpoint is a host or a gateway of the inventory.
type endpoint struct {
	*network.Endpoint
	stmt     stmt
	tenant   int32   // index into model.tenants, or -1
	groups   []int32 // indexes into model.groups, ascending
	identity int32   // of its own addresses
	edge     int32   // the node that takes its rules, or -1
	port     uint32  // its port there
}

type tenant struct {
	name     string
	stmt     stmt
	isolated bool
	shared   bool
	groups   []int32
	offers   []match.Box
	span     diag.Span
	number   uint32
}

type group struct {
	name    string // tenant.group
	stmt    stmt
	tenant  int32
	members []int32 // endpoints
	span    diag.Span
}

// identity is what policy sees of an endpoint: the set of groups that it belongs to. An endpoint
// outside every tenant is an identity of its own; a part of a gateway's prefixes that selectors
// set apart is one too.
type identity struct {
	key       string
	number    uint32
	from      []stmt // what the number comes from: groups, and names that it lost a collision to
	tenant    int32
	members   []int32 // endpoints with own addresses of this identity, ascending
	addresses []address
	edges     []int32 // switches where it is attached, ascending
	groups    []int32
	ownGroups int // groups of its tenant that keep it there
}

// address is a part of the address space that belongs to an endpoint.
type address struct {
	prefix   netip.Prefix
	endpoint int32
	answers  bool // ARP and ND are answered for it
	own      bool // the endpoint's own, not one behind a gateway
	from     []stmt
}

// set is a set of identities.
type set struct {
	any bool
	ids []int32 // ascending; every identity when any
}

func (s *set) has(id int32) bool {
	if s.any {
		return true
	}
	_, found := slices.BinarySearch(s.ids, id)
	return found
}

func (s *set) within(t *set) bool {
	if t.any {
		return true
	}
	if len(s.ids) > len(t.ids) {
		return false
	}
	for _, id := range s.ids {
		if !t.has(id) {
			return false
		}
	}
	return true
}

// common is an identity that is in both, or -1.
func (s *set) common(t *set) int32 {
	if len(s.ids) > len(t.ids) {
		s, t = t, s
	}
	for _, id := range s.ids {
		if t.has(id) {
			return id
		}
	}
	return -1
}

// ruleClass orders the statements about a pair: what comes first decides.
type ruleClass uint8

const (
	classDeny ruleClass = iota
	classAllow
	classImplicit
)

// rule is an allow, a deny, or the implicit allow of a tenant.
type rule struct {
	class    ruleClass
	name     string
	stmt     stmt
	span     diag.Span
	from, to *set
	boxes    []match.Box
	oneWay   bool
	forward  int32 // shapes
	answer   int32 // -1: none
}

// shape is a canonical list of boxes. Statements with the same shape share a slot.
type shape struct {
	boxes []match.Box
	text  string
	slot  uint32
}

// boxType is a middlebox type.
type boxType struct {
	name      string
	stmt      stmt
	span      diag.Span
	instances []*instance // sorted by name
	up        []*instance
	stateful  bool
	tap       bool
	open      bool // on-failure open
	number    uint32
}

type instance struct {
	*network.Middlebox
	stmt stmt
	edge int32
	kind *boxType
}

type gate struct {
	kind     *boxType
	reversed bool
	span     diag.Span
}

type chain struct {
	name     string
	rank     int32 // position among the chains by name
	stmt     stmt
	span     diag.Span
	from, to *set
	boxes    []match.Box
	portless bool
	priority int32
	gates    []gate
	forward  int32 // shapes
	answer   int32
	selects  bool // a permitted pair is selected
	spi      [2]uint32
	paths    [2]path
	kinds    []stmt // of the types that it passes
}

type multicast struct {
	name      string
	stmt      stmt
	span      diag.Span
	addresses []netip.Addr
	senders   *set
	receivers *set
	spi       uint32
}

// model is the policy with every name resolved.
type model struct {
	statements statements
	net        *network.Network
	nodes      []node
	legacy     bool // frames pass ordinary switches, which know nothing of trees
	endpoints  []endpoint
	byName     map[string]int32
	tenants    []*tenant
	groups     []*group
	identities []*identity
	rules      []*rule // sorted by name within their class
	shapes     []shape
	shapeIndex map[string]int32
	types      []*boxType
	chains     []*chain // sorted by name
	multicasts []*multicast
	cidrUsers  map[netip.Prefix]*users // statements without which a CIDR cuts nothing
	steerings  *steeringIndex
	unknowns   int // names reported so far that nothing declares
	diags      diag.List
}

func (m *model) addError(span diag.Span, code, message, hint string, notes ...diag.Note) {
	m.diags.Add(diag.Diagnostic{Code: code, Span: span, Message: message, Hint: hint, Notes: notes})
}

func (m *model) addWarning(span diag.Span, code, message, hint string) {
	m.diags.Add(diag.Diagnostic{Severity: diag.Warning, Code: code, Span: span, Message: message, Hint: hint})
}

// shape interns a canonical list of boxes.
func (m *model) shape(boxes []match.Box) int32 {
	boxes = match.Canonical(boxes)
	text := match.Text(boxes)
	if i, ok := m.shapeIndex[text]; ok {
		return i
	}
	i := int32(len(m.shapes))
	m.shapes = append(m.shapes, shape{boxes: boxes, text: text})
	m.shapeIndex[text] = i
	return i
}

func answers(boxes []match.Box) []match.Box {
	out := make([]match.Box, len(boxes))
	for i, b := range boxes {
		out[i] = b.Answer()
	}
	return out
}

func swapped(boxes []match.Box) []match.Box {
	out := make([]match.Box, len(boxes))
	for i, b := range boxes {
		out[i] = b.Swap()
	}
	return out
}
