// Package counters adds up what targets count, by policy statement.
//
// In: a bundle, the pipelines by kind of target, how targets are reached, and the names of drop reasons.
// Out: a [Report] of packets and bytes per statement and per reason, over all targets.
// It must not know: policies; what an entity counts for is in the bundle.
//
// A statement's packets are those that hit an entity whose Counts names the statement. A target is
// only read, so no target needs us as its primary. Counters start at zero when an entity is inserted and keep on when it is
// modified; they start again with every loading of a pipeline.
package counters
