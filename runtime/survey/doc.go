// Package survey asks the switches of a network what ports they have, and compares
// that with the network file.
//
// In: a network (compiler/network) and how switches are reached. Out: a report of each
// switch: whether it speaks gNMI, which interface is behind each port that the file
// uses, and what is wrong with it. A switch that does not speak gNMI is reported, and
// is no error: P4Runtime alone is enough to push to it.
//
// The network file speaks of ports by number, gNMI of interfaces by name; the leaf
// "id" of openconfig-p4rt joins them. The package must not know policies or bundles.
//
// needs.go says what the file wants of each port, device.go asks one switch, leaves.go
// reads its answers, compare.go judges, report.go and text.go write.
package survey
