// Package stability tests what holds between the compilations of similar policies: the same policy gives the
// same entities whatever the order of its declarations, and taking one statement away changes just
// the entities whose provenance names it.
//
// It goes through language, compiler and back end, because only entities have keys to compare by.
package stability
