package conformance

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"pillion/runtime/server"
)

// output is one frame that left a switch.
type output struct {
	port  uint32
	frame []byte
}

// ours is our switch, with P4Runtime over an in-process listener and no ports: frames
// are handed in, and what left is recorded.
type ours struct {
	*server.Server
	conn *grpc.ClientConn

	mu   sync.Mutex
	sent []output
}

// newOurs starts a switch; the test ends it.
func newOurs(t testing.TB, tweak ...func(*server.Options)) *ours {
	t.Helper()
	o := &ours{}
	opts := server.Options{DeviceID: deviceID, Seed: 1, Transmit: func(port uint32, frame []byte) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.sent = append(o.sent, output{port, bytes.Clone(frame)})
	}}
	for _, f := range tweak {
		f(&opts)
	}
	var err error
	if o.Server, err = server.New(opts); err != nil {
		t.Fatal(err)
	}
	lis := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- o.Server.Serve(lis) }()
	o.conn, err = grpc.NewClient("passthrough:switch", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(server.MaxMessage)),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.conn.Close()
		o.Server.Close()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return o
}

// process runs one frame through the switch and returns what left because of it.
func (o *ours) process(port uint32, frame []byte) []output {
	o.mu.Lock()
	o.sent = nil
	o.mu.Unlock()
	o.Receive(port, frame)
	o.mu.Lock()
	defer o.mu.Unlock()
	out := o.sent
	o.sent = nil
	return out
}
