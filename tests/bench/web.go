package main

import (
	"fmt"
	"net/netip"

	"pillion/backends"
	"pillion/backends/bundle"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/examples"
	"pillion/lang"
	"pillion/p4"
	"pillion/runtime/packet"
	"pillion/runtime/simulate"
)

// webBundle compiles the example network.
func webBundle() (*bundle.Bundle, error) {
	return compiled(examples.WebPolicy, "network.yaml", examples.WebNetwork)
}

func compiled(policyText []byte, networkName string, networkText []byte) (*bundle.Bundle, error) {
	policy, list := lang.Parse([]lang.Input{{Name: "policy.pol", Text: policyText}}, lang.Options{})
	if list.HasErrors() {
		return nil, fmt.Errorf("policy: %s", list[0].Message)
	}
	net, list := network.Parse(networkName, networkText)
	if list.HasErrors() {
		return nil, fmt.Errorf("%s: %s", networkName, list[0].Message)
	}
	plan, list := compiler.Compile(policy, net)
	if list.HasErrors() {
		return nil, fmt.Errorf("compile: %s", list[0].Message)
	}
	program, err := p4.Pillion()
	if err != nil {
		return nil, err
	}
	b, _, err := backends.Lower(plan, program, net.JSON())
	return b, err
}

// hop is one frame at the moment when it enters a switch.
type hop struct {
	name  string
	node  string
	port  uint32
	frame []byte
}

// webEndpoint is what frames need to know of an endpoint of the example.
type webEndpoint struct {
	name string
	mac  packet.MAC
	ip   netip.Addr
}

// Endpoints of the example: web1 and db1 are on leaf1 (ports 3 and 4), web2 and b1 on leaf2.
var (
	web1 = webEndpoint{"web1", packet.MAC{2, 0, 0, 0, 0, 1}, netip.MustParseAddr("10.0.0.1")}
	web2 = webEndpoint{"web2", packet.MAC{2, 0, 0, 0, 0, 2}, netip.MustParseAddr("10.0.0.2")}
	db1  = webEndpoint{"db1", packet.MAC{2, 0, 0, 0, 0, 4}, netip.MustParseAddr("10.0.0.4")}
	b1   = webEndpoint{"b1", packet.MAC{2, 0, 0, 0, 0, 0x11}, netip.MustParseAddr("10.0.1.1")}
)

// udp is a frame of this many bytes without the frame check sequence, at least 42.
func udp(from, to webEndpoint, size int) []byte {
	p := packet.Packet{SrcMAC: from.mac, DstMAC: to.mac, Src: from.ip, Dst: to.ip, Proto: packet.UDP,
		SPort: 40000, DPort: 9, Payload: make([]byte, size-42)}
	return p.Bytes()
}

// webHops are the things that pillion.p4 does most, with a frame for each.
func webHops(net *simulate.Network) ([]hop, error) {
	start := packet.Packet{SrcMAC: b1.mac, DstMAC: web1.mac, Src: b1.ip, Dst: web1.ip, Proto: packet.TCP, SPort: 40000, DPort: 80, Flags: packet.SYN}
	sends := []struct {
		from  string
		frame []byte
		names []string // of the hops, in order
	}{
		{"web1", udp(web1, db1, 64), []string{"deliver locally"}},
		{"web1", udp(web1, web2, 64), []string{"encapsulate", "transit", "decapsulate"}},
		{"b1", start.Bytes(), []string{"classify into a chain"}},
		{"web1", udp(web1, db1, 1500), []string{"deliver locally, 1500 B"}},
		{"web1", udp(web1, web2, 1500), []string{"encapsulate, 1500 B"}},
	}
	var out []hop
	for _, s := range sends {
		j, err := net.Send(s.from, s.frame)
		if err != nil {
			return nil, err
		}
		for i, name := range s.names {
			if i >= len(j.Hops) || len(j.Hops[i].Outputs) == 0 {
				return nil, fmt.Errorf("%s: the frame of %s does not come so far", name, s.from)
			}
			h := &j.Hops[i]
			out = append(out, hop{name, h.Switch, h.Port, h.Frame})
		}
	}
	return out, nil
}
