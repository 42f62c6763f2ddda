package linuxbridge

import (
	"fmt"
	"strings"

	"pillion/sidecarfallback/redirect"
)

// Render gives what Apply would install as an nftables script and the commands
// for the bridge's MAC table. The nft and bridge programs would do the same
// with it. It needs no kernel: a [Driver]'s Render is this with its Config.
func Render(r redirect.Rules, config Config) (string, error) {
	p, err := newPlan(r, config)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# nft -f -\n")
	fmt.Fprintf(&b, "table netdev %s\ndelete table netdev %s\n", p.table, p.table)
	fmt.Fprintf(&b, "table netdev %s {\n", p.table)
	for _, c := range p.chains {
		fmt.Fprintf(&b, "\tchain %s {\n", c.name)
		if c.direction != none {
			fmt.Fprintf(&b, "\t\ttype filter hook %s device %q priority %d; policy accept;\n", c.direction, c.device, c.direction.priority())
		}
		for _, r := range c.rules {
			b.WriteString("\t\t")
			for _, s := range r.steps {
				fmt.Fprintf(&b, "%s ", s)
			}
			// nft knows no quotes within quotes.
			fmt.Fprintf(&b, "comment \"%s\"\n", strings.ReplaceAll(r.comment, `"`, "'"))
		}
		b.WriteString("\t}\n")
	}
	b.WriteString("}\n")
	for i, s := range p.statics {
		if i == 0 {
			b.WriteString("\n# sh\n")
		}
		fmt.Fprintf(&b, "bridge fdb replace %s dev %s master static sticky\n", s.mac, s.device)
	}
	return b.String(), nil
}
