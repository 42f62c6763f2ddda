package redirect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// UnknownPorts is the error of a driver that was not told which interfaces these ports of the network file are. No ports, no error.
func UnknownPorts(ports []uint32, known map[uint32]string) error {
	if len(ports) == 0 {
		return nil
	}
	var unknown, told []string
	for _, number := range ports {
		unknown = append(unknown, fmt.Sprint(number))
	}
	for _, number := range slices.Sorted(maps.Keys(known)) {
		told = append(told, fmt.Sprintf("%d@%s", number, known[number]))
	}
	if len(told) == 0 {
		told = []string{"none"}
	}
	word, verb := "port", "it is"
	if len(ports) > 1 {
		word, verb = "ports", "each is"
	}
	return fmt.Errorf("%s %s: say which interface of the bridge %s, as in --port %d@IFACE; known are %s",
		word, strings.Join(unknown, ", "), verb, ports[0], strings.Join(told, ", "))
}
