package gnmi

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"
)

// pipe is a Subscribe RPC without gRPC, so that its time can be a test's.
type pipe struct {
	grpc.ServerStream
	ctx  context.Context
	in   chan *gpb.SubscribeRequest
	out  chan *gpb.SubscribeResponse
	zero time.Time
}

func (p *pipe) Context() context.Context { return p.ctx }

func (p *pipe) Recv() (*gpb.SubscribeRequest, error) {
	select {
	case r, ok := <-p.in:
		if !ok {
			return nil, io.EOF
		}
		return r, nil
	case <-p.ctx.Done():
		return nil, p.ctx.Err()
	}
}

func (p *pipe) Send(r *gpb.SubscribeResponse) error {
	select {
	case p.out <- r:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

// got are the lines that wait, each with the second that it was seen at.
func (p *pipe) got() string {
	synctest.Wait()
	var b strings.Builder
	for {
		select {
		case r := <-p.out:
			if r.GetSyncResponse() {
				b.WriteString("sync\n")
				continue
			}
			n := r.GetUpdate()
			fmt.Fprintf(&b, "%v %s", time.Unix(0, n.GetTimestamp()).Sub(p.zero), strings.ReplaceAll(show(n), "/interfaces/interface", ""))
			synctest.Wait() // the sender may have been waiting for room
		default:
			return b.String()
		}
	}
}

// streamed runs a STREAM in a bubble of time: steps talk to it.
func streamed(t *testing.T, f *fake, room int, do func(*gpb.SubscriptionList), steps func(p *pipe), subs ...*gpb.Subscription) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		p := &pipe{ctx: ctx, in: make(chan *gpb.SubscribeRequest, 1), out: make(chan *gpb.SubscribeResponse, room), zero: time.Now()}
		r := list(gpb.SubscriptionList_STREAM, subs...)
		if do != nil {
			do(r.GetSubscribe())
		}
		p.in <- r
		done := make(chan error, 1)
		go func() { done <- New(f, Options{}).Subscribe(p) }()
		steps(p)
		cancel()
		if err := <-done; err != context.Canceled {
			t.Errorf("the stream ended with %v", err)
		}
		if len(f.watch) != 0 {
			t.Errorf("%d watches are left", len(f.watch))
		}
	})
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
	}
}

func sub(t *testing.T, p string, mode gpb.SubscriptionMode, do func(*gpb.Subscription)) *gpb.Subscription {
	s := path(t, p)
	s.Mode = mode
	if do != nil {
		do(s)
	}
	return s
}

func carrier(i int, on bool) func([]Interface) []Interface {
	return func(l []Interface) []Interface { l[i].Link.Carrier = on; return l }
}

func bytesIn(i int, n uint64) func([]Interface) []Interface {
	return func(l []Interface) []Interface { l[i].InBytes = n; return l }
}

const oper = "/.../oper-status"

func TestOnChange(t *testing.T) {
	f := twoPorts()
	streamed(t, f, 100, nil, func(p *pipe) {
		want(t, "at first", p.got(), "0s [name=eth1]/state/oper-status = string UP\n0s [name=eth2]/state/oper-status = string DOWN\nsync\n")
		time.Sleep(time.Hour)
		want(t, "without a change", p.got(), "")
		f.change(true, carrier(0, false))
		want(t, "down", p.got(), "1h0m0s [name=eth1]/state/oper-status = string DOWN\n")
		f.change(true, bytesIn(0, 5))
		want(t, "a change of something else", p.got(), "")
		time.Sleep(time.Second)
		f.change(true, func(l []Interface) []Interface { return l[1:] })
		want(t, "removed", p.got(), "1h0m1s delete [name=eth1]/state/oper-status\n")
		f.change(true, func(l []Interface) []Interface { return twoPorts().list })
		want(t, "added", p.got(), "1h0m1s [name=eth1]/state/oper-status = string UP\n")
	}, sub(t, oper, gpb.SubscriptionMode_ON_CHANGE, nil))
}

func TestOnChangeOfAPortThatComesLater(t *testing.T) {
	f := twoPorts()
	eth1 := f.list[0]
	f.list = f.list[1:]
	streamed(t, f, 100, nil, func(p *pipe) {
		want(t, "at first", p.got(), "sync\n")
		f.change(true, func(l []Interface) []Interface { return append(l, eth1) })
		want(t, "added", p.got(), "0s [name=eth1]/state/id = uint 1\n")
	}, sub(t, "/interfaces/interface[name=eth1]/state/id", gpb.SubscriptionMode_ON_CHANGE, nil))
}

func TestOnChangeHeartbeat(t *testing.T) {
	f := twoPorts()
	streamed(t, f, 100, nil, func(p *pipe) {
		p.got()
		time.Sleep(59 * time.Second)
		f.change(true, carrier(0, false))
		want(t, "a change", p.got(), "59s [name=eth1]/state/oper-status = string DOWN\n")
		time.Sleep(62 * time.Second)
		want(t, "two beats", p.got(), "1m0s [name=eth1]/state/oper-status = string DOWN\n2m0s [name=eth1]/state/oper-status = string DOWN\n")
	}, sub(t, eth1+"/state/oper-status", gpb.SubscriptionMode_ON_CHANGE, func(s *gpb.Subscription) { s.HeartbeatInterval = uint64(time.Minute) }))
}

// Nobody says when a counter changes, so it is looked at.
func TestOnChangeOfCounter(t *testing.T) {
	f := twoPorts()
	streamed(t, f, 100, nil, func(p *pipe) {
		p.got()
		time.Sleep(1500 * time.Millisecond)
		f.change(false, bytesIn(0, 5))
		want(t, "too early", p.got(), "")
		time.Sleep(10 * time.Second)
		want(t, "at the next look", p.got(), "2s [name=eth1]/state/counters/in-octets = uint 5\n")
	}, sub(t, eth1+"/state/counters/in-octets", gpb.SubscriptionMode_ON_CHANGE, nil))
}

func TestSample(t *testing.T) {
	const leaf = "[name=eth1]/state/counters/in-octets = uint "
	five := func(s *gpb.Subscription) { s.SampleInterval = uint64(5 * time.Second) }
	for _, c := range []struct {
		name               string
		list               func(*gpb.SubscriptionList)
		sub                func(*gpb.Subscription)
		first, idle, moved string
	}{
		{"plain", nil, five, "0s " + leaf + "9\nsync\n", "5s " + leaf + "9\n10s " + leaf + "9\n", "15s " + leaf + "10\n"},
		{"updates_only", func(l *gpb.SubscriptionList) { l.UpdatesOnly = true }, five, "sync\n", "5s " + leaf + "9\n10s " + leaf + "9\n", "15s " + leaf + "10\n"},
		{"suppress_redundant", nil, func(s *gpb.Subscription) { five(s); s.SuppressRedundant = true }, "0s " + leaf + "9\nsync\n", "", "15s " + leaf + "10\n"},
		{"suppress_redundant with a heartbeat", nil, func(s *gpb.Subscription) {
			five(s)
			s.SuppressRedundant, s.HeartbeatInterval = true, uint64(8*time.Second)
		}, "0s " + leaf + "9\nsync\n", "8s " + leaf + "9\n", "15s " + leaf + "10\n16s " + leaf + "10\n"},
		{"heartbeat alone", nil, func(s *gpb.Subscription) { five(s); s.HeartbeatInterval = uint64(2 * time.Second) }, "0s " + leaf + "9\nsync\n", "5s " + leaf + "9\n10s " + leaf + "9\n", "15s " + leaf + "10\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := twoPorts()
			f.change(false, bytesIn(0, 9))
			streamed(t, f, 100, c.list, func(p *pipe) {
				want(t, "at first", p.got(), c.first)
				time.Sleep(12 * time.Second)
				want(t, "12 seconds without a change", p.got(), c.idle)
				f.change(true, bytesIn(0, 10))
				want(t, "a change between samples", p.got(), "")
				time.Sleep(5 * time.Second)
				want(t, "17 seconds", p.got(), c.moved)
			}, sub(t, eth1+"/state/counters/in-octets", gpb.SubscriptionMode_SAMPLE, c.sub))
		})
	}
}

// An interval of 0 is the shortest that there is (3.5.1.5.2).
func TestSampleAsOftenAsPossible(t *testing.T) {
	streamed(t, twoPorts(), 100, nil, func(p *pipe) {
		p.got()
		time.Sleep(2500 * time.Millisecond)
		want(t, "2.5 seconds", p.got(), "1s [name=eth1]/state/id = uint 1\n2s [name=eth1]/state/id = uint 1\n")
	}, sub(t, eth1+"/state/id", gpb.SubscriptionMode_SAMPLE, nil))
}

func TestUpdatesOnlyOnChange(t *testing.T) {
	f := twoPorts()
	streamed(t, f, 100, func(l *gpb.SubscriptionList) { l.UpdatesOnly = true }, func(p *pipe) {
		want(t, "at first", p.got(), "sync\n")
		f.change(true, carrier(0, false))
		want(t, "down", p.got(), "0s [name=eth1]/state/oper-status = string DOWN\n")
	}, sub(t, oper, gpb.SubscriptionMode_ON_CHANGE, nil))
}

// Status comes when it changes, counters every ten seconds.
func TestTargetDefined(t *testing.T) {
	f := twoPorts()
	streamed(t, f, 1000, nil, func(p *pipe) {
		if first := p.got(); strings.Count(first, "\n") != 1+len(leaves) || !strings.HasSuffix(first, "sync\n") {
			t.Errorf("at first\n%s", first)
		}
		f.change(true, func(l []Interface) []Interface { l[0].InBytes = 5; return carrier(0, false)(l) })
		want(t, "down", p.got(), "0s [name=eth1]/state/oper-status = string DOWN\n")
		time.Sleep(11 * time.Second)
		var counters int
		for _, l := range leaves {
			if l.counter {
				counters++
			}
		}
		if got := p.got(); strings.Count(got, "\n") != counters || !strings.Contains(got, "10s [name=eth1]/state/counters/in-octets = uint 5\n") {
			t.Errorf("after 11 seconds\n%s", got)
		}
	}, sub(t, eth1, gpb.SubscriptionMode_TARGET_DEFINED, nil))
}

// Several subscriptions go side by side; what both see at one moment is sent once.
func TestTwoSubscriptions(t *testing.T) {
	f := twoPorts()
	streamed(t, f, 100, nil, func(p *pipe) {
		p.got()
		f.change(true, carrier(0, false))
		want(t, "a change", p.got(), "0s [name=eth1]/state/oper-status = string DOWN\n")
		time.Sleep(3 * time.Second)
		want(t, "a sample", p.got(), "3s [name=eth1]/state/oper-status = string DOWN\n")
	}, sub(t, oper, gpb.SubscriptionMode_ON_CHANGE, nil), sub(t, eth1+"/state/oper-status", gpb.SubscriptionMode_ON_CHANGE, nil),
		sub(t, eth1+"/state/oper-status", gpb.SubscriptionMode_SAMPLE, func(s *gpb.Subscription) { s.SampleInterval = uint64(3 * time.Second) }))
}

// A client that does not read gets, when it reads again, the newest values and the
// number of those that it has missed.
func TestSlowClient(t *testing.T) {
	f := twoPorts()
	streamed(t, f, 0, nil, func(p *pipe) {
		want(t, "at first", p.got(), "0s [name=eth1]/state/oper-status = string UP\n0s [name=eth1]/state/counters/in-octets = uint 1152921504606846976\nsync\n")
		time.Sleep(500 * time.Millisecond)
		for k := range 5 {
			f.change(true, carrier(0, k%2 == 1))
			f.change(false, bytesIn(0, uint64(k)))
			time.Sleep(time.Second)
			synctest.Wait()
		}
		// The first change was on its way already; of the four others the last is left.
		want(t, "after five seconds", p.got(), "500ms [name=eth1]/state/oper-status = string DOWN\n"+
			"5s [name=eth1]/state/counters/in-octets = uint 4 (4 before)\n"+
			"4.5s [name=eth1]/state/oper-status = string DOWN (3 before)\n")
		time.Sleep(time.Second)
		want(t, "one second later", p.got(), "6s [name=eth1]/state/counters/in-octets = uint 4\n")
	}, sub(t, eth1+"/state/oper-status", gpb.SubscriptionMode_ON_CHANGE, nil), sub(t, eth1+"/state/counters/in-octets", gpb.SubscriptionMode_SAMPLE, nil))
}

// What a client does wrong ends its stream, though it does not read.
func TestStreamEndsByAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		p := &pipe{ctx: ctx, in: make(chan *gpb.SubscribeRequest, 2), out: make(chan *gpb.SubscribeResponse, 10)}
		p.in <- list(gpb.SubscriptionList_STREAM, sub(t, eth1+"/state/id", gpb.SubscriptionMode_ON_CHANGE, nil))
		p.in <- poll
		if err := New(twoPorts(), Options{}).Subscribe(p); err == nil || !strings.Contains(err.Error(), "not be polled") {
			t.Errorf("%v", err)
		}
	})
}
