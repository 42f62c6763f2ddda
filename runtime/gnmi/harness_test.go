package gnmi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"pillion/runtime/port"
)

// fake is a source that a test moves.
type fake struct {
	mu      sync.Mutex
	list    []Interface
	refuse  map[uint32]error
	calls   []string
	watch   map[int]func()
	watches int
}

// twoPorts is eth1 (port 1), which is up and of which everything is known, and eth2
// (port 2), which is down and of which nothing is.
func twoPorts() *fake {
	since := time.Unix(1700000000, 5)
	return &fake{list: []Interface{
		{Name: "eth1", Status: port.Status{Number: 1, Name: "eth1", Enabled: true, Since: since, Transitions: 3, Link: port.Link{
			Present: true, AdminUp: true, Carrier: true, Index: 7, MTU: 1500, MAC: [6]byte{2, 0, 0, 0, 0, 0xab}, Speed: 10_000_000_000}},
			Counters: port.Counters{InFrames: 10, InBytes: 1 << 60, InGroup: 4, InBroadcast: 1, InErrors: 2, InDiscards: 3,
				OutFrames: 20, OutBytes: 2000, OutGroup: 5, OutBroadcast: 2, OutErrors: 6, OutDiscards: 7}},
		{Name: "eth2", Status: port.Status{Number: 2, Name: "eth2", Enabled: false, Since: since, Link: port.Link{Present: true}}},
	}}
}

func (f *fake) Interfaces() []Interface {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Interface(nil), f.list...)
}

func (f *fake) SetEnabled(number uint32, enabled bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.refuse[number]; err != nil && !enabled {
		return err
	}
	f.calls = append(f.calls, fmt.Sprintf("%d %v", number, enabled))
	for i := range f.list {
		if f.list[i].Number == number {
			f.list[i].Enabled = enabled
			return nil
		}
	}
	return errors.New("no such port")
}

func (f *fake) Watch(changed func()) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watch == nil {
		f.watch = map[int]func(){}
	}
	id := f.watches
	f.watches++
	f.watch[id] = changed
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watch, id)
	}
}

// change moves the interfaces; told says so to those who watch.
func (f *fake) change(told bool, do func(list []Interface) []Interface) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = do(append([]Interface(nil), f.list...))
	if told {
		for _, w := range f.watch {
			w()
		}
	}
}

// dial serves a source in memory and returns a client of it.
func dial(t testing.TB, s Source, o Options) gpb.GNMIClient {
	t.Helper()
	lis := bufconn.Listen(1 << 20)
	g := grpc.NewServer()
	New(s, o).Register(g)
	served := make(chan error, 1)
	go func() { served <- g.Serve(lis) }()
	conn, err := grpc.NewClient("passthrough:///gnmi", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		g.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return gpb.NewGNMIClient(conn)
}

// refused checks an error's code and words.
func refused(t *testing.T, what string, err error, code codes.Code, words string) {
	t.Helper()
	if status.Code(err) != code || !strings.Contains(status.Convert(err).Message(), words) {
		t.Errorf("%s: %v; want %v with %q", what, err, code, words)
	}
}

// show writes a notification as lines, without its time.
func show(n *gpb.Notification) string {
	var b strings.Builder
	if p := n.GetPrefix(); p != nil {
		fmt.Fprintf(&b, "target %q origin %q\n", p.GetTarget(), p.GetOrigin())
	}
	for _, d := range n.GetDelete() {
		fmt.Fprintf(&b, "delete %s\n", FormatPath(d))
	}
	for _, u := range n.GetUpdate() {
		fmt.Fprintf(&b, "%s = %s", FormatPath(u.GetPath()), showValue(u.GetVal()))
		if u.GetDuplicates() != 0 {
			fmt.Fprintf(&b, " (%d before)", u.GetDuplicates())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func showValue(v *gpb.TypedValue) string {
	switch v := v.GetValue().(type) {
	case *gpb.TypedValue_JsonVal:
		return "json " + string(v.JsonVal)
	case *gpb.TypedValue_JsonIetfVal:
		return "ietf " + string(v.JsonIetfVal)
	case *gpb.TypedValue_AsciiVal:
		return "ascii " + v.AsciiVal
	case *gpb.TypedValue_StringVal:
		return "string " + v.StringVal
	case *gpb.TypedValue_UintVal:
		return fmt.Sprintf("uint %d", v.UintVal)
	case *gpb.TypedValue_BoolVal:
		return fmt.Sprintf("bool %v", v.BoolVal)
	}
	return fmt.Sprintf("%T", v.GetValue())
}
