// Package redirect says what an ordinary switch must do so that a sidecar can
// stand in for its missing P4: join each middlebox port to the sidecar by a
// virtual wire, keep the locators where they are, copy one frame in N to the
// sidecar, hold endpoints to their source addresses, and cut off the port of a
// quarantined one.
//
// What goes in: [Rules], deterministic data that speaks of ports by the numbers
// of the network file. They come from the compiler or, as the bundle's
// SWITCH.redirect file, through [Parse].
//
// What comes out: the same rules in their canonical text form ([Rules.Text]),
// or, through a [Driver], in a switch.
//
// What it must not know: policies, the compiler, P4Runtime, and any particular
// switch. Those are in the driver's own package: linuxbridge and ovs.
//
// # What the rules mean
//
// A virtual wire joins a middlebox port and the sidecar past the switch's MAC
// table: every frame from the middlebox goes to the sidecar and nowhere else,
// every frame that the sidecar sends for that port goes there and nowhere else,
// and nothing that the switch floods gets onto the wire. The frame is not
// changed, so two middlebox ports that show the same MAC addresses stay apart.
//
// A static entry keeps frames to a locator going to one port, whatever source
// addresses come in elsewhere: trees towards different destinations bring
// frames of one sender in by different ports, and learning would follow each.
//
// A sampling rule copies one in N of the frames that come in, chosen at random,
// to a port that is the sidecar's and serves nothing else, or describes them to
// an sFlow collector.
//
// A guarded port lets in the frames whose source address is one of those that
// its guards name, with or without a VLAN tag, and drops the others before they
// are switched or teach the switch anything. So behind a guarded port the source
// address tells the port. A frame that a guard drops is still sampled where a
// sample says by which port it came in, as sFlow does; where samples are copies
// it is not, for it would speak against the owner of the forged address.
//
// A quarantined port neither sends nor receives; this is stronger than a
// virtual wire and than a guard.
//
// # The text form
//
// One rule per line, words apart by blanks; # starts a comment. The first rule
// names the switch:
//
//	switch leaf2
//	wire 7 to 9                  # port 9 is a sidecar interface for port 7 alone
//	wire 8 to 10 tag 101         # port 10 is a trunk: VLAN 101 stands for port 8
//	static 02:00:00:00:aa:01 at 3
//	guard 3 02:00:00:00:00:01    # one line for each address of the port
//	sample 1 in 100 to port 11   # or: to sflow 192.0.2.1:6343
//	quarantine 5
//
// The canonical form has single blanks, no comments, and its lines in this
// order: the switch, wires by port, static entries by address, guards by
// port, the sampling rule, quarantined ports.
//
// # To add a driver
//
// Write a package that implements [Driver] for one kind of switch. Take from
// [Rules] what the switch can do and refuse the rest with [Unsupported]. Mark
// everything that is put into the switch so that a later process finds it
// again, and touch nothing without that mark. Say which part of the switch's
// state realises each line of the canonical text ([Pieces]); [Compare] then
// gives the report.
package redirect
