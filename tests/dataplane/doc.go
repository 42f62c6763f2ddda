// Package dataplane tests what the switches do with frames that no well-behaved conversation has: forged
// addresses, encapsulation from outside, fragments, quoted conversations, headers that hide ports; and
// with questions for addresses, and with very many flows.
//
// Policies are compiled and run on the engine (runtime/simulate), so these tests hold the compiler, the
// back end and the P4 program together to docs/language.md and docs/wire.md.
package dataplane
