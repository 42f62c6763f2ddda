// Package linuxbridge makes a Linux bridge do what redirect rules ask for, with
// nftables on its ports and static entries in its MAC table.
//
// What goes in: the bridge's name, which interface each port number of the
// network file is, and [redirect.Rules].
//
// What comes out: one nftables table of family netdev per bridge, named
// pillion_redirect_BRIDGE, and static entries in the bridge's MAC table. The
// table is the mark: it holds nothing foreign, and one of its chains, records,
// lists the static entries that are ours, which cannot carry a mark themselves.
//
// What it must not know: policies, the network file, and where the rules come
// from. It runs no other program.
//
// # How
//
// A frame that comes in passes the port's ingress chains before the bridge sees
// it. In the first a guard drops it if its source address is not one of the
// port's. In the second a virtual wire hands it to the other port (fwd), a sampling rule
// sends a copy of one in N (numgen random, dup), and a quarantine drops it. A
// frame that goes out passes the port's egress chain: on a quarantined port it
// is dropped, and on a wire's ports, and that for samples, unless it carries
// the mark that the wire's other port or the sampling rule gave it. So nothing
// that the bridge floods gets there. The mark is a packet mark (nftables' meta
// mark), [Mark]; it is cleared when the frame leaves.
//
// A copy for the sidecar is the frame and nothing more: it does not say by which
// port it came in. Where all endpoints' ports are guarded, the source address
// does: so what a guard drops is not sampled, as the copy would speak against
// the owner of the address that somebody else forged. An address that was forged
// before the guard came stays in the bridge's MAC table until its owner sends or
// the entry is too old.
//
// A static entry is also sticky: a merely static one would still move to where
// a frame with its source address comes in.
//
// All rules change in one transaction of nftables: no frame meets a half.
//
// # Needs
//
// Linux 5.16 with NF_TABLES_NETDEV, NETFILTER_INGRESS, NETFILTER_EGRESS,
// NFT_FWD_NETDEV, NFT_DUP_NETDEV and NFT_NUMGEN, and CAP_NET_ADMIN. VLAN tags on
// a trunk are refused, as nftables cannot write them; an 802.1Q interface of a
// link to the sidecar (wires.101), put on the bridge, serves a wire like any other port, but that
// link itself must not be on the bridge: hosts can write tags, too.
package linuxbridge
