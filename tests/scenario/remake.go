package scenario

import (
	"errors"
	"fmt"
	"slices"

	"pillion/compiler/network"
)

// Remaker is a substrate that is not made of P4 switches alone: it brings another network to life than the one it
// is given, with the same endpoints and middleboxes, and the policy is compiled for that one.
type Remaker interface {
	Substrate
	// Remake makes the network. The one that it is given stays as it is; equal ones give equal ones.
	Remake(site *Site) (*network.Network, error)
}

// Remade is the site as the substrate brings it to life.
func Remade(site *Site, on Substrate) (*Site, error) {
	r, ok := on.(Remaker)
	if !ok {
		return site, nil
	}
	net, err := r.Remake(site)
	if err != nil {
		return nil, err
	}
	_, b, err := lower(site.Policy, net)
	if err != nil {
		return nil, err
	}
	return &Site{Name: site.Name, Policy: site.Policy, Net: net, Bundle: b, Boxes: site.Boxes}, nil
}

// On is the scenario as the substrate brings it to life: its expectations are the same, and what they say of paths and
// locators is of the network that runs.
func (s *Scenario) On(on Substrate) (*Scenario, error) {
	r, ok := on.(Remaker)
	if !ok {
		return s, nil
	}
	net, err := r.Remake(&s.Site)
	if err != nil {
		return nil, err
	}
	made := &compiled{policy: s.policy, net: net}
	if made.plan, made.bundle, err = lower(s.policy, net); err != nil {
		return nil, err
	}
	return s.with(made)
}

// remaking is a network on its way to another.
type remaking struct {
	*network.Network
	drivers []string // of the ordinary switches, in turn
	made    int      // ordinary switches so far
}

// remake begins with a copy.
func remake(net *network.Network, drivers ...string) *remaking {
	c := *net
	c.Switches, c.Sidecars, c.Links = slices.Clone(net.Switches), slices.Clone(net.Sidecars), slices.Clone(net.Links)
	c.Endpoints, c.Middleboxes = slices.Clone(net.Endpoints), slices.Clone(net.Middleboxes)
	return &remaking{Network: &c, drivers: drivers}
}

// hasOrdinary says whether a network has ordinary switches.
func hasOrdinary(net *network.Network) bool {
	return slices.ContainsFunc(net.Switches, func(s network.Switch) bool { return s.Target == network.Legacy })
}

func (r *remaking) ordinary(sw int32) bool { return r.Switches[sw].Target == network.Legacy }

// driver is that of the next ordinary switch.
func (r *remaking) driver() string {
	r.made++
	return r.drivers[(r.made-1)%len(r.drivers)]
}

// replace makes a P4 switch an ordinary one with a sidecar, and gives its endpoints shims: but for gateways, and every third
// endpoint of the network, which are wired to the sidecar. So there are shims and wires on most switches.
func (r *remaking) replace(sw int32) error {
	old := &r.Switches[sw]
	if old.Target == network.Legacy {
		return nil
	}
	*old = network.Switch{Name: old.Name, Target: network.Legacy, Driver: r.driver(), Sidecar: r.free("side-" + old.Name), Span: old.Span}
	trunk, err := r.freePort(sw)
	if err != nil {
		return err
	}
	r.Sidecars = append(r.Sidecars, network.Sidecar{
		Name: old.Sidecar, At: network.Port{Switch: sw, Number: trunk}, Address: placeholder("sidecar", len(r.Sidecars)), DeviceID: uint64(len(r.Sidecars) + 1), Span: old.Span,
	})
	for i := range r.Endpoints {
		if e := &r.Endpoints[i]; e.At.Switch == sw && !e.Gateway() && i%3 != 2 {
			e.Shim = placeholder("shim", i)
		}
	}
	if old.Driver == bridgeDriver {
		return r.wire(sw, &r.Sidecars[len(r.Sidecars)-1])
	}
	return nil
}

// bridgeDriver is that of switches that cannot tag, so that each virtual wire takes an interface of its own.
const (
	bridgeDriver = "linux-bridge"
	ovsDriver    = "ovs"
)

// wire gives each port that is joined to a sidecar an interface of the sidecar's.
func (r *remaking) wire(sw int32, side *network.Sidecar) error {
	var wired []uint32
	for i := range r.Endpoints {
		if e := &r.Endpoints[i]; e.At.Switch == sw && e.Shim == "" {
			wired = append(wired, e.At.Number)
		}
	}
	for i := range r.Middleboxes {
		b := &r.Middleboxes[i]
		if b.At.Switch != sw {
			continue
		}
		wired = append(wired, b.At.Number)
		if b.Out.Number != 0 {
			wired = append(wired, b.Out.Number)
		}
	}
	slices.Sort(wired)
	for _, port := range wired {
		// Noted at once, as it is taken by that.
		side.Wires = append(side.Wires, network.Wire{Port: port})
		via, err := r.freePort(sw)
		if err != nil {
			return err
		}
		side.Wires[len(side.Wires)-1].Via = via
	}
	return nil
}

// placeholder is an address of a target that is not there: every substrate has its own.
func placeholder(kind string, number int) string {
	return fmt.Sprintf("unix:///run/pillion/%s-%d.sock", kind, number)
}

// free is a name that nothing has.
func (r *remaking) free(name string) string {
	for r.named(name) {
		name += "-"
	}
	return name
}

func (r *remaking) named(name string) bool {
	return slices.ContainsFunc(r.Switches, func(s network.Switch) bool { return s.Name == name }) ||
		slices.ContainsFunc(r.Sidecars, func(s network.Sidecar) bool { return s.Name == name }) ||
		slices.ContainsFunc(r.Endpoints, func(e network.Endpoint) bool { return e.Name == name }) ||
		slices.ContainsFunc(r.Middleboxes, func(b network.Middlebox) bool { return b.Name == name })
}

// maxPort is the largest that a switch of either kind and a sidecar have.
const maxPort = 509

// freePort is the lowest port of a switch that nothing is at.
func (r *remaking) freePort(sw int32) (uint32, error) {
	taken := map[uint32]bool{r.Switches[sw].CPUPort: true}
	take := func(p network.Port) { taken[p.Number] = taken[p.Number] || p.Switch == sw }
	for i := range r.Links {
		take(r.Links[i].Ends[0])
		take(r.Links[i].Ends[1])
	}
	for i := range r.Endpoints {
		take(r.Endpoints[i].At)
	}
	for i := range r.Middleboxes {
		take(r.Middleboxes[i].At)
		take(r.Middleboxes[i].Out)
	}
	for i := range r.Sidecars {
		take(r.Sidecars[i].At)
		for _, w := range r.Sidecars[i].Wires {
			take(network.Port{Switch: r.Sidecars[i].At.Switch, Number: w.Via})
		}
	}
	for p := uint32(1); p <= maxPort; p++ {
		if !taken[p] {
			return p, nil
		}
	}
	return 0, errors.New("switch " + r.Switches[sw].Name + " has no free port")
}

// unplug leaves out the links that close a loop of ordinary switches, as a spanning tree protocol would: they flood.
func (r *remaking) unplug() {
	root := make([]int32, len(r.Switches))
	for i := range root {
		root[i] = int32(i)
	}
	find := func(s int32) int32 {
		for root[s] != s {
			s = root[s]
		}
		return s
	}
	r.Links = slices.DeleteFunc(r.Links, func(l network.Link) bool {
		a, b := l.Ends[0].Switch, l.Ends[1].Switch
		if !r.ordinary(a) || !r.ordinary(b) {
			return false
		}
		a, b = find(a), find(b)
		root[a] = b
		return a == b
	})
}
