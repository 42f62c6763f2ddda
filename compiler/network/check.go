package network

import (
	"fmt"
	"maps"
	"net/netip"
	"strconv"
	"strings"

	"pillion/lang/diag"
)

// EncapsulationBytes is by how much a link's MTU must exceed that of the
// endpoints. An MTU is what `ip link` shows: the payload of an Ethernet frame.
// That of an encapsulated frame is NSH (24 bytes, RFC 8300 with MD type 1) and
// the inner frame with its Ethernet header (14 bytes).
const EncapsulationBytes = 24 + 14

const (
	minMTU  = 68   // RFC 791: what IPv4 needs
	minMTU6 = 1280 // RFC 8200: what IPv6 needs
	maxMTU  = 65535

	// v1model's ports have 9 bits; 511 is drop, and 510 is where packets for
	// the controller go unless cpu-port says otherwise.
	maxP4Port = 510
	// OpenFlow 1.0 reserves ports from 0xff00.
	maxLegacyPort = 0xff00 - 1

	maxGuesses = 20
)

// nowhere is a Port that has not been read, or not well.
var nowhere = Port{Switch: -1}

// seen is what may be there only once, with the value that had it first. These
// maps take most of the time that a large file takes, so they are kept small.
type seen struct {
	names    map[string]ref
	macs     map[MAC]ref
	ips      map[[16]byte]ref // an IPv4 address in its IPv6 form
	prefixes map[netip.Prefix]ref
	ports    map[Port]int32 // index into uses
	uses     []portUse
	devices  map[device]diag.Span
	sidecars []sidecarRef
	wires    []wireRef

	// The endpoint with the largest MTU, and the links with the smallest.
	mtu        int
	mtuName    string
	mtuAt      diag.Span
	links      []narrowLink // those with an mtu of their own
	plainLinks int          // how many have none
	plainAt    diag.Span    // the first of them
}

type portUse struct {
	what, name string
	at         ref
}

type device struct {
	address string
	id      uint64
}

// sidecarRef is where a switch names its sidecar.
type sidecarRef struct {
	sw int32
	at diag.Span
}

type narrowLink struct {
	mtu int
	at  diag.Span // of the mtu
}

// make has room for about this many objects.
func (s *seen) make(objects int) {
	s.names = make(map[string]ref, objects)
	s.macs = make(map[MAC]ref, objects)
	s.ips = make(map[[16]byte]ref, objects)
	s.prefixes = map[netip.Prefix]ref{}
	s.ports = make(map[Port]int32, objects)
	s.uses = make([]portUse, 0, objects)
	s.devices = map[device]diag.Span{}
}

// port reads switch:port for the named object, and takes the port.
func (r *reader) port(v ref, what, name string) Port {
	s, ok := r.text(v)
	if !ok {
		return nowhere
	}
	colon := strings.LastIndexByte(s, ':')
	if colon <= 0 || colon == len(s)-1 {
		r.fail(v, codePlace, "a place is switch:port, as in leaf1:3", "%q is not a place on a switch", clip(s))
		return nowhere
	}
	sw, ok := r.switches[s[:colon]]
	if !ok {
		r.unknownSwitch(v, s[:colon])
		return nowhere
	}
	number, err := strconv.ParseUint(s[colon+1:], 10, 32)
	if err != nil || s[colon+1] == '0' && len(s) > colon+2 {
		r.fail(v, codePlace, "a place is switch:port, as in leaf1:3", "%q is not the number of a port", clip(s[colon+1:]))
		return nowhere
	}
	if !r.validPort(v, &r.net.Switches[sw], number) {
		return nowhere
	}
	p := Port{Switch: sw, Number: uint32(number)}
	r.takePort(v, p, what, name)
	return p
}

// takePort gives a port to the named object, unless it is taken.
func (r *reader) takePort(v ref, p Port, what, name string) bool {
	if i, ok := r.seen.ports[p]; ok {
		first := r.seen.uses[i]
		r.again(v, first.at, codeUsed, "each port takes one link, endpoint, middlebox arm, sidecar, wire to a sidecar, or sample",
			"port %s:%d is used twice: by %s and by %s", r.net.Switches[p.Switch].Name, p.Number, thing(first.what, first.name), thing(what, name))
		return false
	}
	r.seen.ports[p] = int32(len(r.seen.uses))
	r.seen.uses = append(r.seen.uses, portUse{what, name, v})
	return true
}

func thing(what, name string) string {
	if name == "" {
		return "a " + what
	}
	return what + " " + name
}

func (r *reader) unknownSwitch(v ref, name string) {
	if !r.full {
		r.fail(v, codeSwitch, guess(r, name, r.switches), "there is no switch %q", clip(name))
	}
}

// guess suggests a name, the first few times: it looks at every candidate.
func guess[V any](r *reader, name string, candidates map[string]V) string {
	if r.guesses++; r.guesses > maxGuesses {
		return ""
	}
	near := diag.SuggestFrom(name, maps.Keys(candidates))
	if near == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", near)
}

func (r *reader) validPort(v ref, s *Switch, number uint64) bool {
	const p4Hint = "the ports of a P4 switch are 1 to 509; 511 means drop, and 510 is the default CPU port"
	switch {
	case s.Target == Legacy && (number == 0 || number > maxLegacyPort):
		r.fail(v, codePort, fmt.Sprintf("the ports of a legacy switch are 1 to %d", maxLegacyPort), "%s cannot have a port %d", s.Name, number)
	case s.Target == Legacy:
		return true
	case number == uint64(s.CPUPort):
		r.fail(v, codePort, p4Hint, "port %d of %s is its CPU port", number, s.Name)
	case number == 0 || number >= maxP4Port:
		r.fail(v, codePort, p4Hint, "%s cannot have a port %d for links and hosts", s.Name, number)
	default:
		return true
	}
	return false
}

func (r *reader) claimMAC(v ref, mac MAC) {
	if first, ok := r.seen.macs[mac]; ok {
		r.again(v, first, codeSameMAC, "MAC addresses, and locators, must differ across the network", "the MAC address %v is used twice", mac)
		return
	}
	r.seen.macs[mac] = v
}

func (r *reader) claimIP(v ref, ip netip.Addr) {
	if first, ok := r.seen.ips[ip.As16()]; ok {
		r.again(v, first, codeSameIP, "IP addresses must differ across the network, also between tenants", "the IP address %v is used twice", ip)
		return
	}
	r.seen.ips[ip.As16()] = v
}

func (r *reader) claimPrefix(v ref, p netip.Prefix) {
	if first, ok := r.seen.prefixes[p]; ok {
		r.again(v, first, codeGateways, "only one gateway can lead to a prefix; a longer prefix may lead elsewhere", "the prefix %v is used twice", p)
		return
	}
	r.seen.prefixes[p] = v
}

// claimDevice takes a P4Runtime server's address and device id.
func (r *reader) claimDevice(at diag.Span, address string, id uint64, given bool) {
	if address == "" {
		return
	}
	if !given {
		r.failAt(at, codeMissing, "P4Runtime addresses a device by both", "with an address goes the key device-id")
		return
	}
	d := device{address, id}
	if first, ok := r.seen.devices[d]; ok {
		if id == 0 { // shims have none of their own in the file
			r.againAt(at, first, codeDevice, "each shim listens at an address of its own", "the address %s is used twice", address)
			return
		}
		r.againAt(at, first, codeDevice, "two targets at one address need device ids that differ", "device id %d at %s is used twice", id, address)
		return
	}
	r.seen.devices[d] = at
}

func (s *seen) endpointMTU(mtu int, name string, at diag.Span) {
	if mtu > s.mtu {
		s.mtu, s.mtuName, s.mtuAt = mtu, name, at
	}
}

// linkMTU notes a link, whose span is that of its mtu if it has one.
func (s *seen) linkMTU(l *Link, own bool) {
	if own {
		s.links = append(s.links, narrowLink{l.MTU, l.Span})
		return
	}
	if s.plainLinks == 0 {
		s.plainAt = l.Span
	}
	s.plainLinks++
}

// check looks at what can be said only when all is read.
func (r *reader) check() {
	r.checkMTU()
	r.checkSidecars()
	r.checkWires()
}

func (r *reader) checkMTU() {
	need := r.seen.mtu + EncapsulationBytes
	say := func(at diag.Span, format string, args ...any) {
		r.report(diag.Diagnostic{
			Code: codeMTU, Span: at, Message: fmt.Sprintf(format, args...),
			Notes: []diag.Note{{Span: r.seen.mtuAt, Message: fmt.Sprintf("endpoint %s has an MTU of %d", r.seen.mtuName, r.seen.mtu)}},
			Hint:  fmt.Sprintf("a link's mtu is at least that of every endpoint plus %d for the encapsulation: %d", EncapsulationBytes, need),
		})
	}
	for _, l := range r.seen.links {
		if l.mtu < need {
			say(l.at, "an MTU of %d is too small for this link", l.mtu)
		}
	}
	if r.seen.plainLinks > 0 && defaultLinkMTU < need {
		say(r.seen.plainAt, "the default MTU of %d is too small for this link (and for all %d that have no mtu)", defaultLinkMTU, r.seen.plainLinks)
	}
}

func (r *reader) checkSidecars() {
	byName := map[string]int{}
	for i := range r.net.Sidecars {
		byName[r.net.Sidecars[i].Name] = i
	}
	named := map[string]bool{}
	for _, s := range r.seen.sidecars {
		sw := &r.net.Switches[s.sw]
		i, ok := byName[sw.Sidecar]
		if !ok {
			r.failAt(s.at, codeSidecar, guess(r, sw.Sidecar, byName), "there is no sidecar %q", clip(sw.Sidecar))
			continue
		}
		named[sw.Sidecar] = true
		if side := &r.net.Sidecars[i]; side.At.Switch >= 0 && side.At.Switch != s.sw {
			r.report(diag.Diagnostic{
				Code: codeSidecar, Span: s.at, Message: fmt.Sprintf("sidecar %s is attached to %s, not to %s", side.Name, r.net.Switches[side.At.Switch].Name, sw.Name),
				Hint:  "a sidecar serves the switch that it is attached to",
				Notes: []diag.Note{{Span: side.Span, Message: "the sidecar is here"}},
			})
		}
	}
	for i := range r.net.Sidecars {
		side := &r.net.Sidecars[i]
		if side.Name != "" && !named[side.Name] && side.At.Switch >= 0 {
			sw := &r.net.Switches[side.At.Switch]
			hint := fmt.Sprintf("write sidecar: %s at the switch %s", side.Name, sw.Name)
			if sw.Target != Legacy {
				hint = fmt.Sprintf("sidecars are for switches with target legacy, and %s has target %s", sw.Name, targets[sw.Target])
			}
			r.failAt(side.Span, codeSidecar, hint, "no switch names the sidecar %s", side.Name)
		}
	}
}
