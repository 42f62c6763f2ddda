// Package compiler turns a policy and a network into a plan.
//
// In: the syntax tree of a policy (package lang) and an inventory (package network), both free of
// syntax errors. Out: a plan (package plan) with the rows of every switch and the statements that each row came
// from, and diagnostics. It knows no P4 table, no identifier and no file format.
//
// Entry: Compile. Its phases, one file or a few each:
//
//  1. resolve: names to endpoints, groups and sets of identities (model.go, resolve*.go, identity.go)
//  2. pairs: which ordered pairs of identities may talk, by which statements (pairs.go, decide.go)
//  3. chains: which conversations go through which middleboxes (chains.go, arms.go)
//  4. layout: trees, locators and the rows of each switch (fabric.go, place*.go, multicast.go, copies.go, routes.go)
//
// Two things must always hold, and property tests assert them. Stable: the same input gives the same plan, and
// adding or removing one object changes only rows whose origin names it. Minimal:
// deleting any statement that an origin names changes the row. Hence numbers come from names
// (package number), never from positions, and a row is named by what would remove it.
package compiler
