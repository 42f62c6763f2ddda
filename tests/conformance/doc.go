// Package conformance holds the software switch (p4/engine and runtime/server) to what
// P4's v1model, bmv2 and the P4Runtime specification say. It has tests only.
//
// In: programs with what p4c made of them, scripts and conversations (testdata), and,
// where environment variables name them, tests from elsewhere. Out: what our switch
// does otherwise than bmv2's simple_switch_grpc, or than a script says. It must not
// know how the switch does it: all goes through P4Runtime and frames.
//
// # The tests
//
//   - cases_test.go, script_test.go: scripts in the P4 compiler's own test language
//     (package stf), on our switch and on bmv2; testdata/stf, and PILLION_P4_TESTS.
//   - differential_test.go, policy_test.go: generated entries and packets through both.
//     shape_test.go, values_test.go, entries_test.go and packets_test.go generate.
//   - protocol_test.go, stream_test.go: conversations of P4Runtime with both servers;
//     testdata/p4runtime.
//   - shell_test.go: a client that is not ours (PILLION_P4RUNTIME_SHELL).
//   - soak_test.go: many packets while a controller writes (PILLION_SOAK).
//   - differences_test.go: what we mean to do otherwise than bmv2.
//   - pages_test.go: docs/switch.md and docs/p4runtime.md name tests that exist.
//
// bmv2_test.go starts bmv2; without it the tests that compare are skipped. Flags
// -packets and -seed say how much the differential tests do, and -update compiles the
// programs of testdata again.
package conformance
