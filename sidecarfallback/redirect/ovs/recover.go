package ovs

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"pillion/sidecarfallback/redirect"
)

// forms of our flows, by kind: what is in parentheses makes the rule.
var forms = map[kind]*regexp.Regexp{
	fromBox:     regexp.MustCompile(`,in_port=(\d+) actions=(?:push_vlan:0x8100,set_field:(\d+)->vlan_vid,)?output:(\d+)$`),
	fromSidecar: regexp.MustCompile(`,in_port=(\d+)(?:,dl_vlan=(\d+))? actions=(?:pop_vlan,)?output:(\d+)$`),
	toLocator:   regexp.MustCompile(`,dl_dst=([0-9a-f:]{17}) actions=output:(\d+)$`),
	sourceKnown: regexp.MustCompile(`,in_port=(\d+),dl_src=([0-9a-f:]{17}) actions=`),
	cutOff:      regexp.MustCompile(`,in_port=(\d+) actions=drop$`),
}

// recover reads the rules out of what is installed: a rule is there if one of
// its flows is.
func (b *bridge) recover(config Config) redirect.Rules {
	r := redirect.Rules{Switch: b.name}
	wires := map[redirect.Wire]bool{}
	back := map[string]uint32{}
	for name, n := range b.numbers {
		text := strconv.FormatUint(uint64(n), 10)
		if config.Ports == nil {
			back[text] = n
		}
		for number, as := range config.Ports {
			if as == name {
				back[text] = number
			}
		}
	}
	for line := range b.flows {
		k := kindOf(line)
		form := forms[k]
		if form == nil {
			continue
		}
		m := form.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		switch k {
		case fromBox, fromSidecar:
			w := redirect.Wire{Box: back[m[1]], Sidecar: back[m[3]]}
			tag, _ := strconv.ParseUint(m[2], 10, 16)
			w.Tag = uint16(tag) & 0xfff
			if k == fromSidecar {
				w.Box, w.Sidecar = w.Sidecar, w.Box
			}
			if w.Box != 0 && w.Sidecar != 0 {
				wires[w] = true
			}
		case toLocator:
			mac, err := redirect.ParseMAC(m[1])
			if err == nil && back[m[2]] != 0 {
				r.Statics = append(r.Statics, redirect.Static{Locator: mac, Port: back[m[2]]})
			}
		case sourceKnown:
			mac, err := redirect.ParseMAC(m[2])
			if err == nil && back[m[1]] != 0 {
				r.Guards = append(r.Guards, redirect.Guard{Port: back[m[1]], MAC: mac})
			}
		case cutOff:
			if back[m[1]] != 0 {
				r.Quarantined = append(r.Quarantined, back[m[1]])
			}
		}
	}
	for w := range wires {
		r.Wires = append(r.Wires, w)
	}
	if s := b.sflow; s != nil && s.ours {
		oneIn, _ := strconv.ParseUint(s.sampling, 10, 32)
		collector, err := netip.ParseAddrPort(s.targets)
		if err == nil && oneIn > 0 {
			r.Sample = redirect.Sample{OneIn: uint32(oneIn), Collector: collector}
		}
	}
	return r.Canonical()
}

// kindOf reads the low half of a flow's cookie.
func kindOf(line string) kind {
	text, _, _ := strings.Cut(strings.TrimPrefix(line, "cookie=0x"), ",")
	value, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		return 0
	}
	return kind(value)
}
