// Package bundle is what a compilation made, in memory and on disk.
//
// In: a [Bundle] from a backend, or a folder that [Write] made.
// Out: the folder, or the Bundle again ([Read]); every [Entity] as a P4Runtime message and back
// ([Entity.Proto], [FromProto]), and as words that a person reads ([Names]).
// It must not know: policies, networks, or how a target is reached.
//
// # On disk
//
//	manifest.json     the targets: address, device id, hashes of P4Info and config, entities
//	<target>.txtpb    a p4.v1.WriteRequest in text form, one update per line, sorted
//	<switch>.redirect what an ordinary switch must do, as package redirect writes it
//	network.json      the inventory
//	provenance.json   per target and entity, the statements that it came from
//
// The same Bundle gives the same bytes. A <target>.txtpb may be edited by hand: any text form of
// the same message is read, though only the form that [Write] writes is read fast. Names of
// targets are escaped in file names as in URLs: "a/b" is in a%2Fb.txtpb.
//
// An entity is identified by its [Entity.Key]; provenance.json uses the 64-bit FNV-1a hash of it,
// in 16 hex digits. Two keys with one hash (1 in 37 million bundles of a million entities) take the next free
// number, in the order of their text.
package bundle
