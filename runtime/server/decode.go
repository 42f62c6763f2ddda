package server

import (
	"sync"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers what wireCodec falls back on
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// wireCodec is gRPC's own for protocol buffers, but for write requests: a batch of table entries is
// most of what a controller sends, and the general decoder allocates a dozen times for
// each.
type wireCodec struct{ encoding.CodecV2 }

func newCodec() wireCodec { return wireCodec{encoding.GetCodecV2("proto")} }

// Unmarshal implements encoding.CodecV2.
func (c wireCodec) Unmarshal(data mem.BufferSlice, v any) error {
	if r, ok := v.(*writeRequest); ok {
		return r.decode(data.MaterializeToBuffer(mem.DefaultBufferPool()))
	}
	return c.CodecV2.Unmarshal(data, v)
}

// writeRequest is a write request as it is served: its plain updates are no messages. To another codec than
// ours it is a message as any other.
type writeRequest struct {
	// WriteRequest has the rest of the request, and the updates that are not plain.
	*p4.WriteRequest
	plain plainUpdates
	// order says of each update where it is: 0 or more is an index of plain.updates; -1 and
	// less are those of WriteRequest.Updates, from the first on. Empty: all are there.
	order []int32
	wire  mem.Buffer // what the byte strings of plain are slices of, or nil
	rest  []byte     // room for what of the request is not updates
	entry entryRoom  // room for one entry on its way to the engine

	made messages
	lent bool // made has slices of wire
}

var writeRequests = sync.Pool{New: func() any { return &writeRequest{WriteRequest: new(p4.WriteRequest)} }}

func newWriteRequest() *writeRequest { return writeRequests.Get().(*writeRequest) }

// maxKept is how many updates a request may have had for its memory to be kept.
const maxKept = 4096

// release gives the request's memory to the next one. Messages that at gave stay as they are.
func (r *writeRequest) release() {
	if r.wire != nil && !r.lent {
		r.wire.Free()
	}
	if len(r.order) > maxKept || cap(r.plain.matches) > 4*maxKept || cap(r.plain.params) > 4*maxKept {
		return
	}
	proto.Reset(r.WriteRequest)
	r.clear()
	clear(r.entry.key)
	clear(r.entry.args)
	r.wire, r.made, r.lent = nil, messages{}, false
	writeRequests.Put(r)
}

// clear forgets the updates.
func (r *writeRequest) clear() {
	clear(r.plain.matches)
	clear(r.plain.params)
	r.plain = plainUpdates{r.plain.updates[:0], r.plain.matches[:0], r.plain.params[:0]}
	r.order = r.order[:0]
}

// requestUpdates is the field of WriteRequest that has updates.
const requestUpdates = 4

// decode is proto.Unmarshal of a fresh request. The memory is the request's from now on. After an error
// there are no updates that are plain.
func (r *writeRequest) decode(wire mem.Buffer) error {
	r.wire = wire
	err := r.read(wire.ReadOnlyData())
	if err != nil {
		r.clear()
	}
	return err
}

func (r *writeRequest) read(b []byte) error {
	r.rest = r.rest[:0]
	var updates []*p4.Update
	for at := b; len(at) > 0; {
		num, typ, n := protowire.ConsumeTag(at)
		var m int
		if n >= 0 {
			m = protowire.ConsumeFieldValue(num, typ, at[n:])
		}
		if n < 0 || m < 0 {
			r.clear()
			return proto.Unmarshal(b, r.WriteRequest) // it is broken: for the error
		}
		field, body := at[:n+m], at[n:n+m]
		at = at[n+m:]
		if num != requestUpdates || typ != protowire.BytesType {
			r.rest = append(r.rest, field...)
			continue
		}
		body, _ = protowire.ConsumeBytes(body)
		if r.plain.add(body) {
			r.order = append(r.order, int32(len(r.plain.updates)-1))
			continue
		}
		u := new(p4.Update)
		if err := proto.Unmarshal(body, u); err != nil {
			return err
		}
		updates = append(updates, u)
		r.order = append(r.order, -int32(len(updates)))
	}
	if err := proto.Unmarshal(r.rest, r.WriteRequest); err != nil {
		return err
	}
	r.Updates = updates
	return nil
}

// count is how many updates the request has.
func (r *writeRequest) count() int {
	if len(r.order) == 0 {
		return len(r.Updates)
	}
	return len(r.order)
}

// plainAt is an update if it is plain, or nil.
func (r *writeRequest) plainAt(i int) *plainUpdate {
	if len(r.order) == 0 || r.order[i] < 0 {
		return nil
	}
	return &r.plain.updates[r.order[i]]
}

// at is an update as a message.
func (r *writeRequest) at(i int) *p4.Update {
	if len(r.order) == 0 {
		return r.Updates[i]
	}
	if u := r.plainAt(i); u != nil {
		r.lent = true
		return r.made.update(&r.plain, u)
	}
	return r.Updates[-r.order[i]-1]
}
