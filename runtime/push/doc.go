// Package push brings targets to the state that a bundle says.
//
// In: a bundle, the pipelines by kind of target, and how targets are reached.
// Out: targets that hold what the bundle says, and a [Report] of what was written, what stays foreign,
// and what failed.
// It must not know: policies or networks; it reads entities and the names of statements.
//
// Per target: connect, become primary, load the pipeline if its cookie differs, read everything
// back, write the difference, and read everything back again. So a second push writes nothing, and one that was
// interrupted, wherever, is completed by the next.
//
// # Order
//
// Nothing ever points at what is not there, and what is new is there before what is old goes:
//
//  1. multicast groups and clone sessions: new and changed ones;
//  2. table entries, new and changed ones, from the last table of the P4Info to the first: a packet
//     meets the tables in that order, so an entry can only point to a later table;
//  3. table entries that are to go, from the first table to the last;
//  4. multicast groups and clone sessions that are to go.
//
// Within a table, entries of higher priority and longer prefixes come first and go last, so that an exception is
// never missing beside its rule; batches then go one by one, elsewhere several side by side.
//
// Where a table is too full for the old and the new together, what is in the way goes first, first table
// first, and the report says so. A refused update ends the work on its target where going on would
// leave something that points at nothing.
//
// # Ours and foreign
//
// An entity is ours if a push wrote it. The device itself remembers that, so any machine can push:
// a table entry of ours carries the metadata "pillion", as do multicast groups. Some servers (bmv2's among
// them) give the metadata of groups not back, and clone sessions have none; so a list of ours
// is kept as the metadata of one default entry: that of the first table whose default action may be
// changed. The list grows before groups and sessions are made, and shrinks after they are gone.
// The default entry keeps its action.
//
// What is not ours and not in the bundle is foreign: it is reported, and stays unless
// Options.Adopt. Where a foreign entity has the key of one in the bundle, the bundle wins. One that is just as the
// bundle wants it is left as it is, and stays foreign until adopted.
// Constant entries and default entries are neither. Loading a pipeline clears everything.
package push
