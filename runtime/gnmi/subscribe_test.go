package gnmi

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// list makes a request of a SubscriptionList.
func list(mode gpb.SubscriptionList_Mode, subs ...*gpb.Subscription) *gpb.SubscribeRequest {
	return &gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: &gpb.SubscriptionList{
		Mode: mode, Encoding: gpb.Encoding_PROTO, Subscription: subs}}}
}

func path(t testing.TB, s string) *gpb.Subscription { return &gpb.Subscription{Path: must(t, s)} }

var poll = &gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Poll{Poll: &gpb.Poll{}}}

// until reads lines up to the next sync_response or the end.
func until(c gpb.GNMI_SubscribeClient) (string, error) {
	var b strings.Builder
	for {
		r, err := c.Recv()
		if err != nil {
			return b.String(), err
		}
		if r.GetSyncResponse() {
			return b.String() + "sync\n", nil
		}
		b.WriteString(show(r.GetUpdate()))
	}
}

func subscribe(t *testing.T, c gpb.GNMIClient, first *gpb.SubscribeRequest) gpb.GNMI_SubscribeClient {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	s, err := c.Subscribe(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// The server may have ended the RPC already: Recv says why.
	if err := s.Send(first); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return s
}

func TestOnce(t *testing.T) {
	c := dial(t, twoPorts(), Options{})
	const oper = "/interfaces/interface[name=*]/state/oper-status"
	const both = eth1 + "/state/oper-status = string UP\n" + eth2 + "/state/oper-status = string DOWN\n"
	for _, q := range []struct {
		name string
		r    *gpb.SubscribeRequest
		do   func(*gpb.SubscriptionList)
		want string
	}{
		{"a leaf", list(gpb.SubscriptionList_ONCE, path(t, oper)), nil, both + "sync\n"},
		{"twice the same", list(gpb.SubscriptionList_ONCE, path(t, oper), path(t, eth1+"/.../oper-status")), nil, both + "sync\n"},
		{"not there yet", list(gpb.SubscriptionList_ONCE, path(t, "/interfaces/interface[name=eth9]")), nil, "sync\n"},
		{"updates only", list(gpb.SubscriptionList_ONCE, path(t, oper)), func(l *gpb.SubscriptionList) { l.UpdatesOnly = true }, "sync\n"},
		{"JSON_IETF and a target", list(gpb.SubscriptionList_ONCE, path(t, eth1+"/state/counters/in-octets")), func(l *gpb.SubscriptionList) {
			l.Encoding, l.Prefix = gpb.Encoding_JSON_IETF, &gpb.Path{Target: "leaf1"}
		}, "target \"leaf1\" origin \"\"\n" + eth1 + "/state/counters/in-octets = ietf \"1152921504606846976\"\nsync\n"},
		{"of one model", list(gpb.SubscriptionList_ONCE, path(t, eth1+"/state")), func(l *gpb.SubscriptionList) {
			l.UseModels = []*gpb.ModelData{{Name: ocP4RT}}
		}, eth1 + "/state/id = uint 1\nsync\n"},
	} {
		if q.do != nil {
			q.do(q.r.GetSubscribe())
		}
		s := subscribe(t, c, q.r)
		got, err := until(s)
		if err != nil || got != q.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", q.name, err, got, q.want)
		}
		if _, err := s.Recv(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: after the sync_response: %v, want the end", q.name, err)
		}
	}
}

// Of a container each leaf comes by itself: nothing is aggregated (3.5).
func TestOnceOfContainer(t *testing.T) {
	s := subscribe(t, dial(t, twoPorts(), Options{}), list(gpb.SubscriptionList_ONCE, path(t, "/")))
	updates := 0
	for {
		r, err := s.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if r.GetSyncResponse() {
			break
		}
		if len(r.GetUpdate().GetUpdate()) != 1 || r.GetUpdate().GetTimestamp() == 0 {
			t.Errorf("%v", r)
		}
		updates++
	}
	const unknownOfEth2 = 5 // mtu, ifindex, two MAC addresses, speed
	if want := 2*len(leaves) - unknownOfEth2; updates != want {
		t.Errorf("%d updates, want %d", updates, want)
	}
}

func TestPoll(t *testing.T) {
	f := twoPorts()
	c := dial(t, f, Options{})
	for _, updatesOnly := range []bool{false, true} {
		r := list(gpb.SubscriptionList_POLL, path(t, "/.../oper-status"))
		r.GetSubscribe().UpdatesOnly = updatesOnly
		s := subscribe(t, c, r)
		for _, want := range []string{"UP", "NOT_PRESENT"} {
			got, err := until(s)
			lines := eth1 + "/state/oper-status = string " + want + "\n" + eth2 + "/state/oper-status = string DOWN\nsync\n"
			if updatesOnly {
				lines = "sync\n"
			}
			if err != nil || got != lines {
				t.Errorf("%v, %v", got, err)
			}
			f.change(false, func(l []Interface) []Interface { l[0].Link.Present = false; return l })
			if err := s.Send(poll); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.CloseSend(); err != nil {
			t.Fatal(err)
		}
		if _, err := until(s); err != nil {
			t.Error(err)
		}
		if _, err := s.Recv(); !errors.Is(err, io.EOF) {
			t.Errorf("after the client's end: %v", err)
		}
		f.change(false, func(l []Interface) []Interface { l[0].Link.Present = true; return l })
	}
}

func TestSubscribeRefuses(t *testing.T) {
	c := dial(t, twoPorts(), Options{MaxSubscriptions: 3})
	stream := func(do func(*gpb.Subscription)) *gpb.SubscribeRequest {
		s := path(t, eth1+"/state")
		do(s)
		return list(gpb.SubscriptionList_STREAM, s)
	}
	changed := func(do func(*gpb.SubscriptionList)) *gpb.SubscribeRequest {
		r := list(gpb.SubscriptionList_ONCE, path(t, eth1))
		do(r.GetSubscribe())
		return r
	}
	second := uint64(time.Second)
	for _, q := range []struct {
		name  string
		r     []*gpb.SubscribeRequest
		code  codes.Code
		words string
	}{
		{"poll first", []*gpb.SubscribeRequest{poll}, codes.InvalidArgument, "out of order"},
		{"nothing first", []*gpb.SubscribeRequest{{}}, codes.InvalidArgument, "out of order"},
		{"no subscriptions", []*gpb.SubscribeRequest{list(gpb.SubscriptionList_ONCE)}, codes.InvalidArgument, "at least one path"},
		{"too many", []*gpb.SubscribeRequest{list(gpb.SubscriptionList_ONCE, path(t, "/"), path(t, "/"), path(t, "/"), path(t, "/"))}, codes.InvalidArgument, "at most 3"},
		{"unknown path", []*gpb.SubscribeRequest{list(gpb.SubscriptionList_STREAM, path(t, "/components"))}, codes.Unimplemented, "components is not served"},
		{"wrong key", []*gpb.SubscribeRequest{list(gpb.SubscriptionList_STREAM, path(t, "/interfaces/interface[x=y]"))}, codes.InvalidArgument, "its key is name"},
		{"list mode", []*gpb.SubscribeRequest{changed(func(l *gpb.SubscriptionList) { l.Mode = 7 })}, codes.InvalidArgument, "STREAM, ONCE and POLL"},
		{"encoding", []*gpb.SubscribeRequest{changed(func(l *gpb.SubscriptionList) { l.Encoding = gpb.Encoding_BYTES })}, codes.Unimplemented, "BYTES"},
		{"qos", []*gpb.SubscribeRequest{changed(func(l *gpb.SubscriptionList) { l.Qos = &gpb.QOSMarking{Marking: 46} })}, codes.Unimplemented, "DSCP 46"},
		{"model", []*gpb.SubscribeRequest{changed(func(l *gpb.SubscriptionList) { l.UseModels = []*gpb.ModelData{{Name: "x"}} })}, codes.InvalidArgument, "x is not served"},
		{"extension", []*gpb.SubscribeRequest{{Request: list(gpb.SubscriptionList_ONCE, path(t, "/")).Request, Extension: []*gnmi_ext.Extension{{Ext: &gnmi_ext.Extension_History{History: &gnmi_ext.History{}}}}}}, codes.Unimplemented, "history"},
		{"mode", []*gpb.SubscribeRequest{stream(func(s *gpb.Subscription) { s.Mode = 9 })}, codes.InvalidArgument, "TARGET_DEFINED, ON_CHANGE and SAMPLE"},
		{"too often", []*gpb.SubscribeRequest{stream(func(s *gpb.Subscription) { s.Mode, s.SampleInterval = gpb.SubscriptionMode_SAMPLE, second/2 })}, codes.InvalidArgument, "path " + eth1 + "/state: sample_interval: 500ms is shorter than 1s"},
		{"too seldom", []*gpb.SubscribeRequest{stream(func(s *gpb.Subscription) { s.Mode, s.SampleInterval = gpb.SubscriptionMode_SAMPLE, 1<<64-1 })}, codes.InvalidArgument, "longer than a year"},
		{"heartbeat", []*gpb.SubscribeRequest{stream(func(s *gpb.Subscription) { s.Mode, s.HeartbeatInterval = gpb.SubscriptionMode_ON_CHANGE, 1 })}, codes.InvalidArgument, "heartbeat_interval"},
		{"interval for TARGET_DEFINED", []*gpb.SubscribeRequest{stream(func(s *gpb.Subscription) { s.SampleInterval = second })}, codes.InvalidArgument, "takes no sample_interval"},
		{"a second list", []*gpb.SubscribeRequest{list(gpb.SubscriptionList_STREAM, path(t, eth1)), list(gpb.SubscriptionList_STREAM, path(t, eth2))}, codes.InvalidArgument, "use another Subscribe"},
		{"a poll of a stream", []*gpb.SubscribeRequest{list(gpb.SubscriptionList_STREAM, path(t, eth1)), poll}, codes.InvalidArgument, "not be polled"},
		{"a list instead of a poll", []*gpb.SubscribeRequest{list(gpb.SubscriptionList_POLL, path(t, eth1)), list(gpb.SubscriptionList_POLL, path(t, eth1))}, codes.InvalidArgument, `takes "poll"`},
	} {
		s := subscribe(t, c, q.r[0])
		for _, r := range q.r[1:] {
			if err := s.Send(r); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
		}
		var err error
		for err == nil {
			_, err = s.Recv()
		}
		refused(t, q.name, err, q.code, q.words)
	}
	// A client that ends without a word is no error.
	s, err := c.Subscribe(context.Background())
	if err == nil {
		err = s.CloseSend()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("%v", err)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	c := dial(t, twoPorts(), Options{MaxStreams: 2})
	var open []gpb.GNMI_SubscribeClient
	for range 2 {
		s := subscribe(t, c, list(gpb.SubscriptionList_POLL, path(t, eth1)))
		if _, err := until(s); err != nil {
			t.Fatal(err)
		}
		open = append(open, s)
	}
	_, err := until(subscribe(t, c, list(gpb.SubscriptionList_ONCE, path(t, eth1))))
	refused(t, "the third", err, codes.ResourceExhausted, "2 clients subscribe already")
	if err := open[0].CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := open[0].Recv(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	for { // the end of an RPC reaches its client before its place is free
		if _, err = until(subscribe(t, c, list(gpb.SubscriptionList_ONCE, path(t, eth1)))); status.Code(err) != codes.ResourceExhausted {
			break
		}
	}
	if err != nil {
		t.Errorf("after one has ended: %v", err)
	}
}

// A change of the source reaches a client over a real connection, also one that has
// nothing more to say.
func TestStreamOverGRPC(t *testing.T) {
	f := twoPorts()
	sub := path(t, "/interfaces/interface/state/oper-status")
	sub.Mode = gpb.SubscriptionMode_ON_CHANGE
	s := subscribe(t, dial(t, f, Options{}), list(gpb.SubscriptionList_STREAM, sub))
	if err := s.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if got, err := until(s); err != nil || got != eth1+"/state/oper-status = string UP\n"+eth2+"/state/oper-status = string DOWN\nsync\n" {
		t.Fatalf("%v, %v", got, err)
	}
	f.change(true, func(l []Interface) []Interface { l[0].Link.Carrier = false; return l })
	r, err := s.Recv()
	if err != nil || show(r.GetUpdate()) != eth1+"/state/oper-status = string DOWN\n" {
		t.Errorf("%v, %v", r, err)
	}
}
