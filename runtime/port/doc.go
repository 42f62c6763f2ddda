// Package port is the edge between a software switch and the network: a
// numbered port is a Device that whole Ethernet frames come from and go to.
//
// In: interface names (and the network namespaces that they are in), or
// in-process pipes. Out: one call of the switch's handler for every frame that
// arrives, and a Send for every frame that leaves.
//
// The package must not know P4, P4Runtime or the engine: it moves bytes.
//
// # VLANs
//
// A device may be several ports ([Set.AddVLAN]): frames with the tag of a VLAN are those of the port that
// the VLAN stands for, and the handler gets them without it; others are the trunk's own. They
// are sorted by the goroutine that reads the trunk, so bursts stay bursts.
//
// # Linux interfaces
//
// Open takes any Linux interface (Ethernet, veth, tap, bridge …; also TUN, whose frames have no link header and are as
// long as they like, from one byte on) by an
// AF_PACKET socket: promiscuous, and blind to the frames that the switch itself
// sends (PACKET_IGNORE_OUTGOING, Linux 4.20). The kernel keeps a VLAN tag
// beside the frame; Read puts it back where it was on the wire.
//
// Frames come by a ring that the kernel writes into (TPACKET_V2), so a burst costs no
// system call per frame, and a lone frame does not wait. What a burst became is sent
// after it, per port with one system call ([NewBurstSet]). Each port has a goroutine of
// its own, so frames of different ports are handled on different cores.
//
// The kernel also leaves work to network cards that a switch in user space would
// forward undone. On its own end Open turns receive and send offloads off by
// ioctl. On the other end of a veth pair the owner must turn off segmentation
// (TSO, GSO): a super-frame does not fit any port and is dropped and counted.
// Unfinished checksums (TX checksum offload) are finished by Read, so that end
// may keep them. DisableOffload does all of it for an interface, without the
// ethtool program.
package port
