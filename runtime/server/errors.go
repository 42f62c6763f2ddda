package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	"pillion/p4/engine"
)

// maxChoices bounds how many valid choices an error lists.
const maxChoices = 12

func invalid(format string, a ...any) error {
	return status.Errorf(codes.InvalidArgument, format, a...)
}

func denied(format string, a ...any) error {
	return status.Errorf(codes.PermissionDenied, format, a...)
}

func notFound(format string, a ...any) error { return status.Errorf(codes.NotFound, format, a...) }

func outOfRange(format string, a ...any) error { return status.Errorf(codes.OutOfRange, format, a...) }

func unimplemented(format string, a ...any) error {
	return status.Errorf(codes.Unimplemented, format, a...)
}

// within puts a place in front of an error and keeps its code. An error without a
// code becomes INVALID_ARGUMENT.
func within(err error, format string, a ...any) error {
	if err == nil {
		return nil
	}
	place := fmt.Sprintf(format, a...)
	if st, ok := status.FromError(err); ok {
		return status.Errorf(st.Code(), "%s: %s", place, st.Message())
	}
	return status.Errorf(codes.InvalidArgument, "%s: %v", place, err)
}

// fromEngine gives an engine's error its canonical code.
func fromEngine(err error) error {
	if err == nil {
		return nil
	}
	code := codes.Internal
	for _, c := range []struct {
		is   error
		code codes.Code
	}{
		{engine.ErrExists, codes.AlreadyExists},
		{engine.ErrNotFound, codes.NotFound},
		{engine.ErrFull, codes.ResourceExhausted},
		{engine.ErrReadOnly, codes.PermissionDenied},
		{engine.ErrInUse, codes.FailedPrecondition},
		{engine.ErrInvalid, codes.InvalidArgument},
	} {
		if errors.Is(err, c.is) {
			code = c.code
			break
		}
	}
	return status.Error(code, err.Error())
}

// batchError is the status of a Write or Read of which at least one part failed:
// UNKNOWN, with one p4.v1.Error for every part, in order (section "Error
// Reporting"). It returns nil if no part failed.
func batchError(what string, errs []error) error {
	failed := 0
	for _, e := range errs {
		if e != nil {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	out := &spb.Status{Code: int32(codes.Unknown)}
	for i, e := range errs {
		st := status.Convert(e)
		if e != nil && out.Message == "" {
			out.Message = fmt.Sprintf("%d of %d %s failed; the first is number %d: %s", failed, len(errs), what, i+1, st.Message())
		}
		detail, err := anypb.New(&p4.Error{CanonicalCode: int32(st.Code()), Message: st.Message()})
		if err != nil {
			return status.Errorf(codes.Internal, "encode the error of part %d: %v", i+1, err)
		}
		out.Details = append(out.Details, detail)
	}
	return status.ErrorProto(out)
}

// oneofName is the name of the field that is set in a oneof of a message.
func oneofName(m proto.Message, oneof string) string {
	r := m.ProtoReflect()
	if r.IsValid() {
		if f := r.WhichOneof(r.Descriptor().Oneofs().ByName(protoreflect.Name(oneof))); f != nil {
			return string(f.Name())
		}
	}
	return "nothing"
}

// choices lists what would have been valid, in order, bounded.
func choices[T any](list []T, text func(T) string) string {
	if len(list) == 0 {
		return "there are none"
	}
	names := make([]string, 0, len(list))
	for _, x := range list {
		names = append(names, text(x))
	}
	slices.Sort(names)
	more := ""
	if len(names) > maxChoices {
		more = fmt.Sprintf(" and %d more", len(names)-maxChoices)
		names = names[:maxChoices]
	}
	return strings.Join(names, ", ") + more
}
