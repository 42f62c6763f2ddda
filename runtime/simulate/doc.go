// Package simulate runs a bundle in this process: one engine per switch, the links of the inventory,
// and middleboxes that do as they are told.
//
// In: a bundle ([New]), and frames as endpoints send them ([Network.Send]). Out: the [Journey] of each frame
// with all its copies: hops with the entities that were hit, links, middleboxes, deliveries, drops and their
// reasons; and packets per statement ([Network.Counters]).
//
// It must not know: policies, nor what a frame means. Nothing depends on a clock, on randomness or on map
// order, so the same bundle and frames give the same journeys.
//
// Files: network.go is the wiring, send.go moves frames, hop.go makes a hop of an engine's trace, journey.go
// answers questions about what happened.
package simulate
