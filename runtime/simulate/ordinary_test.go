package simulate

import (
	"slices"
	"strings"
	"testing"

	"pillion/backends/bundle"
	"pillion/compiler/network"
)

// An ordinary switch floods, learns, and is told by redirect rules where locators are and who may send where.
func TestOrdinarySwitchObeysItsRules(t *testing.T) {
	mac := func(n byte) network.MAC { return network.MAC{2, 5: n} }
	frame := func(to, from network.MAC) []byte { return append(append(slices.Clone(to[:]), from[:]...), 0x89, 0x4f) }
	o := &ordinary{learned: map[network.MAC]uint32{}, static: map[network.MAC]uint32{}, guards: map[uint32][]network.MAC{}, ports: []uint32{1, 2, 3}}
	n := &Network{ordinary: map[string]*ordinary{"s": o}, places: map[place]*attachment{}, Bundle: &bundle.Bundle{Redirects: []bundle.Redirect{{Switch: "s",
		Lines: []bundle.RedirectLine{{Text: "switch s"}, {Text: "static 02:00:00:00:00:01 at 3"}, {Text: "guard 2 02:00:00:00:00:02"}, {Text: "guard 2 02:00:00:00:00:03"}}}}}}
	for _, port := range o.ports {
		n.places[place{"s", port}] = &attachment{link: place{"peer", port}}
	}
	if err := n.redirect(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what     string
		at       uint32
		to, from network.MAC
		want     []uint32
	}{
		{"flooded", 1, mac(9), mac(8), []uint32{2, 3}},
		{"learned", 3, mac(8), mac(7), []uint32{1}},
		{"static, never seen", 1, mac(1), mac(8), []uint32{3}},
		{"static, where its source address came in", 2, mac(4), mac(1), nil}, // guarded
		{"still static", 1, mac(1), mac(8), []uint32{3}},
		{"the guarded host", 2, mac(8), mac(2), []uint32{1}},
		{"its second address", 2, mac(8), mac(3), []uint32{1}},
		{"somebody else's", 2, mac(8), mac(4), nil},
		{"back by the port it came by", 3, mac(1), mac(7), nil},
	} {
		var got []uint32
		for _, p := range n.through(place{"s", c.at}, frame(c.to, c.from)) {
			got = append(got, p.port)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: came out at %v, expected %v", c.what, got, c.want)
		}
	}
	n.Bundle.Redirects[0].Switch = "other"
	if err := n.redirect(); err == nil || !strings.Contains(err.Error(), "other") {
		t.Errorf("rules of a switch that is not there: %v", err)
	}
}
