// Package program puts the entities of a bundle into engines.
//
// In: a P4 program with its P4Info ([Load]), and a target of a bundle ([Program.Engine]). Out: an engine that holds the
// target's entities, each of which knows its place among them.
//
// It must not know: networks, policies, what the program is for.
package program
