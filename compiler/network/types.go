package network

import (
	"net/netip"

	"pillion/lang/diag"
)

// MAC is an Ethernet address in transmission order.
type MAC [6]byte

// Target says what kind of switch this is.
type Target uint8

const (
	P4Runtime Target = iota
	Legacy
)

// Network is one inventory: what exists and where it is attached. Slices are in
// the order of the file; consumers that need an order sort by name.
type Network struct {
	Switches    []Switch
	Sidecars    []Sidecar
	Links       []Link
	Endpoints   []Endpoint
	Middleboxes []Middlebox
	// Seed of every random choice (trees). Default 1.
	Seed uint64
	// Trees per locator, 1 to 64. Default 2.
	Trees int
	// File is where diagnostics about this inventory point.
	File *diag.File
}

// Port is a place on a switch. Switch is an index into Network.Switches, or -1
// while it is unresolved.
type Port struct {
	Switch int32
	Number uint32
}

// Switch is a P4 switch or an ordinary one.
type Switch struct {
	Name     string
	Target   Target
	Address  string // host:port or unix:///path of its P4Runtime server
	DeviceID uint64
	CPUPort  uint32 // default 510
	Locator  MAC    // zero: the compiler derives it from the name
	Driver   string // legacy: ovs | linux-bridge
	Sidecar  string // legacy: name of its sidecar
	Span     diag.Span
}

// Sidecar is the server beside an ordinary switch.
type Sidecar struct {
	Name     string
	At       Port // its trunk
	Address  string
	DeviceID uint64
	// Wires give virtual wires an interface of the sidecar's of their own, in the order of Port. A wired port that is not
	// among them shares the trunk, where a VLAN tag with its number stands for it.
	Wires  []Wire
	Sample Sampling // zero: none
	Span   diag.Span
}

// Wire joins a port of the ordinary switch to the port Via of the same switch, where an interface of the sidecar is that
// serves nothing else.
type Wire struct{ Port, Via uint32 }

// Sampling takes one frame in OneIn out of what the ordinary switch gets, for the sidecar to verify: by the
// port Via, which serves nothing else, or in sFlow datagrams to Collector.
type Sampling struct {
	OneIn     uint32
	Via       uint32
	Collector netip.AddrPort
}

// Link joins two switch ports. MTU is the Ethernet payload in bytes (what `ip link` calls mtu).
type Link struct {
	Ends [2]Port
	MTU  int // default 1600
	Span diag.Span
}

// Endpoint is a host's interface or, with Prefixes, a gateway.
type Endpoint struct {
	Name     string
	MAC      MAC
	IPs      []netip.Addr   // each at most once in the network; IPv4 never in its v6-mapped form
	Prefixes []netip.Prefix // not empty: a gateway to these
	At       Port
	MTU      int    // default 1500
	Shim     string // address of its shim behind a legacy switch
	Span     diag.Span
}

// Gateway says whether the endpoint stands for prefixes.
func (e *Endpoint) Gateway() bool { return len(e.Prefixes) > 0 }

// Middlebox is one instance. Without Out it is one-armed.
type Middlebox struct {
	Name        string
	At          Port
	Out         Port // Number 0: one-armed
	Down        bool // state: down
	NonLearning bool
	Span        diag.Span
}
