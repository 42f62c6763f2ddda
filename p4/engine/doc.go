// Package engine executes P4 programs: any v1model program that p4c compiled to the
// bmv2 JSON format, with the behaviour of bmv2's simple_switch.
//
// In goes a config ([Load]), table entries and the like (the methods of [Switch]), and
// frames ([Switch.Process]); out come frames, and digests. What the format can say and
// this engine does not do is refused by [Load], by name.
//
// The package does not know P4Runtime, P4Info ids, network interfaces, or our own P4
// programs: tables and actions have the names that the P4 program gives them.
//
// # Use
//
//	prog, err := engine.Load(json)             // immutable, shared by any number of switches
//	sw := engine.New(prog, engine.Options{})   // the program plus its state
//	t := sw.Table("ingress.ipv4_lpm")          // nil if there is none
//	err = t.Insert(engine.Entry{
//		Key:    []engine.KeyField{{Value: []byte{10, 0, 0, 0}, PrefixLen: 8}},
//		Action: "ingress.forward",
//		Args:   [][]byte{{0, 3}},
//	})
//	sw.Process(1, frame, func(port uint32, frame []byte) { ... })
//
// # The control plane
//
//   - [Table]: Insert, Modify, Delete, Get, Each, SetDefault, ResetDefault, Default,
//     counters and meters of entries, idle entries.
//   - [Profile]: members and groups of an action profile or selector.
//   - [CounterArray], [MeterArray], [RegisterArray]: indexed reads and writes.
//   - [Switch.SetMulticast], [Switch.SetCloneSession] and their Delete, Get, Each.
//   - [ValueSet]: the members of a parser value set.
//   - [Program.Tables] and the like describe what there is.
//
// Names are bmv2's, which are those of P4Info. Byte strings are big-endian; any length
// is taken whose value fits the bit width, and the shortest number of whole bytes
// comes back.
//
// # Concurrency
//
// All methods of a Switch and of its parts may be called at any time from any
// goroutine. Packets take no lock to look up tables: writers publish new versions
// piece by piece, and a packet sees each entry either as before or as after a write.
// Registers are locked for the length of an action that uses them, as in bmv2.
//
// # Where it differs from simple_switch
//
// Where bmv2 aborts, reads beyond the packet or gives stale values, the engine does
// something defined: a failed assert or assume drops the packet and is logged; a
// lookahead beyond the end is PacketTooShort; an index that is not in a stack reads 0
// and writes nothing; division by zero gives 0; header fields start as 0. Beyond that:
//
//   - Constant entries have the priorities of P4Runtime: the first of n has n.
//   - Direct counters count misses too, for the default entry.
//   - Values of int<W> fields are always in two's complement range.
//   - A length given to truncate goes with the copies that multicast makes.
//   - There are no queues: the queueing metadata is 0, all times within a packet are
//     one time, and standard_metadata.priority has no effect.
//   - Replicas are copied in the order in which they were given.
//   - random() has its own generator, repeatable by Options.Seed.
//   - Loops (recirculation, parsers without progress, loops in actions) are bounded.
//
// Not there: externs, extract of headers whose type has a length_exp (of P4_14 programs
// compiled long ago), table keys and conditions that p4c writes with an index known at
// run time (bmv2 refuses them too), meters of other than two rates, the hash
// algorithms xxh64, toeplitz, random and round_robin, and changing the parameters of
// custom CRCs.
//
// # Phases of a packet
//
//  1. parse.go: headers from the frame into the packet's state, checksum verification
//  2. process.go: ingress, then clones, digests, resubmission, replication, egress,
//     deparsing, recirculation, in simple_switch's order
//  3. deparse.go: checksum update, headers back into bytes
//
// # How it is fast
//
// A packet allocates nothing. The state of a packet is one flat slice of 64-bit words
// (layout.go). Load compiles what packets run:
//
//   - Expressions become closures over the state, in 64 bits where the value ranges allow it,
//     else 128, else big integers (expr*.go, compile*.go, halves.go).
//   - Control flow becomes comparisons of words and jumps; where the way to a
//     comparison decides it, the way goes past it (flow.go, facts.go).
//   - Of headers that the program leaves as they are, only the fields that it reads are
//     extracted, and their bytes are copied from the frame (layout.go, deparse.go).
//   - Exact and LPM tables are hash tables with open addressing (slots.go), tables with
//     ternary and range fields one hash table for each mask in use (index.go, chains.go).
package engine
