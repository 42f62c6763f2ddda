package linuxbridge

import (
	"fmt"

	"pillion/sidecarfallback/redirect"
)

// step is one statement or match of a rule. Its String is nftables' own syntax.
type step interface{ fmt.Stringer }

type (
	drop      struct{}
	accept    struct{}
	setMark   uint32
	ifMark    uint32
	oneIn     uint32 // one frame in so many, at random
	forward   struct{ device string }
	duplicate struct{ device string }
	ifSource  redirect.MAC
)

func (drop) String() string        { return "drop" }
func (accept) String() string      { return "accept" }
func (m setMark) String() string   { return fmt.Sprintf("meta mark set 0x%08x", uint32(m)) }
func (m ifMark) String() string    { return fmt.Sprintf("meta mark 0x%08x", uint32(m)) }
func (n oneIn) String() string     { return fmt.Sprintf("numgen random mod %d 0", uint32(n)) }
func (f forward) String() string   { return fmt.Sprintf("fwd to %q", f.device) }
func (m ifSource) String() string  { return "ether saddr " + redirect.MAC(m).String() }
func (d duplicate) String() string { return fmt.Sprintf("dup to %q", d.device) }
