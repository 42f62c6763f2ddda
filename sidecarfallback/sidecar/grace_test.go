package sidecar

import (
	"testing"
	"time"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	rpc "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"pillion/sidecarfallback/verify"
)

// silent is a stream that nobody reads.
type silent struct{ grpc.ServerStream }

func (silent) SendMsg(any) error { return nil }

// Only who was primary can have pushed. What a backup, a client for another device, or one that only looks does, ends no grace: shims have the
// old rules still, and honest frames would be violations.
func TestOnlyPrimariesPush(t *testing.T) {
	b := compile(t, inventory)
	for _, c := range []struct {
		name   string
		told   []codes.Code
		pushed bool
	}{
		{"says nothing", nil, false},
		{"backup", []codes.Code{codes.AlreadyExists}, false},
		{"no primary", []codes.Code{codes.NotFound}, false},
		{"primary", []codes.Code{codes.OK}, true},
		{"becomes primary", []codes.Code{codes.AlreadyExists, codes.OK}, true},
		{"was primary", []codes.Code{codes.OK, codes.AlreadyExists}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := verify.New(b, "leaf")
			if err != nil {
				t.Fatal(err)
			}
			g := &grace{verifier: v, now: time.Now}
			if _, err := g.replace(b, time.Now().Add(-time.Minute)); err != nil {
				t.Fatal(err)
			}
			looked := 0
			g.look = func() { looked++ }
			err = g.watch(nil, silent{}, &grpc.StreamServerInfo{FullMethod: p4.P4Runtime_StreamChannel_FullMethodName}, func(_ any, stream grpc.ServerStream) error {
				for _, code := range c.told {
					m := &p4.StreamMessageResponse{Update: &p4.StreamMessageResponse_Arbitration{Arbitration: &p4.MasterArbitrationUpdate{Status: &rpc.Status{Code: int32(code)}}}}
					if err := stream.SendMsg(m); err != nil {
						return err
					}
				}
				return stream.SendMsg(&p4.StreamMessageResponse{})
			})
			if err != nil {
				t.Fatal(err)
			}
			if pushed := v.Excusing() == 0; pushed != c.pushed || (looked == 1) != c.pushed {
				t.Errorf("it counts as a push: %t; looked at the bundle %d times", pushed, looked)
			}
		})
	}
}
