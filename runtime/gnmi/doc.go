// Package gnmi serves the ports of a software switch by gNMI 0.10, in the terms of
// OpenConfig.
//
// In: a Source of interfaces (Ports makes one of a switch's ports) and gRPC calls.
// Out: answers to Capabilities, Get, Set and Subscribe. The package must not know
// P4, P4Runtime or policies; nothing is kept here but what streams have sent.
//
// schema.go is the one table of what is served: everything else goes by it.
// path.go reads and writes paths; selection.go finds what a path means; value.go
// and json.go encode; capabilities.go, get.go, set.go and subscribe.go are the four
// RPCs; stream.go and queue.go are the long-lived subscriptions.
//
// Section numbers in comments are those of the gNMI specification 0.10.
//
// # Decisions where the specification leaves room
//
//   - A notification's prefix repeats the target and the origin that the client gave,
//     and has no elements: the paths of its updates are absolute.
//   - A Get of containers or of the root by JSON answers with one object for each node
//     that a path names; by PROTO and ASCII there is one update for each leaf.
//   - A path with wildcards that matches nothing is an empty answer; without wildcards
//     it is NOT_FOUND.
//   - Subscriptions send one leaf in each notification: nothing is bundled.
//   - POLL answers once at the start, as 3.5.2.3 wants, and then to each poll.
//   - ON_CHANGE of a counter looks at it once per shortest sample interval.
//   - TARGET_DEFINED is ON_CHANGE for all leaves but counters, which are sampled.
//   - A slow client gets the newest value of each leaf, with the number of values that
//     it missed in Update.duplicates (2.1): a stream holds at most one value per leaf.
//
// # What it does not do
//
//   - Set changes /interfaces/interface[name]/config/enabled, and nothing else.
//   - Extensions, union_replace and QoS markings are UNIMPLEMENTED.
//   - There is no authentication but that of the connection (TLS client certificates).
package gnmi
