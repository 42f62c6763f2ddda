// Package diff says what changes from one bundle to another, in words.
//
// In: two bundles, and the P4Info of every kind of target.
// Out: a [Diff], by statement and by target, as text, JSON or Markdown.
// It must not know: how bundles are made or pushed; it looks at no device.
//
// Two entities with one key and another action are one change. It counts for the statements that came or went with
// it; where none did, for the policy statements of the entity; for each, if there are several (causes.go). Its
// provenance is shown whole. The statements are those of the new bundle for what is added, of the old one
// for what is removed, and of both for what is modified. What no single statement is needed for goes under
// "(shared)". An entity whose provenance alone changed is no change: the target is not written.
package diff
