//go:build !unix

package sidecar

import "os"

// lockFile has no locks here; interfaces cannot be opened either.
func lockFile(path string, wait bool) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
