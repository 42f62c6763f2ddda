// Package observe writes down what passes through a running switch, for people: frames ([Capture], in files that Wireshark reads)
// and the ways of packets through the program ([Tracer], as text or JSON).
//
// In: the calls of a switch for its frames (server.SwitchOptions.Tap, server.Options.Tracer). Out: files. It must not know bundles
// and policies; runtime/trace is about those.
//
// Both are bounded: a capture in the size of its files, a trace in packets per second and in bytes. A switch that was not asked for
// them makes no call and does no work.
package observe
