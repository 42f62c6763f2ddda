package scenario

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"pillion/compiler/network"
	"pillion/sidecarfallback/redirect/linuxbridge"
	"pillion/sidecarfallback/shim"
	"pillion/tests/lab"
)

// Sidecar is the substrate without a P4 switch: every switch is an ordinary one with a sidecar, and most hosts have shims.
type Sidecar struct {
	// Program is the command pillion.
	Program string
	// Driver is that of the switches: ovs or linux-bridge.
	Driver string
}

// Name implements [Substrate].
func (s Sidecar) Name() string {
	if s.Driver == bridgeDriver {
		return "sidecar-lxbr"
	}
	return "sidecar-ovs"
}

// Missing implements [Substrate].
func (s Sidecar) Missing(site *Site) []string { return agentNeeds(site, s.Program, s) }

// Remake implements [Remaker].
func (s Sidecar) Remake(site *Site) (*network.Network, error) { return allOrdinary(site.Net, s.Driver) }

// Start implements [Substrate].
func (s Sidecar) Start(ctx context.Context, site *Site) (World, error) {
	return startKernel(ctx, site, s.Program, Switch{Program: s.Program}.start)
}

// Mixed is the substrate of networks with P4 switches, which are our software switch, and ordinary ones.
type Mixed struct {
	// Program is the command pillion.
	Program string
	// Drivers are those of the ordinary switches, in turn; nil: ovs and linux-bridge.
	Drivers []string
	// Layout says which switches are ordinary; "": the name of the site chooses.
	Layout Layout
}

// Name implements [Substrate].
func (m Mixed) Name() string {
	if m.Layout != "" {
		return "mixed-" + string(m.Layout)
	}
	return "mixed"
}

func (m Mixed) drivers() []string {
	if m.Drivers == nil {
		return []string{ovsDriver, bridgeDriver}
	}
	return m.Drivers
}

// Missing implements [Substrate].
func (m Mixed) Missing(site *Site) []string { return agentNeeds(site, m.Program, m) }

// Remake implements [Remaker].
func (m Mixed) Remake(site *Site) (*network.Network, error) {
	layout := m.Layout
	if layout == "" {
		layout = layoutOf(site.Name)
	}
	return mixed(site.Net, layout, m.drivers()...)
}

// Start implements [Substrate].
func (m Mixed) Start(ctx context.Context, site *Site) (World, error) {
	return startKernel(ctx, site, m.Program, Switch{Program: m.Program}.start)
}

// agentNeeds are what the site needs as it is remade.
func agentNeeds(site *Site, program string, on Remaker) []string {
	net, err := on.Remake(site)
	if err != nil {
		return []string{err.Error()}
	}
	drives := func(driver string) bool {
		return slices.ContainsFunc(net.Switches, func(s network.Switch) bool { return s.Driver == driver })
	}
	var more []lab.Requirement
	if drives(ovsDriver) {
		more = append(more, lab.OpenVSwitch)
	}
	if drives(bridgeDriver) {
		more = append(more, lab.LinuxBridge)
	}
	list := append(needs(site, more...), needsCommand(program)...)
	if len(list) > 0 {
		return list
	}
	if err := shim.Supported(); err != nil {
		list = append(list, err.Error())
	}
	if drives(bridgeDriver) {
		if err := bridgeSupported(); err != nil {
			list = append(list, err.Error())
		}
	}
	return list
}

// bridgeSupported says what the kernel lacks for redirection on a Linux bridge. It is asked once, in a namespace of its own.
var bridgeSupported = sync.OnceValue(func() error {
	l, err := lab.New()
	if err != nil {
		return err
	}
	defer l.Close()
	ns, err := l.Box("probe")
	if err != nil {
		return fmt.Errorf("probing for redirection: %w", err)
	}
	return ns.Do(linuxbridge.Missing)
})
