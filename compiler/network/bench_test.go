package network

import (
	"fmt"
	"net/netip"
	"testing"
)

// large is a network of n endpoints, 40 on each switch, in canonical JSON.
func large(n int) []byte {
	net := &Network{Seed: 1, Trees: 2}
	for i := range n / 40 {
		net.Switches = append(net.Switches, Switch{Name: fmt.Sprintf("leaf%d", i), Address: fmt.Sprintf("10.9.%d.%d:9559", i/250, i%250), DeviceID: 1, CPUPort: 510})
		if i > 0 {
			net.Links = append(net.Links, Link{Ends: [2]Port{{0, uint32(i%400 + 100)}, {int32(i), 1}}, MTU: 1600})
		}
	}
	// A star with more than 400 arms would use ports of leaf0 twice.
	net.Links = net.Links[:min(len(net.Links), 400)]
	for i := range n {
		net.Endpoints = append(net.Endpoints, Endpoint{
			Name: fmt.Sprintf("host%d", i), MAC: MAC{2, 0, 0, byte(i >> 16), byte(i >> 8), byte(i)},
			At: Port{int32(i / 40), uint32(i%40 + 2)}, MTU: 1500,
		})
		e := &net.Endpoints[i]
		for _, text := range []string{fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), fmt.Sprintf("fd00::%x:%x", i>>16+1, i&0xffff)} {
			e.IPs = append(e.IPs, netip.MustParseAddr(text))
		}
	}
	return net.JSON()
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct {
		name string
		n    int
	}{{"net.json", 100_000}, {"net.yaml", 10_000}} {
		data := large(c.n)
		b.Run(fmt.Sprintf("%s/endpoints=%d", c.name, c.n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, list := Parse(c.name, data); len(list) > 0 {
					b.Fatal(list[0])
				}
			}
		})
	}
}

func BenchmarkJSON(b *testing.B) {
	n, _ := Parse("net.json", large(100_000))
	for b.Loop() {
		n.JSON()
	}
}
