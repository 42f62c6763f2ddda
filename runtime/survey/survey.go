package survey

import (
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/grpc"

	"pillion/compiler/network"
	"pillion/runtime/p4rt"
)

// Options say how switches are reached.
type Options struct {
	// Connect is as for P4Runtime: gNMI is on the same port.
	Connect p4rt.Options
	// Timeout bounds the work on one switch. 0: 30 seconds.
	Timeout time.Duration
	// Parallel is how many switches are asked at a time. 0: 16.
	Parallel int
	// Only, if not empty, names the switches to ask.
	Only []string
}

// maxMessage bounds one answer of a switch, in bytes.
const maxMessage = 64 << 20

// Check asks the switches of a network that was read without errors.
func Check(ctx context.Context, net *network.Network, o Options) (*Report, error) {
	chosen, err := choice(net, o.Only)
	if err != nil {
		return nil, err
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Parallel == 0 {
		o.Parallel = 16
	}
	if o.Connect.MaxMessage == 0 {
		o.Connect.MaxMessage = maxMessage
	}
	r := &Report{Switches: make([]Switch, len(chosen))}
	needs := needsOf(net)
	indexOf := make(map[int]int, len(chosen))
	var work sync.WaitGroup
	slots := make(chan struct{}, o.Parallel)
	for k, at := range chosen {
		indexOf[at] = k
		work.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			r.Switches[k] = check(ctx, &net.Switches[at], needs[at], o)
		})
	}
	work.Wait()
	r.compareLinks(net, indexOf)
	return r, nil
}

// check asks one switch.
func check(ctx context.Context, sw *network.Switch, needs []need, o Options) Switch {
	s := Switch{Name: sw.Name, Address: sw.Address, DeviceID: sw.DeviceID}
	if sw.Target != network.P4Runtime {
		s.Status = StatusNotAsked
		return s
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	d, api, err := connect(ctx, sw, o.Connect)
	s.API = api
	switch {
	case errors.Is(err, errNoGNMI):
		s.Status = StatusNoGNMI
	case err != nil:
		s.Status, s.Error = StatusUnreachable, err.Error()
	default:
		s.compare(needs, d)
	}
	return s
}

// connect asks a switch for its version of P4Runtime and, on the same connection, for
// its interfaces.
func connect(ctx context.Context, sw *network.Switch, o p4rt.Options) (*device, string, error) {
	// The P4Runtime client keeps its connection for itself; an interceptor is shown it.
	var conn *grpc.ClientConn
	show := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		conn = cc
		return invoke(ctx, method, req, reply, cc, opts...)
	}
	o.GRPC = append(append([]grpc.DialOption(nil), o.GRPC...), grpc.WithChainUnaryInterceptor(show))
	client, err := p4rt.Dial(sw.Address, sw.DeviceID, o)
	if err != nil {
		return nil, "", err
	}
	defer client.Close()
	api, err := client.Capabilities(ctx)
	if err != nil {
		return nil, "", err
	}
	d, err := ask(ctx, conn)
	return d, api, err
}
