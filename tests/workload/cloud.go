// Package workload writes large policies and networks for benchmarks: text, as a user's program would.
//
// In: sizes. Out: a policy and a JSON inventory, the same for the same sizes.
package workload

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Cloud is a data centre of tenants, packed leaf by leaf, with a spine above.
type Cloud struct {
	Tenants   int
	Endpoints int // of each tenant, at least 2
	Allows    int // between tenants
	Leaves    int
	Spines    int
	Seed      uint64

	Ordinary   int // of the leaves; each has a sidecar, and its endpoints have shims. With any, the spines are ordinary too
	Multicasts int // groups, each inside a tenant of its own
}

// Policy is the policy text: two groups in every tenant, services, and allows between random tenants.
func (c Cloud) Policy() []byte {
	var w strings.Builder
	w.WriteString("service http = tcp/80, tcp/443\nservice rpc = tcp/8080\nservice dns = udp/53, tcp/53\n")
	for t := range c.Tenants {
		fmt.Fprintf(&w, "tenant t%d {\n  group web = ", t)
		half := c.Endpoints / 2
		for e := range c.Endpoints {
			switch {
			case e == half:
				w.WriteString("\n  group db = ")
			case e > 0:
				w.WriteString(", ")
			}
			fmt.Fprintf(&w, "e%d", t*c.Endpoints+e)
		}
		w.WriteString("\n}\n")
	}
	random := rand.New(rand.NewPCG(c.Seed, 1))
	services := []string{"http", "rpc", "dns", "tcp/9000-9100"}
	// In each round every tenant reaches another one, at a distance that no other round has.
	distances := random.Perm(c.Tenants - 1)
	for a := range c.Allows {
		from := a % c.Tenants
		to := (from + 1 + distances[a/c.Tenants]) % c.Tenants
		fmt.Fprintf(&w, "allow a%d: t%d.web -> t%d.web on %s\n", a, from, to, services[random.IntN(len(services))])
	}
	for g := range c.Multicasts {
		t := g * (c.Tenants / c.Multicasts)
		fmt.Fprintf(&w, "multicast m%d {\n  group 239.1.%d.%d\n  senders t%d.web\n  receivers t%d.db\n}\n", g, byte(g>>8), byte(g), t, t)
	}
	return []byte(w.String())
}

// Network is the inventory in JSON.
func (c Cloud) Network() []byte {
	if c.Ordinary > 0 {
		return c.ordinaryNetwork()
	}
	var w strings.Builder
	w.WriteString("{\"switches\": [\n")
	id := 1
	for l := range c.Leaves {
		fmt.Fprintf(&w, " {\"name\": \"leaf%d\", \"target\": \"p4runtime\", \"address\": \"127.0.0.1:%d\", \"device-id\": %d},\n", l, 20000+id, id)
		id++
	}
	for s := range c.Spines {
		fmt.Fprintf(&w, " {\"name\": \"spine%d\", \"target\": \"p4runtime\", \"address\": \"127.0.0.1:%d\", \"device-id\": %d}%s\n", s, 20000+id, id, comma(s, c.Spines))
		id++
	}
	w.WriteString("],\n\"links\": [\n")
	ports := c.hostPorts()
	for l := range c.Leaves {
		for s := range c.Spines {
			fmt.Fprintf(&w, " [\"leaf%d:%d\", \"spine%d:%d\"]%s\n", l, ports+1+s, s, l+1, comma(l*c.Spines+s, c.Leaves*c.Spines))
		}
	}
	w.WriteString("],\n\"endpoints\": [\n")
	total := c.Tenants * c.Endpoints
	perLeaf := (total + c.Leaves - 1) / c.Leaves
	for e := range total {
		fmt.Fprintf(&w, " {\"name\": \"e%d\", \"mac\": \"02:01:%02x:%02x:%02x:%02x\", \"ip\": [\"10.%d.%d.%d\"], \"at\": \"leaf%d:%d\"}%s\n",
			e, byte(e>>24), byte(e>>16), byte(e>>8), byte(e), byte(e>>16), byte(e>>8), byte(e), e/perLeaf, e%perLeaf+1, comma(e, total))
	}
	w.WriteString("]}\n")
	return []byte(w.String())
}

// hostPorts is how many ports of a leaf have endpoints.
func (c Cloud) hostPorts() int {
	return (c.Tenants*c.Endpoints + c.Leaves - 1) / c.Leaves
}

func comma(i, n int) string {
	if i == n-1 {
		return ""
	}
	return ","
}
