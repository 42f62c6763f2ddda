package sidecar

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// permitted says whether the process may do what a sidecar needs.
func permitted() error {
	// Two words for each set: capabilities have more than 32 bits since version 3 (capget(2)).
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return fmt.Errorf("asking for the capabilities of this process: %w", err)
	}
	var missing []string
	for _, need := range []struct {
		capability int // all below 32
		name       string
	}{{unix.CAP_NET_RAW, "CAP_NET_RAW"}, {unix.CAP_NET_ADMIN, "CAP_NET_ADMIN"}} {
		if sets[0].Effective>>need.capability&1 == 0 {
			missing = append(missing, need.name)
		}
	}
	if len(missing) > 0 {
		return &PermissionError{Missing: missing}
	}
	return nil
}
