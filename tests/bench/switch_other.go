//go:build !linux

package main

// The switches are compared in network namespaces.

func benchSwitch(t *table) error {
	t.row("switch", "skipped: it needs Linux")
	return nil
}

func benchControl(t *table) error {
	t.row("control", "skipped: it needs Linux")
	return nil
}

func benchOrdinary(t *table) error {
	t.row("ordinary", "skipped: it needs Linux")
	return nil
}
