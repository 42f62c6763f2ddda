package p4

// DropReasons names the indexes of the counter `drops` of pillion.p4, in the order of its DROP_ constants.
var DropReasons = []string{
	"malformed",
	"unknown port",
	"encapsulation where none may be",
	"NSH time to live",
	"protocol that is not carried",
	"source not allowed on this port",
	"destination unknown",
	"MAC address does not belong to the IP address",
	"policy",
	"later fragment of a chained conversation",
	"group membership report",
	"multicast without a group",
	"returned from a middlebox without a chain",
	"every instance down",
	"not on the path",
	"no route to the edge",
	"address question without an answer",
	"copy for a tap",
}

// DropCounter is the engine's name of that counter, in pillion.p4 and in shim.p4.
const DropCounter = "ingress.drops"
