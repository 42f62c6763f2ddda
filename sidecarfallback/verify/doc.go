// Package verify tells frames that end hosts sent through their shims from frames that went past them.
//
// In: a bundle and the name of an ordinary switch ([New]), and frames that came into that switch ([Verifier.Check]):
// whole or only their beginning, with the port that they came in by if the switch says so. Out: nothing, or a [Violation].
//
// It must not know: how frames were sampled, and what is done about a violation.
//
// # How
//
// By execution. A shim does what p4/shim.p4 does with the shim's entities, and the bundle has both. So the original
// frame is run through that program from the host's side, and what was seen must be among what comes out on the network's
// side. Encapsulation adds a header and changes nothing behind it, so the original frame is always at hand. Nothing of
// the policy is written a second time here.
//
// # Who sent it
//
// A known port is believed: everything that comes in by the port of an endpoint with a shim is that shim's doing. Where the
// port is not known (0), and on links between ordinary switches, the outer source address is taken for it, which is the
// address of the host, in both forms of a frame. So without ports, verification needs an ordinary switch that lets
// in only the right source addresses (`guard` in package sidecarfallback/redirect), before it samples.
//
// Not judged: what other edges send (P4 switches, sidecars), ports of endpoints without a shim and of middleboxes (their frames go
// to the sidecar in any case), and hosts that the network file does not have, as long as they send nothing encapsulated.
//
// # What it holds
//
// The entities of all shims in the layer-2 domain, shared with the bundle, and for the shims that frames have come from
// lately an engine each: together [MaxEntities] entities and no more than one engine beyond that. Twice that between [Verifier.Replace] and the end of
// its grace.
package verify
