// Package drivertest is what every redirect driver must pass: it sends real
// frames through a real switch in network namespaces and says where each may
// arrive.
//
// What goes in: how to make the switch and its driver in a namespace
// ([Switch]), and which of the optional rules it can do.
//
// What comes out: test failures.
//
// What it must not know: how any driver works.
package drivertest
