// Package ovs makes a bridge of Open vSwitch do what redirect rules ask for,
// with OpenFlow flows, port settings and an sFlow agent.
//
// What goes in: the bridge's name, which interface each port number of the
// network file is, and [redirect.Rules].
//
// What comes out: flows whose cookie begins with 0x70696c6c, settings of ports
// that the bridge's external_ids record under pillion-redirect-settings, the
// bridge's sFlow record with pillion-redirect among its external_ids, and the
// switch's name in the bridge's external_ids.
//
// What it must not know: policies, the network file, and where the rules come
// from.
//
// # How
//
// The programs ovs-vsctl, ovs-ofctl and ovs-appctl do the talking. They are run
// with argument vectors, never through a shell, for a limited time, and no more
// than a limited output of theirs is read.
//
// Flows change in one OpenFlow bundle, which is atomic, and only those that
// differ. From the highest priority down: a quarantined port's frames are
// dropped; what comes in by a wire's port goes out by the other one, with the
// wire's VLAN tag pushed or popped on a trunk; a frame that comes with such a
// tag from elsewhere is dropped, as it would pose as a middlebox's; what comes in
// by a guarded port is dropped, unless it has one of that port's source
// addresses: then it is looked up again, with the lowest bit of register 15 set,
// which takes it past the guards; a frame to a locator with a static entry goes
// to that port. All else is left to the bridge's other flows, usually one that
// switches normally, and which must leave that bit alone.
//
// Flows decide about what comes in; so that nothing else gets out, a wire's own
// ports are set no-flood, and quarantined ones no-forward. Addresses that the
// bridge learned there before, and those that somebody forged at a port before it
// was guarded, are forgotten, with all others.
//
// Static entries hold for frames with and without VLAN tags, and a frame that
// matches one does not teach the bridge its sender.
//
// Flows and port settings do not survive a restart of ovs-vswitchd; what is in
// the database does. Read then reports nothing but a name, and Apply puts all
// of it back.
//
// # Needs
//
// Open vSwitch 2.8, whose bridge accepts OpenFlow 1.0 (for port settings) and
// 1.4 (for bundles), as bridges do unless their protocols column says otherwise.
// Samples go by sFlow: no flow action copies one frame in N to a port. The agent
// takes a frame before the flows decide, so also one that they drop, be it by a
// guard or a quarantine, and says by which port it came in.
package ovs
