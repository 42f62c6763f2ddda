package simulate

import (
	"fmt"

	"pillion/p4/engine"
)

// Attach puts a running switch, such as that of a P4Runtime server, in the place of the one that the network would make
// of the bundle's entities. What it holds is then somebody else's business, and hops
// name no entities of the bundle.
func (n *Network) Attach(node string, sw *engine.Switch) error {
	d := n.devices[node]
	if d == nil {
		return fmt.Errorf("the bundle has no target %s", node)
	}
	d.engine = sw
	return nil
}
