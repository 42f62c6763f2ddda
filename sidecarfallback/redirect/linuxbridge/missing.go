//go:build linux

package linuxbridge

import (
	"errors"

	nl "github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"pillion/sidecarfallback/redirect"
)

// feature is something of nftables that the kernel may lack.
type feature struct {
	what, since string
	chain       chain
}

// features are tried in this order: each needs those before it. The loopback
// serves as an interface, as every network namespace has it.
var features = []feature{
	{"nftables tables of family netdev (NF_TABLES_NETDEV)", "Linux 4.2", chain{name: "try"}},
	{"nftables' ingress hook (NETFILTER_INGRESS)", "Linux 4.2", chain{name: "try", direction: ingress, device: "lo"}},
	{"nftables' fwd (NFT_FWD_NETDEV)", "Linux 4.5", try(forward{"lo"})},
	{"nftables' dup (NFT_DUP_NETDEV)", "Linux 4.5", try(duplicate{"lo"})},
	{"nftables' numgen (NFT_NUMGEN)", "Linux 4.9", try(oneIn(2))},
	{"nftables' egress hook (NETFILTER_EGRESS)", "Linux 5.16", chain{name: "try", direction: egress, device: "lo"}},
}

func try(s step) chain {
	return chain{name: "try", direction: ingress, device: "lo", rules: []rule{{comment: "try", steps: []step{s}}}}
}

// Missing says what this machine, in the calling thread's network namespace,
// lacks for the driver; nil if it lacks nothing. It changes nothing.
func Missing() error {
	conn, err := nl.Dial(unix.NETLINK_NETFILTER, nil)
	if err != nil {
		return &redirect.Unsupported{What: "netlink for nftables (NF_TABLES)", Since: "Linux 3.13", Remedy: "use a kernel with it", Err: err}
	}
	defer conn.Close()
	return (&tables{conn}).missing()
}

// missing rehearses each feature; nil if all are there.
func (t *tables) missing() error {
	for _, f := range features {
		requests, err := replaceTable("pillion_redirect_try", []chain{f.chain}, func(string) uint32 { return 1 })
		if err != nil {
			return err
		}
		err = t.rehearse(requests)
		switch {
		case err == nil:
		case errors.Is(err, unix.EPERM):
			return &redirect.Unsupported{What: "changing nftables", Remedy: "run as root, or with CAP_NET_ADMIN", Err: err}
		default:
			return &redirect.Unsupported{What: f.what, Since: f.since, Remedy: "use a kernel with it, or another driver", Err: err}
		}
	}
	return nil
}
