// Package explain says where a plan carries out each statement of the policy, and why there.
//
// In: a plan and the network that it was made for ([New]).
// Out: a [Report], and its text ([Report.WriteText]).
// It must not know: policies beyond the names of their statements, P4 tables, bundles.
//
// What a statement does where is read off the rows that name it. Why it is done there follows from the
// network: a P4 switch takes the rules for what is attached to it, a shim those of its host, and a sidecar those of the
// other ports of its ordinary switch, which are wired to it. Places of one kind are put together where there
// are many, and statements whose places are the same; so the text stays short on large networks.
package explain
