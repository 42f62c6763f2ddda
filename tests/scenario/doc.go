// Package scenario runs one truth on many substrates: a policy, a network, and what then happens to
// packets, the same word for word in process, on our software switch, on bmv2, and on ordinary switches with shims and sidecars.
//
// In: an archive in the txtar format ([Load]), and a [Substrate] to run it on. Out: every
// expectation that does not hold, with file and line ([Run]). It must not know how a substrate moves frames, and
// a substrate knows nothing of policies: it gets a [Site], which is a network, a bundle, and what the middleboxes are.
// A [Prober] lets the same substrates carry the test blocks of a policy.
//
// Files: archive.go, words.go and expect.go read; verdict.go judges outcomes; talk.go, flows.go, multicast.go, forge.go
// (with fields.go), ask.go, decode.go and counters.go are the verbs; world.go is what a substrate can do. engine*.go is the
// substrate in process. kernel*.go are verbs of real hosts, wiring*.go their network, and switch*.go and bmv2*.go
// two kinds of switches in it. remake.go and layouts.go make the networks of substrates with ordinary switches, sidecar*.go and
// ordinary*.go bring them to life.
//
// A substrate that is not made of P4 switches alone remakes the network of a scenario, and the policy is compiled
// for what comes of it ([Remaker]): the expectations stay word for word, and must hold there, too.
//
// A substrate that cannot run here says why and is skipped; it never passes. Every scenario gets a fresh network
// of its own, so that several run side by side.
//
// # The archive
//
//	policy.pol     the policy
//	network.yaml   the network; addresses of switches are not used, every substrate has its own
//	lab            optional: what middleboxes are, where it is not what their form suggests
//	expect         what is to happen, one verb on each line, in this order
//
// A line of lab is INSTANCE: KIND. Kinds are transparent (the default with two arms: a bump in the wire),
// linux-bridge (a real bridge, which learns addresses), one-armed (the default without out) and tap (the default
// where the policy says tap).
//
// # Verbs
//
// Empty lines and what follows a # are not read. An END is the name of an endpoint, or an address: its own, or
// one behind a gateway, which then answers for it. A line holds in each address family that both ends have; with ipv4 or
// ipv6 in front of it, in that one only. Sizes are 3000B, 4KB (4096) or 1MB (1048576).
//
//	ping [SIZE] END -> END [times N]: OUTCOME
//	udp  [SIZE] END [from-port N] -> END port N [times N]: OUTCOME
//	tcp  [SIZE] END [from-port N] -> END port N: OUTCOME
//
// The receiver answers every ping and every datagram; tcp transfers SIZE (1KB) from the first END to the second and back.
// The outcome is one of
//
//	delivered [via GATES] [copied to INSTANCES]   the packet and its answer
//	delivered one-way [via …] [copied to …]       the packet, and no answer
//	refused [via …] [copied to …]                 the packet; nobody listens, and word of that comes back
//	dropped                                       the packet does not come to the receiver
//
// GATES are those that the packet came through, in order: each an instance, a middlebox type, or several with | between
// them; gates are separated by ->. The answer must have come back the other way round, and through the same
// instances of stateful types. "via nothing" and "copied to nothing" say that there were none; where nothing
// is said, nothing is checked.
//
//	flows N udp|tcp END -> END port N via TYPE: each both ways through one instance[, all used]
//	join ENDPOINT ADDRESS
//	udp ENDPOINT -> ADDRESS port N: delivered to ENDPOINTS | dropped
//
// flows makes N conversations from as many ports. A join is a kernel's, and what is sent to a group later must be received
// by exactly the endpoints that are named, of those that joined.
//
//	forge ENDPOINT FIELD=VALUE… -> END: dropped | delivered
//	arp ENDPOINT asks END [FIELD=VALUE…]: answered without a flood | unanswered
//	nd  ENDPOINT asks END [FIELD=VALUE…]: answered without a flood | unanswered
//
// forge sends one frame as it is: a datagram to port 53 as the endpoint would send it, but for the fields. These
// are src-mac, dst-mac, src-ip, dst-ip (an address, or the endpoint whose it is), proto (udp, tcp, icmp, or a number), sport, dport, flags (of
// TCP: S, S., ., P. and so on), fragment (first or later), options (4-byte words of IPv4 options), extension (IPv6:
// hop-by-hop, routing or destination), quotes (an END: the frame is an ICMP error about a packet
// from the receiver to that END), and nsh (plain, or the name of a chain) with si for a frame that claims to be encapsulated
// already. Dropped means that no host and no middlebox gets it, delivered that the receiver alone does.
// arp and nd ask for a MAC address; sender-ip, sender-mac and src-mac forge the question. "without a flood" means that
// nobody else, host or middlebox, saw the question.
//
//	decode VERB…: nsh of chain NAME | nsh plain | no nsh
//	counters allow|deny|chain|multicast NAME: N packets
//
// decode runs a ping, udp or tcp that must be delivered, and has tshark decode what crossed the links between
// switches: there must be frames of both directions, all of them in NSH with the service path of the plan, and indexes that go down.
// counters compares what the targets counted for a statement since the start.
package scenario
