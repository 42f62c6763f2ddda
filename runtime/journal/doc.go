// Package journal keeps on disk what controllers have written to a P4Runtime server, so that an agent that is started again
// has it.
//
// In: what a server tells its follower ([Recorder] is a [server.Follower]), and a file. Out: the same pipeline and entities in a server
// that begins ([Recorder.Restore]), before anybody can reach it. Counters and meters are not kept.
//
// It must not know: what the program is, what the entities mean, and who follows the server besides.
package journal
