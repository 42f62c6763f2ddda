// Package shim is the agent of an end host: it attaches the eBPF data plane to the host's interface, and
// answers P4Runtime for it.
//
// In: the name of an interface ([Open]), and the calls of controllers ([Agent.Serve]). Out: an interface that lets
// through what shim.p4 lets through. It must not know policies or bundles.
//
// All entities are held by an engine that runs shim.p4 behind a P4Runtime server: it checks, reads back
// and refuses. Each change that it takes is made in the maps too (package mirror), and if that
// fails the change is refused. Counters are read from the maps.
//
// # What stays when the agent goes
//
// Maps and attachments are pinned in a bpffs, and all that was written is in a journal. So when the agent
// ends, in whatever way, the data plane goes on with the rules that it has. An agent that starts again reads the
// journal, puts right what differs in the maps, and exchanges the programs; no packet is lost.
// [Agent.Detach] is what ends it: the interface is then as though there had never been a shim. An interface that
// has a shim and no rules yet lets nothing through.
//
// # Super-frames and checksums
//
// The kernel may leave segmentation and checksums to the device. A frame that leaves unchanged stays as it is. A
// frame that is to be encapsulated goes through a pair of virtual interfaces first, of which the kernel knows
// that they can do neither; what comes out is judged, counted and encapsulated frame by frame.
//
// # Kernels
//
// Linux 5.17 at least. Before 6.6 there is no TCX, and programs are attached to a clsact qdisc.
//
// Files: agent.go (all of it tied together), kernel.go (what the kernel must have), dataplane.go (maps and
// programs), attach.go, finisher.go, checksum.go, follow.go (P4Runtime to maps). The journal is package journal's.
package shim
