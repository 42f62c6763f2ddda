package port

import (
	"fmt"
	"strconv"
	"strings"
)

// Spec is what the command line says of one port.
type Spec struct {
	// Number is the port's number in the P4 program.
	Number uint32
	// Interface is the Linux interface's name.
	Interface string
	// Namespace is where the interface is: a name under /run/netns or a path to a
	// namespace file; empty for the caller's own namespace.
	Namespace string
}

// maxPortNumber is the largest data-plane port: v1model has 9-bit ports, and
// 511 means drop.
const maxPortNumber = 510

// ParseSpec reads PORT@IFACE or PORT@NAMESPACE:IFACE, as in "1@veth0",
// "2@blue:eth0" or "3@/proc/4711/ns/net:eth0".
func ParseSpec(s string) (Spec, error) {
	num, rest, ok := strings.Cut(s, "@")
	if !ok {
		return Spec{}, fmt.Errorf("port %q: want PORT@IFACE or PORT@NAMESPACE:IFACE, as in 1@veth0", s)
	}
	n, err := strconv.ParseUint(num, 10, 32)
	if err != nil || n > maxPortNumber {
		return Spec{}, fmt.Errorf("port %q: %q is not a port number; ports are 0 to %d", s, num, maxPortNumber)
	}
	out := Spec{Number: uint32(n), Interface: rest}
	if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		out.Namespace, out.Interface = rest[:i], rest[i+1:]
		if out.Namespace == "" {
			return Spec{}, fmt.Errorf("port %q: the namespace before ':' is empty", s)
		}
	}
	// The kernel's own rule for interface names (dev_valid_name).
	if l := len(out.Interface); l == 0 || l > 15 || strings.ContainsAny(out.Interface, "/: \t\n") {
		return Spec{}, fmt.Errorf("port %q: %q is not an interface name; it has 1 to 15 characters without '/', ':' and spaces", s, out.Interface)
	}
	return out, nil
}

// String is the form that ParseSpec reads.
func (s Spec) String() string {
	if s.Namespace != "" {
		return fmt.Sprintf("%d@%s:%s", s.Number, s.Namespace, s.Interface)
	}
	return fmt.Sprintf("%d@%s", s.Number, s.Interface)
}
