// Package lang reads the policy language.
//
// In: policy files (Parse, ParseFiles), as bytes or through a reader that the
// caller gives. Out: the syntax tree (Policy) and diagnostics with places; or, from
// Format, the same file laid out.
//
// It does so in these steps:
//
//  1. the scanner cuts a file into the tokens that Policy.g4 defines;
//  2. the generated parser (package parser) recognises one statement at a time;
//     where a token does not fit, recovery reports it and finds the next
//     statement, clause or expectation;
//  3. the builder turns the statement into the syntax tree and checks what can be
//     told from the statement alone: ranges, addresses, clauses that are missing,
//     there twice, or exclude each other.
//
// It must not know the network, nor what any name stands for: names are resolved
// by the compiler. No type of ANTLR's leaves this package.
//
// # Names and words
//
// A name is [A-Za-z_][A-Za-z0-9_.-]* without a '-' at its end; every other name is
// quoted: "web tier", with \" and \\ as the escapes, printable characters only.
//
// These words are reserved, and as names must be quoted: allow any chain copied
// deny group icmp include instances middlebox multicast offers on proto receivers
// senders service tcp tenant to udp via. The language's other words (closed
// delivered dropped from-port isolated one-way on-failure open priority reversed
// rewrites shared stateful tap test) are words only where the grammar asks for
// them, and names elsewhere: a tenant may be called test.
package lang

//go:generate ./parser/generate.sh
