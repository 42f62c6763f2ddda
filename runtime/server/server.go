package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"

	"pillion/p4/engine"
)

// APIVersion is the version of P4Runtime that the server speaks (section
// "Capabilities RPC").
const APIVersion = "1.5.0"

// DefaultCPUPort is the port whose frames are packet-ins and packet-outs.
const DefaultCPUPort = 510

// MaxMessage is the longest gRPC message that the server takes, in bytes: a device
// config, or a batch of some hundred thousand updates (section "gRPC Server Maximum
// Receive Message Size").
const MaxMessage = 128 << 20

// Options of a Server.
type Options struct {
	// DeviceID is the P4Runtime device id; it must not be 0.
	DeviceID uint64
	// CPUPort is the controller's port in the program; 0 stands for DefaultCPUPort.
	CPUPort uint32
	// Transmit sends a frame out of a port. It must not block, and must not keep the
	// frame. nil: frames are dropped.
	Transmit func(port uint32, frame []byte)
	// MaxStreams bounds the open streams of a role, and the roles; 0 stands for 64.
	MaxStreams int
	// IdleScan is how often idle entries are looked for; 0 stands for 100 ms.
	IdleScan time.Duration
	// Seed makes the program's random() repeatable.
	Seed uint64
	// Now is the data plane's clock, monotonic, from any origin; nil: time since start.
	Now func() time.Duration
	// WallClock gives the timestamps of notifications; nil: time.Now.
	WallClock func() time.Time
	// OnLog receives the program's log_msg; it must not block.
	OnLog func(message string)
	// Tracer records the ways of packets; nil: nobody does.
	Tracer Tracer
	// Follower is told of every change of the committed pipeline; nil: nobody is.
	Follower Follower
}

// Tracer is asked about every frame, and told what came of those that it wants. Goroutines call it at the same time.
type Tracer interface {
	Wants(port uint32) bool
	// Traced is called before what came of the frame is sent. It keeps neither frame nor trace.
	Traced(port uint32, frame []byte, sw *engine.Switch, trace *engine.Trace)
}

func (o Options) wallClock() time.Time {
	if o.WallClock != nil {
		return o.WallClock()
	}
	return time.Now()
}

// Server is the P4Runtime server of one device. It implements
// p4.v1.P4RuntimeServer.
type Server struct {
	p4.UnimplementedP4RuntimeServer
	opt Options
	arb *arbiter

	// mu orders writes (and config changes) among each other and against reads, so
	// that requests are strictly serialisable. Packets do not take it.
	mu sync.RWMutex
	// saved is the config that VERIFY_AND_SAVE saved and COMMIT did not commit yet.
	saved *pipeline
	// active is what packets run through; nil before the first commit.
	active atomic.Pointer[pipeline]
	// gate is held for reading by every packet, and for writing by what must look
	// atomic to packets.
	gate sync.RWMutex
	// receivers are those of Receive, which any goroutine may call.
	receivers sync.Pool // func(port uint32, frame []byte)

	down downPorts

	stats      stats
	stop       chan struct{}
	stopOnce   sync.Once
	background sync.WaitGroup
}

// New makes a server without a pipeline: a controller sets one, or SetPipeline.
// Close it in the end.
func New(o Options) (*Server, error) {
	if o.DeviceID == 0 {
		return nil, errors.New("device id 0 means \"not set\" in P4Runtime; choose 1 or more")
	}
	if o.CPUPort == 0 {
		o.CPUPort = DefaultCPUPort
	}
	if o.CPUPort > DefaultCPUPort {
		return nil, fmt.Errorf("CPU port %d: ports are 9 bits wide and 511 means drop; choose 1 to %d", o.CPUPort, DefaultCPUPort)
	}
	if o.MaxStreams == 0 {
		o.MaxStreams = 64
	}
	if o.IdleScan == 0 {
		o.IdleScan = 100 * time.Millisecond
	}
	if o.Transmit == nil {
		o.Transmit = func(uint32, []byte) {}
	}
	s := &Server{opt: o, down: downPorts{}, stop: make(chan struct{})}
	s.receivers.New = func() any { return s.Receiver(o.Transmit) }
	s.arb = newArbiter(o.DeviceID, o.MaxStreams, func(f func()) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f()
	})
	s.background.Go(s.watchIdle)
	return s, nil
}

// GRPCOptions are the gRPC options that a P4Runtime server needs.
func GRPCOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(MaxMessage), grpc.ForceServerCodecV2(newCodec()), grpc.NumStreamWorkers(streamWorkers),
		grpc.StaticStreamWindowSize(window), grpc.StaticConnWindowSize(window),
	}
}

// window is how many bytes a client may send before they are read. Fixed, it takes no measurements, which gRPC else
// makes with a ping for every request; and a batch of thousands of entries fits at once.
const window = 1 << 20

// streamWorkers is how many goroutines wait for requests. One that is made for a request has to grow its
// stack several times, which costs as much as serving a small request does.
const streamWorkers = 16

// Serve answers on a listener until Close or an error of the listener. Options
// come after GRPCOptions, for instance grpc.Creds.
func (s *Server) Serve(lis net.Listener, opts ...grpc.ServerOption) error {
	g := grpc.NewServer(append(GRPCOptions(), opts...)...)
	s.Register(g)
	s.background.Go(func() {
		<-s.stop
		g.Stop()
	})
	return g.Serve(lis)
}

// Close ends the server and waits for what it runs. Streams end with it.
func (s *Server) Close() {
	s.stopOnce.Do(func() { close(s.stop) })
	s.background.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saved.close()
	s.saved = nil
	s.active.Swap(nil).close()
}

// Capabilities implements P4Runtime (section "Capabilities RPC").
func (s *Server) Capabilities(_ context.Context, r *p4.CapabilitiesRequest) (*p4.CapabilitiesResponse, error) {
	if r.DeviceId != 0 {
		if err := s.checkDevice(r.DeviceId); err != nil {
			return nil, err
		}
	}
	return &p4.CapabilitiesResponse{P4RuntimeApiVersion: APIVersion}, nil
}

func (s *Server) checkDevice(id uint64) error {
	if id != s.opt.DeviceID {
		return notFound("device_id %d: this server is device %d", id, s.opt.DeviceID)
	}
	return nil
}

// Receive runs a frame that arrived at a port through the program. The frame is
// the server's until Receive returns. Without a committed pipeline it is dropped.
func (s *Server) Receive(port uint32, frame []byte) {
	receive := s.receivers.Get().(func(uint32, []byte))
	receive(port, frame)
	s.receivers.Put(receive)
}

// Receiver returns a function that does as Receive, for one goroutine, and sends
// frames with transmit instead of Options.Transmit.
func (s *Server) Receiver(transmit func(port uint32, frame []byte)) func(port uint32, frame []byte) {
	// One emit for all frames: one for each would be an allocation for each.
	var p *pipeline
	emit := func(port uint32, frame []byte) {
		if port == s.opt.CPUPort {
			s.packetIn(p, frame)
		} else {
			transmit(port, frame)
		}
	}
	return func(port uint32, frame []byte) {
		s.gate.RLock()
		defer s.gate.RUnlock()
		if p = s.active.Load(); p == nil {
			s.stats.noPipeline.Add(1)
			return
		}
		if t := s.opt.Tracer; t != nil && t.Wants(port) {
			trace := p.eng.Trace(port, frame)
			t.Traced(port, frame, p.eng, trace)
			for _, out := range trace.Outputs {
				emit(out.Port, out.Frame)
			}
		} else {
			p.eng.Process(port, frame, emit)
		}
		p = nil // a replaced pipeline goes
	}
}

// Engine gives the committed pipeline's engine to who looks inside (tests, traces,
// gNMI); nil before the first commit. What it changes there the server does not know.
func (s *Server) Engine() *engine.Switch {
	if p := s.active.Load(); p != nil {
		return p.eng
	}
	return nil
}
