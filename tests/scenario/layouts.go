package scenario

import (
	"fmt"
	"hash/fnv"
	"slices"

	"pillion/compiler/network"
)

// Layout is a way to have P4 switches and ordinary ones in one network.
type Layout string

// The layouts of [Mixed].
const (
	// LayoutLeaves: every other switch with endpoints is ordinary, with a sidecar.
	LayoutLeaves Layout = "leaves"
	// LayoutCore: switches with endpoints are P4, and what is between them is ordinary.
	LayoutCore Layout = "core"
	// LayoutSpine: switches with endpoints are ordinary, with sidecars, and what is between them is P4.
	LayoutSpine Layout = "spine"
)

// Layouts are all there are.
var Layouts = []Layout{LayoutLeaves, LayoutCore, LayoutSpine}

// layoutOf chooses one by name, so that different scenarios have different ones.
func layoutOf(name string) Layout {
	h := fnv.New32a()
	h.Write([]byte(name))
	return Layouts[h.Sum32()%uint32(len(Layouts))]
}

// allOrdinary makes every switch ordinary.
func allOrdinary(net *network.Network, driver string) (*network.Network, error) {
	r := remake(net, driver)
	for i := range r.Switches {
		if err := r.replace(int32(i)); err != nil {
			return nil, err
		}
	}
	r.unplug()
	return r.Network, nil
}

// mixed makes some switches ordinary. A network that has ordinary switches is mixed already.
func mixed(net *network.Network, layout Layout, drivers ...string) (*network.Network, error) {
	if hasOrdinary(net) {
		return net, nil
	}
	r := remake(net, drivers...)
	leaves := r.leaves()
	var err error
	switch layout {
	case LayoutLeaves:
		err = r.mixLeaves(leaves)
	case LayoutCore:
		err = r.mixCore(leaves)
	case LayoutSpine:
		err = r.mixSpine(leaves)
	default:
		err = fmt.Errorf("no layout is called %q: choose of %v", layout, Layouts)
	}
	if err != nil {
		return nil, err
	}
	r.unplug()
	return r.Network, nil
}

// leaves are the switches with endpoints, in the order of the network.
func (r *remaking) leaves() []int32 {
	var list []int32
	for i := range r.Switches {
		if slices.ContainsFunc(r.Endpoints, func(e network.Endpoint) bool { return e.At.Switch == int32(i) }) {
			list = append(list, int32(i))
		}
	}
	return list
}

// mixLeaves replaces every other leaf. A lone one gets a second, which takes over half of the endpoints.
func (r *remaking) mixLeaves(leaves []int32) error {
	if len(leaves) == 1 {
		second, err := r.split(leaves[0])
		if err != nil {
			return err
		}
		leaves = append(leaves, second)
	}
	for i := 1; i < len(leaves); i += 2 {
		if err := r.replace(leaves[i]); err != nil {
			return err
		}
	}
	return nil
}

// split adds a switch behind another, and moves every other endpoint there, to ports of the same numbers.
func (r *remaking) split(sw int32) (int32, error) {
	near, err := r.freePort(sw)
	if err != nil {
		return 0, err
	}
	added := int32(len(r.Switches))
	old := r.Switches[sw]
	// What it is until it is replaced.
	r.Switches = append(r.Switches, network.Switch{Name: r.free(old.Name + "-more"), CPUPort: old.CPUPort, DeviceID: old.DeviceID, Span: old.Span})
	r.Links = append(r.Links, network.Link{Ends: [2]network.Port{{Switch: sw, Number: near}, {Switch: added, Number: near}}, MTU: r.linkMTU(), Span: old.Span})
	move := false
	for i := range r.Endpoints {
		if e := &r.Endpoints[i]; e.At.Switch == sw {
			if move {
				e.At.Switch = added
			}
			move = !move
		}
	}
	return added, nil
}

// linkMTU is enough for what any endpoint sends.
func (r *remaking) linkMTU() int {
	need := 1600
	for i := range r.Endpoints {
		need = max(need, r.Endpoints[i].MTU+network.EncapsulationBytes)
	}
	return need
}

// mixCore replaces the switches without endpoints: those without middleboxes need no sidecar, and every other one of them has
// none. Where there is no such switch, one ordinary switch joins all others in place of their links.
func (r *remaking) mixCore(leaves []int32) error {
	replaced, bare := 0, 0
	for i := range r.Switches {
		if slices.Contains(leaves, int32(i)) {
			continue
		}
		replaced++
		needed := slices.ContainsFunc(r.Middleboxes, func(b network.Middlebox) bool { return b.At.Switch == int32(i) })
		if !needed {
			bare++
		}
		if needed || bare%2 == 0 {
			if err := r.replace(int32(i)); err != nil {
				return err
			}
			continue
		}
		r.strip(int32(i))
	}
	if replaced > 0 {
		return nil
	}
	hub, err := r.join(leaves)
	if err == nil {
		r.strip(hub)
	}
	return err
}

// strip makes a switch an ordinary one without a sidecar.
func (r *remaking) strip(sw int32) {
	old := &r.Switches[sw]
	*old = network.Switch{Name: old.Name, Target: network.Legacy, Driver: r.driver(), Span: old.Span}
}

// mixSpine replaces the leaves. Where all switches are leaves, a P4 switch joins them in place of their links.
func (r *remaking) mixSpine(leaves []int32) error {
	if len(leaves) == len(r.Switches) {
		if _, err := r.join(leaves); err != nil {
			return err
		}
	}
	for _, leaf := range leaves {
		if err := r.replace(leaf); err != nil {
			return err
		}
	}
	return nil
}

// join adds a switch that joins others in place of their links.
func (r *remaking) join(others []int32) (hub int32, err error) {
	r.Links = nil
	hub = int32(len(r.Switches))
	last := r.Switches[len(r.Switches)-1]
	id := uint64(0)
	for i := range r.Switches {
		id = max(id, r.Switches[i].DeviceID)
	}
	r.Switches = append(r.Switches, network.Switch{Name: r.free("hub"), Address: placeholder("hub", 0), DeviceID: id + 1, CPUPort: last.CPUPort, Span: last.Span})
	for i, sw := range others {
		near, err := r.freePort(sw)
		if err != nil {
			return 0, err
		}
		r.Links = append(r.Links, network.Link{Ends: [2]network.Port{{Switch: sw, Number: near}, {Switch: hub, Number: uint32(i + 1)}}, MTU: r.linkMTU(), Span: last.Span})
	}
	return hub, nil
}
