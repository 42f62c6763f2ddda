// Package mininet tests examples/mininet/mininet.py: that it builds a network
// file's topology in Mininet with each kind of P4 and of ordinary switches, that
// a bundle pushed there does what its policy says, and that nothing is left
// behind, also after a signal.
//
// What goes in: the example of examples/web, a network with one middlebox of
// each kind (testdata), the script, and a pillion built from this tree. Each
// test runs in a network namespace of its own.
//
// It needs root, Debian's mininet and, for bmv2, simple_switch_grpc; what is
// missing is said, and the test skipped.
package mininet
