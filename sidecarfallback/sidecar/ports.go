package sidecar

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"pillion/runtime/port"
	"pillion/runtime/server"
)

// ports keeps the ports of the engine as the bundle has them. It is for one goroutine.
type ports struct {
	options *Options
	sw      *server.Switch
	// open are the ports that are there, and what each of them is.
	open map[uint32]portKind
}

// portKind is what a port of the engine is made of.
type portKind struct {
	port.Spec        // an interface, or
	vlan      uint16 // a VLAN of the trunk
}

// wanted says which ports a duty asks for. What it cannot have is in the error; the rest is good all the same.
func (p *ports) wanted(d *duty) (map[uint32]portKind, error) {
	var errs []error
	out := map[uint32]portKind{d.trunk: {Spec: p.options.Trunk}}
	for _, w := range p.options.Wires {
		rule, ok := d.wire(w.Number)
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("an interface %s for port %d of %s, which is not wired to the sidecar: wired are %s", w.Interface, w.Number, d.sw, d.wired()))
		case rule.Tag != 0:
			errs = append(errs, fmt.Errorf("an interface %s for port %d of %s, which is VLAN %d on the trunk: leave it out, or list the port in the sidecar's wires: in the network file", w.Interface, w.Number, d.sw, rule.Tag))
		default:
			out[w.Number] = portKind{Spec: w}
		}
	}
	for _, w := range d.rules.Wires {
		if w.Tag != 0 {
			out[w.Box] = portKind{vlan: w.Tag}
		} else if _, ok := out[w.Box]; !ok {
			errs = append(errs, fmt.Errorf("port %d of %s is wired to the sidecar by an interface of its own (port %d of the switch): say which, as in %d@IFACE", w.Box, d.sw, w.Sidecar, w.Box))
		}
	}
	if via := d.rules.Sample.Port; via != 0 && p.options.Sample.Interface == "" {
		errs = append(errs, fmt.Errorf("%s copies samples to its port %d: say which interface is there (--sample IFACE), or take sample: out of the network file", d.sw, via))
	}
	return out, errors.Join(errs...)
}

// follow makes the ports those of the duty. What is right is not touched; an interface that went away and is back
// is opened anew.
func (p *ports) follow(d *duty) error {
	want, err := p.wanted(d)
	errs := []error{err}
	for number, kind := range p.open {
		if want[number] != kind || !p.present(number) {
			errs = append(errs, p.remove(number))
		}
	}
	// The trunk goes first: VLANs are on it.
	numbers := []uint32{d.trunk}
	for number := range want {
		if number != d.trunk {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers[1:])
	for _, number := range numbers {
		if _, there := p.open[number]; !there {
			errs = append(errs, p.add(number, want[number], d.trunk))
		}
	}
	return errors.Join(errs...)
}

// present says whether the interface of a port is there.
func (p *ports) present(number uint32) bool {
	status, err := p.sw.Ports.Status(number)
	return err == nil && status.Link.Present
}

func (p *ports) add(number uint32, kind portKind, trunk uint32) error {
	err := p.attach(number, kind, trunk)
	if err == nil {
		p.open[number] = kind
	}
	return err
}

func (p *ports) attach(number uint32, kind portKind, trunk uint32) error {
	if kind.vlan != 0 {
		return p.sw.AddVLAN(number, trunk, kind.vlan)
	}
	dev, err := openInterface(kind.Spec)
	if err != nil {
		return err
	}
	return p.sw.AddPort(number, dev)
}

// openInterface opens an interface, and says what the process may not do.
func openInterface(spec port.Spec) (port.Device, error) {
	dev, err := port.Open(spec.Interface, port.Options{Namespace: spec.Namespace})
	if errors.Is(err, os.ErrPermission) {
		return nil, &PermissionError{Err: err}
	}
	return dev, err
}

// remove takes a port away; of a trunk its VLANs go too.
func (p *ports) remove(number uint32) error {
	err := p.sw.Ports.Remove(number)
	there := p.sw.Ports.Numbers()
	for n := range p.open {
		if !slices.Contains(there, n) {
			delete(p.open, n)
		}
	}
	return err
}
