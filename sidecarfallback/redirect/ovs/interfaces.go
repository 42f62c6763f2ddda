package ovs

import (
	"context"
	"strconv"
)

// Interfaces says which port of the network file each interface of the switch is, by the index that sFlow samples name it
// with: the operating system's (column ifindex), where it has one. Interfaces that are no port of the network file are
// left out.
func Interfaces(ctx context.Context, config Config) (map[uint32]uint32, error) {
	if config.Run == nil {
		config.Run = Programs("")
	}
	rows, err := list(ctx, config.Run, "name,ofport,ifindex", "Interface")
	if err != nil {
		return nil, err
	}
	byName := map[string]uint32{}
	for number, name := range config.Ports {
		byName[name] = number
	}
	ports := map[uint32]uint32{}
	for _, r := range rows {
		index, err := strconv.ParseUint(r.word("ifindex"), 10, 32)
		if err != nil || index == 0 {
			continue // a tunnel, or one that is not there
		}
		number, known := byName[r.word("name")]
		if config.Ports == nil {
			n, err := strconv.ParseUint(r.word("ofport"), 10, 32)
			number, known = uint32(n), err == nil
		}
		if known {
			ports[uint32(index)] = number
		}
	}
	return ports, nil
}
