//go:build !linux

package shim

import (
	"context"
	"errors"
	"net"

	"google.golang.org/grpc"

	"pillion/p4/engine"
	"pillion/runtime/server"
)

var errLinux = errors.New("a shim takes Linux, 5.17 at least")

// Supported says that a shim takes Linux.
func Supported() error { return errLinux }

// Agent guards one interface, on Linux.
type Agent struct {
	// P4Runtime is its server.
	P4Runtime *server.Server
}

// Open fails: a shim takes Linux.
func Open(Options) (*Agent, error) { return nil, errLinux }

// Detach fails: a shim takes Linux.
func Detach(Options) error { return errLinux }

// Serve is for agents that were opened.
func (*Agent) Serve(context.Context, net.Listener, ...grpc.ServerOption) error { return errLinux }

// Rules counts none.
func (*Agent) Rules() int { return 0 }

// Gone never tells.
func (*Agent) Gone() <-chan struct{} { return nil }

// Close does nothing.
func (*Agent) Close() error { return nil }

// Detach does nothing.
func (*Agent) Detach() error { return nil }

// Dropped counts nothing.
func (*Agent) Dropped() ([]engine.CounterData, error) { return nil, errLinux }

// Health is never well.
func (*Agent) Health() error { return errLinux }
