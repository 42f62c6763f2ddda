package sidecar

import (
	"fmt"
	"slices"
	"strings"

	"pillion/backends/bundle"
	"pillion/compiler/network"
	"pillion/sidecarfallback/redirect"
)

// duty is what a bundle says of one sidecar.
type duty struct {
	bundle   *bundle.Bundle
	address  string
	deviceID uint64
	sw       string // the ordinary switch
	trunk    uint32
	// rules are those of the switch; without a name if the bundle has none.
	rules redirect.Rules
	// kept are ports of the switch that are not to be cut off, whoever comes in by them: links, middleboxes, and the sidecar's own.
	kept map[uint32]bool
}

// sidecarKind is the kind of targets that this is about.
const sidecarKind = "sidecar"

// readDuty reads a bundle's folder.
func readDuty(folder, name string) (*duty, error) {
	b, err := bundle.Read(folder)
	if err != nil {
		return nil, err
	}
	d, err := newDuty(b, name)
	if err != nil {
		return nil, fmt.Errorf("bundle %s: %w", folder, err)
	}
	return d, nil
}

func newDuty(b *bundle.Bundle, name string) (*duty, error) {
	net, problems := network.Parse("network.json", b.Network)
	if problems.HasErrors() {
		return nil, fmt.Errorf("network.json has errors, the first is: %s; compile again", problems.Sorted()[0].Message)
	}
	d := &duty{bundle: b, kept: map[uint32]bool{}}
	var there []string
	for i := range b.Targets {
		t := &b.Targets[i]
		if t.Kind != sidecarKind {
			continue
		}
		there = append(there, t.Name)
		if t.Name == name {
			d.address, d.deviceID = t.Address, t.DeviceID
		}
	}
	at := slices.IndexFunc(net.Sidecars, func(c network.Sidecar) bool { return c.Name == name })
	switch {
	case len(there) == 0:
		return nil, fmt.Errorf("no sidecar %q, and no other: put one beside an ordinary switch (sidecars: in the network file)", name)
	case at < 0 || d.deviceID == 0:
		are := "there are"
		if len(there) == 1 {
			are = "there is"
		}
		return nil, fmt.Errorf("no sidecar %q: %s %s", name, are, strings.Join(there, ", "))
	}
	c := &net.Sidecars[at]
	d.sw, d.trunk = net.Switches[c.At.Switch].Name, c.At.Number
	if err := d.readRules(); err != nil {
		return nil, err
	}
	d.findPorts(net, c)
	return d, nil
}

// readRules finds the rules of the switch.
func (d *duty) readRules() error {
	for i := range d.bundle.Redirects {
		r := &d.bundle.Redirects[i]
		if r.Switch != d.sw {
			continue
		}
		var err error
		if d.rules, err = redirect.Parse(strings.NewReader(r.Text())); err != nil {
			return fmt.Errorf("redirect rules of %s: %w; compile again", d.sw, err)
		}
		for _, w := range d.rules.Wires {
			if w.Tag != 0 && w.Sidecar != d.trunk {
				return fmt.Errorf("redirect rules of %s: %s: the sidecar's trunk is port %d; compile again", d.sw, w, d.trunk)
			}
		}
	}
	return nil
}

// findPorts sorts the ports of the switch.
func (d *duty) findPorts(net *network.Network, c *network.Sidecar) {
	d.kept[d.trunk], d.kept[d.rules.Sample.Port] = true, true
	for _, w := range d.rules.Wires {
		d.kept[w.Sidecar] = true
	}
	keep := func(p network.Port) {
		if p.Switch == c.At.Switch {
			d.kept[p.Number] = true
		}
	}
	for i := range net.Links {
		keep(net.Links[i].Ends[0])
		keep(net.Links[i].Ends[1])
	}
	for i := range net.Middleboxes {
		keep(net.Middleboxes[i].At)
		keep(net.Middleboxes[i].Out)
	}
}

// wire is the rule of a wired port.
func (d *duty) wire(number uint32) (redirect.Wire, bool) {
	for _, w := range d.rules.Wires {
		if w.Box == number {
			return w, true
		}
	}
	return redirect.Wire{}, false
}

// wired lists the wired ports, for errors.
func (d *duty) wired() string {
	if len(d.rules.Wires) == 0 {
		return "none"
	}
	var words []string
	for _, w := range d.rules.Wires {
		if w.Tag != 0 {
			words = append(words, fmt.Sprintf("%d (VLAN %d on the trunk)", w.Box, w.Tag))
		} else {
			words = append(words, fmt.Sprint(w.Box))
		}
	}
	return strings.Join(words, ", ")
}
