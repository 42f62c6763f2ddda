package lang

import (
	"net/netip"

	"pillion/lang/diag"
)

// Name is an identifier with its place.
type Name struct {
	Text string
	Span diag.Span
}

// Address is an IP address with its place.
type Address struct {
	IP   netip.Addr
	Span diag.Span
}

// Policy is everything that was declared in the files of one compilation, in
// the order of the files; the order has no meaning.
type Policy struct {
	Tenants     []*Tenant
	Services    []*Service
	Rules       []*Rule
	Middleboxes []*Middlebox
	Chains      []*Chain
	Multicasts  []*Multicast
	Tests       []*Test
}

// Tenant owns groups of endpoints.
type Tenant struct {
	Name     Name
	Isolated bool // the implicit allow inside the tenant is removed
	Shared   bool // every tenant reaches it, on what it offers
	Groups   []*Group
	Offers   []ServiceRef // only when Shared
	Span     diag.Span    // the whole declaration
}

// Group is a named set of endpoints of its tenant.
type Group struct {
	Name      Name
	Endpoints []Name
	Span      diag.Span
}

// Service is a named list of protocol and port matches.
type Service struct {
	Name  Name
	Items []ServiceItem
	Span  diag.Span
}

// Protocol numbers as the language uses them: ICMP stands for ICMPv4 and ICMPv6.
const (
	ProtoICMP = 1
	ProtoTCP  = 6
	ProtoUDP  = 17
)

// ServiceItem is one protocol, or one port range of TCP or UDP.
// tcp without a port is every TCP port: Lo 0, Hi 65535, AllPorts true.
type ServiceItem struct {
	Proto    uint8
	Lo, Hi   uint16 // destination port range, inclusive; only with TCP and UDP
	AllPorts bool   // no port was written (always true for protocols other than TCP and UDP)
	Span     diag.Span
}

// ServiceRef is an element of an `on` or `offers` list: a service by name or a literal item.
type ServiceRef struct {
	Name Name        // Name.Text == "" when Item is set
	Item ServiceItem // literal such as tcp/22
	Span diag.Span
}

// Selector says which endpoints a rule speaks of.
type SelectorKind uint8

const (
	SelAny  SelectorKind = iota // any: every endpoint and gateway
	SelName                     // tenant.group, a tenant, or an endpoint outside every tenant; resolved by the compiler
	SelCIDR                     // a prefix inside a gateway's prefixes
)

// Selector is one side of a rule or chain, or a sender or receiver of a multicast group.
type Selector struct {
	Kind SelectorKind
	// Name as written, joined by dots where the parts were quoted one by one. Names may
	// hold dots themselves, so only the compiler, which knows what is declared, can split it.
	Name Name
	CIDR netip.Prefix // SelCIDR; as written, host bits are an error of the parser
	Span diag.Span
}

// Verdict is what a rule does.
type Verdict uint8

const (
	Allow Verdict = iota
	Deny
)

// Rule is an allow or a deny statement.
type Rule struct {
	Verdict Verdict
	Name    Name
	From    []Selector // one or more, comma separated
	To      []Selector
	On      []ServiceRef // empty: every protocol
	OneWay  bool         // allow only: answers are dropped
	Span    diag.Span
}

// FailureMode is what happens to a chain's packets when no instance is up.
type FailureMode uint8

const (
	FailClosed FailureMode = iota // dropped (the default)
	FailOpen                      // the gate is passed by
)

// Middlebox is a middlebox type with its instances.
type Middlebox struct {
	Name          Name
	Instances     []Name
	Stateful      bool
	Tap           bool // gets a copy, is never passed through
	Rewrites      bool // declares that it rewrites addresses; not supported yet, refused by the compiler
	OnFailure     FailureMode
	OnFailureSpan diag.Span // zero when not written
	RewritesSpan  diag.Span
	TapSpan       diag.Span
	Span          diag.Span
}

// Gate is one step of a chain.
type Gate struct {
	Type     Name
	Reversed bool // the arms of a two-armed instance change roles
	Span     diag.Span
}

// Chain routes a conversation through middleboxes; it never permits.
type Chain struct {
	Name        Name
	From, To    []Selector
	On          []ServiceRef
	Via         []Gate
	Priority    int32 // 0 when not written; larger wins
	HasPriority bool
	Span        diag.Span
}

// Multicast is one multicast group.
type Multicast struct {
	Name      Name
	Addresses []Address // `group 239.1.1.1, ff0e::1`
	Senders   []Selector
	Receivers []Selector // may be empty
	Span      diag.Span
}

// Test is a block of expectations.
type Test struct {
	Name       Name // the quoted title
	Statements []*Expect
	Span       diag.Span
}

// Expect is one line of a test block.
type Expect struct {
	From Name // an endpoint
	To   Name // an endpoint, or an IP address as it was written
	// ToIP is the address when To is one (unquoted); otherwise it is not valid.
	ToIP netip.Addr
	On   []ServiceRef
	// SourcePort of the packet that is sent; 0 when not written (`from-port N`).
	SourcePort  uint16
	Delivered   bool   // false: dropped
	DeliveredTo []Name // `delivered to web1, web2` (multicast); nil otherwise
	Via         []Name // exact sequence of gates; nil when not said
	HasVia      bool
	CopiedTo    []Name // taps
	Span        diag.Span
}
