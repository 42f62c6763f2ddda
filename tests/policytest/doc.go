// Package policytest runs the test blocks of a policy.
//
// In: a policy, its network, and a [Substrate] that carries real packets: the engine ([NewEngine]), or switches
// behind kernel sockets. Out: a [Result] that says, expectation by expectation, what was expected and what was
// observed, and which statements no packet exercised.
//
//  1. [Prepare] resolves the blocks: names to addresses, services to ports, each expectation to
//     the probes that it takes. Mistakes are diagnostics with places (T001 and so on).
//  2. [Run] has the substrate send each probe, and judges what it observed (judge.go).
//  3. The result is rendered as text, JSON or JUnit XML.
//
// What an expectation means is docs/language.md's business; judge.go is where it is done. The package must not know
// tables, entities or switches; only the engine substrate knows what runs the packets.
package policytest
