package drivers

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"pillion/runtime/port"
	"pillion/sidecarfallback/redirect"
	"pillion/sidecarfallback/redirect/ovs"
)

// The names of the drivers, as a network file has them.
const (
	OVS         = "ovs"
	LinuxBridge = "linux-bridge"
)

// Names lists the drivers.
func Names() []string { return []string{LinuxBridge, OVS} }

// Config says which switch to drive.
type Config struct {
	// Driver is one of Names.
	Driver string
	// Bridge is the name of the bridge.
	Bridge string
	// Ports names the interface of each port number of the network file. For Open vSwitch it may be nil: the numbers are then
	// the bridge's OpenFlow port numbers.
	Ports map[uint32]string
	// OVSFolder holds the sockets of Open vSwitch; empty: where it was built to have them.
	OVSFolder string
}

// ParsePorts reads what a command line says of ports: N@IFACE each, every number and interface once. Nil if there are none.
func ParsePorts(words []string) (map[uint32]string, error) {
	var out map[uint32]string
	for _, word := range words {
		spec, err := port.ParseSpec(word)
		if err != nil {
			return nil, err
		}
		if spec.Namespace != "" {
			return nil, fmt.Errorf("port %q: a port of a bridge is in the namespace of the bridge: write %d@%s, and run this command there", word, spec.Number, spec.Interface)
		}
		if spec.Number == 0 {
			return nil, fmt.Errorf("port %q: ports of an ordinary switch count from 1", word)
		}
		if other, ok := out[spec.Number]; ok {
			return nil, fmt.Errorf("port %q: port %d is %s already", word, spec.Number, other)
		}
		if out == nil {
			out = map[uint32]string{}
		}
		out[spec.Number] = spec.Interface
	}
	return out, nil
}

// Open makes the driver. It fails with an [*redirect.Unsupported] where the system cannot have it.
func (c Config) Open() (redirect.Driver, error) {
	if !slices.Contains(Names(), c.Driver) {
		return nil, fmt.Errorf("driver %q: there are %s", c.Driver, strings.Join(Names(), ", "))
	}
	if c.Bridge == "" {
		return nil, fmt.Errorf("driver %s: name the bridge", c.Driver)
	}
	if c.Driver == LinuxBridge {
		if c.OVSFolder != "" {
			return nil, fmt.Errorf("driver %s: a folder of Open vSwitch's sockets is for the driver %s", c.Driver, OVS)
		}
		return openLinuxBridge(c)
	}
	d, err := ovs.New(c.ovs())
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (c Config) ovs() ovs.Config {
	return ovs.Config{Bridge: c.Bridge, Ports: c.Ports, Run: ovs.Programs(c.OVSFolder)}
}

// Interfaces says which port of the network file the interface with a system's index (RFC 2863, ifIndex) is, for samples that name
// one. Ports whose interfaces are not there are left out.
func (c Config) Interfaces(ctx context.Context) (map[uint32]uint32, error) {
	if c.Driver == OVS {
		return ovs.Interfaces(ctx, c.ovs())
	}
	out := map[uint32]uint32{}
	for number, name := range c.Ports {
		if i, err := net.InterfaceByName(name); err == nil {
			out[uint32(i.Index)] = number
		}
	}
	return out, nil
}
