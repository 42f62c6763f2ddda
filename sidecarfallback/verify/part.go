package verify

import (
	"pillion/backends/bundle"
	"pillion/p4"
)

// Part is as much of a bundle as makes the same verifier: for who keeps it.
func Part(b *bundle.Bundle, ordinarySwitch string) (*bundle.Bundle, error) {
	net, here, err := find(b, ordinarySwitch)
	if err != nil {
		return nil, err
	}
	shim, err := p4.Shim()
	if err != nil {
		return nil, err
	}
	pillion, err := p4.Pillion()
	if err != nil {
		return nil, err
	}
	shims, switches := newLocators(shim), newLocators(pillion)
	domain := domainOf(net, here)
	whole := map[string]bool{}
	for i := range net.Endpoints {
		if e := &net.Endpoints[i]; e.Shim != "" && domain[e.At.Switch] {
			whole[e.Name] = true
		}
	}
	out := &bundle.Bundle{Version: b.Version, Network: b.Network, Statements: b.Statements, Targets: make([]bundle.Target, len(b.Targets))}
	for i := range b.Targets {
		t := b.Targets[i]
		in := &switches
		if t.Kind == shimKind {
			in = &shims
		}
		if t.Kind != shimKind || !whole[t.Name] {
			t.Entities = nil
			for k := range b.Targets[i].Entities {
				if e := &b.Targets[i].Entities[k]; in.says(e) {
					t.Entities = append(t.Entities, *e)
				}
			}
		}
		out.Targets[i] = t
	}
	return out, nil
}
