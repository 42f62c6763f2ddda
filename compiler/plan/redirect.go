package plan

import (
	"net/netip"

	"pillion/compiler/network"
)

// Redirect is what an ordinary switch must do. Ports are those of the network file.
type Redirect struct {
	Origin  // of the switch
	Switch  string
	Driver  string // "ovs" or "linux-bridge"
	Sidecar string // empty if it has none

	Wires   []Wire
	Statics []Static
	Guards  []Guard
	Samples []Sample // at most one
}

// Wire joins a port to the sidecar, past the switch's MAC table.
type Wire struct {
	Origin
	Port    uint32
	Sidecar uint32 // the port that the sidecar's end is on
	Tag     uint16 // the VLAN id, 1 to 4094, that stands for Port there; 0: that port serves this wire alone
}

// Static keeps the frames to a locator going out of one port.
type Static struct {
	Origin
	Locator network.MAC
	Port    uint32
}

// Guard lets frames in by a port only if they have this source address. A port with several lets in any of theirs.
type Guard struct {
	Origin
	Port uint32
	MAC  network.MAC
}

// Sample copies one frame in OneIn to Port, or describes it to Collector if Port is 0.
type Sample struct {
	Origin
	OneIn     uint32
	Port      uint32
	Collector netip.AddrPort
}
