package ovs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"pillion/sidecarfallback/redirect"
)

// Render implements [redirect.Driver]: the commands that would do what Apply
// does on a bridge without any rules, and what they read. Ports appear by the
// names of their interfaces, where these are known.
func (d *Driver) Render(r redirect.Rules) (string, error) {
	if err := d.check(r); err != nil {
		return "", err
	}
	p := newPlan(r, d.config, func(number uint32) string {
		if name := d.config.Ports[number]; name != "" {
			return name
		}
		return strconv.FormatUint(uint64(number), 10)
	})
	var b strings.Builder
	bridge := d.config.Bridge
	fmt.Fprintf(&b, "ovs-vsctl set Bridge %s external_ids:%s='%s'\n", bridge, nameKey, quote(r.Switch))
	if s := wantedSflow(r.Sample, d.config); s != nil {
		b.WriteString("ovs-vsctl -- --id=@agent create sFlow")
		for _, column := range s.columns(r.Switch) {
			fmt.Fprintf(&b, " '%s'", column)
		}
		fmt.Fprintf(&b, " -- set Bridge %s sflow=@agent\n", bridge)
	}
	for _, s := range sortedSettings(slices.Collect(maps.Keys(p.settings))) {
		fmt.Fprintf(&b, "ovs-ofctl -O OpenFlow10 mod-port %s %s %s\n", bridge, s.port, s.what)
	}
	fmt.Fprintf(&b, "ovs-ofctl --bundle add-flows %s - <<END\n", bridge)
	for _, f := range p.sortedFlows() {
		fmt.Fprintf(&b, "add %s\n", f)
	}
	b.WriteString("END\n")
	if len(r.Wires)+len(r.Guards) > 0 {
		fmt.Fprintf(&b, "ovs-appctl fdb/flush %s\n", bridge)
	}
	return b.String(), nil
}
