// Package mirror keeps the maps of the eBPF data plane equal to the state of an engine that runs shim.p4.
//
// In: an engine ([Mirror.Follow]), and the key of whatever has changed in it since ([Mirror.Entry],
// [Mirror.Group], [Mirror.Session]). Out: map elements. The engine is always asked for the
// present state, so that a change that was taken back is told in the same way as one that was made.
// Counters go the other way ([Mirror.Count]).
//
// What the program allows and the data plane does not do is refused with a reason
// ([RefusedError]); the engine's owner then takes the change back.
//
// It must not know P4Runtime, policies, or where the programs are attached.
//
// Files: mirror.go (which table goes where), simple.go (an entry is an element), pairs.go (two tables in one
// map), ruleset.go and buckets.go (many entries in one element), replicas.go, counters.go, element.go (the kernel's
// side).
package mirror
