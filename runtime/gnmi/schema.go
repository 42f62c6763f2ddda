package gnmi

import (
	"fmt"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
)

// The models that are served, and the versions that the table below was made from.
const (
	ocInterfaces = "openconfig-interfaces"
	ocEthernet   = "openconfig-if-ethernet"
	ocP4RT       = "openconfig-p4rt"
)

func models() []*gpb.ModelData {
	const by = "OpenConfig working group"
	return []*gpb.ModelData{
		{Name: ocInterfaces, Organization: by, Version: "3.8.1"},
		{Name: ocEthernet, Organization: by, Version: "2.18.0"},
		{Name: ocP4RT, Organization: by, Version: "1.0.0"},
	}
}

// kind says what sort of data a leaf is (3.3.1).
type kind uint8

const (
	config      kind = iota
	state            // read-only
	operational      // read-only, and about what runs
)

// leaf is one row of the table: a leaf below /interfaces/interface[name].
type leaf struct {
	path    string
	module  string // that defines the leaf
	kind    kind
	counter bool // changes all the time: TARGET_DEFINED samples it
	// value is the leaf's value of one interface: nil if it has none, else one of
	// string, bool, uint16, uint32, uint64 and identity.
	value func(*Interface) any
}

// identity is a YANG identity: RFC 7951, section 6.8.
type identity struct{ module, name string }

// ethernetHeader is the part of OpenConfig's mtu that is not payload: it counts the
// whole frame without its check sequence (1514 for the usual Ethernet).
const ethernetHeader = 14

var leaves = []*leaf{
	{"name", ocInterfaces, config, false, func(i *Interface) any { return i.Name }},

	{"config/name", ocInterfaces, config, false, func(i *Interface) any { return i.Name }},
	{"config/type", ocInterfaces, config, false, interfaceType},
	{"config/enabled", ocInterfaces, config, false, func(i *Interface) any { return i.Enabled }},
	{"config/id", ocP4RT, config, false, p4Port},

	{"state/name", ocInterfaces, state, false, func(i *Interface) any { return i.Name }},
	{"state/type", ocInterfaces, state, false, interfaceType},
	{"state/mtu", ocInterfaces, state, false, mtu},
	{"state/enabled", ocInterfaces, state, false, func(i *Interface) any { return i.AdminUp() }},
	{"state/id", ocP4RT, state, false, p4Port},
	{"state/ifindex", ocInterfaces, operational, false, func(i *Interface) any { return known(i.Link.Index) }},
	{"state/admin-status", ocInterfaces, operational, false, func(i *Interface) any { return upOrDown(i.AdminUp()) }},
	{"state/oper-status", ocInterfaces, operational, false, operStatus},
	{"state/last-change", ocInterfaces, operational, false, func(i *Interface) any { return uint64(i.Since.UnixNano()) }},
	{"state/logical", ocInterfaces, operational, false, func(*Interface) any { return false }},
	{"state/management", ocInterfaces, operational, false, func(*Interface) any { return false }},
	{"state/cpu", ocInterfaces, operational, false, func(*Interface) any { return false }},

	counter("in-octets", func(i *Interface) uint64 { return i.InBytes }),
	counter("in-pkts", func(i *Interface) uint64 { return i.InFrames + i.InErrors + i.InDiscards }),
	counter("in-unicast-pkts", func(i *Interface) uint64 { return i.InFrames - i.InGroup }),
	counter("in-broadcast-pkts", func(i *Interface) uint64 { return i.InBroadcast }),
	counter("in-multicast-pkts", func(i *Interface) uint64 { return i.InGroup - i.InBroadcast }),
	counter("in-errors", func(i *Interface) uint64 { return i.InErrors }),
	counter("in-discards", func(i *Interface) uint64 { return i.InDiscards }),
	counter("out-octets", func(i *Interface) uint64 { return i.OutBytes }),
	counter("out-pkts", func(i *Interface) uint64 { return i.OutFrames }),
	counter("out-unicast-pkts", func(i *Interface) uint64 { return i.OutFrames - i.OutGroup }),
	counter("out-broadcast-pkts", func(i *Interface) uint64 { return i.OutBroadcast }),
	counter("out-multicast-pkts", func(i *Interface) uint64 { return i.OutGroup - i.OutBroadcast }),
	counter("out-errors", func(i *Interface) uint64 { return i.OutErrors }),
	counter("out-discards", func(i *Interface) uint64 { return i.OutDiscards }),
	{"state/counters/carrier-transitions", ocInterfaces, operational, false, func(i *Interface) any { return i.Transitions }},

	{"ethernet/state/mac-address", ocEthernet, state, false, macAddress},
	{"ethernet/state/hw-mac-address", ocEthernet, operational, false, macAddress},
	{"ethernet/state/port-speed", ocEthernet, state, false, portSpeed},
}

// enabledPath is the one leaf that Set changes.
const enabledPath = "config/enabled"

func counter(name string, value func(*Interface) uint64) *leaf {
	return &leaf{"state/counters/" + name, ocInterfaces, operational, true, func(i *Interface) any { return value(i) }}
}

func interfaceType(*Interface) any { return identity{"iana-if-type", "ethernetCsmacd"} }

// known is nil for 0, which says unknown.
func known(n uint32) any {
	if n == 0 {
		return nil
	}
	return n
}

// p4Port is the number by which P4Runtime speaks of the port. The model excludes 0.
func p4Port(i *Interface) any { return known(i.Number) }

func mtu(i *Interface) any {
	if i.Link.MTU <= 0 {
		return nil
	}
	return uint16(min(i.Link.MTU+ethernetHeader, 1<<16-1)) // the leaf has 16 bits
}

func upOrDown(up bool) string {
	if up {
		return "UP"
	}
	return "DOWN"
}

func operStatus(i *Interface) any {
	if !i.Link.Present {
		return "NOT_PRESENT"
	}
	return upOrDown(i.Up())
}

func macAddress(i *Interface) any {
	m := i.Link.MAC
	if m == [6]byte{} {
		return nil
	}
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// speeds are the model's names of speeds, in megabits per second.
var speeds = map[uint64]string{
	10: "SPEED_10MB", 100: "SPEED_100MB", 1000: "SPEED_1GB", 2500: "SPEED_2500MB", 5000: "SPEED_5GB", 10_000: "SPEED_10GB",
	25_000: "SPEED_25GB", 40_000: "SPEED_40GB", 50_000: "SPEED_50GB", 100_000: "SPEED_100GB", 200_000: "SPEED_200GB",
	400_000: "SPEED_400GB", 600_000: "SPEED_600GB", 800_000: "SPEED_800GB", 1_600_000: "SPEED_1600GB",
}

func portSpeed(i *Interface) any {
	if i.Link.Speed == 0 {
		return nil
	}
	name, ok := speeds[i.Link.Speed/1_000_000]
	if !ok || i.Link.Speed%1_000_000 != 0 {
		name = "SPEED_UNKNOWN"
	}
	return identity{ocEthernet, name}
}

// Speed is the speed of one of the model's names ("SPEED_10GB"), in bits per
// second; 0 if it is not one of them.
func Speed(name string) uint64 {
	for megabits, n := range speeds {
		if n == name {
			return megabits * 1_000_000
		}
	}
	return 0
}

// node is a place in the schema, made from the table.
type node struct {
	name, module string
	list         bool // each entry has the key "name"
	leaf         *leaf
	parent       *node
	children     []*node
}

// listKey is the key of the only list, /interfaces/interface.
const listKey = "name"

var root = schema()

func schema() *node {
	top := &node{}
	entry := top.child("interfaces", ocInterfaces).child("interface", ocInterfaces)
	entry.list = true
	for _, l := range leaves {
		at, names := entry, strings.Split(l.path, "/")
		for i, name := range names {
			module := ocInterfaces
			if i == len(names)-1 {
				module = l.module
			} else if names[0] == "ethernet" {
				module = ocEthernet
			}
			at = at.child(name, module)
		}
		at.leaf = l
	}
	return top
}

// child finds the child with this name, or makes it.
func (n *node) child(name, module string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	c := &node{name: name, module: module, parent: n}
	n.children = append(n.children, c)
	return c
}

// each calls f for every leaf from n down, in the order of the table.
func (n *node) each(f func(*node)) {
	if n.leaf != nil {
		f(n)
	}
	for _, c := range n.children {
		c.each(f)
	}
}

// names are those of the children, for an error.
func (n *node) names() string {
	names := make([]string, len(n.children))
	for i, c := range n.children {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}
