//go:build !linux

package main

// benchSwitch: the parts with network namespaces need Linux.
func benchSwitch(t *table) error { return inProcess(t) }
