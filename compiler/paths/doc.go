// Package paths finds the ways through a network of switches.
//
// In goes a Graph: switches by dense index, each with a 64-bit hash of its
// name, and links by the (switch, port) at each end. Out come
//
//   - destination-rooted trees as in PAST (Stephens, Cox, Felter, Dixon,
//     Carter: "PAST: Scalable Ethernet for Data Centers", CoNEXT 2012), in the
//     variant PAST-R: breadth-first layers around the destination, and at each
//     switch one of the links that lead one hop nearer, drawn uniformly
//     (PastR.Tree, PastR.Trees for many, PastR.HostTrees for one per host);
//   - one undirected tree that all multicast groups share, and the part of it
//     that joins the members of one group (NewShared, Steiner);
//   - distances and connected components (Graph.Dist, Graph.Components).
//
// A tree is an array with one out-port per switch, 0 where there is none.
//
// Nothing here depends on the order in which switches and links were declared,
// and little changes when the network does: a draw is a function of names, so a
// link that no tree had picked can go without moving any tree. See PastR and
// PastR.HostTrees for what exactly holds.
//
// The package knows neither names nor policies nor targets: only indices,
// hashes and ports. It must not import anything of the compiler.
package paths
