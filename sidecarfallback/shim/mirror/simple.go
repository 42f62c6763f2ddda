package mirror

import (
	"fmt"

	"github.com/cilium/ebpf"

	"pillion/p4"
	"pillion/p4/engine"
	"pillion/sidecarfallback/shim/bpf"
)

// Numbers of bpf/maps.h.
const (
	roleEndpoint, roleFabric                  = 1, 3
	from, fromLinkLocal, fromElsewhere        = 1, 2, 3
	toPort, toEdge, toNowhere                 = 1, 2, 3
	chainTaken, chainNone                     = 1, 2
	gatePass, gateFinish, gateClosed, gateOff = 1, 2, 3, 4
	groupKnown, groupNone                     = 1, 2
	replicateTo, replicateNone                = 1, 2
)

func (m *Mirror) port(key engine.Entry, e *engine.EntryInfo) error {
	number := num32(key.Key[0].Value)
	var v bpf.ShimPort
	if e != nil {
		v.Locator = mac(arg(&e.Entry, 0))
		switch {
		case number == p4.ShimHost && e.Action == "ingress.endpoint":
			v.Role = roleEndpoint
		case number == p4.ShimNetwork && e.Action == "ingress.fabric_port":
			v.Role = roleFabric
		default:
			return refuse("port %d cannot be %s; port %d is the host's side (endpoint), port %d the network's (fabric_port)",
				number, e.Action, p4.ShimHost, p4.ShimNetwork)
		}
	}
	if number != p4.ShimHost && number != p4.ShimNetwork {
		return nil // it was refused when it came
	}
	return put(m.out, m.maps.Ports, &number, &v)
}

func (m *Mirror) source(key engine.Entry, e *engine.EntryInfo) error {
	k := bpf.ShimSourceKey{Port: uint16(number(key.Key[0].Value)), Mac: mac(key.Key[1].Value)}
	k.Address.B = address(key.Key[2].Value)
	bits := key.Key[2].PrefixLen
	var v bpf.ShimSource
	if e != nil {
		switch e.Action {
		case "ingress.from":
			v = bpf.ShimSource{Action: from, Identity: num32(arg(&e.Entry, 0)), Tenant: num32(arg(&e.Entry, 1))}
		case "ingress.from_link_local":
			v.Action = fromLinkLocal
		case "ingress.from_elsewhere":
			v.Action = fromElsewhere
		default:
			return unknownAction(e)
		}
	}
	if bits == 128 {
		return write(m, m.maps.Source, &k, &v, e)
	}
	return write(m, m.maps.SourcePrefix, &bpf.ShimSourcePrefix{Bits: uint32(64 + bits), Key: k}, &v, e)
}

func (m *Mirror) destination(key engine.Entry, e *engine.EntryInfo) error {
	k := address(key.Key[0].Value)
	bits := key.Key[0].PrefixLen
	var v bpf.ShimDestination
	if e != nil {
		switch e.Action {
		case "ingress.to_port":
			v = bpf.ShimDestination{Action: toPort, Port: uint16(number(arg(&e.Entry, 0))), Mac: mac(arg(&e.Entry, 1)),
				Identity: num32(arg(&e.Entry, 2)), Answers: uint8(number(arg(&e.Entry, 3)))}
			if v.Port != p4.ShimHost && v.Port != p4.ShimNetwork {
				return refuse("to_port: there is no port %d; %d is the host's side, %d the network's", v.Port, p4.ShimHost, p4.ShimNetwork)
			}
		case "ingress.to_edge":
			v = bpf.ShimDestination{Action: toEdge, Locator: mac(arg(&e.Entry, 0)), Tree: uint16(number(arg(&e.Entry, 1))), Mac: mac(arg(&e.Entry, 2)),
				Identity: num32(arg(&e.Entry, 3)), Answers: uint8(number(arg(&e.Entry, 4)))}
		case "ingress.to_nowhere":
			v.Action = toNowhere
		default:
			return unknownAction(e)
		}
	}
	if bits == 128 {
		return write(m, m.maps.Destination, &k, &v, e)
	}
	return write(m, m.maps.DestPrefix, &bpf.ShimDestinationPrefix{Bits: uint32(bits), Address: k}, &v, e)
}

func (m *Mirror) gate(key engine.Entry, e *engine.EntryInfo) error {
	k := bpf.ShimGateKey{Path: num32(key.Key[0].Value)<<8 | num32(key.Key[1].Value), Copy: num32(key.Key[2].Value)}
	var v bpf.ShimGate
	if e != nil {
		switch e.Action {
		case "ingress.pass":
			v = bpf.ShimGate{Action: gatePass, Si: uint8(number(arg(&e.Entry, 0))), Type: num32(arg(&e.Entry, 1)),
				Reverse: uint8(number(arg(&e.Entry, 2))), Tapset: num32(arg(&e.Entry, 3))}
		case "ingress.finish":
			v = bpf.ShimGate{Action: gateFinish, Si: uint8(number(arg(&e.Entry, 0))), Tapset: num32(arg(&e.Entry, 1))}
		case "ingress.closed":
			v.Action = gateClosed
		case "ingress.off_path":
			v.Action = gateOff
		default:
			return unknownAction(e)
		}
	}
	return write(m, m.maps.Gates, &k, &v, e)
}

func (m *Mirror) replication(key engine.Entry, e *engine.EntryInfo) error {
	spi := num32(key.Key[0].Value)
	if number(key.Key[1].Value) != 0 {
		return nil // for trunks: no frame has such a key here
	}
	var v bpf.ShimReplication
	if e != nil {
		switch e.Action {
		case "ingress.replicate":
			v = bpf.ShimReplication{Action: replicateTo, Group: uint16(number(arg(&e.Entry, 0))), Tree: uint16(number(arg(&e.Entry, 1)))}
			if v.Group == 0 {
				return refuse("replicate: group 0 means none")
			}
		case "ingress.no_replicas":
			v.Action = replicateNone
		default:
			return unknownAction(e)
		}
	}
	return write(m, m.maps.Replication, &spi, &v, e)
}

// write puts the element of an entry, or removes it if there is no entry.
func write[K, V any](m *Mirror, target *ebpf.Map, key *K, value *V, e *engine.EntryInfo) error {
	if e == nil {
		return remove(m.out, target, key)
	}
	return put(m.out, target, key, value)
}

func unknownAction(e *engine.EntryInfo) error {
	return fmt.Errorf("action %q is not known to the data plane: it belongs to another version of shim.p4", e.Action)
}
