//go:build !linux

package port

import (
	"errors"
	"os"
	"runtime"
)

// Options of an interface that is opened as a port.
type Options struct {
	// Namespace is meaningful on Linux only.
	Namespace string
	// NamespaceFD is meaningful on Linux only.
	NamespaceFD *os.File
	// KeepOffload is meaningful on Linux only.
	KeepOffload bool
}

var errNoRaw = errors.New("network interfaces as ports need Linux (AF_PACKET); this is " + runtime.GOOS + "; use Pipe")

// Open reports that this system has no AF_PACKET.
func Open(string, Options) (Device, error) { return nil, errNoRaw }

// DisableOffload reports that this system has no SIOCETHTOOL.
func DisableOffload(string, Options) error { return errNoRaw }
