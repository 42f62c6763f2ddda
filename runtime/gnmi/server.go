package gnmi

import (
	"sync"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc"

	"pillion/runtime/port"
)

// Options of a server. The zero value is good.
type Options struct {
	// MaxStreams bounds the Subscribe RPCs at a time. 0: 64.
	MaxStreams int
	// MaxSubscriptions bounds the subscriptions of one Subscribe, and the paths of
	// one Get or Set. 0: 128.
	MaxSubscriptions int
	// MinSample is the shortest interval of samples and heartbeats, and what a client
	// gets that leaves the choice to the server. 0: one second.
	MinSample time.Duration
	// CounterSample is the interval at which TARGET_DEFINED samples counters. 0: ten seconds.
	CounterSample time.Duration
}

func (o Options) filled() Options {
	if o.MaxStreams == 0 {
		o.MaxStreams = 64
	}
	if o.MaxSubscriptions == 0 {
		o.MaxSubscriptions = 128
	}
	if o.MinSample == 0 {
		o.MinSample = time.Second
	}
	if o.CounterSample == 0 {
		o.CounterSample = 10 * time.Second
	}
	return o
}

// Server answers gNMI. It runs nothing by itself, so there is nothing to close.
type Server struct {
	gpb.UnimplementedGNMIServer
	source  Source
	opt     Options
	streams chan struct{} // holds one for each Subscribe
	set     sync.Mutex    // held during a Set: transactions come one after the other
}

// New makes a server of a source.
func New(source Source, o Options) *Server {
	o = o.filled()
	return &Server{source: source, opt: o, streams: make(chan struct{}, o.MaxStreams)}
}

// Register adds the service to a gRPC server.
func (s *Server) Register(r grpc.ServiceRegistrar) { gpb.RegisterGNMIServer(r, s) }

// Service is what a switch takes to serve gNMI beside P4Runtime.
func Service(o Options) func(grpc.ServiceRegistrar, *port.Set) {
	return func(r grpc.ServiceRegistrar, set *port.Set) { New(Ports(set), o).Register(r) }
}

// refuseExtensions answers a client that wants more than the base protocol: to go on
// without what it asked for (history, a confirmed commit, arbitration) would be wrong.
func refuseExtensions(list []*gnmi_ext.Extension) error {
	if len(list) == 0 {
		return nil
	}
	return unimplemented("extensions are not supported; leave out %s", shorten(list[0].String()))
}

// bounded refuses more paths than the server looks at.
func (s *Server) bounded(n int, what string) error {
	if n > s.opt.MaxSubscriptions {
		return invalid("%d %s in one request; at most %d are served", n, what, s.opt.MaxSubscriptions)
	}
	return nil
}
