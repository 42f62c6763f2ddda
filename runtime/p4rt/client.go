package p4rt

import (
	"context"
	"fmt"
	"strings"
	"sync"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Client talks to one device. Its methods may be called side by side, but for BecomePrimary and
// Close.
type Client struct {
	address string
	device  uint64
	options Options
	conn    *grpc.ClientConn
	rpc     p4v1.P4RuntimeClient

	session *session // set by BecomePrimary

	mu       sync.Mutex
	election ElectionID // this client's; zero before BecomePrimary
	rival    ElectionID // of who took over; zero while nobody did
}

// Address is what Dial got.
func (c *Client) Address() string { return c.address }

// DeviceID is what Dial got.
func (c *Client) DeviceID() uint64 { return c.device }

// Close ends the stream, so that the device is without this primary, and then the connection.
func (c *Client) Close() error {
	if c.session != nil {
		c.session.close()
	}
	return c.conn.Close()
}

// Capabilities is the P4Runtime version that the device says it speaks ("1.5.0"), or "" when it
// cannot say: the RPC came with version 1.1.
func (c *Client) Capabilities(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	r, err := c.rpc.Capabilities(ctx, &p4v1.CapabilitiesRequest{})
	if status.Code(err) == codes.Unimplemented {
		return "", nil
	}
	if err != nil {
		return "", c.failed("Capabilities", err)
	}
	return r.GetP4RuntimeApiVersion(), nil
}

// failed makes an error of one RPC, with the place and what to do.
func (c *Client) failed(rpc string, err error) error {
	s := status.Convert(err)
	e := &RPCError{Address: c.address, Device: c.device, RPC: rpc, Code: s.Code(), Message: s.Message()}
	if dialed, ok := strings.CutPrefix(e.Message, `connection error: desc = "transport: Error while dialing: `); ok {
		e.Message = strings.TrimSuffix(dialed, `"`) // gRPC's wrapping says nothing more
		if strings.HasSuffix(e.Message, "permission denied") {
			e.Hint = "the socket is its owner's alone: be the user that the device runs as, or root"
		}
	}
	c.mu.Lock()
	if s.Code() == codes.PermissionDenied && c.rival != (ElectionID{}) {
		e.Hint = fmt.Sprintf("another controller became primary meanwhile, with election id %v; stop it or wait for it to end, and then push again", c.rival)
	}
	c.mu.Unlock()
	if e.Hint == "" {
		e.Hint = hints[s.Code()]
	}
	return e
}

// RPCError is an RPC that failed as a whole.
type RPCError struct {
	Address string
	Device  uint64
	RPC     string
	Code    codes.Code
	Message string
	Hint    string // what to do
}

func (e *RPCError) Error() string {
	text := fmt.Sprintf("%s, device %d: %s: %s: %s", e.Address, e.Device, e.RPC, e.Code, e.Message)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// GRPCStatus lets status.Code look inside.
func (e *RPCError) GRPCStatus() *status.Status { return status.New(e.Code, e.Message) }

var hints = map[codes.Code]string{
	codes.Unavailable:        "is the device running, and does it listen at this address, with or without TLS as you do?",
	codes.DeadlineExceeded:   "the device did not answer in time",
	codes.NotFound:           "does the device have this device id?",
	codes.PermissionDenied:   "the device takes this client for no primary; is another controller connected?",
	codes.FailedPrecondition: "has the device a pipeline?",
	codes.Unimplemented:      "is this address that of a P4Runtime server?",
}
