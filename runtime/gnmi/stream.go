package gnmi

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
)

// stream is one Subscribe RPC.
type stream struct {
	source      Source
	grpc        subscribeStream
	subs        []*subscription
	prefix      *gpb.Path
	encoding    gpb.Encoding
	updatesOnly bool
}

// all sends every value once, and then that this was all.
func (st *stream) all() error {
	if !st.updatesOnly {
		now, interfaces := time.Now(), st.source.Interfaces()
		if err := st.values(now, interfaces); err != nil {
			return err
		}
	}
	return st.sync()
}

// values sends every value once, even if several subscriptions are about it.
func (st *stream) values(now time.Time, interfaces []Interface) error {
	sent := map[key]bool{}
	for _, sub := range st.subs {
		for _, c := range sub.values(now, interfaces) {
			if sent[c.key] {
				continue
			}
			sent[c.key] = true
			if err := st.send(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (st *stream) sync() error {
	return st.grpc.Send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_SyncResponse{SyncResponse: true}})
}

func (st *stream) send(c change) error {
	n := &gpb.Notification{Timestamp: c.at.UnixNano(), Prefix: st.prefix}
	path := pathOf(c.node, c.name)
	if c.value == nil {
		n.Delete = []*gpb.Path{path}
	} else {
		n.Update = []*gpb.Update{{Path: path, Val: typed(c.value, st.encoding), Duplicates: c.duplicates}}
	}
	return st.grpc.Send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_Update{Update: n}})
}

// poll answers once, and then to each poll, until the client is done (3.5.1.5.3).
func (st *stream) poll() error {
	for {
		if err := st.all(); err != nil {
			return err
		}
		r, err := st.grpc.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case r.GetPoll() == nil:
			return invalid("a Subscribe in mode POLL takes \"poll\" after the first message, and nothing else; use another Subscribe for other paths")
		}
		if err := refuseExtensions(r.GetExtension()); err != nil {
			return err
		}
	}
}

// run serves a STREAM until the client goes (3.5.1.5.2). This goroutine sends, which
// may take as long as the client wants; another one looks and leaves what has changed
// in a queue; a third one waits for messages, of which there must be none.
func (st *stream) run() error {
	ctx, cancel := context.WithCancel(st.grpc.Context())
	changed := make(chan struct{}, 1)
	stop := st.source.Watch(func() {
		select {
		case changed <- struct{}{}:
		default: // it will be looked at anyway
		}
	})
	var background sync.WaitGroup
	defer background.Wait()
	defer cancel()
	defer stop()

	now, interfaces := time.Now(), st.source.Interfaces()
	for _, sub := range st.subs {
		sub.start(now, interfaces)
	}
	if !st.updatesOnly {
		if err := st.values(now, interfaces); err != nil {
			return err
		}
	}
	if err := st.sync(); err != nil {
		return err
	}
	q := newQueue()
	background.Go(func() { st.look(ctx, changed, q) })
	refused := make(chan error, 1)
	go func() { refused <- st.listen() }() // ends with the RPC, after this function
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-refused:
			return err
		case <-q.ready:
		}
		for c, ok := q.take(); ok; c, ok = q.take() {
			if err := st.send(c); err != nil {
				return err
			}
		}
	}
}

// listen returns what ends the RPC: anything that the client sends. That it has
// nothing more to say ends nothing.
func (st *stream) listen() error {
	_, err := st.grpc.Recv()
	if errors.Is(err, io.EOF) {
		<-st.grpc.Context().Done()
		return context.Cause(st.grpc.Context())
	}
	if err != nil {
		return err
	}
	return invalid("subscriptions in mode STREAM cannot be changed and not be polled; use another Subscribe")
}

// look puts what has to be sent into the queue, at every change and whenever a
// subscription is due.
func (st *stream) look(ctx context.Context, changed <-chan struct{}, q *queue) {
	timer := time.NewTimer(st.due(time.Now()))
	defer timer.Stop()
	for {
		event := false
		select {
		case <-ctx.Done():
			return
		case <-changed:
			event = true
		case <-timer.C:
		}
		now, interfaces := time.Now(), st.source.Interfaces()
		for _, sub := range st.subs {
			for _, c := range sub.news(now, interfaces, event) {
				q.put(c)
			}
		}
		timer.Reset(st.due(time.Now()))
	}
}

// due is how long it is until a subscription has to be looked at.
func (st *stream) due(now time.Time) time.Duration {
	wait := time.Hour
	for _, sub := range st.subs {
		for _, t := range []time.Time{sub.next, sub.nextBeat} {
			if !t.IsZero() {
				wait = min(wait, t.Sub(now))
			}
		}
	}
	return max(wait, 0)
}

// values are all values that the subscription is about.
func (sub *subscription) values(now time.Time, interfaces []Interface) []change {
	var out []change
	for i := range interfaces {
		sub.each(&interfaces[i], func(n *node) {
			if !sub.want(n.leaf) {
				return
			}
			if v := n.leaf.value(&interfaces[i]); v != nil {
				out = append(out, change{key: key{interfaces[i].Name, n}, value: v, at: now})
			}
		})
	}
	return out
}

// start remembers the first values and sets the clocks.
func (sub *subscription) start(now time.Time, interfaces []Interface) {
	sub.remember(sub.values(now, interfaces))
	if !sub.onChange || sub.counters {
		sub.next = now.Add(sub.interval)
	}
	if sub.heartbeat > 0 {
		sub.nextBeat = now.Add(sub.heartbeat)
	}
}

func (sub *subscription) remember(values []change) {
	sub.last = make(map[key]any, len(values))
	for _, c := range values {
		sub.last[c.key] = c.value
	}
}

// news is what has to be sent now: event says that the source has changed.
func (sub *subscription) news(now time.Time, interfaces []Interface, event bool) []change {
	beat, tick := passed(&sub.nextBeat, now, sub.heartbeat), passed(&sub.next, now, sub.interval)
	if !beat && !tick && (!event || !sub.onChange) {
		return nil
	}
	values := sub.values(now, interfaces)
	everything := beat || tick && !sub.onChange && !sub.suppress
	var out []change
	seen := make(map[key]bool, len(values))
	for _, c := range values {
		seen[c.key] = true
		if old, ok := sub.last[c.key]; everything || !ok || old != c.value {
			out = append(out, c)
		}
	}
	out = append(out, sub.gone(now, seen)...)
	sub.remember(values)
	return out
}

// gone are the leaves that were there and are not, in order.
func (sub *subscription) gone(now time.Time, seen map[key]bool) []change {
	var out []change
	for k := range sub.last {
		if !seen[k] {
			out = append(out, change{key: k, at: now})
		}
	}
	slices.SortFunc(out, func(a, b change) int { return a.key.compare(b.key) })
	return out
}

// passed says whether a clock has rung, and sets it to its next time in the future:
// a server that was late does not try to make up for it.
func passed(next *time.Time, now time.Time, every time.Duration) bool {
	if next.IsZero() || now.Before(*next) {
		return false
	}
	*next = next.Add((now.Sub(*next)/every + 1) * every)
	return true
}
