// Package sidecar is the agent beside an ordinary switch: an edge switch on a stick, which does what the ordinary switch
// cannot.
//
// In: a bundle's folder, which says what the sidecar is for ([Options]), network interfaces, and the calls of controllers
// ([Agent.Serve]). Out: pillion.p4 in the engine behind P4Runtime, whose ports have the numbers of the ordinary
// switch's; the redirect rules in that switch, if a driver is given; violations of what end hosts' shims would do, logged and
// counted, and ports cut off.
//
// It must not know: policies, how rules come about, and what a violation is (package verify says it). It reads none of its entities from
// the bundle: a controller brings them (pillion push).
//
// # Ports
//
// The trunk is the port that the network file says the sidecar is at. A wired port is a port of the ordinary switch that is joined to
// the sidecar: a VLAN on the trunk, or an interface of its own; the rules of the bundle say which. The engine sees both as the port that
// they stand for.
//
// # What stays when the agent goes
//
// Pipeline and entities are in a journal on the disk, and are restored before a port is opened. The redirect rules stay in the
// switch: wired ports are cut off until the agent is back, as what comes in by them passes nobody else who would ask
// the policy. Ports in quarantine stay cut off; the list is a file too. Without a journal all frames are dropped until a
// controller has brought a pipeline.
//
// # Verification
//
// Whatever comes in encapsulated by the trunk is checked before it enters the program, and so is every sample that the switch takes
// out of its traffic. What the rules of a bundle allow that is new is good as soon as the bundle is there, so a bundle goes to its sidecars first, and
// then it is pushed. What only the rules before it allow is good until half a minute after the push. What was pushed last is kept in a folder, for
// an agent that starts in between; without that folder, nothing is a violation until the first push.
//
// Files: agent.go (all of it tied together), duty.go (what the bundle says), ports.go, keeper.go (redirect rules), reload.go and grace.go
// (new bundles), pushed.go (the one that shims have), inspector.go (violations), samples.go, senders.go, quarantine.go, metrics.go.
package sidecar
