package docs_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pillion/p4"
	"pillion/runtime/inventory"
	"pillion/runtime/packet"
	"pillion/runtime/simulate"
)

// packetWords is how language.md writes a packet: FROM -> TO PROTOCOL [SPORT > DPORT] [FLAGS|fragment].
var packetWords = regexp.MustCompile(`^(\S+) -> (\S+) (tcp|udp|icmp|proto/\d+)(?: (\d+) > (\d+))?(?: (\S+))?$`)

var flagsOf = map[string]packet.Flags{"": 0, "SYN": packet.SYN, "SYN+ACK": packet.SYN | packet.ACK, "ACK": packet.ACK}

func parsePacket(words string, net *inventory.Inventory) (from, to string, p *packet.Packet, err error) {
	m := packetWords.FindStringSubmatch(words)
	if m == nil {
		return "", "", nil, fmt.Errorf("%q is no packet", words)
	}
	a, b := net.Endpoint(m[1]), net.Endpoint(m[2])
	if a == nil || b == nil {
		return "", "", nil, fmt.Errorf("%q names no two endpoints", words)
	}
	p = &packet.Packet{SrcMAC: packet.MAC(a.MAC), DstMAC: packet.MAC(b.MAC), Src: a.IPs[0], Dst: b.IPs[0], Payload: []byte("twenty bytes of data")}
	switch number, special := strings.CutPrefix(m[3], "proto/"); {
	case special:
		n, err := strconv.ParseUint(number, 10, 8)
		if err != nil {
			return "", "", nil, err
		}
		p.Proto = uint8(n)
	case m[3] == "tcp":
		p.Proto = packet.TCP
	case m[3] == "udp":
		p.Proto = packet.UDP
	default:
		p.Proto, p.Type = packet.ICMP, packet.Echo
	}
	if m[4] != "" {
		for i, port := range []*uint16{&p.SPort, &p.DPort} {
			n, err := strconv.ParseUint(m[4+i], 10, 16)
			if err != nil {
				return "", "", nil, err
			}
			*port = uint16(n)
		}
	}
	if m[6] == "fragment" {
		p.Fragment = &packet.Fragment{Offset: 100, ID: 7}
		return m[1], m[2], p, nil
	}
	flags, known := flagsOf[m[6]]
	if !known {
		return "", "", nil, fmt.Errorf("%q has unknown flags", words)
	}
	p.Flags = flags
	return m[1], m[2], p, nil
}

// fate is where a frame comes out, or why it does not.
func fate(j *simulate.Journey, to string) string {
	got := j.Deliveries()
	switch {
	case len(got) == 1 && got[0].Endpoint == to:
		return "delivered"
	case len(got) > 0:
		return fmt.Sprintf("delivered to %d others", len(got))
	}
	for _, hop := range j.Drops() {
		return j.Hops[hop].Dropped
	}
	return "lost"
}

// What an allow lets through is exactly what language.md says, packet by packet.
func TestPackets(t *testing.T) {
	p := read(t, "docs/language.md")
	r := languageExample(t, p, p.only(t, "pol", "packets"))
	if len(r.said) > 0 {
		t.Fatal(r.text(t))
	}
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	net, err := simulate.New(r.bundle, program)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range p.table(t, "packet") {
		from, to, sent, err := parsePacket(code(row[0]), net.Inventory)
		if err != nil {
			t.Fatal(err)
		}
		j, err := net.Send(from, sent.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if got := fate(j, to); got != row[1] {
			t.Errorf("%s: language.md says %q, it is %q", row[0], row[1], got)
		}
	}
}
