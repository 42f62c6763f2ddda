package gnmi

import (
	"errors"
	"io"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type subscribeStream = grpc.BidiStreamingServer[gpb.SubscribeRequest, gpb.SubscribeResponse]

// Subscribe serves one list of subscriptions (3.5).
func (s *Server) Subscribe(g subscribeStream) error {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		return status.Errorf(codes.ResourceExhausted, "%d clients subscribe already, which is the limit; end one, or put more paths into one Subscribe", s.opt.MaxStreams)
	}
	first, err := g.Recv()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := refuseExtensions(first.GetExtension()); err != nil {
		return err
	}
	list := first.GetSubscribe()
	if list == nil {
		return invalid("out of order: the first message of a Subscribe has the field \"subscribe\", with the subscriptions")
	}
	st, err := s.newStream(list, g)
	if err != nil {
		return err
	}
	switch list.GetMode() {
	case gpb.SubscriptionList_ONCE:
		return st.all()
	case gpb.SubscriptionList_POLL:
		return st.poll()
	}
	return st.run()
}

// subscription is one path of a list, understood.
type subscription struct {
	*selection
	onChange  bool
	counters  bool             // some of the leaves are counters
	want      func(*leaf) bool // the leaves that it is about
	interval  time.Duration    // between samples; for onChange: between looks at counters
	suppress  bool             // samples: only what has changed
	heartbeat time.Duration    // 0: none

	next, nextBeat time.Time
	last           map[key]any // the values when they were looked at last
}

// newStream checks a list and makes a stream of it.
func (s *Server) newStream(list *gpb.SubscriptionList, g subscribeStream) (*stream, error) {
	switch list.GetMode() {
	case gpb.SubscriptionList_STREAM, gpb.SubscriptionList_ONCE, gpb.SubscriptionList_POLL:
	default:
		return nil, invalid("there is no mode %d; the choices are STREAM, ONCE and POLL", list.GetMode())
	}
	if err := checkEncoding(list.GetEncoding()); err != nil {
		return nil, err
	}
	if m := list.GetQos().GetMarking(); m != 0 {
		return nil, unimplemented("packets cannot be marked with DSCP %d; leave qos out", m)
	}
	if len(list.GetSubscription()) == 0 {
		return nil, invalid("the list has no subscription; give at least one path")
	}
	if err := s.bounded(len(list.GetSubscription()), "subscriptions"); err != nil {
		return nil, err
	}
	inModels, err := modelFilter(list.GetUseModels())
	if err != nil {
		return nil, err
	}
	st := &stream{source: s.source, grpc: g, encoding: list.GetEncoding(), updatesOnly: list.GetUpdatesOnly()}
	var paths []*gpb.Path
	for _, sub := range list.GetSubscription() {
		sel, err := find(list.GetPrefix(), sub.GetPath())
		if err != nil {
			return nil, err
		}
		paths = append(paths, sub.GetPath())
		base := subscription{selection: sel, want: inModels}
		if list.GetMode() != gpb.SubscriptionList_STREAM {
			st.subs = append(st.subs, &base) // the other fields say nothing (3.5.1.3)
			continue
		}
		subs, err := s.streaming(base, sub)
		if err != nil {
			return nil, status.Errorf(status.Code(err), "path %s: %s", sel.text, status.Convert(err).Message())
		}
		st.subs = append(st.subs, subs...)
	}
	st.prefix = responsePrefix(list.GetPrefix(), paths...)
	return st, nil
}

// streaming completes a subscription of a STREAM (3.5.1.5.2).
func (s *Server) streaming(base subscription, sub *gpb.Subscription) ([]*subscription, error) {
	heartbeat, err := s.interval(sub.GetHeartbeatInterval(), "heartbeat_interval", 0)
	if err != nil {
		return nil, err
	}
	base.heartbeat = heartbeat
	events, counters := base, base
	switch sub.GetMode() {
	case gpb.SubscriptionMode_ON_CHANGE:
		events.onChange, events.interval = true, s.opt.MinSample
		return events.divided(), nil
	case gpb.SubscriptionMode_SAMPLE:
		counters.suppress = sub.GetSuppressRedundant()
		counters.interval, err = s.interval(sub.GetSampleInterval(), "sample_interval", s.opt.MinSample)
		if !counters.suppress {
			counters.heartbeat = 0 // everything is sent anyway
		}
		return []*subscription{&counters}, err
	case gpb.SubscriptionMode_TARGET_DEFINED:
		if sub.GetSampleInterval() != 0 {
			return nil, invalid("TARGET_DEFINED takes no sample_interval: the server chooses; use SAMPLE")
		}
		events.onChange = true
		events.want = func(l *leaf) bool { return !l.counter && base.want(l) }
		counters.interval, counters.heartbeat = s.opt.CounterSample, 0
		counters.want = func(l *leaf) bool { return l.counter && base.want(l) }
		return []*subscription{&events, &counters}, nil
	}
	return nil, invalid("there is no mode %d; the choices are TARGET_DEFINED, ON_CHANGE and SAMPLE", sub.GetMode())
}

// divided leaves the looks at counters out where a path has none.
func (sub subscription) divided() []*subscription {
	for _, p := range sub.nodes {
		p.node.each(func(n *node) { sub.counters = sub.counters || n.leaf.counter && sub.want(n.leaf) })
	}
	return []*subscription{&sub}
}

// interval checks an interval in nanoseconds; 0 stands for something else.
func (s *Server) interval(ns uint64, field string, zero time.Duration) (time.Duration, error) {
	const most = 366 * 24 * time.Hour
	switch {
	case ns == 0:
		return zero, nil
	case ns > uint64(most):
		return 0, invalid("%s: %d ns is longer than a year", field, ns)
	case time.Duration(ns) < s.opt.MinSample:
		return 0, invalid("%s: %v is shorter than %v, which is the shortest", field, time.Duration(ns), s.opt.MinSample)
	}
	return time.Duration(ns), nil
}
