// Package drivers opens a driver of ordinary switches by its name in the network file.
//
// What goes in: the name, the bridge, and which interface each port number is ([Config]). What comes out: a
// [redirect.Driver], and what the sidecar must know of the bridge besides ([Config.Interfaces]).
//
// What it must not know: rules, policies, and who applies them.
package drivers
