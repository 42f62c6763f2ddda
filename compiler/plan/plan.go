// Package plan holds what a compilation decided: for every switch the rows of its tables, and for
// each row the statements that it came from.
//
// The rows say what is to be done in the field's own terms. Which table, field and action identifiers express
// them on a target is the back end's business. A plan depends on nothing but the
// policy and the network: no clock, no randomness, no map order.
package plan

import (
	"net/netip"

	"pillion/compiler/network"
)

// Plan is the outcome of one compilation.
type Plan struct {
	Statements []string   // what rows come from: "allow partner", "endpoint web1", …; indexed by Origin
	Switches   []Switch   // sorted by name
	Redirects  []Redirect // of the ordinary switches, sorted by name
}

// Origin is the minimal provenance of a row: deleting any statement that it names changes the row.
type Origin struct {
	From   []uint32 // indexes of Plan.Statements, ascending
	Counts int32    // whose packets the row's counter counts, or -1
}

// TargetKind says what a target is.
type TargetKind uint8

const (
	P4Switch TargetKind = iota
	Sidecar             // beside an ordinary switch; runs the same program
	Shim                // on an end host behind an ordinary switch: port 1 is the host, port 2 the network
)

// Switch is one P4Runtime target.
type Switch struct {
	Name     string
	Kind     TargetKind
	Address  string
	DeviceID uint64
	CPUPort  uint32
	Locator  network.MAC

	Ports         []Port
	Sources       []Source
	Destinations  []Destination
	Policies      []Policy
	Rules         []Rule
	Verdicts      []Verdict
	ChainPolicies []ChainPolicy
	ChainRules    []ChainRule
	ChainSelects  []ChainSelect
	Returns       []Return
	Gates         []Gate
	Instances     []Instance
	Taps          []Tap
	Multicasts    []Multicast
	Replications  []Replication
	Fabric        []Route
	Edges         []ReplicaEdge
	Groups        []Group
	Sessions      []Session
}

// Role is what a port is for.
type Role uint8

const (
	RoleEndpoint Role = iota
	RoleMiddlebox
	RoleFabric
	RoleTrunk // the one fabric port of a sidecar
)

// Port gives a port its role.
type Port struct {
	Origin
	Number uint32
	Role   Role
}

// SourceKind says what a source row does.
type SourceKind uint8

const (
	SourceIs        SourceKind = iota // the address is this identity
	SourceLinkLocal                   // may ask for neighbours and nothing else
	SourceElsewhere                   // an address that belongs somewhere else
)

// Source guards (port, MAC, address). Port 0 and MAC zero: an address that returns from a middlebox.
type Source struct {
	Origin
	Port     uint32
	MAC      network.MAC
	Prefix   netip.Prefix
	Kind     SourceKind
	Identity uint32
	Tenant   uint32 // 0: none
}

// Destination says where an address is.
type Destination struct {
	Origin
	Prefix   netip.Prefix
	Nowhere  bool   // known, and not to be reached by way of a gateway's prefix
	Port     uint32 // local port, or 0
	Locator  network.MAC
	Tree     uint16
	MAC      network.MAC
	Identity uint32
	Answers  bool // ARP and neighbour discovery
}

// Pair is an ordered pair of identities. Returning rows are for frames that come back from a middlebox.
type Pair struct {
	Source, Destination uint32
	Returning           bool
}

// PolicyKind is what a policy row decides.
type PolicyKind uint8

const (
	PolicyPermit PolicyKind = iota
	PolicyDeny
	PolicyByPorts
)

// Policy decides over a pair.
type Policy struct {
	Origin
	Pair
	Kind    PolicyKind
	RuleSet uint32 // with PolicyByPorts
}

// Ports is a ternary and range match over a conversation's protocol and ports.
type Ports struct {
	AnyProto   bool
	Proto      uint8
	KnownPorts bool // only packets whose ports are known
	NoStart    bool // no TCP SYN without ACK
	SLo, SHi   uint16
	DLo, DHi   uint16
}

// Rule is one match of a rule set. The larger priority is asked first.
type Rule struct {
	Origin
	RuleSet  uint32
	Priority int32
	Ports
	Slot uint32
}

// Verdict says what a slot of the pair's rule set means.
type Verdict struct {
	Origin
	Pair
	Slot uint32
	Deny bool
}

// ChainPolicy says which chain rules select for a pair.
type ChainPolicy struct {
	Origin
	Pair
	ChainSet uint32
}

// Order compares the ends of a conversation: (address, port) of the source with the destination's.
type Order uint8

const (
	AnyOrder    Order = iota
	SourceLower       // the source is the lower
	SourceUpper
)

// ChainRule is one match of a chain set.
type ChainRule struct {
	Origin
	ChainSet uint32
	Priority int32
	Ports
	Order    Order
	Fragment bool // a later fragment of what a chain might select: dropped
	Slot     uint32
}

// ChainSelect gives a slot of the pair's chain set its service path.
type ChainSelect struct {
	Origin
	Pair
	Slot uint32
	SPI  uint32
}

// Return says how far a chain has come when its frame comes back on a port.
type Return struct {
	Origin
	Port uint32
	SPI  uint32
	SI   uint8
}

// GateKind is what comes next on a path.
type GateKind uint8

const (
	GatePass   GateKind = iota // through an instance of Type
	GateFinish                 // to the destination
	GateTap                    // this frame is a copy for the taps here
	GateClosed                 // no instance is up
)

// Gate is the next step at (SPI, SI).
type Gate struct {
	Origin
	SPI     uint32
	SI      uint8
	Copy    bool
	Kind    GateKind
	NextSI  uint8
	Type    uint32
	Reverse bool   // enters by `out`
	TapSet  uint32 // 0: none
}

// Instance is where a bucket of a type's flows goes.
type Instance struct {
	Origin
	Type    uint32
	Reverse bool
	Lo, Hi  uint8  // buckets, inclusive
	Port    uint32 // a local arm, or 0
	Locator network.MAC
	Tree    uint16
}

// Tap is the clone session for a bucket.
type Tap struct {
	Origin
	TapSet  uint32
	Lo, Hi  uint8
	Session uint16
}

// Multicast lets an identity send to a group.
type Multicast struct {
	Origin
	Group  netip.Addr
	Source uint32
	SPI    uint32
}

// Replication says which replicas an SPI gets here. CameFrom is the locator of the edge that a frame came from, if it
// came by a trunk; otherwise zero.
type Replication struct {
	Origin
	SPI      uint32
	CameFrom network.MAC
	Group    uint16
	Tree     uint16
}

// Route is one entry of the core: towards a locator on a tree.
type Route struct {
	Origin
	Locator network.MAC
	Tree    uint16
	Port    uint32
}

// ReplicaEdge says which edge a replication id stands for.
type ReplicaEdge struct {
	Origin
	Instance uint16
	Locator  network.MAC
	Tree     uint16
}

// Replica is one copy: out of a port, as Instance (0: for the port itself).
type Replica struct {
	Port     uint32
	Instance uint16
}

// Group is a multicast group of the replication engine.
type Group struct {
	Origin
	ID       uint16
	Replicas []Replica // sorted
}

// Session is a clone session.
type Session struct {
	Origin
	ID       uint16
	Replicas []Replica // sorted
}
