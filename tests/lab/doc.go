// Package lab makes what a scenario needs to run on real substrates: Linux
// network namespaces, veth pairs, kernel sockets and the processes of other
// people's switches; and removes all of it again.
//
// What goes in: names of namespaces, the two ends of each wire with their MAC
// and IP addresses, which kind of middlebox hangs where, which switch program
// to start on which ports, and verbs ([Ping], [UDP], [TCP], [Flows],
// [Multicast]) with how long each may take.
//
// What comes out: what the kernel's own sockets received, which flows each
// middlebox saw on which arm and when, packet captures, and what tshark read
// in them. A verb whose packets do not arrive returns a result that says so;
// an error means that the lab itself is in trouble.
//
// What it must not know: policies, networks, bundles, P4 and scenarios. A
// runner translates those; this package imports nothing of the project.
//
// # Life time
//
// Namespaces are anonymous: they exist while this process holds their file
// descriptors, and so do the veth pairs within them. No interface is ever made
// in the namespace that the program was started in. Child processes are killed
// by the kernel when this process dies, however it dies. So a killed or
// panicking run leaves nothing but a scratch folder, and the next [New] of
// anybody removes the scratch folders whose process is gone.
//
// To look inside a running lab from a shell, use the path that
// [Namespace.Path] returns: nsenter --net=/proc/PID/fd/N ip address.
//
// # Needs
//
// Linux and root (more exactly CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN).
// [Missing] says in sentences what this machine lacks, so that a test can skip
// aloud.
package lab
