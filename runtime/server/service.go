package server

import (
	"context"
	"slices"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
)

// Register adds the server to a gRPC server.
func (s *Server) Register(g grpc.ServiceRegistrar) { g.RegisterService(&service, s) }

// service is P4Runtime as generated, but for what is served without a message for each entity.
var service = func() grpc.ServiceDesc {
	d := p4.P4Runtime_ServiceDesc
	d.Methods = slices.Clone(d.Methods)
	for i := range d.Methods {
		if m := &d.Methods[i]; m.MethodName == "Write" {
			m.Handler = handleWrite(m.Handler)
		}
	}
	d.Streams = slices.Clone(d.Streams)
	for i := range d.Streams {
		if m := &d.Streams[i]; m.StreamName == "Read" {
			m.Handler = handleRead
		}
	}
	return d
}()

type unaryHandler = func(srv any, ctx context.Context, dec func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error)

// handleWrite decodes write requests into memory that is used again. general is the generated handler, for
// interceptors: they want to see messages.
func handleWrite(general unaryHandler) unaryHandler {
	return func(srv any, ctx context.Context, dec func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		if interceptor != nil {
			return general(srv, ctx, dec, interceptor)
		}
		r := newWriteRequest()
		defer r.release()
		if err := dec(r); err != nil {
			return nil, err
		}
		return srv.(*Server).write(r)
	}
}

// handleRead sends what is encoded already: a message of nothing but unknown fields is these.
func handleRead(srv any, stream grpc.ServerStream) error {
	r := new(p4.ReadRequest)
	if err := stream.RecvMsg(r); err != nil {
		return err
	}
	return srv.(*Server).read(r, func(part []byte) error {
		m := new(p4.ReadResponse)
		m.ProtoReflect().SetUnknown(part)
		return stream.SendMsg(m)
	})
}
