// Package server makes a software switch out of the engine: a P4Runtime 1.5
// server over gRPC, and the ports that frames come from and go to.
//
// In: gRPC calls of controllers, and frames from ports. Out: frames to ports,
// packet-ins, digests and idle notifications to controllers.
//
// The engine owns all forwarding state. This package translates: ids of P4Info
// to the names of the bmv2 JSON, P4Runtime messages to engine calls, and back. It
// keeps what only P4Runtime knows: who is primary, the configs, the controller's
// metadata, and the original form of messages that must be read back as they were
// written (one-shot action sets, replicas). It must not know policies, bundles or
// our own P4 programs: any v1model program that p4c compiled will do.
//
// Section names in comments are those of the P4Runtime specification 1.5.
//
// Files by concern: arbitration.go and stream.go (who may write), pipeline.go,
// schema.go, resources.go, names.go, absent.go and initial.go (configs and P4Info),
// write.go and read.go (batches), service.go, plain.go, decode.go, messages.go, quick.go and response.go (table entries
// between the wire and the engine without a message for each), then one file for each kind of entity; packetio.go, digest.go and idle.go (what the data plane
// tells the controller), watch.go and links.go (ports that go down), follower.go (what
// another data plane is told), listen.go (addresses and TLS), switch.go (all of
// it tied together).
//
// # Decisions where the specification leaves room
//
//   - A named role has full access to the pipeline; role.config is refused, as no
//     scheme is agreed on. A role exists once a client has arbitrated for it.
//   - Bytestrings that do not fit are INVALID_ARGUMENT in match fields and action
//     parameters (sections "Match Format", "Action Specification"), OUT_OF_RANGE
//     everywhere else (section "Bytestrings").
//   - A MODIFY of a table entry without action keeps the action, and assigns what
//     metadata and idle timeout it carries.
//   - After VERIFY_AND_SAVE, reads and writes go to the saved pipeline, which runs
//     beside the committed one without packets; COMMIT swaps them.
//   - Updates of a batch are done in order. All three atomicities are there. In the
//     all-or-none modes updates that were taken back report ABORTED.
//
// # What it does not do
//
//   - Counters per meter color, single-rate three-color meters, a one-shot set's own
//     selection mode or size semantics: UNIMPLEMENTED.
//   - A const entry among a table's other initial entries can be changed, too: p4c
//     does not tell the two apart in the bmv2 JSON.
//   - Translated types are numbers of another width, or strings, in exact and optional
//     match fields and in action parameters; in controller headers they are refused,
//     and in digests and registers they are the program's numbers.
//   - Role configs and externs are refused.
package server
