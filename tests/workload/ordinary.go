package workload

import (
	"fmt"
	"strings"
)

// ordinaryNetwork is the inventory of a data centre whose first leaves, and all spines, are ordinary switches. Such switches make
// no loops, so every leaf has one spine, and the spines hang on the first of them.
func (c Cloud) ordinaryNetwork() []byte {
	var w strings.Builder
	ports := c.hostPorts()
	sidecarPort, upPort := ports+1, ports+2
	w.WriteString("{\"switches\": [\n")
	for l := range c.Leaves {
		if l < c.Ordinary {
			fmt.Fprintf(&w, " {\"name\": \"leaf%d\", \"target\": \"legacy\", \"driver\": \"ovs\", \"sidecar\": \"side%d\"},\n", l, l)
		} else {
			fmt.Fprintf(&w, " {\"name\": \"leaf%d\", \"target\": \"p4runtime\", \"address\": \"127.0.0.1:%d\", \"device-id\": %d},\n", l, 20001+l, l+1)
		}
	}
	for s := range c.Spines {
		fmt.Fprintf(&w, " {\"name\": \"spine%d\", \"target\": \"legacy\", \"driver\": \"ovs\"}%s\n", s, comma(s, c.Spines))
	}
	w.WriteString("],\n\"sidecars\": [\n")
	for l := range c.Ordinary {
		fmt.Fprintf(&w, " {\"name\": \"side%d\", \"at\": \"leaf%d:%d\", \"address\": \"127.0.0.1:%d\", \"device-id\": %d}%s\n",
			l, l, sidecarPort, 20001+l, l+1, comma(l, c.Ordinary))
	}
	w.WriteString("],\n\"links\": [\n")
	for s := 1; s < c.Spines; s++ {
		fmt.Fprintf(&w, " [\"spine0:%d\", \"spine%d:%d\"],\n", c.Leaves+s, s, c.Leaves+s)
	}
	for l := range c.Leaves {
		fmt.Fprintf(&w, " [\"leaf%d:%d\", \"spine%d:%d\"]%s\n", l, upPort, l%c.Spines, l+1, comma(l, c.Leaves))
	}
	w.WriteString("],\n\"endpoints\": [\n")
	total := c.Tenants * c.Endpoints
	for e := range total {
		leaf, port := e/ports, e%ports+1
		fmt.Fprintf(&w, " {\"name\": \"e%d\", \"mac\": \"02:01:%02x:%02x:%02x:%02x\", \"ip\": [\"10.%d.%d.%d\"], \"at\": \"leaf%d:%d\"",
			e, byte(e>>24), byte(e>>16), byte(e>>8), byte(e), byte(e>>16), byte(e>>8), byte(e), leaf, port)
		if leaf < c.Ordinary {
			fmt.Fprintf(&w, ", \"shim\": {\"address\": \"unix:///run/pillion/e%d\"}", e)
		}
		fmt.Fprintf(&w, "}%s\n", comma(e, total))
	}
	w.WriteString("]}\n")
	return []byte(w.String())
}
