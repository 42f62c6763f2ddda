package sidecar

import (
	"sync"
	"time"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"pillion/backends/bundle"
	"pillion/sidecarfallback/verify"
)

// grace decides how long the rules before a new bundle's are good. Shims have their rules from a controller, and not from the
// bundle: what they had before is good until the new bundle was pushed, and a while longer, as the push comes to one after the
// other. The sidecar sees a push, as it is one of its targets.
type grace struct {
	verifier *verify.Verifier
	after    time.Duration // how long rules are good after a push
	now      func() time.Time
	past     *pushed     // remembers what was pushed; nil: nobody does
	look     func()      // looks at the bundle at once; nil: somebody else does
	report   func(error) // is told how remembering went

	mu      sync.Mutex
	current *bundle.Bundle
	// pushed is when the last controller that has gone had come; zero: none.
	pushed time.Time
	// written is when the bundle that no push has been seen for was written; zero: there is none.
	written time.Time
}

// unsure begins with a bundle of which it is not known whether it was pushed, nor what was before: any frame is good until there is
// a push.
func (g *grace) unsure(b *bundle.Bundle, written time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.current, g.written = b, written
	g.verifier.Excuse()
}

// replace changes to a bundle that was written at some time. unpushed says that no controller has come since.
func (g *grace) replace(b *bundle.Bundle, written time.Time) (unpushed bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	until := verify.Forever()
	switch {
	case g.pushed.After(written):
		until = g.now().Add(g.after)
	case !g.written.IsZero() && !g.pushed.After(g.written):
		// The bundle before was never pushed, so no shim has its rules: those that it replaced are good still.
		until = g.now()
	}
	if err := g.verifier.Replace(b, until); err != nil {
		return false, err
	}
	g.current, g.written = b, written
	if g.pushed.After(written) {
		g.end()
		return false, nil
	}
	return true, nil
}

// end lets all but the current rules end soon. Callers hold g.mu.
func (g *grace) end() {
	g.written = time.Time{}
	g.verifier.End(g.now().Add(g.after))
	if g.past != nil {
		g.report(g.past.keep(g.current))
	}
}

// coming notes that a controller comes. What it brings is in the bundle by now; and until it has gone, nobody knows which shims have it.
func (g *grace) coming() {
	if g.look != nil {
		g.look()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.past != nil && !g.past.holds(g.current) {
		g.report(g.past.forget())
	}
}

// gone notes that a controller that came at some time has gone.
func (g *grace) gone(came time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if came.After(g.pushed) {
		g.pushed = came
	}
	if !g.written.IsZero() && came.After(g.written) {
		g.end()
	}
}

// watch sees controllers come and go: a push is one for as long as it lasts. Who has not become primary cannot have written anything.
func (g *grace) watch(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if info.FullMethod != p4.P4Runtime_StreamChannel_FullMethodName {
		return handle(srv, stream)
	}
	c := &controller{ServerStream: stream, grace: g}
	err := handle(srv, c)
	if came := c.came(); !came.IsZero() {
		g.gone(came)
	}
	return err
}

// controller is a client's stream, on which the server tells it what it is.
type controller struct {
	grpc.ServerStream
	grace *grace

	mu      sync.Mutex
	primary time.Time // since when it is, or was; zero: it never was
}

func (c *controller) came() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.primary
}

// SendMsg implements grpc.ServerStream. What is to be done about a new primary is done before it knows that it is one.
func (c *controller) SendMsg(m any) error {
	if r, ok := m.(*p4.StreamMessageResponse); ok && r.GetArbitration() != nil && r.GetArbitration().GetStatus().GetCode() == int32(codes.OK) {
		c.mu.Lock()
		if c.primary.IsZero() {
			c.primary = c.grace.now()
			c.grace.coming()
		}
		c.mu.Unlock()
	}
	return c.ServerStream.SendMsg(m)
}
