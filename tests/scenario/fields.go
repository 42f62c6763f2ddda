package scenario

import (
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"pillion/runtime/packet"
)

// fields are the FIELD=VALUE of a forged frame or question.
type fields struct {
	changes []func(*packet.Packet, family)
	source  *end  // src-ip or sender-ip
	ends    []end // others whose family the frame must have
	quotes  *end
	nsh     *packet.NSH
	mac     *packet.MAC // sender-mac
	srcMAC  *packet.MAC
}

// field reads the value of one field.
type field func(r *reader, f *fields, value string)

// fields takes FIELD=VALUE as long as they come.
func (r *reader) fields(known map[string]field) fields {
	var f fields
	for strings.Contains(r.peek(), "=") {
		name, value, _ := strings.Cut(r.take("a field"), "=")
		read := known[name]
		if read == nil {
			r.unknown("field", name, slices.Sorted(maps.Keys(known)))
			return f
		}
		read(r, &f, value)
	}
	return f
}

// change is a field that changes the packet by a number.
func change(low, high int, set func(p *packet.Packet, n int)) field {
	return func(r *reader, f *fields, value string) {
		n := r.value(value, low, high)
		f.changes = append(f.changes, func(p *packet.Packet, _ family) { set(p, n) })
	}
}

// value reads a number.
func (r *reader) value(text string, low, high int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		r.fail("expected a number from %d to %d, found %q", low, high, text)
	}
	return n
}

// mac reads a MAC address, or the name of the endpoint that has it.
func (r *reader) mac(text string) packet.MAC {
	if e := r.s.Site.endpoint(text); e != nil {
		return packet.MAC(e.MAC)
	}
	mac, err := net.ParseMAC(text)
	if err != nil || len(mac) != 6 {
		r.fail("expected a MAC address or an endpoint, found %q", text)
		return packet.MAC{}
	}
	return packet.MAC(mac)
}

// address reads an address, or the name of the endpoint that has it. Nobody need have it.
func (r *reader) address(text string) end {
	if ip, err := netip.ParseAddr(text); err == nil {
		return end{ips: []netip.Addr{ip}}
	}
	return r.namedEnd(text)
}

var protocols = map[string]int{"icmp": protoICMP, "tcp": protoTCP, "udp": protoUDP}

var flagLetters = map[rune]packet.Flags{'F': packet.FIN, 'S': packet.SYN, 'R': packet.RST, 'P': packet.PSH, '.': packet.ACK}

var extensionHeaders = map[string]uint8{"hop-by-hop": packet.HopByHop, "routing": packet.Routing, "destination": packet.DestOptions}

// forgeFields are the fields of forge.
var forgeFields = map[string]field{
	"src-mac": func(r *reader, f *fields, value string) {
		mac := r.mac(value)
		f.changes = append(f.changes, func(p *packet.Packet, _ family) { p.SrcMAC = mac })
	},
	"dst-mac": func(r *reader, f *fields, value string) {
		mac := r.mac(value)
		f.changes = append(f.changes, func(p *packet.Packet, _ family) { p.DstMAC = mac })
	},
	"src-ip": func(r *reader, f *fields, value string) {
		source := r.address(value)
		f.source = &source
		f.changes = append(f.changes, func(p *packet.Packet, v family) { p.Src = source.address(v) })
	},
	"dst-ip": func(r *reader, f *fields, value string) {
		destination := r.address(value)
		f.ends = append(f.ends, destination)
		f.changes = append(f.changes, func(p *packet.Packet, v family) { p.Dst = destination.address(v) })
	},
	"proto": func(r *reader, f *fields, value string) {
		n, ok := protocols[value]
		if !ok {
			n = r.value(value, 0, 255)
		}
		f.changes = append(f.changes, func(p *packet.Packet, _ family) { p.Proto = uint8(n) })
	},
	"sport":   change(0, 65535, func(p *packet.Packet, n int) { p.SPort = uint16(n) }),
	"dport":   change(0, 65535, func(p *packet.Packet, n int) { p.DPort = uint16(n) }),
	"options": change(0, 10, func(p *packet.Packet, n int) { p.OptionWords = n }),
	"flags": func(r *reader, f *fields, value string) {
		var flags packet.Flags
		for _, letter := range value {
			if flagLetters[letter] == 0 {
				r.fail("flags are letters of FSRP and a dot for ACK, not %q", value)
			}
			flags |= flagLetters[letter]
		}
		f.changes = append(f.changes, func(p *packet.Packet, _ family) { p.Flags = flags })
	},
	"fragment": func(r *reader, f *fields, value string) {
		part := packet.Fragment{ID: 7777, More: true}
		switch value {
		case "first":
		case "later":
			part.Offset, part.More = 100, false
		default:
			r.fail("a fragment is first or later, not %q", value)
		}
		f.changes = append(f.changes, func(p *packet.Packet, _ family) { p.Fragment = &part })
	},
	"extension": func(r *reader, f *fields, value string) {
		header, ok := extensionHeaders[value]
		if !ok {
			r.fail("an extension is one of %s, not %q", strings.Join(slices.Sorted(maps.Keys(extensionHeaders)), ", "), value)
		}
		r.only = v6
		body := []byte{1, 4, 0, 0, 0, 0} // a PadN option
		f.changes = append(f.changes, func(p *packet.Packet, _ family) { p.Extensions = []packet.Extension{{Proto: header, Body: body}} })
	},
	"quotes": func(r *reader, f *fields, value string) {
		about := r.address(value)
		f.quotes = &about
		f.ends = append(f.ends, about)
	},
	"nsh": func(r *reader, f *fields, value string) {
		f.nsh = &packet.NSH{TTL: 63, SPI: plainSPI, SI: firstSI}
		if value == "plain" {
			return
		}
		paths := r.s.paths(value)
		if len(paths) == 0 {
			r.fail("no chain with a path is called %q: use plain, or a chain's name", value)
			return
		}
		f.nsh.SPI = paths[0]
	},
	"si": func(r *reader, f *fields, value string) {
		n := r.value(value, 0, 255)
		if f.nsh == nil {
			r.fail("si comes behind nsh")
			return
		}
		f.nsh.SI = uint8(n)
	},
}

// askFields are the fields of arp and nd.
var askFields = map[string]field{
	"src-mac": func(r *reader, f *fields, value string) {
		mac := r.mac(value)
		f.srcMAC = &mac
	},
	"sender-mac": func(r *reader, f *fields, value string) {
		mac := r.mac(value)
		f.mac = &mac
	},
	"sender-ip": func(r *reader, f *fields, value string) {
		sender := r.address(value)
		f.source = &sender
	},
}
