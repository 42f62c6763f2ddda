// Package p4rttest is a P4Runtime server for tests of clients: small, in this process, and stricter than
// real ones. It has no data plane.
//
// In: what clients send.
// Out: the errors that P4Runtime 1.5 names, for every update of its own: bytestrings that are not canonical, fields
// out of order, unknown ids, keys that are there already or not at all, values out of range, full
// tables, and references to what is not there.
// It must not know: bundles or pushes.
package p4rttest
