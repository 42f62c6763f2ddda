package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"

	"pillion/runtime/port"
)

// SwitchOptions of a software switch.
type SwitchOptions struct {
	// Options of the P4Runtime server. Transmit is the switch's own.
	Options
	// Ports are Linux interfaces to open; more come with AddPort.
	Ports []port.Spec
	// Pipeline is committed at the start; nil: the switch waits for a controller's.
	Pipeline *p4.ForwardingPipelineConfig
	// Admit says of each frame that arrives whether it goes on to the program; nil: all do. It is called by several goroutines, and
	// must neither change nor keep the frame.
	Admit func(port uint32, frame []byte) bool
	// Tap makes, for the ports of this switch, what sees every frame that arrives and every frame that is about to leave; nil:
	// nobody does. It is called by several goroutines, and must neither change nor keep the frame.
	Tap func(ports *port.Set) func(port uint32, outbound bool, frame []byte)
	// Services are registered beside P4Runtime on the same gRPC server, and get the
	// switch's ports (gNMI).
	Services []func(grpc.ServiceRegistrar, *port.Set)
}

// Switch is a software switch: an engine behind a P4Runtime server, with ports.
type Switch struct {
	// P4Runtime is its server.
	P4Runtime *Server
	// Ports are its ports.
	Ports    *port.Set
	services []func(grpc.ServiceRegistrar, *port.Set)
	// stopLinks ends what watches the ports' links.
	stopLinks func()
}

// NewSwitch makes a switch and opens its interfaces. Frames flow at once if a
// pipeline is given. Close it in the end.
func NewSwitch(o SwitchOptions) (*Switch, error) {
	s := &Switch{services: o.Services}
	var tap func(uint32, bool, []byte)
	o.Options.Transmit = func(number uint32, frame []byte) {
		if tap != nil {
			tap(number, true, frame)
		}
		// A frame for a port that is missing, full or down is lost; the port counts it.
		_ = s.Ports.Send(number, frame)
	}
	var err error
	if s.P4Runtime, err = New(o.Options); err != nil {
		return nil, err
	}
	s.Ports = port.NewBurstSet(func(send func(uint32, []byte)) port.Handler {
		if tap != nil {
			send = tapped(send, tap, true)
		}
		receive := s.P4Runtime.Receiver(send)
		if admit, to := o.Admit, receive; admit != nil {
			receive = func(number uint32, frame []byte) {
				if admit(number, frame) {
					to(number, frame)
				}
			}
		}
		if tap != nil {
			receive = tapped(receive, tap, false)
		}
		return receive
	})
	if o.Tap != nil {
		tap = o.Tap(s.Ports)
	}
	s.stopLinks = s.followLinks()
	if o.Pipeline != nil {
		if err := s.P4Runtime.SetPipeline(o.Pipeline); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	if err := s.open(o.Ports); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// tapped lets a tap see what goes to a function.
func tapped(to func(uint32, []byte), tap func(uint32, bool, []byte), outbound bool) func(uint32, []byte) {
	return func(number uint32, frame []byte) {
		tap(number, outbound, frame)
		to(number, frame)
	}
}

// open opens interfaces side by side: the kernel takes some 10 ms for each.
func (s *Switch) open(specs []port.Spec) error {
	devices, errs := make([]port.Device, len(specs)), make([]error, len(specs))
	var opening sync.WaitGroup
	for i, spec := range specs {
		opening.Go(func() {
			devices[i], errs[i] = port.Open(spec.Interface, port.Options{Namespace: spec.Namespace})
		})
	}
	opening.Wait()
	for i, spec := range specs {
		if errs[i] == nil {
			errs[i] = s.AddPort(spec.Number, devices[i])
		}
		if errs[i] != nil {
			errs[i] = fmt.Errorf("%v: %w", spec, errs[i])
		}
	}
	return errors.Join(errs...)
}

// AddPort makes a device the port with this number. The switch owns the device.
func (s *Switch) AddPort(number uint32, dev port.Device) error {
	if err := s.checkPort(number); err != nil {
		return errors.Join(err, dev.Close())
	}
	if err := s.Ports.Add(number, dev); err != nil {
		return errors.Join(err, dev.Close()) // once more does no harm
	}
	return nil
}

func (s *Switch) checkPort(number uint32) error {
	if number < s.P4Runtime.opt.CPUPort {
		return nil
	}
	return fmt.Errorf("port %d: ports are 0 to %d; %d is the CPU port", number, s.P4Runtime.opt.CPUPort-1, s.P4Runtime.opt.CPUPort)
}

// AddVLAN makes a VLAN of a port, its trunk, the port with this number (see [port.Set.AddVLAN]).
func (s *Switch) AddVLAN(number, trunk uint32, id uint16) error {
	if err := s.checkPort(number); err != nil {
		return err
	}
	return s.Ports.AddVLAN(number, trunk, id)
}

// Serve answers P4Runtime (and the other services) on a listener until the context
// ends (then it returns nil) or the listener fails.
func (s *Switch) Serve(ctx context.Context, lis net.Listener, opts ...grpc.ServerOption) error {
	g := grpc.NewServer(append(GRPCOptions(), opts...)...)
	s.P4Runtime.Register(g)
	for _, register := range s.services {
		register(g, s.Ports)
	}
	// So that a client can ask which services there are (gNMI 0.10, section 3).
	reflection.Register(g)
	stop := context.AfterFunc(ctx, g.Stop)
	defer stop()
	if err := g.Serve(lis); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// Close ends streams and ports, and waits for both.
func (s *Switch) Close() error {
	s.stopLinks()
	err := s.Ports.Close()
	s.P4Runtime.Close()
	return err
}
