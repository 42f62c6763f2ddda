// Package backends lowers a plan into what targets take.
//
// In: a [plan.Plan], the P4 program that the targets run, and the inventory that goes into the
// bundle as it is. Out: a [bundle.Bundle] of P4Runtime entities and how much of every table they
// take ([Lower]), or every reason why the plan does not fit ([Error]).
// It must not know: policies, the language, or how a target is reached.
//
// Names of tables, match fields, actions and parameters stand here and nowhere else; identifiers,
// widths and kinds of match come from P4Info. Each table has one function that resolves its
// names and lowers its rows: edge.go, policy.go, chain.go, fabric.go; multicast groups and clone
// sessions are in replicate.go. One row makes one entity.
//
// The work is done by table and target on all processors; the same plan makes the same bundle.
package backends
