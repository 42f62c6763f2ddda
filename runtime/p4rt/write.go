package p4rt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// UpdateError is one update of a batch that the device refused.
type UpdateError struct {
	Index   int // of the update
	Code    codes.Code
	Message string
	Space   string // of the vendor's own code, or ""
	Vendor  int32  // the vendor's own code
}

func (e *UpdateError) Error() string {
	text := fmt.Sprintf("%s: %s", e.Code, e.Message)
	if e.Space != "" || e.Vendor != 0 {
		text += fmt.Sprintf(" (%s %d)", e.Space, e.Vendor)
	}
	return text
}

// WriteError are the updates that failed, by their index; all others were done.
type WriteError []*UpdateError

func (e WriteError) Error() string {
	return fmt.Sprintf("%d updates failed; the first, update %d: %v", len(e), e[0].Index, e[0])
}

// Write does one batch. Every update is attempted, in an order that the device chooses
// (CONTINUE_ON_ERROR, P4Runtime 1.5, section 12). The error is a [WriteError] when single updates
// failed, else an *[RPCError] and nobody knows what was done. BecomePrimary comes first.
func (c *Client) Write(ctx context.Context, updates []*p4v1.Update) error {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	_, err := c.rpc.Write(ctx, &p4v1.WriteRequest{DeviceId: c.device, ElectionId: c.bidNow(), Updates: updates})
	if err == nil {
		return nil
	}
	if failed := updateErrors(err, len(updates)); failed != nil {
		return failed
	}
	return c.failed("Write", err)
}

// updateErrors takes a status apart, or gives nil when it does not speak of single updates.
func updateErrors(err error, updates int) WriteError {
	s := status.Convert(err)
	details := s.Details()
	if len(details) == 0 && updates == 1 && ofUpdate(s.Code()) {
		return WriteError{{Code: s.Code(), Message: s.Message()}} // some servers leave the details out
	}
	if len(details) != updates {
		return nil
	}
	var failed WriteError
	for i, d := range details {
		e, ok := d.(*p4v1.Error)
		if !ok {
			return nil
		}
		if e.GetCanonicalCode() != int32(codes.OK) {
			failed = append(failed, &UpdateError{i, codes.Code(e.GetCanonicalCode()), e.GetMessage(), e.GetSpace(), e.GetCode()})
		}
	}
	return failed
}

// ofUpdate says whether a code without details, of a batch of one, is about the update and not
// about the connection or the primary.
func ofUpdate(code codes.Code) bool {
	switch code {
	case codes.AlreadyExists, codes.InvalidArgument, codes.ResourceExhausted, codes.OutOfRange, codes.Unknown:
		return true
	}
	return false
}

// Batching says how many updates go together.
type Batching struct {
	Updates  int // in a batch; 0: 1000
	InFlight int // batches side by side, which the device may do in any order; 0: 4
}

// maxBatchBytes keeps a batch under 4 MiB, which is what a gRPC server takes unless told otherwise.
const maxBatchBytes = 3 << 20

// WriteAll does n updates in batches. The order between batches is kept only with one in flight. It
// returns the updates that failed by their index, sorted, and an error when a batch failed as a whole: then
// no further one is begun.
func (c *Client) WriteAll(ctx context.Context, n int, update func(i int) *p4v1.Update, b Batching) (WriteError, error) {
	b.Updates, b.InFlight = cmp.Or(b.Updates, 1000), cmp.Or(b.InFlight, 4)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		mu     sync.Mutex
		failed WriteError
		fatal  error
		flying sync.WaitGroup
		free   = make(chan struct{}, b.InFlight)
	)
	for first := 0; first < n; {
		batch, bytes := []*p4v1.Update(nil), 0
		for first+len(batch) < n && len(batch) < b.Updates {
			u := update(first + len(batch))
			if bytes += proto.Size(u); bytes > maxBatchBytes && len(batch) > 0 {
				break
			}
			batch = append(batch, u)
		}
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		flying.Add(1)
		go func(first int) {
			defer func() { <-free; flying.Done() }()
			err := c.Write(ctx, batch)
			if err == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			var single WriteError
			if errors.As(err, &single) {
				for _, e := range single {
					e.Index += first
					failed = append(failed, e)
				}
				return
			}
			if fatal == nil {
				fatal = err
			}
			cancel()
		}(first)
		first += len(batch)
	}
	flying.Wait()
	slices.SortFunc(failed, func(a, b *UpdateError) int { return cmp.Compare(a.Index, b.Index) })
	if fatal == nil && ctx.Err() != nil {
		fatal = c.failed("Write", status.FromContextError(ctx.Err()).Err())
	}
	return failed, fatal
}
